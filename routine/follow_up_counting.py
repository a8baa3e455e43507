"""Where a line of a timeline, something that was done, or how soon something came is counted (uppfoljning-1).

The measures themselves stand in `routine.follow_up`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from routine.channel_switch import Change, kind_of_change
from routine.follow_up import ACKNOWLEDGED_SOON, BY_CODE, LATER, OTHER, Cell, Measure
from routine.notice import OWED
from routine.reasons import Reason

# --- lines of timelines


class ToldBy(StrEnum):
    """What tells the reasons of a measure apart."""

    NOTHING = "nothing"
    REASON = "reason"
    KIND = "kind"
    PROCESS = "process"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a timeline, as far as it is counted.

    Args:
        what, reason, clause: as in `engine.tables.timeline.Entry`.
        kind: of the case, or of the line: the kind of change of channel, what is proposed, what was asked for on
            1177, how an answer stands to the routine; "": none.
    """

    process: str
    what: str
    reason: str
    clause: str
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Lines:
    """Which lines a measure counts.

    Args:
        process: "": any.
        only: of these reasons; None: of all but `but`.
        kinds: of these kinds; (): of all.
        by: what tells its reasons apart.
    """

    measure: str
    process: str
    what: str
    only: frozenset[str] | None = None
    but: frozenset[str] = frozenset()
    kinds: tuple[str, ...] = ()
    by: ToldBy = ToldBy.NOTHING
    clause: str = ""

    def have(self, line: Line) -> bool:
        """Does it count this one?"""
        return (
            self.what == line.what
            and self.process in ("", line.process)
            and self.clause in ("", line.clause)
            and (not self.kinds or line.kind in self.kinds)
            and (line.reason in self.only if self.only is not None else line.reason not in self.but)
        )


def _codes(*reasons: str) -> frozenset[str]:
    return frozenset(map(str, reasons))


_SENT = _codes(
    *(rule.reason for rule in OWED), Reason.SOMETHING_TO_DO, Reason.NEW_INFORMATION, Reason.REMINDER
)
_HANDED = _codes(
    Reason.MANUAL_HANDLING,
    Reason.NOT_REACHED,
    Reason.STANDS_ELSEWHERE,
    Reason.RESERVNUMMER,
    Reason.NO_ADDRESS,
)
"""Of a notice or reminder that is sent or handed over its effect is counted, not its line."""
_NO_TIME = _codes(Reason.CANCELLED, Reason.NO_BOOKED_TIME, Reason.REMINDED)
_ASKED = _codes(Reason.SAFER_ASSESSMENT, Reason.ADDED_VALUE, Reason.KEY_PRESS, Reason.OVERRIDDEN)
_ENDED = _codes(
    Reason.STAYS, Reason.REPLACED, Reason.CONTACT_OVER, Reason.HUMAN_FIRST, Reason.NOT_REACHED, Reason.DECEASED,
    Reason.CONSENT_REFUSED, Reason.UNIT_IN_SHADOW,
)  # fmt: skip
_NEVER = _codes(Reason.DECEASED, Reason.UNIT_IN_SHADOW)
"""Nothing of the deceased is counted (policy-avliden-1), nor what would have been done (policy-skugga-1)."""
_AS_ROUTINE, _DEPARTS, _UNKNOWN = "as_routine", "departs", "unknown"

