"""What is stored of each event, by type, and no more than its process needs: what a handler is handed.

What comes in is read by the models of `models.messages`; a route (`models.routes`) says which of these it is stored
as. Events that we make ourselves have theirs here too. What was stored by the version before opens by them as well.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from models.booking import Booking, Flag
from models.contact import AtRisk, Channel, DigitalVisit, Proxy, Risk, Topic, Words
from models.identity import Id, Known, PatientId, Staff, Unit
from models.staff import Channel as SwitchedTo
from models.times import Time
from models.transfer import Transfer


def is_said(words: object) -> bool:
    """Whether free text says anything; of what is stored that is known already."""
    return any(char.isalnum() for char in words) if isinstance(words, str) else bool(words)


Said = Annotated[bool, BeforeValidator(is_said)]
"""Of free text by staff only whether there is any."""


class Nothing(Known):
    """Only that it happened, and when."""


class MessageFailed(Known):
    """An SMS or e-mail of ours has not arrived: its effect, and what it was for."""

    effect: str
    key: str


# --- bookings


class BookingCorrected(Known):
    """What is owed to the former patient of a booking that was made for the wrong one (policy-andring-2)."""

    booking: Booking
    letter: bool


class VisitJoined(Known):
    """Somebody who may has gone on to a digital visit: in whose right, by a reason and a clause."""

    reason: str
    clause: str


# --- contacts


class StoredContact(Known):
    """A contact without its text; of an SMS, whether it says that there shall be no more of them."""

    id: Id
    patient: PatientId | None = None
    reply_address: Words | None = Field(default=None, repr=False)
    unit: Unit
    topic: Topic | None = None
    service: Id | None = None
    urgent: Flag | None = None
    risk: Risk | None = None
    by: Id | None = Field(default=None, repr=False)
    by_role: Proxy | None = None
    automatic: Flag | None = None
    says_stop: bool = False


class ContactBegun(Known):
    """A patient has written."""

    contact: StoredContact


class StoredMessage(Known):
    """A message. Its text only if a patient wrote it where a question of ours may be answered."""

    id: Id
    from_: Literal["patient", "staff"] = Field(alias="from")
    text: Words | None = Field(default=None, repr=False)
    suggests_calling: Flag | None = None
    reason: Said = False
    risk: Risk | None = None


class MessageWritten(Known):
    """Somebody has written in a contact."""

    contact: Id
    message: StoredMessage


class ContactOver(Known):
    """A contact is over, and was perhaps a visit."""

    contact: Id
    visit: DigitalVisit | None = None


# --- risks


class ContactAtRisk(Known):
    """A contact in which somebody sees a risk of suicide."""

    contact: AtRisk


class ContactFlagged(Known):
    """A contact that is flagged by its id; the channel where staff have named it."""

    contact: Id
    channel: Channel | None = None


class RiskInMessage(Known):
    """A contact, in a message of which somebody sees the risk."""

    contact: Id


# --- changes of channel, handing over, invitations


class StoredSwitch(Known):
    """A change of channel that a member of staff proposes; of why, that they say it."""

    id: Id
    contact: Id
    to: SwitchedTo
    service: Literal["rebook", "journal", "form"] | None = None
    service_id: Id | None = None
    why: Said = False
    by: Staff


class ChangeProposed(Known):
    """Staff propose another channel."""

    switch: StoredSwitch


class KeyPressed(Known):
    """A caller asks for a link to another channel: in which call, from which number, of which unit."""

    call: str
    unit: str
    to: str
    from_: str = Field(alias="from", repr=False)


class StoredOverride(Known):
    """A gate that staff go past; of the reason, that there is one."""

    id: Id
    case: Id
    reason: Said = False
    by: Staff


class GatePassed(Known):
    """Staff go past a gate."""

    override: StoredOverride


class LoginReported(Known):
    """A target with a login of its own says who has logged in; the link by its hash."""

    link: str
    patient: PatientId
    loa: int
    at: Time


class LoginJudged(Known):
    """A login by a link of ours, judged when it came about; of a caller, who it was."""

    consented: bool
    loa: int
    reason: str
    clause: str
    vouched_by: str = "not_recorded"
    """One that was stored before it was kept has none."""
    patient: PatientId | None = None


class StoredProposal(Known):
    """Someone to hand over to, or to invite; not who."""

    id: Id
    contact: Id
    by: Staff


class ParticipationProposed(Known):
    """Staff want to hand over, or to invite someone."""

    proposal: StoredProposal


# --- files


class FileRequested(Known):
    """One attachment of a transfer."""

    transfer: Transfer


class FileJournalled(Known):
    """A file is in the journal: who says so; or `logged`, when the access log has it already."""

    logged: bool = False
    by: Staff | None = None
