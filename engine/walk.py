"""A step's walk over the cases of a batch, chunk by chunk, minding systems that are down as a whole."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog

from engine import breaker
from engine.chunk import Chunk
from engine.database import OUTAGES, transaction
from engine.errors import SystemDown
from engine.process import Batch, park, reason_for
from engine.steps import MOST_IN_FLIGHT, Step

LANES = 2
"""Chunks under way at once: while one is written down, another makes its calls."""
log = structlog.get_logger()


class Walk:
    """What is left to do for one step in one batch. Not a model: Prefect has nothing to look into."""

    def __init__(self, step: Step[Any], batch: Batch[Any]) -> None:
        self.step = step
        self.batch = batch
        self.todo = batch.due()
        self.down: set[str] = set()
        self.count = len(self.todo)

    async def on(self) -> None:
        """Go on until nothing is left or the run is asked to stop.

        The first chunk goes alone: if a system was down, it is let have one call.

        Raises:
            SystemDown: a system is down as a whole; what is left stays in `todo`.
        """
        self.down = set()
        lanes = 1 if self.step.act_many or self.step.blind else LANES
        size = self.step.size if lanes == 1 else min(self.step.size, MOST_IN_FLIGHT // lanes)
        await self._next(size)
        ended = await asyncio.gather(*(self._lane(size) for _ in range(lanes)), return_exceptions=True)
        for failed in filter(None, ended):
            raise failed
        if self.down:
            raise SystemDown("system_down", ",".join(sorted(self.down)))

    async def _lane(self, size: int) -> None:
        while self.todo and not self.down and not self.batch.run.stop:
            await self._next(size)

    async def _next(self, size: int) -> None:
        cases, self.todo = self.todo[:size], self.todo[size:]
        self.batch.hold.touched |= {case.id for case in cases}
        for chunk in await asyncio.to_thread(self._carefully, cases):
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
