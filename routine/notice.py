"""Whether the resident is owed a notice from us, and by what means (besok-2, avisering-1, val-1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from routine.decision import Decision, StaffTask, Wait
from routine.facts import Actor, BookedBy, CallLetterKind, Contact, ContactKind, Facts
from routine.occasion import Occasion
from routine.quiet import quiet_until
from routine.reasons import Reason
from routine.region import CallLetterWay, Region
from routine.rules import (
    Rule,
    first,
    hand_over,
    has_begun,
    is_human_first,
    is_person_unknown,
    wait_or_hand_over,
)
from routine.way_of_notice import FAILURES, way_of_notice


class NoticeKind(StrEnum):
    """Which of the neutral texts says it."""

    BOOKED = "booked"
    CHANGED = "changed"
    CANCELLED = "cancelled"
    OPEN_CALL_LETTER = "open_call_letter"
    TASK = "task"
    INFORMATION = "information"


@dataclass(frozen=True, slots=True)
class SendSms:
    """`to`: a mobile number in E.164."""

    kind: NoticeKind
    to: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class SendMail:
    """`to`: an e-mail address."""

    kind: NoticeKind
    to: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Skip:
    """No notice from us."""


Notice = SendSms | SendMail | StaffTask | Wait | Skip


def _is_cancel(facts: Facts) -> bool:
    return facts.event.occasion is Occasion.CANCELLED


def _is_change(facts: Facts) -> bool:
    return facts.event.occasion is Occasion.CHANGED


def is_nothing_changed(facts: Facts) -> bool:
    """Is all that the resident acts on as they were last told (besok-2, policy-andring-1)?"""
    return _is_change(facts) and facts.event.moved is False and not facts.event.held_otherwise


def _is_patients_own_changed(facts: Facts) -> bool:
    """Nobody says whether care changed what the patient had booked: it is told as no one's doing."""
    return _is_change(facts) and facts.visit.booked_by == BookedBy.PATIENT


NOT_OWED: tuple[Rule, ...] = (
    Rule(lambda f: f.resident.deceased is True, Reason.DECEASED, "policy-avliden-1"),
    Rule(lambda f: f.event.replay, Reason.REPLAY, "policy-avisering-2"),
    Rule(lambda f: f.event.echo and not f.event.untold, Reason.ECHO, "policy-avisering-2"),
    Rule(
        lambda f: _is_cancel(f) and f.event.cancelled_by == Actor.PATIENT and not f.event.untold,
        Reason.CANCELLED_BY_PATIENT,
        "policy-avisering-2",
    ),
    Rule(lambda f: not _is_cancel(f) and f.visit.cancelled, Reason.CANCELLED, "policy-avisering-2"),
    Rule(is_nothing_changed, Reason.SAME_TIME, "besok-2"),
    Rule(
        lambda f: _is_change(f) and f.event.by_patient and not f.event.untold,
        Reason.CHANGED_BY_PATIENT,
        "policy-avisering-2",
    ),
    Rule(lambda f: _is_cancel(f) and f.event.paired, Reason.PART_OF_REBOOKING, "policy-avisering-1"),
    Rule(lambda f: f.event.same_visit is not None, Reason.SAME_VISIT, "policy-dubblett-1"),
    Rule(lambda f: f.event.series_told, Reason.SAME_SERIES, "policy-avisering-1"),
    Rule(lambda f: has_begun(f.visit, f.now), Reason.PASSED, "policy-avisering-2"),
)
"""Read from the top: what happened gives no notice from anyone."""

OWED: tuple[Rule, ...] = (
    Rule(lambda f: _is_cancel(f) and f.event.corrected, Reason.PATIENT_CORRECTED, "policy-andring-2"),
    Rule(_is_cancel, Reason.VISIT_CANCELLED, "avisering-1"),
    Rule(lambda f: f.visit.call_letter == CallLetterKind.OPEN, Reason.OPEN_CALL_LETTER, "avisering-1"),
    Rule(lambda f: _is_change(f) and f.event.moved is None, Reason.TIME_MAY_HAVE_CHANGED, "besok-2"),
    Rule(lambda f: _is_change(f) and not f.event.moved, Reason.HELD_OTHERWISE, "policy-andring-1"),
    Rule(_is_patients_own_changed, Reason.TIME_CHANGED_BY_UNKNOWN, "besok-2"),
    Rule(_is_change, Reason.TIME_CHANGED, "besok-2"),
    Rule(lambda f: f.event.paired, Reason.VISIT_REBOOKED, "besok-2"),
    Rule(lambda f: True, Reason.VISIT_BOOKED, "besok-2"),
)
"""Read from the top: why the resident is told."""

