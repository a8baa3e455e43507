"""Waking a process: asked for once, until the run that answers has begun."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial

from sqlalchemy import Connection, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from engine.base import clock
from engine.base.database import OUTAGES, named, transaction
from models.case import Wake

STALE = timedelta(seconds=10)
PLANS = frozenset({"visit_reminder"})
"""Processes that plan what is due days later: their runs may come after those that somebody waits for."""
BY_ITSELF = frozenset({"risk_alert"})
"""Processes that act from the tables by themselves: PostgreSQL tells them of each event when it is committed."""
TOLD = "vaxel_told"
CHANNEL = "vaxel_wake"
"""Where PostgreSQL tells workers that there is a run of a process to begin, so that none waits for its next poll."""
AFTER_SECONDS = 0.01
"""Prefect gives out no run before its time."""


def claim_wake(process: str) -> bool:
    """Whether this caller is the one to ask for a run: nobody has, or whoever did asked long ago."""
    now = clock.now()
    with transaction() as connection:
        return note(connection, process, now, now - STALE)


def note(connection: Connection, process: str, now: datetime, stale: datetime | None = None) -> bool:
    """Note that a run is asked for; whether it was noted: where one is already, only if that was before `stale`."""
    put = insert(Wake).values(process=process, asked_at=now)
    again = put.on_conflict_do_update(
        index_elements=named(Wake.process),
        set_={col(Wake.asked_at): put.excluded.asked_at},
        where=None if stale is None else col(Wake.asked_at) < stale,
    )
    return connection.execute(again.returning(col(Wake.process))).first() is not None


def tell(connection: Connection, processes: Iterable[str]) -> None:
    """Tell those of these processes that act by themselves, once the transaction is committed."""
    for process in BY_ITSELF.intersection(processes):
        connection.execute(select(func.pg_notify(TOLD, process)))


def clear(process: str) -> None:
    """A run has begun; it does this *before* it reads the inbox, so that no event falls between."""
    with transaction() as connection:
        connection.execute(delete(Wake).where(col(Wake.process) == process))


def is_wanted(process: str) -> bool:
    """Whether a case of the process is due that nobody holds, or an event waits that nobody has taken in.

    Which has been due longest, or came first, is asked, not whether any has: PostgreSQL plans this without the moment
    and the process, takes a third of all to be due and one to be found at once, and would read the whole table where
    none is.
    """
    query = text(
        f"""
        SELECT (
            SELECT number FROM event WHERE process = :process AND NOT taken ORDER BY number LIMIT 1) IS NOT NULL OR (
            SELECT id FROM {process} WHERE due_at <= :now AND (owner IS NULL OR lease_until < :now)
            ORDER BY due_at, id LIMIT 1) IS NOT NULL"""
    )
    with transaction() as connection:
        return bool(connection.execute(query, {"process": process, "now": clock.now()}).scalar())


def deployment_of(process: str) -> str:
    """The deployment's name at Prefect, `flow/deployment`."""
    return process.replace("_", "-") + "/vaxel"


async def ask_for_run(process: str, create: Callable[[str], Awaitable[object]]) -> bool:
    """Ask Prefect for a run of the process, unless one is asked for already.

    Args:
        create: has Prefect make a run of a process.
    """
    import anyio.to_thread

    if not await anyio.to_thread.run_sync(claim_wake, process):
        return False
    await create(process)
    await anyio.to_thread.run_sync(_tell_workers, process)
    return True


def tell_workers_at(due: datetime, process: str) -> None:
    """Have workers look at that moment for the run of the process that Prefect has for it; this event loop tells."""
    loop = asyncio.get_running_loop()
    seconds = max(0.0, (due - clock.now()).total_seconds()) + AFTER_SECONDS
    loop.call_later(seconds, partial(loop.run_in_executor, None, _tell_or_leave_to_the_poll, process))


def _tell_or_leave_to_the_poll(process: str) -> None:
    with suppress(*OUTAGES):
        _tell_workers(process)


def _tell_workers(process: str) -> None:
    with transaction() as connection:
        connection.execute(select(func.pg_notify(CHANNEL, process)))
