"""The access log: who did what with whose data, with which commission, when and why (HSLF-FS 2016:40, 4 kap. 9 §).

Append-only by a trigger of the database (migration 0016), and chained by a keyed hash (`engine.ops.access_log`).
"""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from sqlalchemy import BigInteger, Index, LargeBinary, Text
from sqlmodel import Field, SQLModel

from models.case import MOMENT
from models.sealed import PATIENT, Sealed

FOR_THE_SERVICE = "act <> 'read' AND patient_hash IS NOT NULL AND left(who, 5) <> 'vaxel'"
"""SQL: what the national log service is sent, which is what staff did with a patient's data (ADR 0039)."""
IS_A_CHECK = "act = 'check'"
"""SQL: the entries that the nightly check has written."""


class Act(StrEnum):
    """What somebody did."""

    PUT = "put"
    LOOK = "look"
    DOWNLOAD = "download"
    PREVIEW = "preview"
    DELETE = "delete"
    EXPIRE = "expire"
    FETCH_AGAIN = "fetch_again"
    JOURNALLED = "journalled"
    SEARCH = "search"
    """Somebody has looked for cases by a patient, or read the access log itself."""
    READ = "read"
    """1177 has read what is booked, by RIV-TA."""
    CHECK = "check"
    """The program has checked the log; to where, and what was broken, stands under `why`."""
    SEND_AGAIN = "send_again"
    """Ops have had entries that the log service refused sent once more."""
    LET_GO = "let_go"
    """Ops have said that the log service is not to be sent entries that it refused."""


class LoggedAccess(SQLModel, table=True):
    """One entry; `number` is without a gap, from 1. What is sealed is in the chain too, by what it says."""

    __tablename__ = "access_log"
    __table_args__ = (
        Index("access_log_patient", "patient_hash", "at", postgresql_where="patient_hash IS NOT NULL"),
        Index("access_log_who", "who", "at"),
        Index("access_log_subject", "subject", postgresql_where="subject IS NOT NULL"),
        Index("access_log_at", "at", postgresql_using="brin"),
        Index("access_log_for_the_service", "number", postgresql_where=FOR_THE_SERVICE),
        Index("access_log_checks", "number", postgresql_where=IS_A_CHECK),
        {"info": {"row": ("id",)}},
    )
    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    id: uuid.UUID = Field(unique=True)
    at: datetime = Field(sa_type=MOMENT)
    act: str = Field(sa_type=Text)
    who: str = Field(sa_type=Text)
    """An HSA-id in upper case, of staff or of 1177; `vaxel`: the program; `vaxel:<user>`: who ran a command."""
    name: str | None = Field(default=None, sa_type=Sealed, repr=False)
    """Of staff; of what 1177 read, the number of the resident who had logged in there."""
    commission: str | None = Field(default=None, sa_type=Text)
    purpose: str | None = Field(default=None, sa_type=Text)
    unit: str | None = Field(default=None, sa_type=Text)
    process: str = Field(sa_type=Text)
    subject: uuid.UUID | None = None
    sought: str | None = Field(default=None, sa_type=Text)
    """Of a search: the HSA-id of the staff whose accesses were asked for."""
    patient: str | None = Field(default=None, sa_type=PATIENT, repr=False)
    patient_hash: bytes | None = Field(default=None, sa_type=LargeBinary)
    why: str = Field(sa_type=Sealed, repr=False)
    hash: bytes = Field(sa_type=LargeBinary)


class AccessLogEnd(SQLModel, table=True):
    """How the log ends: so many entries, and a keyed hash that only who has the key can make of the last one."""

    __tablename__ = "access_log_end"
    one: bool = Field(default=True, primary_key=True)
    entries: int = Field(sa_type=BigInteger)
    hash: bytes = Field(sa_type=LargeBinary)


class BrokenAccess(SQLModel, table=True):
    """Where the access log was not as it was written when it was last checked; gone again once it is."""

    __tablename__ = "broken_access"
    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    """Of the entry; 0: the end."""
    seen_at: datetime = Field(sa_type=MOMENT)


class LogDelivery(SQLModel, table=True):
    """How far the log has come to the national log service: to there each is sent, not for it, or refused."""

    __tablename__ = "log_delivery"
    one: bool = Field(default=True, primary_key=True)
    number: int = Field(sa_type=BigInteger)
    moved_at: datetime = Field(sa_type=MOMENT)


class RefusedState(StrEnum):
    """What becomes of an entry that the national log service has refused."""

    HOLDS = "holds"
    """It is tried every time, and what is behind it waits: nothing of its batch was taken."""
    REFUSED = "refused"
    """The others went on, and a human sees to it."""
    AGAIN = "again"
    """It is to be sent once more."""
    LET_GO = "let_go"
    """Ops have said that it is not to be sent."""


class RefusedAccess(SQLModel, table=True):
    """An entry that the national log service has not taken; gone from here once it has."""

    __tablename__ = "refused_access"
    number: int = Field(primary_key=True, sa_type=BigInteger, sa_column_kwargs={"autoincrement": False})
    reason: str = Field(sa_type=Text)
    refused_at: datetime = Field(sa_type=MOMENT)
    """When it was for the first time."""
    again: bool = False
    holds: bool = False
    let_go: bool = False

    @property
    def state(self) -> RefusedState:
        """What becomes of it."""
        if self.let_go:
            return RefusedState.LET_GO
        if self.again:
            return RefusedState.AGAIN
        return RefusedState.HOLDS if self.holds else RefusedState.REFUSED
