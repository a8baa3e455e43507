"""Each day's sums, worked out anew while the day can still change: from the first day that there is to today.

A day is summed whole, in one transaction, in the place of what was summed of it before: twice is once. Whoever sums a
day holds its row, so that two runs go one after the other. What is closed is never summed again, so that it stays
when cases are deleted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, time, timedelta

from sqlalchemy import Connection, delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from engine.base import clock
from engine.base.database import insert_all, named, table_of, transaction
from models.case import TimelineEntry
from models.follow_up import DaySum, SummedDay
from models.times import STOCKHOLM
from routine.ages import swedish_day
from routine.follow_up import BY_CODE, STILL_DAYS
from routine.follow_up_period import is_day_closed
from tasks.follow_up.counts import Between, Counts, counted

DAY = timedelta(days=1)
NAMES = named(DaySum.measure, DaySum.reason, DaySum.unit, DaySum.day, DaySum.clause, DaySum.number)


def sum_days(told: Callable[[date], None] = lambda day: None) -> Counter[str]:
    """Sum every day that is not closed, and those that were missed.

    Args:
        told: of each day once it is summed.

    Returns: how many `days` were summed, and how many of them were `closed` by that, where any were.
    """
    done: Counter[str] = Counter()
    for day in _open_days(swedish_day(clock.now())):
        closed = sum_day(day)
        done += Counter(days=1, closed=int(closed))
        told(day)
    return done


def sum_day(day: date) -> bool:
    """Sum one day anew, unless it is closed; gives whether it is."""
    now = clock.now()
    closes = is_day_closed(day, swedish_day(now), STILL_DAYS)
    with transaction() as connection:
        if not _hold_day(connection, day, now, closes=closes):
            return True
        counts = counted(connection, between(day))
        connection.execute(delete(DaySum).where(col(DaySum.day) == day))
        insert_all(connection, table_of(DaySum), _rows(counts, day), NAMES)
    return closes


def between(day: date) -> Between:
    """A day in Sweden, of 23 to 25 hours."""
    first, end = (datetime.combine(each, time(), tzinfo=STOCKHOLM) for each in (day, day + DAY))
    return Between(first, end)


def _open_days(today: date) -> Iterator[date]:
    with transaction() as connection:
        day = _first_open(connection, today)
    while day <= today:
        yield day
        day += DAY


def _first_open(connection: Connection, today: date) -> date:
    """The day after the last one that is closed; where none is, the day of the first line that there is."""
    closed: date | None = connection.execute(
        select(func.max(col(SummedDay.day))).where(col(SummedDay.closed))
    ).scalar()
    if closed is not None:
        return closed + DAY
    first: datetime | None = connection.execute(select(func.min(col(TimelineEntry.at)))).scalar()
    return min(swedish_day(first), today) if first else today


def _hold_day(connection: Connection, day: date, now: datetime, *, closes: bool) -> bool:
    """Write down that it is summed now, unless it is closed; nobody else sums it meanwhile."""
    put = insert(SummedDay).values(day=day, summed_at=now, closed=closes)
    anew = {col(SummedDay.summed_at): now, col(SummedDay.closed): closes}
    kept = put.on_conflict_do_update(
        index_elements=named(SummedDay.day), set_=anew, where=~col(SummedDay.closed)
    )
    return connection.execute(kept.returning(col(SummedDay.day))).first() is not None


def _rows(counts: Counts, day: date) -> list[dict[str, object]]:
    return [
        {
            "measure": cell.measure,
            "reason": cell.reason,
            "unit": unit,
            "day": day.isoformat(),
            "clause": BY_CODE[cell.measure].clauses[0],
            "number": number,
        }
        for (cell, unit), number in counts.items()
    ]
