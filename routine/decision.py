"""What a rule answers: the answer itself, why, and the clause that it rests on."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from types import MappingProxyType
from typing import Generic, TypeVar

from routine.clauses import CLAUSES


class Reason(StrEnum):
    """Every reason that a rule gives. What each means to a reader stands in `EXPLANATIONS`."""

    # why something is done
    BOOKED_VISIT = "booked_visit"
    CALL_LETTER = "call_letter"
    VISIT_BOOKED = "visit_booked"
    VISIT_REBOOKED = "visit_rebooked"
    TIME_CHANGED = "time_changed"
    TIME_MAY_HAVE_CHANGED = "time_may_have_changed"
    VISIT_CANCELLED = "visit_cancelled"
    OPEN_CALL_LETTER = "open_call_letter"
    DIGITAL_CALL_LETTER = "digital_call_letter"
    VIDEO_VISIT = "video_visit"
    NOT_ACTIVE_ON_1177 = "not_active_on_1177"
    UNREACHABLE_ON_1177 = "unreachable_on_1177"
    PAPER_BY_SETTING = "paper_by_setting"
    PAIRED = "paired"
    # why something is not done
    REPLAY = "replay"
    ECHO = "echo"
    CANCELLED = "cancelled"
    CANCELLED_BY_PATIENT = "cancelled_by_patient"
    SAME_TIME = "same_time"
    PART_OF_REBOOKING = "part_of_rebooking"
    SAME_SERIES = "same_series"
    PASSED = "passed"
    DECEASED = "deceased"
    UNIT_IN_SHADOW = "unit_in_shadow"
    RESERVNUMMER = "reservnummer"
    NOTIFIED_BY_1177 = "notified_by_1177"
    NOTICE_NOT_WISHED = "notice_not_wished"
    CONTACT_UNUSABLE = "contact_unusable"
    CONTACT_OWNER_UNKNOWN = "contact_owner_unknown"
    GUARDIAN_CONTACT_LAPSED = "guardian_contact_lapsed"
    PRINTED = "printed"
    REACHED_ON_1177 = "reached_on_1177"
    NOT_PAIRED = "not_paired"
    NOT_BULK = "not_bulk"
    # why a person is asked to act, or the case waits
    MANUAL_HANDLING = "manual_handling"
    DIGITAL_ONLY_UNREACHABLE = "digital_only_unreachable"
    PERSON_UNKNOWN = "person_unknown"
    CONTACT_UNKNOWN = "contact_unknown"
    PORTAL_UNKNOWN = "portal_unknown"
    REBOOKING_POSSIBLE = "rebooking_possible"
    UNIT_UNKNOWN = "unit_unknown"
    PLATFORM_UNKNOWN = "platform_unknown"
    # of a text
    NEUTRAL = "neutral"
    FOREIGN_LINK = "foreign_link"
    IDENTITY_NUMBER = "identity_number"
    PHONE_NUMBER = "phone_number"
    FORBIDDEN_WORD = "forbidden_word"
    REVEALING_UNIT = "revealing_unit"


EXPLANATIONS: Mapping[Reason, str] = MappingProxyType(
    {
        Reason.BOOKED_VISIT: "A booked visit that is still to come.",
        Reason.CALL_LETTER: "A call letter, timed or open, that still holds.",
        Reason.VISIT_BOOKED: "A visit was booked.",
        Reason.VISIT_REBOOKED: "A visit was booked in the place of one that was cancelled.",
        Reason.TIME_CHANGED: "The time of a visit was changed.",
        Reason.TIME_MAY_HAVE_CHANGED: "A visit was changed, and what it was before is not known.",
        Reason.VISIT_CANCELLED: "A visit was cancelled, not by the patient as far as is known.",
        Reason.OPEN_CALL_LETTER: "The resident can book a time from an open call letter.",
        Reason.DIGITAL_CALL_LETTER: "Every visit has a digital call letter.",
        Reason.VIDEO_VISIT: "A video visit has a digital call letter every time.",
        Reason.NOT_ACTIVE_ON_1177: "The resident does not use 1177.",
        Reason.UNREACHABLE_ON_1177: "1177 could not be reached, and the tries are used up.",
        Reason.PAPER_BY_SETTING: "The unit or the region sends paper beside the digital call letter.",
        Reason.PAIRED: "A cancelled and a booked visit of one patient are one rebooking.",
        Reason.REPLAY: "Part of a load of visits already booked, so no news.",
        Reason.ECHO: "The echo of a change that was asked for through us.",
        Reason.CANCELLED: "The visit is cancelled.",
        Reason.CANCELLED_BY_PATIENT: "The patient cancelled it and knows.",
        Reason.SAME_TIME: "The change moved no time.",
        Reason.PART_OF_REBOOKING: "The visit booked in its place has the notice.",
        Reason.SAME_SERIES: "Another visit of the same series has the notice.",
        Reason.PASSED: "The time has come or gone, or the call letter has run out.",
        Reason.DECEASED: "The patient is deceased.",
        Reason.UNIT_IN_SHADOW: "The unit is in shadow: worked out, and not sent.",
        Reason.RESERVNUMMER: "The patient cannot log in to 1177 with a reservnummer: paper and phone.",
        Reason.NOTIFIED_BY_1177: "1177 itself gives the notice.",
        Reason.NOTICE_NOT_WISHED: "The resident has no way of contact with notices switched on.",
        Reason.CONTACT_UNUSABLE: "Notices are wished, but to no mobile number or e-mail address.",
        Reason.CONTACT_OWNER_UNKNOWN: "Whose the contact data is, the child's or a guardian's, is not known.",
        Reason.GUARDIAN_CONTACT_LAPSED: "The contact data is from before the 13th birthday, so a guardian's.",
        Reason.PRINTED: "The journal system has printed the call letter.",
        Reason.REACHED_ON_1177: "The digital call letter takes the place of paper.",
        Reason.NOT_PAIRED: "No visit was booked in the place of the cancelled one.",
        Reason.NOT_BULK: "Too few events at once for a bulk load.",
        Reason.MANUAL_HANDLING: "Staff tell the patient in the way that their own routine says.",
        Reason.DIGITAL_ONLY_UNREACHABLE: "Digital information only is wished, and 1177 does not reach.",
        Reason.PERSON_UNKNOWN: "The person register has not answered.",
        Reason.CONTACT_UNKNOWN: "The resident's contact data has not been had.",
        Reason.PORTAL_UNKNOWN: "1177 has not said whether the resident uses it.",
        Reason.REBOOKING_POSSIBLE: "A new time may follow within the window for rebookings.",
        Reason.UNIT_UNKNOWN: "The unit is not in the region file.",
        Reason.PLATFORM_UNKNOWN: "The platform of the visit is not in the region file.",
        Reason.NEUTRAL: "The text says only that there is something to log in for.",
        Reason.FOREIGN_LINK: "The text leads to a place that the region has not listed.",
        Reason.IDENTITY_NUMBER: "The text has what looks like an identity number.",
        Reason.PHONE_NUMBER: "The text has what looks like a phone number.",
        Reason.FORBIDDEN_WORD: "The text has a word that must not be in it.",
        Reason.REVEALING_UNIT: "The text names a unit whose name reveals the kind of care.",
    }
)

Answer = TypeVar("Answer")
Answer_co = TypeVar("Answer_co", covariant=True)


@dataclass(frozen=True, slots=True)
class Decision(Generic[Answer_co]):
    """An answer with its reason and the clause (`besok-2`) or policy (`policy-barn-1`) that it rests on.

    Raises:
        ValueError: the clause is in neither the routine nor our policies.
    """

    answer: Answer_co
    reason: Reason
    clause: str

    def __post_init__(self) -> None:
        if self.clause not in CLAUSES:
            raise ValueError(f"no such clause: {self.clause}")

    @property
    def allowed(self: Decision[bool]) -> bool:
        """The answer of a question that is answered by yes or no."""
        return self.answer


@dataclass(frozen=True, slots=True)
class Wait:
    """Nothing for now: ask the same question again when more is known, at the latest at `until`."""

    until: datetime


@dataclass(frozen=True, slots=True)
class StaffTask:
    """A task for the unit's staff; its code is the decision's reason."""
