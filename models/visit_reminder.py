"""The case of a booked visit that is reminded of, and what is stored for it of what is told of bookings."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from models.booking import Flag
from models.case import MOMENT, Case
from models.events import Route
from models.identity import Id, Known, PatientId, Unit
from models.routes import of_many
from models.sealed import PATIENT
from models.stored_events import Nothing
from models.times import Time


class StoredVisit(Known):
    """A booking as far as it is reminded of; an open call letter has no start."""

    id: Id
    patient: PatientId
    unit: Unit
    start: Time | None = None
    replay: Flag | None = None


class VisitTold(Known):
    """A booking as it now stands."""

    booking: StoredVisit


class StoredConsent(Known):
    """Whose it is: what it says is read where preferences are."""

    patient: PatientId


class ReminderWished(Known):
    """A patient consents to be reminded."""

    preferences: StoredConsent


def _key(source: str, data: Any) -> str:
    return f"{source}:{data.booking.id}"


def _version(data: Any) -> int | None:
    version: int = data.booking.version
    return version


def _is_wished(data: Any) -> bool:
    return bool(data.preferences.sms_reminders)


VISIT = Route("visit_reminder", key=_key, stored=VisitTold, version=_version)
VISIT_OVER = Route("visit_reminder", key=_key, stored=Nothing, version=_version)
REMINDER_WISHED = Route("visit_reminder", key=of_many, stored=ReminderWished, when=_is_wished)


class State(StrEnum):
    """Where the reminders of a visit stand."""

    PLANNED = "planned"
    """A reminder is due at its time."""
    RESTING = "resting"
    """None is due: all have gone, or only an event makes one owed."""
    CLOSED = "closed"
    """Cancelled, ended, or without a time: none is owed."""


class VisitReminder(Case, table=True):
    """One booked visit of one sending system."""

    __tablename__ = "visit_reminder"
    __table_args__ = (
        Index("visit_reminder_due", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index("visit_reminder_held", "lease_until", postgresql_where="owner IS NOT NULL"),
        Index("visit_reminder_standing", "parked", "state"),
        Index("visit_reminder_patient", "patient_hash"),
        Index("visit_reminder_unit", "unit"),
    )
    PROCESS: ClassVar[str] = "visit_reminder"
    INITIAL: ClassVar[str] = State.PLANNED
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        State.PLANNED: frozenset({State.PLANNED, State.RESTING}),
        State.RESTING: frozenset(),
        State.CLOSED: frozenset(),
    }
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        State.PLANNED: frozenset({State.RESTING, State.CLOSED}),
        State.RESTING: frozenset({State.PLANNED, State.CLOSED}),
        State.CLOSED: frozenset({State.PLANNED, State.RESTING}),
    }

    patient: str | None = Field(default=None, sa_type=PATIENT, repr=False)
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    unit: str | None = Field(default=None, sa_type=Text)
    given_unit: str | None = Field(default=None, sa_type=Text)
    """Under whom, and at which unit, it came, where that is now known as another (`tasks.identities`)."""
    start: datetime | None = Field(default=None, sa_type=MOMENT)
    """None: it has no time (any more): cancelled, ended, or an open call letter."""
    known_since: datetime | None = Field(default=None, sa_type=MOMENT)
    """When the visit, or its present time, came to be known."""
    silent: bool = False
    """It came to be known by a replay or a load: nothing goes at once."""
    gone: int = 0
    """How many reminders of the present time have gone."""
    settled: datetime | None = Field(default=None, sa_type=MOMENT)
    """The moment for which the last of them was planned that has gone or was let be, since the last event."""
    gone_before: int = 0
    """How many have gone of other times."""
    former_start: datetime | None = Field(default=None, sa_type=MOMENT)
    """The time that the resident was last reminded of, where that is another."""
    sent_as: str | None = Field(default=None, sa_type=Text)
    """The key of the newest reminder's first message."""
    unreached: int = 0
    """How many messages of it have not arrived (policy-avisering-3)."""
