"""A step's walk over the cases of a batch, chunk by chunk, minding systems that are down as a whole."""

from __future__ import annotations

import asyncio
from typing import Any

from engine import breaker
from engine.chunk import Chunk
from engine.errors import SystemDown
from engine.process import Batch
from engine.steps import Step


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

        Raises:
            SystemDown: a system is down as a whole; what is left stays in `todo`.
        """
        while self.todo and not self.batch.run.stop:
            await self._next()
            if self.down:
                raise SystemDown("system_down", ",".join(sorted(self.down)))

    async def _next(self) -> None:
        self.down = set()
        probed = [name for name in self.step.systems if await asyncio.to_thread(breaker.is_probing, name)]
        size = 1 if probed else self.step.size
        cases, self.todo = self.todo[:size], self.todo[size:]
        chunk = Chunk(self.step, self.batch.hold, cases)
        await asyncio.to_thread(chunk.run)
        self.batch.parked.extend(chunk.parked)
        self.batch.hold.touched |= {case.id for case in cases}
        self.down = chunk.down
        for name in chunk.answered & set(probed):
            await asyncio.to_thread(breaker.close, name)
        self.todo = chunk.left + self.todo

    async def put_off(self) -> None:
        """The systems stayed down: leave them alone for a while; their cases go back as they are."""
        for name in self.down:
            await asyncio.to_thread(breaker.trip, name)
