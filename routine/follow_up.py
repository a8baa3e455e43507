"""What is counted of how the routine is followed: which measures there are, of which clause, and what each counts
(uppfoljning-1).

A measure counts lines of timelines, what was done to the outer world, or how soon something came
(`routine.follow_up_counting`). Measures are disjoint: nothing is counted in two, so that no difference of two tells
of a few (`routine.masking`). For the same reason what is proposed, stored or owed is counted once it has ended, by
how it did: how many there were is the sum. Only reasons of `Measure.reasons` are told apart; any other is `OTHER`,
and those that tell of a child or of a protected person are never among them (policy-skydd-2).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from types import MappingProxyType

from routine.reasons import Reason

OTHER = "other"
"""Reasons that are not told apart."""
STILL_DAYS = 3
"""For so many days after its end what happened on a day can still turn out otherwise: a receipt, say."""


class Group(StrEnum):
    """Measures that are read together: a heading, a picture and a table in the report."""

    VISITS = "visits"
    PAPER = "paper"
    NOTICES = "notices"
    REQUESTED = "requested"
    REMINDERS = "reminders"
    SELF_SERVICE = "self_service"
    CHECK_INS = "check_ins"
    FORMS = "forms"
    ANSWERS = "answers"
    REFERRALS = "referrals"
    GUIDANCE = "guidance"
    SWITCHES = "switches"
    PARTICIPATION = "participation"
    REGISTRATION = "registration"
    IMAGES = "images"
    PARKED = "parked"
    WISHES = "wishes"
    ALERTS = "alerts"
    OVERRIDES = "overrides"
    BY_HAND = "by_hand"


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that is counted.

    Args:
        clauses: that it follows up; the first is the one that the sums of days have.
        reasons: that are told apart, in the order in which they are shown; (): it has none.
        of_region: counted for the region as a whole, and at no unit, where there would be too few.
        departs: what it counts departs from the routine.
    """

    code: str
    group: Group
    clauses: tuple[str, ...]
    reasons: tuple[str, ...] = ()
    of_region: bool = False
    departs: bool = False


@dataclass(frozen=True, slots=True)
class Cell:
    """A measure and one of its reasons ("": it has none): what a number stands in."""

    measure: str
    reason: str = ""


MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SHOWN_SOON: tuple[tuple[str, timedelta], ...] = (("within_minute", MINUTE), ("within_hour", HOUR))
ACKNOWLEDGED_SOON: tuple[tuple[str, timedelta], ...] = (
    ("within_5_minutes", timedelta(minutes=5)),
    ("within_15_minutes", timedelta(minutes=15)),
    ("within_hour", HOUR),
)
LATER = "later"
KINDS_OF_CHANGE = ("to_phone", "from_phone", "to_digital")
_MESSAGES = ("besok-2", "avisering-1", "avisering-2", "avisering-3")
_REMINDED = ("besok-5", "paminnelse-1", "paminnelse-2", "distans-3")
_NOT_TOLD = (
    Reason.NOTIFIED_BY_1177, Reason.NOTICE_NOT_WISHED, Reason.CANCELLED_BY_PATIENT, Reason.CHANGED_BY_PATIENT,
    Reason.ECHO, Reason.SAME_TIME, Reason.PART_OF_REBOOKING, Reason.SAME_SERIES, Reason.SAME_VISIT, Reason.REPLAY,
    Reason.PASSED, OTHER,
)  # fmt: skip

