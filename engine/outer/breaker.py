"""An outer system that is down as a whole is left alone: 4 s, doubling to 5 minutes; one probe closes it."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, text
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import transaction
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
    query = text(
        """
        INSERT INTO system_state AS s (system, failures, open_until) VALUES (:system, 1, :first)
        ON CONFLICT (system) DO UPDATE SET failures = s.failures + 1,
            open_until = :now + LEAST(:longest, :wait * power(2, LEAST(s.failures, 10))) * interval '1 second'
        WHERE s.open_until <= :now
        RETURNING open_until"""
    )
    given = {"system": system, "now": now, "first": now + timedelta(seconds=FIRST), "wait": FIRST}
    with transaction() as connection:
        until: datetime | None = connection.execute(query, given | {"longest": LONGEST}).scalar()
    return until or states_now().get(system, now + timedelta(seconds=FIRST))


def close(system: str) -> None:
    """Note that the system answers again."""
    with transaction() as connection:
        connection.execute(delete(SystemState).where(col(SystemState.system) == system))
