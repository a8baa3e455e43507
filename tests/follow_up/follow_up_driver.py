"""What has happened, stored as the engine stores it: cases, their timelines, what was done; and a clock that is set."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, TypeVar

from sqlmodel import select

from engine.base import clock
from engine.base.database import insert_all, load, table_of, transaction
from engine.tables.timeline import Entry, append
from models.booking_publication import BookingPublication
from models.case import Case, Effect, EffectState
from models.follow_up import DaySum, SummedDay
from models.times import STOCKHOLM
from routine.follow_up import BY_CODE

HALMSTAD, VARBERG = "SE2321000115-E000000000001", "SE2321000115-E000000000002"
MONDAY = date(2026, 2, 2)
"""The first day of the month that is played: four ISO weeks."""
WEEKS = tuple(MONDAY + timedelta(days=7 * at) for at in range(4))
AFTERWARDS = datetime(2026, 3, 20, 12, tzinfo=STOCKHOLM)
"""When all of it is closed."""
C = TypeVar("C", bound=Case)


@dataclass
class Set:
    """A clock that stands where it is set."""

    at: datetime

    def now(self) -> datetime:
        return self.at


@contextmanager
def it_is(moment: datetime) -> Iterator[None]:
    """For a while it is that moment."""
    before = clock.use(Set(moment))
    try:
        yield
    finally:
        clock.use(before)


def at(day: date, hour: int = 10, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), STOCKHOLM)


def case_of(model: type[C], moment: datetime, unit: str | None = HALMSTAD, **fields: Any) -> C:
    """A case of a process, as it came about at a moment."""
    key = str(uuid.uuid4())
    given = {"key": key, "state": model.INITIAL, "created_at": moment, "updated_at": moment} | fields
    if unit is not None:
        given["unit"] = unit
    made = model(**given)
    names = [column.name for column in table_of(model).c]
    with transaction() as connection:
        insert_all(connection, table_of(model), [{name: getattr(made, name) for name in names}], names)
    return made


def says(case: Case, moment: datetime, what: str, reason: str = "", clause: str = "", **detail: Any) -> None:
    """A line of its timeline."""
    with transaction() as connection:
        append(connection, moment, [(case, Entry(what, reason, clause, detail))])


def did(
    case: Case,
    moment: datetime,
    step: str,
    system: str,
    receipt: str | None = None,
    state: EffectState = EffectState.DONE,
) -> None:
    """Something was done for it."""
    effect = Effect(
        key=str(uuid.uuid4()),
        process=case.PROCESS,
        case_id=case.id,
        step=step,
        system=system,
        state=state,
        sending_at=moment,
        deadline_at=moment,
        receipt=receipt,
    )
    names = [column.name for column in table_of(Effect).c]
    with transaction() as connection:
        insert_all(connection, table_of(Effect), [{name: getattr(effect, name) for name in names}], names)


def shown(day: date, unit: str = HALMSTAD, after: timedelta = timedelta(seconds=2)) -> BookingPublication:
    """A visit was booked, and is shown on 1177."""
    visit = case_of(BookingPublication, at(day), unit)
    says(visit, at(day), "event_applied", "applied")
    says(visit, at(day) + after, "index_shows", "visit", "besok-1", found=1)
    return visit


def summed() -> list[DaySum]:
    """All sums of days."""
    with transaction() as connection:
        return load(connection, select(DaySum))


def totals() -> Counter[tuple[str, str]]:
    """How often each measure and reason was in all, whatever the unit."""
    found: Counter[tuple[str, str]] = Counter()
    for each in summed():
        found[each.measure, each.reason] += each.number
    return found


def closed_days(first: date, last: date) -> None:
    """All these days are summed and closed."""
    rows = [
        {"day": (first + timedelta(days=n)).isoformat(), "summed_at": AFTERWARDS, "closed": True}
        for n in range((last - first).days + 1)
    ]
    with transaction() as connection:
        insert_all(connection, table_of(SummedDay), rows, ["day", "summed_at", "closed"])


def sums(*rows: tuple[str, str, str, date, int]) -> None:
    """Sums of days, as they are: measure, reason, unit, day, number."""
    given = [
        {
            "measure": measure,
            "reason": reason,
            "unit": unit,
            "day": day.isoformat(),
            "clause": BY_CODE[measure].clauses[0],
            "number": number,
        }
        for measure, reason, unit, day, number in rows
    ]
    names = [column.name for column in table_of(DaySum).c]
    with transaction() as connection:
        insert_all(connection, table_of(DaySum), given, names)