LINES: tuple[Lines, ...] = (
    Lines("digital_instead_of_paper", "booking_publication", "paper", _codes(Reason.REACHED_ON_1177)),
    Lines(
        "paper_posted",
        "booking_publication",
        "paper",
        _codes(
            Reason.PAPER_BY_SETTING,
            Reason.NOT_ACTIVE_ON_1177,
            Reason.UNREACHABLE_ON_1177,
            Reason.PAPER_STALE,
            Reason.NO_E_ID,
            Reason.RESERVNUMMER,
        ),
        by=ToldBy.REASON,
    ),
    Lines(
        "paper_by_staff",
        "booking_publication",
        "paper",
        _codes(Reason.MANUAL_HANDLING, Reason.DIGITAL_ONLY_UNREACHABLE, Reason.LETTER_ASTRAY),
    ),
    Lines(
        "notice_skipped",
        "booking_publication",
        "notice",
        but=(_SENT | _HANDED) - _codes(Reason.RESERVNUMMER),
        by=ToldBy.REASON,
    ),
    Lines("requested_skipped", "requested_notice", "notice", but=_SENT | _HANDED, by=ToldBy.REASON),
    Lines("reminder_skipped", "visit_reminder", "reminder", but=_SENT | _HANDED | _NO_TIME, by=ToldBy.REASON),
    Lines("self_service_done", "self_service", "self_service", _codes("done"), by=ToldBy.KIND),
    Lines("self_service_done", "self_service", "settled_by_hand", _codes("done"), by=ToldBy.KIND),
    Lines("self_service_not_done", "self_service", "self_service", but=_codes("done"), by=ToldBy.REASON),
    Lines("self_service_not_done", "self_service", "settled_by_hand", but=_codes("done"), by=ToldBy.REASON),
    Lines("checked_in", "check_in", "arrival", _codes(Reason.CHECKED_IN, Reason.ARRIVAL_KNOWN)),
    Lines(
        "check_in_at_desk",
        "check_in",
        "arrival",
        but=_codes(Reason.CHECKED_IN, Reason.ARRIVAL_KNOWN, Reason.UNIT_IN_SHADOW),
    ),
    Lines("visit_form_asked", "booking_publication", "visit_form", by=ToldBy.REASON),
    Lines("visit_joined", "booking_publication", "joined"),
    Lines("answer_as_routine", "inbound_contact", "answer", kinds=(_AS_ROUTINE,), by=ToldBy.REASON),
    Lines("answer_departs", "inbound_contact", "answer", kinds=(_DEPARTS,), by=ToldBy.REASON),
    Lines("answer_unclear", "inbound_contact", "answer", kinds=(_UNKNOWN,)),
    Lines("answer_late", "inbound_contact", "contact", _codes(Reason.UNANSWERED)),
    Lines(
        "referral_not_sent",
        "inbound_contact",
        "referral",
        but=_codes(
            Reason.CHANNEL_NOT_APPROVED, Reason.NOT_REACHED, Reason.UNIT_IN_SHADOW, "referral_declined"
        ),
        by=ToldBy.REASON,
    ),
    Lines("consent_given", "channel_switch", "reply", _codes(Reason.ANSWERED_WITH_NUMBER), by=ToldBy.KIND),
    Lines("consent_given", "channel_switch", "login", _codes(Reason.LOGGED_IN), by=ToldBy.KIND),
    Lines("consent_given", "channel_switch", "consent", _codes(Reason.CONSENT_GIVEN), by=ToldBy.KIND),
    Lines("consent_declined", "channel_switch", "switch", _codes(Reason.CONSENT_REFUSED), by=ToldBy.KIND),
    Lines("consent_withdrawn", "channel_switch", "consent", _codes(Reason.CONSENT_WITHDRAWN)),
    Lines("switch_lapsed", "channel_switch", "switch", _codes(Reason.STAYS), by=ToldBy.KIND),
    Lines("switch_refused", "channel_switch", "switch", but=_ASKED | _ENDED, by=ToldBy.REASON),
    Lines(
        "participation_consented", "participation", "consent", _codes(Reason.CONSENT_GIVEN), by=ToldBy.KIND
    ),
    Lines(
        "participation_declined", "participation", "consent", _codes(Reason.CONSENT_REFUSED), by=ToldBy.KIND
    ),
    Lines("registered_as_visit", "inbound_contact", "registration", _codes(Reason.IS_A_VISIT)),
    Lines(
        "registered_as_contact",
        "inbound_contact",
        "registration",
        but=_codes(Reason.IS_A_VISIT, "patient_not_named"),
    ),
    Lines("image_journalled", "image_transfer", "file_ended", _codes(Reason.FILE_JOURNALLED)),
    Lines(
        "image_discarded",
        "image_transfer",
        "file_ended",
        _codes(Reason.FILE_DISCARDED, Reason.FILE_NOT_OPENED),
    ),
    Lines("image_lapsed", "image_transfer", "file_removed", clause="bilder-3"),
    Lines("image_refused", "image_transfer", "file_refused", by=ToldBy.REASON),
    Lines("image_lost", "image_transfer", "file_lost"),
    Lines("parked", "", "parked", by=ToldBy.PROCESS),
    Lines("preferences_carried", "preferences", "preferences_carried"),
    Lines("guardian_consent_lapsed", "preferences", "preferences", _codes(Reason.GUARDIAN_CONSENT_LAPSED)),
    Lines("gate_overridden", "", "override", _codes(Reason.OVERRIDDEN)),
    Lines("handed_over_by_hand", "", "paper", _codes(Reason.MANUAL_HANDLING)),
    Lines("handed_over_by_hand", "", "notice", _codes(Reason.MANUAL_HANDLING)),
    Lines("handed_over_by_hand", "", "reminder", _codes(Reason.MANUAL_HANDLING)),
)


