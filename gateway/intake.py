"""Storing events: single webhooks that arrive together share one commit; an answer comes after its commit."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Sequence
from functools import partial

from engine.tables.inbox import Refusal
from gateway.ports import Store
from gateway.together import Together, call, in_time
from gateway.wake import Waker
from models.events import Arrival


class Intake:
    """Events of many sources; those of each are committed for themselves."""

    def __init__(self, store: Store, waker: Waker) -> None:
        self._store = store
        self._waker = waker
        self._of: dict[str, Together[Arrival, uuid.UUID]] = {}

    async def accept(self, source: str, arrival: Arrival) -> uuid.UUID:
        """Store one event, with others of its source; its id when it is committed.

        Raises:
            NotStored: nothing can be said of it; the same `webhook_id` may come again.
        """
        if source not in self._of:
            self._of[source] = Together(partial(self._put, source))
        return await self._of[source].accept(arrival)

    async def accept_all(self, source: str, arrivals: Sequence[Arrival]) -> list[uuid.UUID]:
        """Store a batch in one commit of its own; the ids in the same order.

        Raises:
            NotStored: none of it can be said to be stored.
        """
        if not arrivals:
            return []
        return await in_time(asyncio.ensure_future(self._put(source, arrivals)))

    async def refuse(self, source: str, refusals: Sequence[Refusal]) -> None:
        """Leave a line for ops about each.

        Raises:
            NotStored: the line is not there, so the sender must not be told no yet.
        """
        if refusals:
            await in_time(asyncio.ensure_future(call(self._store.refuse, source, refusals)))

    async def _put(self, source: str, arrivals: Sequence[Arrival]) -> list[uuid.UUID]:
        ids = await call(self._store.store, source, arrivals)
        for process in {each.process for arrival in arrivals for each in (arrival, *arrival.also)}:
            self._waker.soon(process)
        return ids
