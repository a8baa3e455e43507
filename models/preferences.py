"""The case of a patient's preferences, and each preference with who set it, where and when."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from models.case import MOMENT, Case
from models.sealed import PATIENT, Sealed


class State(StrEnum):
    """Where a patient's preferences stand."""

    CHANGED = "changed"
    """Something has changed; the journal system is told next."""
    CARRIED = "carried"
    """The journal system has them."""


TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.CHANGED: frozenset({State.CHANGED, State.CARRIED}),
    State.CARRIED: frozenset({State.CHANGED, State.CARRIED}),
}
"""What a step may make of a state: one that is carried is due again when something lapses."""
EVENT_TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.CHANGED: frozenset({State.CARRIED}),
    State.CARRIED: frozenset({State.CHANGED}),
}
"""What an event may make of one: a word that says nothing new is carried already."""


class PatientPreferences(Case, table=True):
    """One patient; the key is a keyed hash of the number."""

    __tablename__ = "preferences"
    __table_args__ = (
        Index("preferences_due", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index("preferences_held", "lease_until", postgresql_where="owner IS NOT NULL"),
        Index("preferences_standing", "parked", "state"),
        Index("preferences_patient", "patient_hash"),
    )
    PROCESS: ClassVar[str] = "preferences"
    INITIAL: ClassVar[str] = State.CHANGED
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = TRANSITIONS
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = EVENT_TRANSITIONS

    patient: str | None = Field(default=None, sa_type=PATIENT, repr=False)
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    """Under whom it came, as the key has it, where that is now known as another (`tasks.identities`)."""


class Preference(SQLModel, table=True):
    """One wish, as it was last set for all care (`unit` empty) or for one unit."""

    __tablename__ = "preference"
    patient_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    unit: str = Field(primary_key=True, sa_type=Text)
    name: str = Field(primary_key=True, sa_type=Text)
    """Of `models.staff.WISHES`."""
    value: str = Field(sa_type=Sealed, repr=False)
    """As JSON; `null`: withdrawn."""
    at: datetime = Field(sa_type=MOMENT)
    lapses_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """From when on it is withdrawn by itself, also before this row says so (policy-barn-2)."""
    source: str = Field(sa_type=Text)
    role: str = Field(sa_type=Text)
    setter: str | None = Field(default=None, sa_type=Sealed, repr=False)
    carried: bool = False
    """The journal system has it so."""
