"""Group commit: what arrives together shares one commit, and is answered after it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

import structlog
from anyio import to_thread

log = structlog.get_logger(__name__)
One = TypeVar("One")
Got = TypeVar("Got")

MOST = 200
"""At most so many in one commit."""
WAITING = 5_000
"""With so many unstored, newcomers are turned away at once."""
PATIENCE = 20.0
"""Seconds that one waits for its commit before its sender is asked to send it again."""


class NotStored(Exception):
    """The store did not take it (or not in time to tell): the sender sends it again, under the same id."""


class Together(Generic[One, Got]):
    """While one commit is under way, what arrives gathers for the next.

    Args:
        put: stores some in one commit; what it gives of each, in the same order, when they are committed. Raises
            `NotStored`.
        pause: seconds from the beginning of one commit to that of the next: whoever comes to an idle house waits for
            nobody, and the busier it is, the more share one.
    """

    def __init__(
        self, put: Callable[[Sequence[One]], Awaitable[Sequence[Got]]], *, pause: float = 0.0
    ) -> None:
        self._put = put
        self._pause = pause
        self._gathered: list[tuple[One, asyncio.Future[Got]]] = []
        self._committing: asyncio.Task[None] | None = None

    async def accept(self, one: One) -> Got:
        """Store one, with others; what is given of it when it is committed.

        Raises:
            NotStored: nothing can be said of it; the same may come again.
        """
        if len(self._gathered) >= WAITING:
            raise NotStored
        stored: asyncio.Future[Got] = asyncio.get_running_loop().create_future()
        self._gathered.append((one, stored))
        if self._committing is None:
            self._committing = asyncio.create_task(self._commit())
        return await in_time(stored)

    async def _commit(self) -> None:
        clock = asyncio.get_running_loop().time
        try:
            while self._gathered:
                began = clock()
                now, self._gathered = self._gathered[:MOST], self._gathered[MOST:]
                await self._commit_together(now)
                await asyncio.sleep(max(0.0, began + self._pause - clock()) if self._pause else 0.0)
        finally:
            self._committing = None

    async def _commit_together(self, together: Sequence[tuple[One, asyncio.Future[Got]]]) -> None:
        try:
            given = await self._put([one for one, _ in together])
        except NotStored as failed:
            for _, stored in together:
                if not stored.done():
                    stored.set_exception(failed)
            return
        for (_, stored), got in zip(together, given, strict=True):
            if not stored.done():
                stored.set_result(got)


async def call(store: Callable[..., Got], *args: object) -> Got:
    """Calls the store in a thread; logs the kind of error only, for its text may hold what was sent.

    Raises:
        NotStored: whatever it was.
    """
    try:
        return await to_thread.run_sync(store, *args)
    except Exception as error:  # noqa: BLE001  # whatever it was, nothing is known to be stored
        log.error("not_stored", error=type(error).__name__)
        raise NotStored from None


async def in_time(work: asyncio.Future[Got]) -> Got:
    """Waits for it, but not for ever. The work itself goes on: storing it twice is storing it once.

    Raises:
        NotStored: it did not end in time.
    """
    try:
        return await asyncio.wait_for(asyncio.shield(work), PATIENCE)
    except TimeoutError:
        raise NotStored from None
