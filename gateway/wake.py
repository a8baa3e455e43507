"""After a commit: ask for a run of the process, in the background. No answer ever waits for it."""

from __future__ import annotations

import asyncio

import structlog

from engine.tables.wake import PLANS
from gateway.ports import Wake

log = structlog.get_logger(__name__)

PATIENCE = 30.0
"""Seconds for one call."""
PAUSE = 0.2
"""Seconds between two calls: under load, one for every commit would cost as much as the commits."""


class Waker:
    """Calls `wake` at once, then not again before the pause is over; what comes meanwhile is one call more.

    Never two at a time for one process. One that only plans is called for after the pause: Prefect's server has one
    core, and whom somebody waits for has it first.
    """

    def __init__(self, wake: Wake, pause: float = PAUSE) -> None:
        self._wake = wake
        self._pause = pause
        self._calling: dict[str, asyncio.Task[None]] = {}
        self._again: set[str] = set()

    def soon(self, process: str) -> None:
        """Ask for a run of the process, without waiting."""
        if process in self._calling:
            self._again.add(process)
        else:
            self._calling[process] = asyncio.get_running_loop().create_task(self._call(process))

    async def _call(self, process: str) -> None:
        try:
            await asyncio.sleep(self._pause if process in PLANS else 0.0)
            while True:
                self._again.discard(process)
                await self._ask_for_run(process)
                await asyncio.sleep(self._pause)
                if process not in self._again:
                    return
        finally:
            del self._calling[process]

    async def _ask_for_run(self, process: str) -> None:
        """A wake that fails is only slow: the sweep of each minute does the same."""
        try:
            async with asyncio.timeout(PATIENCE):
                await self._wake(process)
        except Exception as error:  # noqa: BLE001  # whatever it was, the event is stored and the sweep comes
            log.warning("wake_failed", process=process, error=type(error).__name__)
