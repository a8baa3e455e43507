"""The case of a risk of suicide in a contact: alerted until a human has said that they act (policy-suicid-1)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import ClassVar

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field

from models.case import MOMENT, Case
from models.sealed import PATIENT, Sealed


class State(StrEnum):
    """Where an alert stands."""

    FLAGGED = "flagged"
    """A human is needed; the staff who have the contact are alerted next."""
    ALERTED = "alerted"
    """They are; unless someone acknowledges it, the alert escalates at its time."""
    ESCALATED = "escalated"
    """It has escalated; whoever is on call is called next."""
    CALLED = "called"
    """They are called; an SMS goes with it."""
    ACKNOWLEDGED = "acknowledged"
    """A human has it; a new flag raises it anew."""


TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.FLAGGED: frozenset({State.ALERTED}),
    State.ALERTED: frozenset({State.FLAGGED, State.ESCALATED, State.ACKNOWLEDGED}),
    State.ESCALATED: frozenset({State.CALLED}),
    State.CALLED: frozenset({State.FLAGGED}),
    State.ACKNOWLEDGED: frozenset({State.ACKNOWLEDGED}),
}
"""What a step may make of a state."""
EVENT_TRANSITIONS: Mapping[str, frozenset[str]] = {
    State.FLAGGED: frozenset({State.ACKNOWLEDGED}),
    State.ALERTED: frozenset({State.ACKNOWLEDGED}),
    State.ESCALATED: frozenset({State.ACKNOWLEDGED}),
    State.CALLED: frozenset({State.ACKNOWLEDGED}),
    State.ACKNOWLEDGED: frozenset({State.FLAGGED}),
}
"""What an event may make of one: an acknowledgement at any time, and then a new flag."""


UNACKNOWLEDGED = "flagged_at IS NOT NULL AND (acknowledged_at IS NULL OR acknowledged_at < flagged_at)"
"""No human has it."""


class RiskAlert(Case, table=True):
    """The risk in one contact. Its key is the contact's channel and id; `staff:` while no channel has told of it."""

    __tablename__ = "risk_alert"
    __table_args__ = (
        Index("risk_alert_due", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index("risk_alert_held", "lease_until", postgresql_where="owner IS NOT NULL"),
        Index("risk_alert_standing", "parked", "state"),
        Index("risk_alert_patient", "patient_hash"),
        Index("risk_alert_named", "contact_id"),
        Index("risk_alert_unacknowledged", "flagged_at", postgresql_where=UNACKNOWLEDGED),
    )
    PROCESS: ClassVar[str] = "risk_alert"
    INITIAL: ClassVar[str] = State.FLAGGED
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = TRANSITIONS
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = EVENT_TRANSITIONS

    contact_id: str = Field(default="", sa_type=Text)
    """As its channel has it."""
    channel: str | None = Field(default=None, sa_type=Text)
    """The contact's; None: staff have flagged a contact that no channel has told of."""
    unit: str | None = Field(default=None, sa_type=Text)
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    given_unit: str | None = Field(default=None, sa_type=Text)
    """Under whom, and at which unit, it came, where that is now known as another (`tasks.identities`)."""
    patient: str | None = Field(default=None, sa_type=PATIENT, repr=False)
    flagged_at: datetime | None = Field(default=None, sa_type=MOMENT)
    """The first flag that no human has acknowledged yet; None: so far only an acknowledgement has come."""
    acknowledged_at: datetime | None = Field(default=None, sa_type=MOMENT)
    acknowledged_by: str | None = Field(default=None, sa_type=Sealed, repr=False)
    """Who has it, as they were named: JSON; None: nobody was."""
    step: int = -1
    """How far the alert has escalated for this flag; -1: none has come."""
    repeats: int = 0
    """How often it has been repeated at the top."""

    def walks_again_from(self) -> str:
        """One that a human has is not raised again by ops."""
        return self.state if self.state == State.ACKNOWLEDGED else State.FLAGGED
