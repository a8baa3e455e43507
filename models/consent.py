"""What a patient consented to, or not: evidence, never a flag. And the links that a consent may come by."""

from __future__ import annotations

import uuid
from datetime import datetime

from sqlalchemy import Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from models.case import MOMENT


class Consent(SQLModel, table=True):
    """One answer to one question; append-only.

    Args:
        id: of the event that it rests on, so that the same event is the same consent.
        kind: `switch_to_phone`, `switch_from_phone`, `switch_to_digital`, `handover` or `participant`.
        asked_in, asked_at, template, template_version: where and when the question was put, and in which words;
            None: staff asked by themselves.
        how: `reply`, `login`, `oral` or `written`.
        evidence: JSON: the event's id, a login's level, the rule's reason; nothing personal.
        documented: whether the journal is told; `why` names the clause.
    """

    __tablename__ = "consent"
    __table_args__ = (Index("consent_case", "case_id"), Index("consent_patient", "patient_hash"))
    id: uuid.UUID = Field(primary_key=True)
    process: str = Field(sa_type=Text)
    case_id: uuid.UUID
    kind: str = Field(sa_type=Text)
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    unit: str | None = Field(default=None, sa_type=Text)
    asked_in: str | None = Field(default=None, sa_type=Text)
    asked_at: datetime | None = Field(default=None, sa_type=MOMENT)
    template: str | None = Field(default=None, sa_type=Text)
    template_version: int | None = None
    given: bool
    how: str | None = Field(default=None, sa_type=Text)
    answered_at: datetime = Field(sa_type=MOMENT)
    evidence: str = Field(default="{}", sa_type=Text)
    documented: bool = False
    why: str = Field(default="", sa_type=Text)


class Link(SQLModel, table=True):
    """A link that was sent to a patient: single-use, known to us by the hash of its token."""

    __tablename__ = "link"
    __table_args__ = (Index("link_case", "case_id"),)
    token_hash: str = Field(primary_key=True, sa_type=Text)
    case_id: uuid.UUID
    made_at: datetime = Field(sa_type=MOMENT)
    used_at: datetime | None = Field(default=None, sa_type=MOMENT)
    withdrawn_at: datetime | None = Field(default=None, sa_type=MOMENT)
