"""Calls that wait for the journal system, apart from those that are answered from our own tables."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import TypeVar

from anyio import CapacityLimiter, to_thread

from gateway.soap import Fault

Answer = TypeVar("Answer")
PATIENCE = 7.8
"""Seconds until 1177 has an answer, whatever goes on in the thread."""


class NotBegun(Fault):
    """Too many ask at once: nothing was done of what was asked for."""

    def __init__(self) -> None:
        super().__init__("VP009 Too many calls at once", "Server")


class Room:
    """Threads of their own: while the journal system is slow, schedules are shown as fast as ever.

    Args:
        threads: how many calls may be answered at once.
        line: how many more may wait for their turn, which takes no thread; one more is not begun.
    """

    def __init__(self, threads: int, line: int = 0) -> None:
        self._most = threads + line
        self._inside = 0
        self._turns = asyncio.Semaphore(threads)
        self._threads = CapacityLimiter(threads)

    async def in_time(self, work: Callable[[], Answer]) -> Answer:
        """What the work comes to; a fault where that is not known in time. What has begun goes on all the same.

        Raises:
            NotBegun: there was no room for it in time.
        """
        if self._inside >= self._most:
            raise NotBegun
        self._inside += 1
        begun = asyncio.Event()
        working = asyncio.create_task(self._work(work, begun))
        working.add_done_callback(self._is_done)
        done, _ = await asyncio.wait({working}, timeout=PATIENCE)
        if done:
            return working.result()
        if begun.is_set():
            raise Fault("VP009 The answer did not come in time", "Server")
        working.cancel()
        raise NotBegun

    async def _work(self, work: Callable[[], Answer], begun: asyncio.Event) -> Answer:
        async with self._turns:
            begun.set()
            return await to_thread.run_sync(work, limiter=self._threads)

    def _is_done(self, working: asyncio.Task[Answer]) -> None:
        self._inside -= 1
        if not working.cancelled():
            working.exception()  # seen, if nobody waits for it any more
