"""What rules of several arguments were asked, each as one value, so that it can be kept and asked anew.

A rule that is asked with one value of its own (`routine.facts.Facts`, `routine.reminder.ReminderFacts`) needs none.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from models.contact import Topic
from routine.approved import Use
from routine.channel_switch import Proposal
from routine.children import Role
from routine.contact import StaffAnswer, Unapproved
from routine.gate import Addressee
from routine.region import UnitPolicy
from routine.risk import Risk
from routine.self_service import ToChange, Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedChannel:
    """Of a channel at a unit: is the dialogue held there, where is it answered, does it stay there?"""

    channel: str
    unit_id: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedSwitch:
    """May the patient be asked about a change of channel; `overridden`: past the gates, with a reason?"""

    proposal: Proposal
    day: date
    overridden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLink:
    """May the link go to a caller (`routine.key_press.may_link_go`)?"""

    proposal: Proposal
    number: str | None = field(default=None, repr=False)
    texted: int
    pressed_at: datetime
    now: datetime
    day: date
    overridden: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedPassage:
    """May a message leave (`routine.gate.may_leave`)?"""

    to: Addressee
    channel: str
    use: Use
    unit_id: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedReferral:
    """Is the referral sent (`routine.contact.is_referral_sent`)?"""

    contact: Unapproved
    unit: UnitPolicy
    unit_id: str
    day: date


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedGuidance:
    """Is the patient guided to a ready service (`routine.contact.is_guided_to_service`)?"""

    topic: Topic | None = None
    role: Role | None = None
    birth: date | None = field(default=None, repr=False)
    day: date
    is_there: bool | None = None
    protected: bool | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedLate:
    """Has a contact waited longer than its unit allows (`routine.contact.is_unanswered`)?"""

    since: datetime
    now: datetime
    unit: UnitPolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedTransfer:
    """May a file be fetched into the storage (bilder-1, policy-bild-4)?

    Args:
        is_found: the contact that staff have named is there.
        is_of_patient: it is the patient's; `None`: not known.
    """

    is_found: bool
    is_of_patient: bool | None = None
    deceased: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedChange:
    """May a resident's request be asked of the journal system (`routine.self_service`)?"""

    wanted: Wanted
    booking: ToChange | None = None
    unit: UnitPolicy | None = None
    now: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedHeight:
    """How high does an alert stand (`routine.risk.how_high`)?"""

    risk: Risk
    now: datetime
    has_staff: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedFile:
    """Is a file kept (`routine.images.is_kept`)?"""

    kind: str | None = None
    bytes: int
    scan: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAnswer:
    """Is an answer by staff as the routine has it (`routine.contact.is_answer_as_routine`)?"""

    answer: StaffAnswer
    chosen: str
    unit_id: str
    day: date
