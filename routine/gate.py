"""The door that every message of ours to a patient goes through, asked again right before it leaves."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from routine.approved import Use
from routine.channels import is_channel_approved
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
        protected: the patient, or the guardian whom it goes to; `None`: not known.
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
    2. never outside the approved channels
    3. not while the person register has not answered; to the protected by the 1177 inbox only
    4. to the patient; to a guardian only for a child who does not act alone yet
    """
    if to.deceased:
        return Decision(Passage.NONE, Reason.DECEASED, "policy-avliden-1")
    if to.human_first:
        return Decision(Passage.NONE, Reason.HUMAN_FIRST, "policy-suicid-1")
    approved = is_channel_approved(channel, use, unit, day, region)
    if not approved.allowed:
        return Decision(Passage.NONE, approved.reason, approved.clause)
    if to.deceased is None:
        return Decision(Passage.WAIT, Reason.PERSON_UNKNOWN, "policy-avliden-1")
    passage = may_be_sent_to(to.protected, channel)
    if passage.answer is not Passage.SEND:
        return passage
    told = may_be_told(to.role, to.birth, day, region, protected=to.protected)
    if not told.allowed:
        return Decision(Passage.STAFF, told.reason, told.clause)
    return Decision(Passage.SEND, approved.reason, approved.clause)
