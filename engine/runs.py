"""The runs that are under way in this process, and how they are asked to stop: between chunks."""

from __future__ import annotations

import uuid
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum


class Stop(StrEnum):
    """Why a run stops before everything due is done."""

    CANCELLED = "cancelled"
    DRAINED = "drained"


@dataclass
class Run:
    """One run of a process."""

    id: uuid.UUID
    process: str
    stop: Stop | None = None
    nudged: bool = False
    """Another run was asked for while this one works: look once more before ending."""
    parked: list[tuple[uuid.UUID, str]] = field(default_factory=list)
    """The cases that it parked, with the reason."""
    ask: Callable[[str], Awaitable[object]] | None = None
    """Asks for a run of another process."""

    async def wake(self, processes: Iterable[str]) -> None:
        """Ask for runs of processes that we have left events for; without anyone to ask, their sweep has them."""
        if self.ask:
            for process in processes:
                await self.ask(process)


_runs: dict[uuid.UUID, Run] = {}
_draining = False


def begin(id: uuid.UUID, process: str) -> Run:
    """Note that a run begins."""
    run = Run(id, process, Stop.DRAINED if _draining else None)
    _runs[id] = run
    return run


def end(run: Run) -> None:
    """Note that a run has ended."""
    _runs.pop(run.id, None)


def of(process: str) -> list[Run]:
    """The runs of a process that are under way here."""
    return [run for run in list(_runs.values()) if run.process == process]


def stop(id: uuid.UUID, why: Stop) -> bool:
    """Ask a run to stop; tells whether it is one of this process's."""
    if run := _runs.get(id):
        run.stop = run.stop or why
    return id in _runs


def drain() -> None:
    """Ask every run to stop, and any that comes yet."""
    global _draining
    _draining = True
    for run in list(_runs.values()):
        run.stop = run.stop or Stop.DRAINED


def is_idle() -> bool:
    """Whether no run is under way."""
    return not _runs
