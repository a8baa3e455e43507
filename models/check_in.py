"""The case of a check-in by mobile: somebody who has come has pressed, and the journal system is to hear of it."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from models.case import MOMENT, Case
from models.identity import Id, Known, PatientId, Unit
from models.sealed import PATIENT
from models.times import Time

PRESSED = "visit.checked_in"
"""The event that we make of a press."""


class CheckedIn(Known):
    """Somebody who may has checked in.

    Args:
        case: of the booking.
        booking: its id in the journal system.
        start: of the visit.
    """

    case: uuid.UUID
    booking: Id
    patient: PatientId
    unit: Unit
    start: Time


class State(StrEnum):
    """Where a check-in stands."""

    PRESSED = "pressed"
    """Somebody has pressed; the journal system is told next."""
    ARRIVED = "arrived"
    """The journal system knows that they have come."""
    AT_DESK = "at_desk"
    """The journal system does not hear of it, or has refused it: they go to the desk."""


class CheckIn(Case, table=True):
    """One visit at one time, which are its key: to a visit that is moved one can check in anew."""

    __tablename__ = "check_in"
    __table_args__ = (
        Index("check_in_due", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index("check_in_held", "lease_until", postgresql_where="owner IS NOT NULL"),
        Index("check_in_standing", "parked", "state"),
        Index("check_in_patient", "patient_hash"),
    )
    PROCESS: ClassVar[str] = "check_in"
    INITIAL: ClassVar[str] = State.PRESSED
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        State.PRESSED: frozenset({State.ARRIVED, State.AT_DESK}),
        State.ARRIVED: frozenset(),
        State.AT_DESK: frozenset(),
    }
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        State.PRESSED: frozenset(),
        State.ARRIVED: frozenset(),
        State.AT_DESK: frozenset(),
    }

    booking_case: uuid.UUID | None = None
    booking_id: str | None = Field(default=None, sa_type=Text)
    patient: str | None = Field(default=None, sa_type=PATIENT, repr=False)
    """`models.identity.PatientId` as JSON."""
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    unit: str | None = Field(default=None, sa_type=Text)
    given_unit: str | None = Field(default=None, sa_type=Text)
    """Under whom, and at which unit, it came, where that is now known as another (`tasks.identities`)."""
    unit_name: str | None = Field(default=None, sa_type=Text)
    pressed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """When they pressed: since then they have been there."""
