"""A member of staff who is logged in, in one browser."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from models.case import MOMENT
from models.sealed import Sealed


class StaffSession(SQLModel, table=True):
    """One login, until it is over or its member of staff logs out; then the row goes.

    Args:
        token_hash: keyed hash of what the browser shows; the token itself is kept nowhere.
        staff: `routine.staff.Member` as JSON: who, with which commission.
        began_at: when they logged in.
        seen_at: when they were last active, to within `routine.staff.NOTED_EVERY`.
    """

    __tablename__ = "staff_session"
    __table_args__ = (Index("staff_session_seen", "seen_at"),)
    token_hash: bytes = Field(primary_key=True, sa_type=LargeBinary)
    staff: str = Field(sa_type=Sealed, repr=False)
    began_at: datetime = Field(sa_type=MOMENT)
    seen_at: datetime = Field(sa_type=MOMENT)
