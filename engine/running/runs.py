"""The runs that are under way in this process, and how they are asked to stop."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

CASES_SHOWN = 200
"""Of a run, and of each of its steps."""


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
    woken: Callable[[], None] = lambda: None
    """Called when something has changed for it."""
    is_taking: bool = True
    """Whether it takes what comes; one that only shows its end, or has been asked for one case, does not."""
    cases: list[uuid.UUID] = field(default_factory=list)
    """The first cases that it claimed, as many as are shown."""
    became: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    """What became of those that it has given back: state or `parked`, reason and clause of their last entry."""
    is_shown: bool = True
    """Whether Prefect knows of it."""

    def ask_to_stop(self, why: Stop) -> None:
        """Nothing more is begun; what is under way is written down."""
        self.stop = self.stop or why
        self.woken()

    def note_cases(self, ids: Sequence[uuid.UUID]) -> None:
        """It has claimed these."""
        self.cases += [id for id in ids[: CASES_SHOWN - len(self.cases)] if id not in self.cases]

    def note_parked(self, parked: Sequence[tuple[uuid.UUID, str]]) -> None:
        """It has parked these, for those reasons, and that is committed."""
        self.parked += parked
        if parked and not self.is_shown and _hear:
            _hear(self.process)

    def nudge(self) -> None:
        """Have it look once more before it ends."""
        self.nudged = True
        self.woken()


_runs: dict[uuid.UUID, Run] = {}
_unshown: dict[str, list[tuple[uuid.UUID, str]]] = {}
_draining = False
_hear: Callable[[str], object] | None = None


def begin_run(id: uuid.UUID, process: str) -> Run:
    """Note that a run begins."""
    run = Run(id, process, Stop.DRAINED if _draining else None)
    _runs[id] = run
    return run


def begin_by_itself(process: str) -> Run:
    """A run that Prefect does not know of: another shows the cases that it parks, or whoever hears of them."""
    return Run(uuid.uuid4(), process, parked=_unshown.setdefault(process, []), is_shown=False)


def hear_of_unshown(hear: Callable[[str], object] | None) -> None:
    """Have it called with the process whenever a run by itself has parked cases; who parked them waits for it.

    Args:
        hear: None: nobody is called any more.
    """
    global _hear
    _hear = hear


def take_unshown(process: str) -> list[tuple[uuid.UUID, str]]:
    """The cases that runs by themselves have parked since this was asked last, with the reason."""
    unshown = _unshown.get(process, [])
    return [unshown.pop(0) for _ in range(len(unshown))]


def end(run: Run) -> None:
    """Note that a run has ended."""
    _runs.pop(run.id, None)


def of(process: str) -> list[Run]:
    """The runs of a process that take what comes here: one that has been asked to stop takes nothing more."""
    every = list(_runs.values())
    return [run for run in every if run.process == process and run.is_taking and run.stop is None]


def stop(id: uuid.UUID, why: Stop) -> bool:
    """Ask a run to stop; tells whether it is one of this process's."""
    if run := _runs.get(id):
        run.ask_to_stop(why)
    return id in _runs


def drain() -> None:
    """Ask every run to stop, and any that comes yet."""
    global _draining
    _draining = True
    for run in list(_runs.values()):
        run.ask_to_stop(Stop.DRAINED)
