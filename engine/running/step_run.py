"""A step in one run: which of the run's cases stand before it, and how its systems are."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from engine.base.settings import SystemName
from engine.outer.looks import Looks
from engine.running.runs import CASES_SHOWN
from engine.running.unknown_effects import EffectFinding
from engine.steps.step import ReadOnce, Step
from models.case import Case

C = TypeVar("C", bound=Case)


@dataclass(eq=False)
class CaseAtStep(Generic[C]):
    """A case that stands before a step.

    Args:
        since: when it came to stand there (monotonic seconds).
        asked: what became of an effect whose answer was lost, once the system has been asked.
        seen: what the step's look has seen of it, by its id; empty: nothing.
        waits_for: the system for whose next free slot it waits.
        is_held: something is being found out about it.
    """

    at: StepRun[C] = field(repr=False)
    case: C = field(repr=False)
    since: float = field(default_factory=time.monotonic)
    asked: EffectFinding | None = field(default=None, repr=False)
    seen: dict[uuid.UUID, Any] = field(default_factory=dict, repr=False)
    waits_for: SystemName | None = None
    is_held: bool = False


def by_reading(standings: Iterable[CaseAtStep[C]]) -> dict[ReadOnce[C], list[C]]:
    """The cases by what is to be read once for all the steps that they stand before."""
    found: dict[ReadOnce[C], list[C]] = {}
    for each in standings:
        if each.at.step.read_once:
            found.setdefault(each.at.step.read_once, []).append(each.case)
    return found


@dataclass(eq=False)
class StepRun(Generic[C]):
    """A step in one run.

    Args:
        step: the step.
        looks: what outer systems are asked about the cases before it.
        standing: the cases that stand before it, in the order in which they came.
        under_way: how many calls of it are.
        down: its systems that are down as a whole.
        is_halted: until somebody has decided what comes of that, nobody is judged here.
        halted_at: since when (monotonic seconds).
        count: how many cases have come to it.
        first: the first of them, as many as are shown.
    """

    step: Step[C]
    looks: Looks
    standing: dict[uuid.UUID, CaseAtStep[C]] = field(default_factory=dict)
    under_way: int = 0
    down: set[SystemName] = field(default_factory=set)
    is_halted: bool = False
    halted_at: float = 0.0
    count: int = 0
    first: list[uuid.UUID] = field(default_factory=list)

    def put(self, case: C) -> CaseAtStep[C]:
        """Have a case stand before it, behind the others."""
        self.count += 1
        if len(self.first) < CASES_SHOWN and case.id not in self.first:
            self.first.append(case.id)
        standing = self.standing[case.id] = CaseAtStep(self, case)
        return standing

    def drop(self, id: uuid.UUID) -> None:
        """It stands there no longer."""
        self.standing.pop(id, None)
        self.looks.forget([id])

    def in_order(self) -> list[CaseAtStep[C]]:
        """Those that stand before it, as the step has them go."""
        if self.step.in_turn is None:
            return list(self.standing.values())
        cases = self.step.in_turn([each.case for each in self.standing.values()])
        return [self.standing[case.id] for case in cases]
