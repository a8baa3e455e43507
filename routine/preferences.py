"""What a patient wishes: who may set it, where it holds, which word holds, when it lapses (onskemal-1, paminnelse-2).

A *wish* is a preference that opens something: digital only, reminders, a way or an address for notices. To withdraw
it, or to answer with no, opens nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from types import MappingProxyType

from models.times import STOCKHOLM
from routine.children import Act, Role, does_guardian_act, lapses_on, may_act
from routine.decision import Decision
from routine.facts import Wish
from routine.figures import Ages
from routine.reasons import Reason
from routine.region import Region
from routine.reminder import Consent, is_consented


class Name(StrEnum):
    """The preferences that there are."""

    DIGITAL_ONLY = "digital_only"
    SMS_REMINDERS = "sms_reminders"
    NOTICE_BY = "notice_by"
    PHONE = "phone"
    EMAIL = "email"


class Setter(StrEnum):
    """Who set a preference."""

    SELF = "self"
    GUARDIAN = "guardian"
    STAFF = "staff"


_ACTS: Mapping[Name, Act] = MappingProxyType(
    {Name.DIGITAL_ONLY: Act.WISH_DIGITAL_ONLY, Name.SMS_REMINDERS: Act.CONSENT_TO_REMINDERS}
)
_CLAUSES: Mapping[Name, str] = MappingProxyType(
    {Name.DIGITAL_ONLY: "onskemal-1", Name.SMS_REMINDERS: "paminnelse-2"}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word on one preference.

    Args:
        wished: `False`: it is withdrawn, or answered with no.
        on_1177: in 1177's settings; else to staff, who enter it in VAS.
        birth: the patient's; `None`: not known.
    """

    name: Name
    wished: bool
    on_1177: bool
    by: Setter
    birth: date | None = field(default=None, repr=False)


def holds_at(on_1177: bool, unit: str | None) -> str | None:
    """The unit at which it holds; `None`: for all care, as what is set on 1177 always does (paminnelse-2)."""
    return None if on_1177 else unit


def may_be_set(word: Word, day: date, region: Region) -> Decision[bool]:
    """Does this word count on that day?

    1. on 1177 the patient acts for themselves from 13, and a guardian for a child under 13 (barn-1, barn-2); a
       guardian cannot wish digital only there, nor consent to reminders (barn-5), but may take them back
    2. to staff a guardian's consent to reminders counts by the region's setting, until the 13th birthday
       (policy-barn-2)
    """
    no = _amiss_on_1177(word, day, region) if word.on_1177 else _amiss_to_staff(word, day, region)
    if no is not None:
        return no
    reason = Reason.WISH_SET if word.wished else Reason.WISH_WITHDRAWN
    clause = _CLAUSES.get(word.name, "avisering-1")
    if clause == "paminnelse-2" and not word.on_1177:
        clause = "policy-barn-2" if word.by is Setter.GUARDIAN else "paminnelse-1"
    return Decision(True, reason, clause)


def _amiss_on_1177(word: Word, day: date, region: Region) -> Decision[bool] | None:
    if word.by is Setter.STAFF:
        return Decision(False, Reason.NOT_A_GUARDIAN, "barn-1")
    if word.by is Setter.SELF and word.birth is None:
        return None
    act = _ACTS.get(word.name, Act.RUN_ERRAND) if word.wished else Act.RUN_ERRAND
    # 1177 has let them in: a proxy link that protected identity has broken leads nowhere there.
    may = may_act(act, Role(word.by), word.birth, day, region, protected=False)
    return None if may.allowed else may


def _amiss_to_staff(word: Word, day: date, region: Region) -> Decision[bool] | None:
    if word.by is not Setter.GUARDIAN:
        return None
    if word.name is Name.SMS_REMINDERS and word.wished:
        given = Consent(given=True, by=Role.GUARDIAN, to_staff=True)
        counts = is_consented(given, word.birth, "", day, region)
        return None if counts.allowed else counts
    if word.birth is None:
        return Decision(False, Reason.AGE_UNKNOWN, "policy-barn-2") if word.wished else None
    if not does_guardian_act(word.birth, day, region.ages).allowed:
        return Decision(False, Reason.CHILD_ACTS_ALONE, "policy-barn-2")
    return None


def does_it_hold(new: Wish, held: Wish | None) -> Decision[bool]:
    """Does the new wish take the place of the one that is held (policy-onskan-1)?

    Of two at one moment the one that came last holds, as in the journal system.
    """
    if held is None:
        return Decision(True, Reason.WISH_SET, "policy-onskan-1")
    if new.at < held.at:
        return Decision(False, Reason.NEWER_HELD, "policy-onskan-1")
    if new.value == held.value:
        return Decision(True, Reason.SAME_WISH, "policy-onskan-1")
    is_conflict = held.source not in (None, new.source)
    reason = Reason.NEWER_FROM_ANOTHER if is_conflict else Reason.WISH_SET
    return Decision(True, reason, "policy-onskan-1")


def counts_from(at: datetime, received_at: datetime) -> datetime:
    """When it was said: never later than we heard of it, or a clock that is ahead would keep later words out."""
    return min(at, received_at)


def lapses_at(birth: date | None, wished: bool, at: datetime, ages: Ages) -> datetime | None:
    """When a wish for a child under 13 ends by itself: at 00:00 on the 13th birthday (policy-barn-2).

    What was set before it was a guardian's, whoever is said to have set it. `None`: never.
    """
    if birth is None or not wished:
        return None
    end = datetime.combine(lapses_on(birth, ages), time(), STOCKHOLM)
    return end if at < end else None
