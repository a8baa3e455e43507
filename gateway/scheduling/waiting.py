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


class Room:
    """Threads of their own: while the journal system is slow, schedules are shown as fast as ever.

    Args:
        threads: how many calls may wait at once; one more is a fault, and not begun.
    """

    def __init__(self, threads: int) -> None:
        self._most = threads
        self._busy = 0
        self._threads = CapacityLimiter(threads)

    async def in_time(self, work: Callable[[], Answer]) -> Answer:
        """What the work comes to; a fault where that is not known in time. The work goes on all the same."""
        if self._busy >= self._most:
            raise Fault("VP009 Too many calls at once", "Server")
        self._busy += 1
        working = asyncio.create_task(to_thread.run_sync(work, limiter=self._threads))
        working.add_done_callback(self._is_done)
        done, _ = await asyncio.wait({working}, timeout=PATIENCE)
        if not done:
            raise Fault("VP009 The answer did not come in time", "Server")
        return working.result()

    def _is_done(self, working: asyncio.Task[Answer]) -> None:
        self._busy -= 1
        if not working.cancelled():
            working.exception()  # seen, if nobody waits for it any more