def of_line(line: Line) -> list[Cell]:
    """Where a line of a timeline is counted: mostly nowhere, or in one cell."""
    if line.reason in _NEVER:
        return []
    return [_cell(each, line) for each in LINES if each.have(line)]


def _cell(lines: Lines, line: Line) -> Cell:
    measure = BY_CODE[lines.measure]
    said = {ToldBy.REASON: line.reason, ToldBy.KIND: line.kind, ToldBy.PROCESS: line.process}.get(
        lines.by, ""
    )
    return Cell(measure.code, told_apart(measure, said))


def told_apart(measure: Measure, said: str) -> str:
    """The reason as it is shown: by itself, or among the others."""
    if not measure.reasons:
        return ""
    return said if said in measure.reasons else OTHER


def counted_whats() -> frozenset[str]:
    """What lines have to say to be counted at all."""
    return frozenset(lines.what for lines in LINES)


# --- what was done to the outer world

_STEPS: Mapping[str, str] = MappingProxyType(
    {"give_notice": "notice", "give_requested_notice": "requested", "remind_of_visit": "reminder"}
)
_BY_RECEIPT: Mapping[str | None, str] = MappingProxyType({"delivered": "arrived", "failed": "not_arrived"})
COUNTED_STEPS = (*_STEPS, "guide_to_service", "reply_to_patient")
"""The steps whose effects are counted."""


def of_effect(step: str, system: str, receipt: str | None) -> Cell | None:
    """Where something that was done is counted; None: nowhere.

    Args:
        receipt: of an SMS, how far it has come by its provider; None: nothing is known.
    """
    if step == "guide_to_service":
        return Cell("guided")
    if step == "reply_to_patient":
        return Cell("referral_sent") if system in ("sms", "mail") else None
    told = _STEPS.get(step)
    if told is None:
        return None
    if system == "vas":
        return Cell(f"{told}_by_staff")
    return Cell(f"{told}_{_BY_RECEIPT.get(receipt, 'unconfirmed')}")


# --- how soon


def how_soon(bounds: Sequence[tuple[str, timedelta]], taken: timedelta) -> str:
    """The first of the bounds within which it was, or `LATER`."""
    return next((name for name, most in bounds if taken <= most), LATER)


def of_alert(taken: timedelta | None) -> Cell:
    """Where an alert is counted, by how soon a human had it; None: nobody has."""
    if taken is None:
        return Cell("alert_not_acknowledged")
    return Cell("alert_acknowledged", how_soon(ACKNOWLEDGED_SOON, taken))


_CHANGES: Mapping[Change, str] = MappingProxyType(
    {Change.TO_PHONE: "to_phone", Change.FROM_PHONE: "from_phone", Change.DIGITAL: "to_digital"}
)


def change_between(channels: str) -> str:
    """The kind of a change of channel.

    Args:
        channels: from which, and to which, with a blank between.
    """
    from_, _, to = channels.partition(" ")
    return _CHANGES[kind_of_change(from_, to)]