_KINDS = {
    Reason.VISIT_CANCELLED: NoticeKind.CANCELLED,
    Reason.PATIENT_CORRECTED: NoticeKind.CANCELLED,
    Reason.OPEN_CALL_LETTER: NoticeKind.OPEN_CALL_LETTER,
    Reason.TIME_MAY_HAVE_CHANGED: NoticeKind.CHANGED,
    Reason.TIME_CHANGED: NoticeKind.CHANGED,
    Reason.TIME_CHANGED_BY_UNKNOWN: NoticeKind.CHANGED,
    Reason.HELD_OTHERWISE: NoticeKind.CHANGED,
    Reason.VISIT_REBOOKED: NoticeKind.CHANGED,
    Reason.VISIT_BOOKED: NoticeKind.BOOKED,
}


def is_notice_owed(facts: Facts) -> Decision[bool]:
    """Is what happened something that the resident is told of, by whatever system (besok-2, avisering-1)?"""
    if rule := first(NOT_OWED, facts):
        return rule.gives(False)
    rule = first(OWED, facts)
    assert rule is not None  # the last one always holds
    return rule.gives(True)


def will_1177_notify(facts: Facts, region: Region) -> bool | None:
    """Does 1177 itself tell the resident of this (policy-avisering-1)? `None`: 1177 has not answered.

    It does for a connected unit, from the index, and else for a message in its inbox that asks for it.
    """
    if facts.resident.reservnummer or facts.event.occasion not in region.notices.portal_notifies_of:
        return False
    if not facts.unit.is_connected and not has_inbox_letter(facts):
        return False
    portal = facts.resident.portal
    return None if portal is None else portal.active and portal.notifies


def has_inbox_letter(facts: Facts) -> bool:
    """Is the visit's call letter a message in the 1177 inbox, as far as the tries there are not used up?"""
    return facts.unit.call_letter is CallLetterWay.INBOX and not facts.resident.inbox_exhausted


def notice(facts: Facts, region: Region) -> Decision[Notice]:
    """What we do about a notice now: send it, wait, leave it to staff, or skip it with the reason.

    In shadow nothing leaves the house; `worked_out` says what would have.
    """
    decision = worked_out(facts, region)
    if facts.unit.in_shadow and not isinstance(decision.answer, Skip):
        return Decision(Skip(), Reason.UNIT_IN_SHADOW, "policy-skugga-1")
    return decision


def worked_out(facts: Facts, region: Region) -> Decision[Notice]:
    """The gate: the first step that has something to say decides; past them all, it is sent."""
    for step in _GATE:
        if decision := step(facts, region):
            return decision
    return _by_what_means(facts, region)


def _a_human_first(facts: Facts, _: Region) -> Decision[Notice] | None:
    held = is_human_first(facts)
    return None if held is None else Decision(held.answer, held.reason, held.clause)


def _may_be_told_at_once(facts: Facts, _: Region) -> Decision[Notice] | None:
    """Whoever asked for it waits at 1177 for how it ends: what they hear there is no news (policy-avisering-2)."""
    until = facts.event.told_until
    if not facts.event.echo or until is None or until <= facts.now:
        return None
    return Decision(Wait(until), Reason.WAITED_FOR_AT_1177, "policy-avisering-2")


def _nothing_to_tell(facts: Facts, _: Region) -> Decision[Notice] | None:
    owed = is_notice_owed(facts)
    return None if owed.allowed else Decision(Skip(), owed.reason, owed.clause)


def _may_be_rebooked(facts: Facts, region: Region) -> Decision[Notice] | None:
    """A cancelled visit waits for the one in its place, unless its own time would come first."""
    until = facts.event.at + region.coalescing_window
    start = facts.visit.start
    if not _is_cancel(facts) or facts.now >= until or (start is not None and start <= until):
        return None
    return Decision(Wait(until), Reason.REBOOKING_POSSIBLE, "policy-avisering-1")


