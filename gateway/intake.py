"""Storing events: single webhooks that arrive together share one commit; an answer comes after its commit."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog
from anyio import to_thread

from engine.inbox import Arrival, Refusal
from gateway.ports import Store
from gateway.wake import Waker

log = structlog.get_logger(__name__)
Result = TypeVar("Result")

TOGETHER = 200
"""At most so many events in one commit."""
WAITING = 5_000
"""With so many unstored, newcomers are turned away at once."""
PATIENCE = 20.0
"""Seconds that an event waits for its commit before its sender is asked to send it again."""


class NotStored(Exception):
    """The store did not take it (or not in time to tell): the sender sends it again, under the same id."""


class Intake:
    """Group commit: while one commit is under way, what arrives gathers for the next."""

    def __init__(self, store: Store, waker: Waker) -> None:
        self._store = store
        self._waker = waker
        self._gathered: dict[str, list[tuple[Arrival, asyncio.Future[uuid.UUID]]]] = {}
        self._committing: dict[str, asyncio.Task[None]] = {}

    async def accept(self, source: str, arrival: Arrival) -> uuid.UUID:
        """Store one event, with others of its source; its id when it is committed.

        Raises:
            NotStored: nothing can be said of it; the same `webhook_id` may come again.
        """
        gathered = self._gathered.setdefault(source, [])
        if len(gathered) >= WAITING:
            raise NotStored
        stored: asyncio.Future[uuid.UUID] = asyncio.get_running_loop().create_future()
        gathered.append((arrival, stored))
        if source not in self._committing:
            self._committing[source] = asyncio.create_task(self._commit(source))
        return await _in_time(stored)

    async def accept_all(self, source: str, arrivals: Sequence[Arrival]) -> list[uuid.UUID]:
        """Store a batch in one commit of its own; the ids in the same order.

        Raises:
            NotStored: none of it can be said to be stored.
        """
        if not arrivals:
            return []
        return await _in_time(asyncio.ensure_future(self._put(source, arrivals)))

    async def refuse(self, source: str, refusals: Sequence[Refusal]) -> None:
        """Leave a line for ops about each.

        Raises:
            NotStored: the line is not there, so the sender must not be told no yet.
        """
        if refusals:
            await _in_time(asyncio.ensure_future(_call(self._store.refuse, source, refusals)))

    async def _commit(self, source: str) -> None:
        try:
            while gathered := self._gathered.pop(source, []):
                now, self._gathered[source] = gathered[:TOGETHER], gathered[TOGETHER:]
                await self._commit_together(source, now)
        finally:
            del self._committing[source]

    async def _commit_together(
        self, source: str, together: Sequence[tuple[Arrival, asyncio.Future[uuid.UUID]]]
    ) -> None:
        try:
            ids = await self._put(source, [arrival for arrival, _ in together])
        except NotStored as failed:
            for _, stored in together:
                if not stored.done():
                    stored.set_exception(failed)
            return
        for (_, stored), event_id in zip(together, ids, strict=True):
            if not stored.done():
                stored.set_result(event_id)

    async def _put(self, source: str, arrivals: Sequence[Arrival]) -> list[uuid.UUID]:
        ids = await _call(self._store.store, source, arrivals)
        for process in {each.process for arrival in arrivals for each in (arrival, *arrival.also)}:
            self._waker.soon(process)
        return ids


async def _call(do: Callable[..., Result], *args: object) -> Result:
    """Calls the store in a thread; logs the kind of error only, for its text may hold what was sent."""
    try:
        return await to_thread.run_sync(do, *args)
    except Exception as error:  # noqa: BLE001  # whatever it was, nothing is known to be stored
        log.error("not_stored", error=type(error).__name__)
        raise NotStored from None


async def _in_time(work: asyncio.Future[Result]) -> Result:
    """Waits for it, but not for ever. The work itself goes on: storing it twice is storing it once."""
    try:
        return await asyncio.wait_for(asyncio.shield(work), PATIENCE)
    except TimeoutError:
        raise NotStored from None
