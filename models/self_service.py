"""What a resident asks for by themselves on 1177: to book, to move or to cancel a visit (besok-3, besok-4)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Literal

from pydantic import Field as Said
from pydantic import StringConstraints
from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from models.booking import Text as Words
from models.case import MOMENT, Case
from models.identity import HsaId, Id, Known, Line, PatientId
from models.sealed import PATIENT, Sealed
from models.times import Time

REQUESTED = "service.requested"
"""The event that we make of what somebody asks for."""
ActorId = Annotated[str, StringConstraints(min_length=1, max_length=31, pattern=r"^[0-9A-Za-z-]+$")]


class ServiceRequest(Known):
    """One thing that somebody asks for, for a patient, at a unit.

    Args:
        actor: who asks, a number of 12 figures; an HSA-id where `by_agent`: staff of 1177.
        is_named: 1177 says for whom; if not, the patient is whose the booking is.
        booking: that which is to be moved or cancelled, or the open call letter that is answered.
        start, end: the time that is wanted, aware.
        time_type, care_type, performer, resource: their ids in the journal system's own catalogue.
    """

    service: Literal["book", "rebook", "cancel"]
    unit: HsaId
    patient: PatientId
    actor: ActorId = Said(repr=False)
    by_agent: bool
    is_named: bool = True
    booking: Id | None = None
    start: Time | None = None
    end: Time | None = None
    time_type: Line | None = None
    care_type: Line | None = None
    performer: Line | None = None
    resource: Line | None = None
    phone: Line | None = Said(default=None, repr=False)
    email: Line | None = Said(default=None, repr=False)
    message: Words | None = Said(default=None, repr=False)


class State(StrEnum):
    """Where a request stands."""

    REQUESTED = "requested"
    """The journal system is asked next."""
    DONE = "done"
    """The journal system has done it."""
    UNCLEAR = "unclear"
    """The journal system has said nothing that shows what became of it, or a fault of ours has stopped it: the unit's
    staff are told next. Then it waits for ops at `requested`, parked."""
    DECLINED = "declined"
    """It is not done, and the case says why; whether whoever asked has heard so is seen to next."""
    HEARD = "heard"
    """They have heard that it is not done: at once, or by a notice."""


class SelfService(Case, table=True):
    """One request; the key is a keyed hash of what is asked for and by whom, and how often that was asked anew."""

    __tablename__ = "self_service"
    __table_args__ = (
        Index("self_service_due", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index("self_service_held", "lease_until", postgresql_where="owner IS NOT NULL"),
        Index("self_service_standing", "parked", "state"),
        Index("self_service_patient", "patient_hash"),
        Index("self_service_booking", "booking_id"),
        Index("self_service_led_to", "led_to", postgresql_where="led_to IS NOT NULL"),
    )
    PROCESS: ClassVar[str] = "self_service"
    INITIAL: ClassVar[str] = State.REQUESTED
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        State.REQUESTED: frozenset({State.DONE, State.DECLINED, State.UNCLEAR}),
        State.UNCLEAR: frozenset({State.REQUESTED}),
        State.DONE: frozenset(),
        State.DECLINED: frozenset({State.HEARD}),
        State.HEARD: frozenset(),
    }
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        State.REQUESTED: frozenset(),
        State.UNCLEAR: frozenset(),
        State.DONE: frozenset(),
        State.DECLINED: frozenset(),
        State.HEARD: frozenset(),
    }

    WHEN_PARKED: ClassVar[Mapping[str, str]] = {State.REQUESTED: State.UNCLEAR}

    request: str | None = Field(default=None, sa_type=Sealed, repr=False)
    """`ServiceRequest` as JSON, as it was asked for, until it is answered."""
    said: str | None = Field(default=None, sa_type=Text)
    """Keyed hashes of what was said beside it (`phone`, `email`, `message`), by which a repeat shows whether it says
    something else."""
    patient: str | None = Field(default=None, sa_type=PATIENT, repr=False)
    """`models.identity.PatientId` as JSON: who the patient is now."""
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    unit: str | None = Field(default=None, sa_type=Text)
    given_unit: str | None = Field(default=None, sa_type=Text)
    """Under whom, and at which unit, it came, where that is now known as another (`tasks.identities`)."""
    service: str | None = Field(default=None, sa_type=Text)
    """`book`, `rebook` or `cancel`."""
    booking_id: str | None = Field(default=None, sa_type=Text)
    """In the journal system: what is to be moved or cancelled, or the open call letter that is answered."""
    requested_at: datetime | None = Field(default=None, sa_type=MOMENT)
    answered_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """When it was done, or was not."""
    reason: str | None = Field(default=None, sa_type=Text)
    """Why it was not (`routine.reasons`), or why nobody knows."""
    not_saved: str | None = Field(default=None, sa_type=Text)
    """What of it the journal system has no place for: `phone`, `email`, `message`, with commas."""
    led_to: str | None = Field(default=None, sa_type=Text)
    """The booking that it led to, in the journal system."""


class ServiceTold(SQLModel, table=True):
    """What 1177 was told of a request while it waited: nobody else has to tell of what is told here as done."""

    __tablename__ = "service_told"
    __table_args__ = (Index("service_told_at", "at"),)
    case_id: uuid.UUID = Field(primary_key=True)
    told_as: str = Field(sa_type=Text)
    """`routine.self_service.Outcome`: `done`, `part_done`, `declined`, `in_hand`, `unclear`."""
    at: datetime = Field(sa_type=MOMENT)
