"""What is told of persons and units as such: who is now known as whom, and whether a person lives."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Index, LargeBinary, Text, UniqueConstraint
from sqlmodel import Field, SQLModel

from models.case import MOMENT
from models.sealed import Sealed


class Kind(StrEnum):
    """What has got another identity."""

    PATIENT = "patient"
    UNIT = "unit"


class Merge(SQLModel, table=True):
    """One merge as it was told, never changed: `from_key` is now `known_as`. Who is who follows from all of them.

    Args:
        source, webhook_id: of the event, which every process gets and the first of them keeps.
        from_key, to_key: a person's keyed hash, in hexadecimal; a unit's HSA-id, in capitals.
        known_as: `models.identity.PatientId` or `models.identity.Unit` as JSON.
    """

    __tablename__ = "merge"
    __table_args__ = (
        UniqueConstraint("source", "webhook_id"),
        Index("merge_from", "kind", "from_key"),
        Index("merge_to", "kind", "to_key"),
    )
    id: uuid.UUID = Field(default_factory=uuid.uuid4, primary_key=True)
    source: str = Field(sa_type=Text)
    webhook_id: str = Field(sa_type=Text)
    kind: str = Field(sa_type=Text)
    from_key: str = Field(sa_type=Text)
    to_key: str = Field(sa_type=Text)
    known_as: str = Field(sa_type=Sealed, repr=False)
    occurred_at: datetime = Field(sa_type=MOMENT)
    received_at: datetime = Field(sa_type=MOMENT)


class Resident(SQLModel, table=True):
    """The newest word on whether a person lives, by the number that it was told of.

    Args:
        at: from when on they are dead, or when that was taken back.
        said_at, received_at: when it was said, and came to us.
    """

    __tablename__ = "resident"
    patient_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    deceased: bool
    at: datetime = Field(sa_type=MOMENT)
    said_at: datetime = Field(sa_type=MOMENT)
    received_at: datetime = Field(sa_type=MOMENT)
