"""The patient contacts care: where they are answered, referred or guided (patient-1, 2, 4, byte-5, syfte-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from types import MappingProxyType

from models.contact import Topic
from models.times import later
from routine.approved import PHONE, Use
from routine.channels import is_channel_approved, may_dialogue_be_held, ways_to_reach
from routine.children import Act, Role, may_act
from routine.decision import Decision
from routine.protected import Passage, may_be_sent_to
from routine.reasons import Reason
from routine.region import Region, UnitPolicy


@dataclass(frozen=True, slots=True)
class AnswerThere:
    """The patient is answered in this channel."""

    channel: str


@dataclass(frozen=True, slots=True)
class Refer:
    """Staff read the original at once, and the patient is referred to one of these ways."""

    ways: tuple[str, ...]


def where_to_answer(channel: str, unit: str, day: date, region: Region) -> Decision[AnswerThere | Refer]:
    """In the channel that the patient chose (patient-1, onskemal-2), if it is approved; else they are referred."""
    if may_dialogue_be_held(channel, unit, day, region).allowed:
        digital = "onskemal-2" if channel != PHONE else "val-2"
        return Decision(AnswerThere(channel), Reason.SAME_CHANNEL, digital)
    return Decision(Refer(ways_to_reach(unit, day, region)), Reason.CHANNEL_NOT_APPROVED, "patient-4")


def can_be_acknowledged_by_us(has_way: bool) -> Decision[bool]:
    """Have we a way into the channel, in which the message is acknowledged (patient-1)? Else staff write there."""
    return Decision(has_way, Reason.SAME_CHANNEL if has_way else Reason.NO_WAY_OF_OURS, "patient-1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unapproved:
    """A contact by a way that is not approved.

    Args:
        channel: the way it came.
        reply_address: is there one to answer to, that takes what is sent?
        automatic: a machine wrote, or we ourselves (`routine.senders`).
        answered: have staff answered by now?
        says_stop: does it say that there shall be no more SMS?
        is_patient_known: does the sender say who the patient is?
        deceased, protected: of the patient; `None`: not known, which of a stranger they never are.
        referred_today: how many referrals the address has had today.
        human_first: a risk of suicide stands (policy-suicid-1).
    """

    channel: str
    reply_address: bool
    is_patient_known: bool
    deceased: bool | None = None
    protected: bool | None = field(default=None, repr=False)
    referred_today: int = 0
    automatic: bool = False
    answered: bool = False
    says_stop: bool = False
    human_first: bool = False


def is_referral_sent(
    contact: Unapproved, unit: UnitPolicy, unit_id: str, day: date, region: Region
) -> Decision[Passage]:
    """Do we send the fixed, neutral referral for the unit, by the way the contact came (policy-hanvisning-1)?

    Staff have the task of reading the original whatever the answer is.
    """
    if not unit.refers:
        return Decision(Passage.NONE, Reason.REFERRAL_OFF, "policy-hanvisning-1")
    if unit.in_shadow:
        return Decision(Passage.NONE, Reason.UNIT_IN_SHADOW, "policy-skugga-1")
    if contact.answered:
        return Decision(Passage.NONE, Reason.ALREADY_ANSWERED, "patient-4")
    if contact.says_stop:
        return Decision(Passage.NONE, Reason.SAYS_STOP, "paminnelse-1")
    if contact.automatic:
        return Decision(Passage.NONE, Reason.AUTOMATIC_SENDER, "policy-hanvisning-1")
    if not contact.reply_address:
        return Decision(Passage.NONE, Reason.NO_REPLY_ADDRESS, "policy-hanvisning-1")
    if contact.human_first:
        return Decision(Passage.NONE, Reason.HUMAN_FIRST, "policy-suicid-1")
    if may_dialogue_be_held(contact.channel, unit_id, day, region).allowed:
        return Decision(Passage.NONE, Reason.SAME_CHANNEL, "patient-1")
    if contact.referred_today:
        return Decision(Passage.NONE, Reason.REFERRED_TODAY, "policy-hanvisning-1")
    approved = is_channel_approved(contact.channel, Use.NOTICE, unit_id, day, region)
    if not approved.allowed:
        return Decision(Passage.NONE, approved.reason, approved.clause)
    return _referral_to(contact)


def _referral_to(contact: Unapproved) -> Decision[Passage]:
    """The text says nothing of anyone, so it may go to a sender whom nobody knows."""
    if contact.deceased:
        return Decision(Passage.NONE, Reason.DECEASED, "policy-avliden-1")
    if contact.is_patient_known or contact.protected:
        passage = may_be_sent_to(contact.protected, contact.channel)
        if passage.answer is not Passage.SEND:
            return passage
    if contact.is_patient_known and contact.deceased is None:
        return Decision(Passage.WAIT, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    return Decision(Passage.SEND, Reason.CHANNEL_NOT_APPROVED, "policy-hanvisning-1")


class Adherence(StrEnum):
    """How an answer by staff stands to the routine; what departs is counted for the unit, never by person."""

    AS_ROUTINE = "as_routine"
    DEPARTS = "departs"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffAnswer:
    """An answer that staff gave.

    Args:
        channel: where it was given.
        suggests_calling: does it ask the patient to call? `None`: not known.
        has_special_reason: is a special reason given, such as great urgency?
        after_consent: a change of channel that the patient has consented to.
        may_refer: the first there, where we have not referred the patient: what it says is not known to us.
    """

    channel: str
    suggests_calling: bool | None = None
    has_special_reason: bool = False
    after_consent: bool = False
    may_refer: bool = False


def is_answer_as_routine(
    answer: StaffAnswer, chosen: str, unit: str, day: date, region: Region
) -> Decision[Adherence]:
    """Is the answer given where the patient asked, and not "please call us" (patient-1, patient-2)?

    Args:
        chosen: the channel that the patient chose; where it is not approved, to answer elsewhere is right, and
            to answer there is not, but for the referral itself (patient-4).
    """
    if not may_dialogue_be_held(answer.channel, unit, day, region).allowed:
        if answer.may_refer and answer.channel == chosen:
            return Decision(Adherence.AS_ROUTINE, Reason.REFERRED_BY_STAFF, "patient-4")
        return Decision(Adherence.DEPARTS, Reason.CHANNEL_NOT_APPROVED, "patient-4")
    if answer.has_special_reason and answer.channel in (chosen, PHONE):
        return Decision(Adherence.AS_ROUTINE, Reason.SPECIAL_REASON, "patient-2")
    moved = _moved(answer, chosen, unit, day, region)
    if moved.answer is Adherence.DEPARTS:
        return moved
    if answer.suggests_calling:
        return Decision(Adherence.DEPARTS, Reason.ASKED_TO_CALL, "patient-2")
    if answer.suggests_calling is None:
        return Decision(Adherence.UNKNOWN, Reason.CALLING_UNKNOWN, "patient-2")
    return moved


def _moved(answer: StaffAnswer, chosen: str, unit: str, day: date, region: Region) -> Decision[Adherence]:
    """How the channel of the answer stands to the one that the patient chose."""
    if answer.channel == chosen:
        return Decision(Adherence.AS_ROUTINE, Reason.SAME_CHANNEL, "patient-1")
    if answer.after_consent:
        return Decision(Adherence.AS_ROUTINE, Reason.CONSENT_GIVEN, "patient-3")
    if not may_dialogue_be_held(chosen, unit, day, region).allowed:
        return Decision(Adherence.AS_ROUTINE, Reason.CHANNEL_NOT_APPROVED, "patient-4")
    return Decision(Adherence.DEPARTS, Reason.OTHER_CHANNEL, "patient-1")


@dataclass(frozen=True, slots=True)
class Guide:
    """A direct link to the service on 1177.se goes out; the contact stays open for dialogue (syfte-3)."""

    topic: Topic


@dataclass(frozen=True, slots=True)
class NoGuide:
    """No service is pointed to: the contact is a dialogue with staff."""


_TAKES: Mapping[Topic, Act] = MappingProxyType(
    {Topic.REBOOK: Act.HANDLE_TIMES, Topic.JOURNAL: Act.READ_JOURNAL, Topic.FORM: Act.RUN_ERRAND}
)
"""What the one who is guided must be free to do on 1177."""


def is_guided_to_service(
    topic: Topic | None,
    role: Role | None,
    birth: date | None,
    day: date,
    region: Region,
    *,
    is_there: bool | None,
    protected: bool | None = None,
) -> Decision[Guide | NoGuide]:
    """Is the patient guided to a ready service (byte-5), one that they, or their guardian, may use that day?

    Whether the link may leave us is the gate's to say (`routine.gate.may_leave`).

    Args:
        is_there: 1177's catalogue has the service for this unit and this age; `None`: it has not answered.
    """
    if topic is None or topic is Topic.DIALOGUE:
        return Decision(NoGuide(), Reason.DIALOGUE_WISHED, "syfte-3")
    may = may_act(_TAKES[topic], role, birth, day, region, protected=protected)
    if not may.allowed:
        return Decision(NoGuide(), may.reason, may.clause)
    if is_there is None:
        return Decision(NoGuide(), Reason.SERVICE_UNKNOWN, "byte-5")
    if not is_there:
        return Decision(NoGuide(), Reason.NO_SUCH_SERVICE, "byte-5")
    return Decision(Guide(topic), Reason.READY_SERVICE, "byte-5")


def is_unanswered(
    received_at: datetime, answered: bool, unit: UnitPolicy, now: datetime, region: Region
) -> Decision[bool]:
    """Has the contact waited longer for its answer than the unit allows (policy-svarstid-1)?"""
    late = not answered and later(received_at, region.answer_within(unit)) <= now
    return Decision(late, Reason.UNANSWERED if late else Reason.ANSWERED_IN_TIME, "policy-svarstid-1")
