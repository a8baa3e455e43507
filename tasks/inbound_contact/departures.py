"""How often staff's answers depart from the routine: by unit and day, never by person (patient-1, uppfoljning-1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import Connection, func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from engine.base.database import named
from models.inbound_contact import Departure

KEY = named(Departure.unit, Departure.day, Departure.clause, Departure.reason)


def count(connection: Connection, unit: str, day: date, clause: str, reason: str) -> None:
    """One more at the unit that day."""
    first = Departure(unit=unit, day=day, clause=clause, reason=reason, answers=1)
    one_more = {col(Departure.answers): col(Departure.answers) + 1}
    put = insert(Departure).values(first.model_dump())
    connection.execute(put.on_conflict_do_update(index_elements=KEY, set_=one_more))


def totals(connection: Connection) -> Sequence[tuple[str, str, str, int]]:
    """How many there have been until now, by unit, clause and reason."""
    by = (col(Departure.unit), col(Departure.clause), col(Departure.reason))
    query = select(*by, func.sum(col(Departure.answers))).group_by(*by)
    return [
        (unit, clause, reason, int(answers)) for unit, clause, reason, answers in connection.execute(query)
    ]
