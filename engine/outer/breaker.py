"""An outer system that is down as a whole is left alone: 4 s, doubling to 5 minutes; one probe closes it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, func, literal
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import named, transaction
from models.case import SystemState

FIRST, LONGEST = 4.0, 300.0
STATES = select(SystemState.system, SystemState.open_until)


def states(connection: Connection) -> dict[str, datetime]:
    """Until when each system that is or was down is left alone; one that is well is not in it."""
    return dict(connection.execute(STATES).tuples().all())


def states_now() -> dict[str, datetime]:
    """As `states`, in a transaction of its own."""
    with transaction() as connection:
        return states(connection)


def trip(system: str) -> datetime:
    """Note that the system is down; gives when to try again."""
    now = clock.now()
    failures, open_until = col(SystemState.failures), col(SystemState.open_until)
    seconds = func.least(LONGEST, FIRST * func.power(2, func.least(failures, 10)))
    put = insert(SystemState).values(system=system, failures=1, open_until=now + timedelta(seconds=FIRST))
    again = put.on_conflict_do_update(
        index_elements=named(SystemState.system),
        set_={failures: failures + 1, open_until: literal(now) + seconds * timedelta(seconds=1)},
        where=open_until <= now,
    )
    with transaction() as connection:
        until: datetime | None = connection.execute(again.returning(open_until)).scalar()
    return until or states_now().get(system, now + timedelta(seconds=FIRST))


def close(system: str) -> None:
    """Note that the system answers again."""
    with transaction() as connection:
        connection.execute(delete(SystemState).where(col(SystemState.system) == system))
