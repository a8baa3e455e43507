"""The door that every message in a conversation goes through, asked again right before it leaves.

Call letters, notices and reminders have doors of their own, made of the same parts.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from routine.approved import E1177, PHONE, Use
from routine.channels import is_channel_approved, may_dialogue_be_held
from routine.children import Role, may_be_told
from routine.decision import Decision
from routine.protected import Passage, may_be_sent_to
from routine.reasons import Reason
from routine.region import Region


@dataclass(frozen=True, slots=True, kw_only=True)
class Addressee:
    """To whom a message goes, and about whom.

    Args:
        role: in whose right: the patient, or a guardian for the patient.
        birth: the patient's.
        deceased: the patient; `None`: not known.
        protected: either of the patient and the guardian whom it goes to; `None`: of neither a yes, and of one
            of them not known.
        human_first: a risk of suicide stands that no human has acted on (policy-suicid-1).
    """

    role: Role | None
    birth: date | None = field(default=None, repr=False)
    deceased: bool | None = None
    protected: bool | None = field(default=None, repr=False)
    human_first: bool = False


def may_leave(
    to: Addressee, channel: str, use: Use, unit: str, day: date, region: Region
) -> Decision[Passage]:
    """May a message go to this person by this channel, for this use, today?

    1. never to or about the deceased, and nothing by itself where a human is needed first
    2. not while the person register has not answered; to the protected by the 1177 inbox only
    3. to the patient; to a guardian only for a child who does not act alone yet. The inbox is the patient's own at
       any age: for a child who does not log in yet, 1177 shows it to the proxy.
    4. never outside the approved channels

    Every hand-over to staff has one reason, so that none tells who is protected (policy-skydd-2).
    """
    if to.deceased:
        return Decision(Passage.NONE, Reason.DECEASED, "policy-avliden-1")
    if to.human_first:
        return Decision(Passage.NONE, Reason.HUMAN_FIRST, "policy-suicid-1")
    if to.deceased is None:
        return Decision(Passage.WAIT, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    passage = may_be_sent_to(to.protected, channel)
    if passage.answer is not Passage.SEND:
        return passage
    if not _is_theirs_to_read(to, channel, day, region):
        return Decision(Passage.STAFF, Reason.MANUAL_HANDLING, "policy-skydd-1")
    approved = _is_approved(channel, use, unit, day, region)
    return Decision(Passage.SEND if approved.allowed else Passage.NONE, approved.reason, approved.clause)


def _is_theirs_to_read(to: Addressee, channel: str, day: date, region: Region) -> bool:
    own_inbox = channel == E1177 and to.role is Role.SELF
    return own_inbox or may_be_told(to.role, to.birth, day, region, protected=to.protected).allowed


def _is_approved(channel: str, use: Use, unit: str, day: date, region: Region) -> Decision[bool]:
    if use is Use.TEXT and channel != PHONE:  # val-2 is for people who talk: no text leaves by phone
        return may_dialogue_be_held(channel, unit, day, region)
    return is_channel_approved(channel, use, unit, day, region)
