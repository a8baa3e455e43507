"""What is counted for the follow-up: sums of days, of no person, that stay when cases are deleted (uppfoljning-1)."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import Date, Index, Text
from sqlmodel import Field, SQLModel

from models.case import MOMENT


class DaySum(SQLModel, table=True):
    """How often something happened on a day at a unit; a row for what happened at all.

    Args:
        measure: its code, and `reason` which of its reasons ("": it has none), as in `routine.follow_up`.
        unit: HSA-id; "": of the region as a whole.
        day: in Sweden.
        clause: that the measure follows up.
    """

    __tablename__ = "day_sum"
    __table_args__ = (Index("day_sum_day", "day"),)
    measure: str = Field(primary_key=True, sa_type=Text)
    reason: str = Field(primary_key=True, sa_type=Text)
    unit: str = Field(primary_key=True, sa_type=Text)
    day: date = Field(primary_key=True, sa_type=Date)
    clause: str = Field(sa_type=Text)
    number: int


class SummedDay(SQLModel, table=True):
    """A day that has been summed: anew each hour until it is closed, and never after."""

    __tablename__ = "summed_day"
    day: date = Field(primary_key=True, sa_type=Date)
    summed_at: datetime = Field(sa_type=MOMENT)
    closed: bool = False
