"""The case of a contact that a patient has begun, and what is counted of how it was answered."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Date, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from models.case import MOMENT, Case
from models.sealed import PATIENT, Sealed


class State(StrEnum):
    """Where a contact stands."""

    RECEIVED = "received"
    """It has come; staff hear of it first, where they have to be told."""
    HANDED = "handed"
    """Staff have their task, where there is one; the patient is answered or referred next."""
    DECLINED = "declined"
    """The referral was turned away; staff hear of it next."""
    REPLIED = "replied"
    """The acknowledgement or the referral is settled; a service may be pointed to next."""
    OPEN = "open"
    """Staff have it; nothing is due before its answer is."""
    UNANSWERED = "unanswered"
    """It has waited longer than the unit allows, and ops see it."""
    ANSWERED = "answered"
    """Staff have answered; it rests until it is closed."""
    CLOSED = "closed"
    """It is over; its registration is proposed next."""
    REGISTERED = "registered"
    """Over, and dealt with."""


TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.RECEIVED: frozenset({State.HANDED}),
    State.HANDED: frozenset({State.REPLIED, State.DECLINED}),
    State.DECLINED: frozenset({State.REPLIED}),
    State.REPLIED: frozenset({State.OPEN, State.ANSWERED}),
    State.OPEN: frozenset({State.OPEN, State.UNANSWERED, State.ANSWERED}),
    State.UNANSWERED: frozenset({State.OPEN, State.ANSWERED}),
    State.ANSWERED: frozenset({State.ANSWERED}),
    State.CLOSED: frozenset({State.REGISTERED}),
    State.REGISTERED: frozenset(),
}
"""What a step may make of a state."""
EVENT_TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.RECEIVED: frozenset({State.CLOSED}),
    State.HANDED: frozenset({State.CLOSED}),
    State.DECLINED: frozenset({State.CLOSED}),
    State.REPLIED: frozenset({State.DECLINED, State.CLOSED}),
    State.OPEN: frozenset({State.RECEIVED, State.DECLINED, State.ANSWERED, State.CLOSED}),
    State.UNANSWERED: frozenset({State.RECEIVED, State.DECLINED, State.ANSWERED, State.CLOSED}),
    State.ANSWERED: frozenset({State.RECEIVED, State.CLOSED}),
    State.CLOSED: frozenset({State.RECEIVED}),
    State.REGISTERED: frozenset({State.RECEIVED, State.CLOSED}),
}
"""What an event may make of one: the patient writes again, staff answer, it ends, or a referral has not arrived."""


class InboundContact(Case, table=True):
    """One contact of one channel. Nothing that anyone wrote is in it."""

    __tablename__ = "inbound_contact"
    __table_args__ = (
        Index("inbound_contact_due", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index("inbound_contact_held", "lease_until", postgresql_where="owner IS NOT NULL"),
        Index("inbound_contact_standing", "parked", "state"),
        Index("inbound_contact_named", "contact_id"),
        Index("inbound_contact_patient", "patient_hash"),
        Index("inbound_contact_writer", "reply_hash", "received_at"),
    )
    PROCESS: ClassVar[str] = "inbound_contact"
    INITIAL: ClassVar[str] = State.RECEIVED
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = TRANSITIONS
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = EVENT_TRANSITIONS

    channel: str = Field(default="", sa_type=Text)
    contact_id: str = Field(default="", sa_type=Text)
    unit: str = Field(default="", sa_type=Text)
    unit_name: str | None = Field(default=None, sa_type=Text)
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_unit: str | None = Field(default=None, sa_type=Text)
    """Under whom, and at which unit, it came, where that is now known as another (`tasks.identities`)."""
    patient: str | None = Field(default=None, sa_type=PATIENT, repr=False)
    """`models.identity.PatientId` as JSON; None: the channel does not know who writes."""
    role: str | None = Field(default=None, sa_type=Text)
    """In whose right it was written (`routine.children.Role`); None: not known."""
    proxy: str | None = Field(default=None, sa_type=Sealed, repr=False)
    """The number of the one who writes for the patient."""
    reply_address: str | None = Field(default=None, sa_type=Sealed, repr=False)
    """As it was written; an answer goes to `routine.senders.address_of` it."""
    reply_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    """Of the mailbox or number itself, the same however it is written: not of the text that is sealed beside it."""
    topic: str | None = Field(default=None, sa_type=Text)
    service: str | None = Field(default=None, sa_type=Text)
    urgent: bool | None = None
    automatic: bool | None = None
    """A machine wrote it, by what the mailbox says."""
    says_stop: bool = False
    """By SMS: the patient wants no more of them."""
    received_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """When the patient wrote; None: only something of the contact has come, and not yet its beginning."""
    message: str | None = Field(default=None, sa_type=Text)
    """Of the patient's newest message the event's id."""
    awaits_since: datetime | None = Field(default=None, sa_type=MOMENT)
    """Since when the patient waits for an answer; None: they have one."""
    answered_at: datetime | None = Field(default=None, sa_type=MOMENT)
    closed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    visit: str | None = Field(default=None, sa_type=Text)
    """`models.contact.DigitalVisit` as JSON."""

    def walks_again_from(self) -> str:
        """One that is over is only registered."""
        return State.CLOSED if self.closed_at else State.RECEIVED


class Departure(SQLModel, table=True):
    """How often answers at a unit departed from the routine on a day: for the follow-up, never by person."""

    __tablename__ = "departure"
    unit: str = Field(primary_key=True, sa_type=Text)
    day: date = Field(primary_key=True, sa_type=Date)
    clause: str = Field(primary_key=True, sa_type=Text)
    reason: str = Field(primary_key=True, sa_type=Text)
    answers: int = 0