MEASURES: tuple[Measure, ...] = (
    Measure(
        "visit_shown", Group.VISITS, ("besok-1", "policy-saknad-1"), ("within_minute", "within_hour", LATER)
    ),
    Measure("digital_instead_of_paper", Group.PAPER, ("onskemal-1", "onskemal-3", "syfte-2")),
    Measure(
        "paper_posted",
        Group.PAPER,
        ("policy-papper-1", "onskemal-3"),
        (Reason.PAPER_BY_SETTING, Reason.NOT_ACTIVE_ON_1177, OTHER),
    ),
    Measure("paper_by_staff", Group.PAPER, ("policy-papper-1",), of_region=True),
    Measure("notice_arrived", Group.NOTICES, (*_MESSAGES, "syfte-1")),
    Measure("notice_not_arrived", Group.NOTICES, ("policy-avisering-3", *_MESSAGES)),
    Measure("notice_unconfirmed", Group.NOTICES, (*_MESSAGES, "syfte-1")),
    Measure("notice_by_staff", Group.NOTICES, ("policy-avisering-3", "besok-2"), of_region=True),
    Measure(
        "notice_skipped",
        Group.NOTICES,
        (
            "policy-avisering-1",
            "policy-avisering-2",
            "policy-andring-1",
            "policy-dubblett-1",
            "val-1",
            "besok-2",
        ),
        _NOT_TOLD,
    ),
    Measure("requested_arrived", Group.REQUESTED, ("avisering-1", "syfte-1")),
    Measure("requested_not_arrived", Group.REQUESTED, ("policy-avisering-3", "avisering-1")),
    Measure("requested_unconfirmed", Group.REQUESTED, ("avisering-1", "syfte-1")),
    Measure("requested_by_staff", Group.REQUESTED, ("policy-avisering-3", "avisering-1"), of_region=True),
    Measure(
        "requested_skipped",
        Group.REQUESTED,
        ("policy-avisering-1", "val-1"),
        (Reason.NOTIFIED_BY_1177, Reason.NOTICE_NOT_WISHED, Reason.PASSED, OTHER),
    ),
    Measure("reminder_arrived", Group.REMINDERS, (*_REMINDED, "syfte-1")),
    Measure("reminder_not_arrived", Group.REMINDERS, ("policy-avisering-3", *_REMINDED)),
    Measure("reminder_unconfirmed", Group.REMINDERS, (*_REMINDED, "syfte-1")),
    Measure("reminder_by_staff", Group.REMINDERS, ("besok-5",), of_region=True),
    Measure(
        "reminder_skipped",
        Group.REMINDERS,
        ("paminnelse-1", "policy-samtycke-1", "policy-tystnad-1", "besok-5"),
        (
            Reason.CONSENT_UNKNOWN,
            Reason.CONSENT_REFUSED,
            Reason.CONSENT_ELSEWHERE,
            Reason.SAYS_STOP,
            Reason.POINTLESS,
            Reason.PASSED,
            OTHER,
        ),
    ),
    Measure(
        "self_service_done",
        Group.SELF_SERVICE,
        ("besok-3", "besok-4", "syfte-2", "policy-sjalvservice-1"),
        ("book", "rebook", "cancel"),
    ),
    Measure(
        "self_service_not_done",
        Group.SELF_SERVICE,
        ("policy-sjalvservice-1", "besok-3", "besok-4"),
        (
            Reason.TOO_LATE,
            Reason.TIME_TAKEN,
            Reason.TIME_NOT_OFFERED,
            Reason.TIME_PASSED,
            Reason.NOT_ALLOWED_BY_UNIT,
            Reason.OTHER_SYSTEM,
            OTHER,
        ),
    ),
    Measure("checked_in", Group.CHECK_INS, ("policy-incheckning-1", "syfte-2")),
    Measure("check_in_at_desk", Group.CHECK_INS, ("policy-incheckning-1",)),
    Measure(
        "visit_form_asked",
        Group.FORMS,
        ("vard-1", "vard-2", "system-2"),
        (
            Reason.NO_E_ID,
            Reason.NOT_AGREED,
            Reason.AGREEMENT_UNKNOWN,
            Reason.NOT_FIT_FOR_FORM,
            Reason.PLATFORM_UNKNOWN,
            OTHER,
        ),
    ),
    Measure("visit_joined", Group.FORMS, ("policy-anslutning-1",)),
    Measure(
        "answer_as_routine",
        Group.ANSWERS,
        ("patient-1", "onskemal-2", "patient-2", "patient-3", "patient-4"),
        (
            Reason.SAME_CHANNEL,
            Reason.CONSENT_GIVEN,
            Reason.SPECIAL_REASON,
            Reason.REFERRED_BY_STAFF,
            Reason.CHANNEL_NOT_APPROVED,
        ),
    ),
    Measure(
        "answer_departs",
        Group.ANSWERS,
        ("patient-1", "onskemal-2", "patient-2", "patient-4", "system-1", "system-4", "system-5"),
        (Reason.OTHER_CHANNEL, Reason.ASKED_TO_CALL, Reason.CHANNEL_NOT_APPROVED),
        departs=True,
    ),
    Measure("answer_unclear", Group.ANSWERS, ("patient-2",)),
    Measure("answer_late", Group.ANSWERS, ("policy-svarstid-1",), departs=True),
    Measure("referral_sent", Group.REFERRALS, ("policy-hanvisning-1", "patient-4")),
    Measure(
        "referral_not_sent",
        Group.REFERRALS,
        ("policy-hanvisning-1", "patient-4"),
        (
            Reason.REFERRAL_OFF,
            Reason.ALREADY_ANSWERED,
            Reason.NO_REPLY_ADDRESS,
            Reason.AUTOMATIC_SENDER,
            Reason.REFERRED_TODAY,
            OTHER,
        ),
    ),
    Measure("guided", Group.GUIDANCE, ("byte-5", "onskemal-4", "syfte-2")),
    Measure(
        "consent_given",
        Group.SWITCHES,
        ("byte-1", "byte-2", "byte-3", "policy-lank-1"),
        KINDS_OF_CHANGE,
    ),
    Measure("consent_declined", Group.SWITCHES, ("byte-6",), KINDS_OF_CHANGE),
    Measure("consent_withdrawn", Group.SWITCHES, ("byte-1",)),
    Measure("switch_lapsed", Group.SWITCHES, ("byte-6", "policy-lank-1"), KINDS_OF_CHANGE),
    Measure(
        "switch_refused",
        Group.SWITCHES,
        ("byte-4", "byte-1", "byte-2", "byte-3", "patient-3", "policy-knapp-1"),
        (
            Reason.NO_ADDED_VALUE,
            Reason.NO_SAFER_ASSESSMENT,
            Reason.NOT_OFFERED,
            Reason.CHANNEL_NOT_APPROVED,
            Reason.NO_WAY_OF_OURS,
            Reason.CALLER_IN_QUEUE,
            OTHER,
        ),
    ),
    Measure(
        "participation_consented",
        Group.PARTICIPATION,
        ("samtycke-1", "samtycke-2"),
        ("handover", "participant"),
    ),
    Measure(
        "participation_declined",
        Group.PARTICIPATION,
        ("samtycke-1", "samtycke-2"),
        ("handover", "participant"),
    ),
    Measure("registered_as_visit", Group.REGISTRATION, ("distans-1", "dokumentation-1")),
    Measure("registered_as_contact", Group.REGISTRATION, ("distans-1", "dokumentation-1")),
    Measure("image_journalled", Group.IMAGES, ("bilder-1", "policy-bild-5", "bilder-2")),
    Measure("image_lapsed", Group.IMAGES, ("bilder-3",)),
    Measure("image_discarded", Group.IMAGES, ("bilder-2", "policy-bild-5")),
    Measure(
        "image_refused",
        Group.IMAGES,
        ("policy-bild-1", "policy-bild-2", "policy-bild-3", "policy-bild-4"),
        (Reason.KIND_NOT_KEPT, Reason.FILE_TOO_BIG, Reason.EMPTY_FILE, Reason.FILE_INFECTED, OTHER),
    ),
    Measure("image_lost", Group.IMAGES, ("bilder-4",)),
    Measure(
        "parked",
        Group.PARKED,
        ("policy-okand-1",),
        (
            "booking_publication",
            "visit_reminder",
            "requested_notice",
            "self_service",
            "check_in",
            "inbound_contact",
            "channel_switch",
            "participation",
            "image_transfer",
            OTHER,
        ),
    ),
    Measure(
        "preferences_carried", Group.WISHES, ("onskemal-1", "paminnelse-2", "policy-onskan-1"), of_region=True
    ),
    Measure("guardian_consent_lapsed", Group.WISHES, ("policy-barn-2",), of_region=True),
    Measure(
        "alert_acknowledged",
        Group.ALERTS,
        ("suicid-1", "policy-suicid-1"),
        ("within_5_minutes", "within_15_minutes", "within_hour", LATER),
        of_region=True,
    ),
    Measure(
        "alert_not_acknowledged", Group.ALERTS, ("policy-suicid-1", "suicid-1"), of_region=True, departs=True
    ),
    Measure("gate_overridden", Group.OVERRIDES, ("policy-fara-1",), of_region=True),
    Measure(
        "handed_over_by_hand",
        Group.BY_HAND,
        ("policy-skydd-1", "policy-skydd-2", "skyddade-1", "policy-barn-1", "barn-1", "barn-2"),
        of_region=True,
    ),
)
BY_CODE: Mapping[str, Measure] = MappingProxyType({each.code: each for each in MEASURES})
BY_STAFF = ("paper_by_staff", "notice_by_staff", "requested_by_staff", "reminder_by_staff")
"""All that is handed over to staff; `handed_over_by_hand` is a part of it."""

