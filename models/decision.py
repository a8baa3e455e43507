"""What each decision that a timeline tells rested on, kept so that it can be decided anew (`vaxel what-if`)."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Index, Text
from sqlmodel import Field, SQLModel

from models.case import MOMENT
from models.sealed import Sealed


class KeptDecision(SQLModel, table=True):
    """One decision, or how a visit's reminders were planned (`reminder_plan`); written with the timeline for good.

    It goes with its case: whoever deletes a case's timeline deletes these.
    """

    __tablename__ = "decision"
    __table_args__ = (Index("decision_at", "at"),)
    case_id: uuid.UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    """The entry of the timeline that tells it, or with which it came."""
    process: str = Field(sa_type=Text)
    rule: str = Field(sa_type=Text)
    """Its name in `routine.rules_by_name`."""
    unit: str = Field(sa_type=Text)
    """The HSA-id of the unit whose policy it was decided by; empty: of none."""
    at: datetime = Field(sa_type=MOMENT)
    answer: str = Field(sa_type=Text)
    reason: str = Field(sa_type=Text)
    clause: str = Field(sa_type=Text)
    facts: str | None = Field(default=None, sa_type=Sealed, repr=False)
    """JSON: `facts` that the rule was asked with, but for the unit's policy, and the whole `answer`. None: it could
    not be written down, and cannot be decided anew."""