def _stands_elsewhere(facts: Facts, region: Region) -> Decision[Notice] | None:
    """Cancelled in one system, once the other had its time to follow: a human settles what holds."""
    event = facts.event
    if not event.stands_elsewhere or event.replay or event.echo or facts.resident.deceased:
        return None
    until = event.at + region.coalescing_window
    if facts.now < until:
        return Decision(Wait(until), Reason.REBOOKING_POSSIBLE, "policy-dubblett-1")
    return Decision(StaffTask(), Reason.STANDS_ELSEWHERE, "policy-dubblett-1")


def _cannot_log_in(facts: Facts, _: Region) -> Decision[Notice] | None:
    if facts.resident.reservnummer:
        return Decision(Skip(), Reason.RESERVNUMMER, "policy-reserv-1")
    return None


def _1177_tells(facts: Facts, region: Region) -> Decision[Notice] | None:
    notified = will_1177_notify(facts, region)
    if notified is None:
        return wait_or_hand_over(facts, region, Reason.PORTAL_UNKNOWN, "policy-avisering-1")
    return Decision(Skip(), Reason.NOTIFIED_BY_1177, "policy-avisering-1") if notified else None


def _only_the_inbox(facts: Facts, region: Region) -> Decision[Notice] | None:
    """Protected: the 1177 inbox only. Not known for now: wait (policy-skydd-1)."""
    if is_person_unknown(facts):
        return wait_or_hand_over(facts, region, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    return hand_over() if facts.resident.protected else None


def _is_quiet(facts: Facts, region: Region) -> Decision[Notice] | None:
    """Held until the quiet hours are over, unless the visit begins so soon after that the patient has to know.

    What is known is asked then. In shadow nothing is held, so that it shows what would be sent.
    """
    over = quiet_until(facts.now, region)
    if (
        over is None
        or facts.unit.in_shadow
        or has_begun(facts.visit, over + timedelta(hours=region.quiet.urgent_hours))
    ):
        return None
    return Decision(Wait(over), Reason.QUIET_HOURS, "policy-tystnad-1")


def _wish_unknown(facts: Facts, region: Region) -> Decision[Notice] | None:
    if facts.resident.contacts is None:
        return wait_or_hand_over(facts, region, Reason.CONTACT_UNKNOWN, "val-1")
    return None


_GATE: tuple[Callable[[Facts, Region], Decision[Notice] | None], ...] = (
    _a_human_first,
    _stands_elsewhere,
    _may_be_told_at_once,
    _nothing_to_tell,
    _cannot_log_in,
    _may_be_rebooked,
    _is_quiet,
    _1177_tells,  # before the person is asked about: nothing of ours goes, whoever it is
    _only_the_inbox,
    _wish_unknown,
)


def _by_what_means(facts: Facts, region: Region) -> Decision[Notice]:
    """SMS or e-mail as the resident wishes: the first in rank that may be used (val-1, avisering-1)."""
    way = way_of_notice(facts, facts.event.unreached, region)
    if isinstance(way.answer, Contact):
        owed = is_notice_owed(facts)
        return Decision(send_by(way.answer, _KINDS[owed.reason]), owed.reason, owed.clause)
    if way.answer is not None:
        return Decision(way.answer, way.reason, way.clause)
    if way.reason in FAILURES and (_is_cancel(facts) or _is_near(facts, region)):
        return Decision(StaffTask(), Reason.NOT_REACHED, "policy-avisering-3")
    return Decision(Skip(), way.reason, way.clause)


def _is_near(facts: Facts, region: Region) -> bool:
    """Staff tell of a visit that is near (policy-avisering-3); of others letters do."""
    return has_begun(facts.visit, facts.now + timedelta(days=region.notices.hand_over_days))


def send_by(contact: Contact, kind: NoticeKind) -> SendSms | SendMail:
    """A notice of that kind to this number or address."""
    send = SendSms if contact.kind == ContactKind.PHONE else SendMail
    return send(kind, contact.value)
