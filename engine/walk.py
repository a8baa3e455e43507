"""A step's walk over the cases of a batch, chunk by chunk, minding systems that are down as a whole."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Iterable, Sequence
from concurrent.futures import Executor
from contextvars import copy_context
from typing import Any

import structlog

from engine import breaker, clock
from engine.chunk import Chunk
from engine.database import OUTAGES, transaction
from engine.errors import SystemDown
from engine.process import Batch, park, reason_for
from engine.settings import settings
from engine.steps import MOST_IN_FLIGHT, Step, own_threads

LANES = 2
"""Chunks under way at once: while one is written down, another makes its calls."""
TURN_SECONDS = 10.0
"""For so long a run begins calls of a step whose cases go alone; then those that came since have their turn."""
log = structlog.get_logger()


class Walk:
    """What is left to do for one step in one batch. Not a model: Prefect has nothing to look into."""

    def __init__(self, step: Step[Any], batch: Batch[Any]) -> None:
        self.step = step
        self.batch = batch
        self.todo = batch.due()
        if step.in_turn:
            self.todo = list(step.in_turn(self.todo))
        self.down: set[str] = set()
        self.count = len(self.todo)

    async def on(self) -> None:
        """Go on until nothing is left or the run is asked to stop.

        The first chunk goes alone: if a system was down, it is let have one call.

        Raises:
            SystemDown: a system is down as a whole; what is left stays in `todo`.
        """
        self.down = set()
        await (self._each_alone() if self.step.alone else self._chunks())
        if self.down:
            raise SystemDown("system_down", ",".join(sorted(self.down)))

    async def _chunks(self) -> None:
        lanes = 1 if self.step.act_many or self.step.blind else LANES
        size = self.step.size if lanes == 1 else min(self.step.size, MOST_IN_FLIGHT // lanes)
        await self._next(size)
        await _all(self._lane(size) for _ in range(lanes))

    async def _lane(self, size: int) -> None:
        while self.todo and not self.down and not self.batch.run.stop:
            await self._next(size)

    async def _each_alone(self) -> None:
        """Case by case, each in a thread of the step's own, for as long as this run's turn lasts."""
        system = self.step.systems[0]
        own, until = own_threads(self.step.name, system), time.monotonic() + TURN_SECONDS
        wide = min(len(self.todo), settings().system(system).threads)
        await _all(self._alone(own, until) for _ in range(wide))
        if self.todo and not self.down:
            cases, self.todo = self.todo, []
            await asyncio.to_thread(self._leave, cases)

    async def _alone(self, own: Executor, until: float) -> None:
        while self.todo and not self.down and not self.batch.run.stop and time.monotonic() < until:
            await self._next(1, own)

    def _leave(self, cases: Sequence[Any]) -> None:
        """They come again at once, behind those that are due since before."""
        self.batch.hold.touched |= {case.id for case in cases}
        with transaction() as connection:
            mine = self.batch.hold.ours(connection, cases)
            for case in mine:
                case.due_at = clock.now()
            self.batch.hold.write(connection, mine)

    async def _next(self, size: int, own: Executor | None = None) -> None:
        cases, self.todo = self.todo[:size], self.todo[size:]
        self.batch.hold.touched |= {case.id for case in cases}
        loop = asyncio.get_running_loop()
        for chunk in await loop.run_in_executor(own, copy_context().run, self._carefully, cases):
            self.batch.parked.extend(chunk.parked)
            self.down |= chunk.down
            for name in chunk.probed - chunk.down:
                answered = name in chunk.answered
                await asyncio.to_thread(breaker.close if answered else breaker.trip, name)
            self.todo = chunk.left + self.todo

    def _carefully(self, cases: Sequence[Any]) -> list[Chunk[Any]]:
        """Run a chunk; if a bug or a value breaks it, halve it until the case stands alone, and park that."""
        done: list[Chunk[Any]] = []
        chunk: Chunk[Any] | None = Chunk(self.step, self.batch.hold, cases)
        while chunk:
            try:
                chunk.run()
            except OUTAGES:
                raise
            except Exception as error:  # noqa: BLE001 (one case must not hold up the others)
                count = len(chunk.cases)
                log.error("chunk_failed", step=self.step.name, cases=count, error=type(error).__name__)
                return done + self._halves(chunk.cases, reason_for(error))
            done.append(chunk)
            chunk = chunk.rest()
        return done

    def _halves(self, cases: Sequence[Any], reason: str) -> list[Chunk[Any]]:
        with transaction() as connection:
            fresh = self.batch.hold.again(connection, cases)
            if len(fresh) == 1:
                park(connection, self.batch.hold, fresh, reason)
        if len(fresh) <= 1:
            return []
        middle = len(fresh) // 2
        return self._carefully(fresh[:middle]) + self._carefully(fresh[middle:])

    async def put_off(self) -> None:
        """The systems stayed down: leave them alone for a while; their cases go back as they are."""
        for name in self.down:
            await asyncio.to_thread(breaker.trip, name)


async def _all(lanes: Iterable[Coroutine[Any, Any, None]]) -> None:
    """Until all have ended; then what has broken the first of them."""
    for failed in filter(None, await asyncio.gather(*lanes, return_exceptions=True)):
        raise failed
