"""Who has shown that they have e-identification, by logging in with it, and which visits wait for that (vard-2)."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, Text
from sqlmodel import Field, SQLModel

from models.case import MOMENT

LOGGED_IN = "resident.logged_in"
"""The event that we make of a login, for each visit that waits for it: more may be known of it now."""


class EIdentification(SQLModel, table=True):
    """A person who has logged in surely enough, by the number that they had then.

    Args:
        seen_at: the newest time.
    """

    __tablename__ = "e_identification"
    person_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    seen_at: datetime = Field(sa_type=MOMENT)


class AwaitedLogin(SQLModel, table=True):
    """A visit of which staff have been asked whether this person has e-identification.

    Args:
        person_hash: of whoever is to join it: the patient, or a guardian of a child.
        case_key: of the booking.
    """

    __tablename__ = "awaited_login"
    person_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    case_key: str = Field(primary_key=True, index=True, sa_type=Text)
