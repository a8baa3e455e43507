"""The case of a handing-over, or of one more who is to take part: done once the patient has consented."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from models.case import MOMENT, Case
from models.sealed import Sealed


class State(StrEnum):
    """Where a proposal stands."""

    PROPOSED = "proposed"
    """Staff have proposed it; the patient's answer is waited for."""
    ANSWERED = "answered"
    """The patient has answered, or staff went past the consent; staff hear what follows next."""
    CARRIED_OUT = "carried_out"
    """Staff may go on."""
    DECLINED = "declined"
    """The patient has said no, before it was carried out or since."""


TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.PROPOSED: frozenset({State.PROPOSED}),
    State.ANSWERED: frozenset({State.CARRIED_OUT, State.DECLINED, State.PROPOSED}),
    State.CARRIED_OUT: frozenset({State.CARRIED_OUT, State.DECLINED}),
    State.DECLINED: frozenset(),
}
"""What a step may make of a state."""
EVENT_TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.PROPOSED: frozenset({State.ANSWERED}),
    State.ANSWERED: frozenset(),
    State.CARRIED_OUT: frozenset(),
    State.DECLINED: frozenset({State.ANSWERED}),
}
"""What an event may make of one: an answer, or that staff go past the consent."""


class Participation(Case, table=True):
    """One proposal, under the id that the sender gave it."""

    __tablename__ = "participation"
    __table_args__ = (
        Index("participation_due", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index("participation_held", "lease_until", postgresql_where="owner IS NOT NULL"),
        Index("participation_standing", "parked", "state"),
        Index("participation_patient", "patient_hash"),
    )
    PROCESS: ClassVar[str] = "participation"
    INITIAL: ClassVar[str] = State.PROPOSED
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = TRANSITIONS
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = EVENT_TRANSITIONS

    what: str | None = Field(default=None, sa_type=Text)
    """`routine.participation.Joining`; None: only an answer has come, and not yet the proposal."""
    contact_id: str = Field(default="", sa_type=Text)
    unit: str | None = Field(default=None, sa_type=Text)
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_unit: str | None = Field(default=None, sa_type=Text)
    """Under whom, and at which unit, it came, where that is now known as another (`tasks.identities`)."""
    staff: str | None = Field(default=None, sa_type=Sealed, repr=False)
    proposed_at: datetime | None = Field(default=None, sa_type=MOMENT)
    given: bool | None = None
    """The newest answer to this proposal, and how it was given; None: there is none, or it is not known how."""
    how: str | None = Field(default=None, sa_type=Text)
    answered_at: datetime | None = Field(default=None, sa_type=MOMENT)
    overridden: bool = False