NOTHING_TO_COUNT: Mapping[str, str] = MappingProxyType(
    {
        "syfte-3": "That a human is there is no number; who was led to a service could still write.",
        "barn-3": "What a guardian does not see leaves no trace, and must not.",
        "barn-4": "The journal on 1177 is not ours.",
        "barn-5": "Refused on 1177 itself; what reaches us of it would count children.",
        "policy-barn-3": "Children without e-identification are so few that a number would tell of one.",
        "system-3": "No text with anything of care in it can leave by SMS.",
        "skyddade-2": "That 1177, the phone and a visit are open is no number.",
        "val-2": "Calls by phone are not seen by us.",
        "vard-3": "Nothing is written.",
        "uppfoljning-1": "It is this report.",
        "distans-2": "Counted with all visits: how many are on video would tell how few are not.",
        "policy-andring-2": "A correction concerns two persons, at one unit.",
        "policy-avliden-1": "Nothing of the deceased is counted.",
        "policy-avliden-2": "Nothing of the deceased is counted.",
        "policy-identitet-1": "A merge is of one person or of one unit.",
        "policy-reserv-1": "Whoever has a reservnummer is among the other reasons: they are few.",
        "policy-skugga-1": "What would have been done stands in `vaxel shadow`.",
        "policy-kalla-1": "What a source was not let tell of stands in `vaxel held`.",
        "policy-personal-1": "Logins are counted by person nowhere; those that fail stand in `/metrics`.",
        "policy-uppfoljning-1": "It is how this report is shown.",
    }
)
"""Clauses of which no measure is, and why."""

# --- which there are


def cells_of(measures: Iterable[Measure]) -> list[Cell]:
    """All cells of measures, in the order in which they are shown."""
    return [Cell(each.code, reason) for each in measures for reason in each.reasons or ("",)]


def following_up(clause: str) -> list[Measure]:
    """The measures of a clause."""
    return [each for each in MEASURES if clause in each.clauses]
