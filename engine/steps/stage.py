"""A step, as tasks write it and flows name it.

`step` joins the parts of one by their types: what a look sees is what is read with it, what is read is what the gate
judges by, what the gate hands over is what the function takes that acts, and what that has found is recorded.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypedDict, TypeVar, Unpack

from sqlalchemy import Connection

from engine.base.settings import SystemName
from engine.outer.looks import Look
from engine.steps.step import Facts, Found, Gate, Payload, Read, ReadOnce, Record, Seen, Step
from engine.steps.verdicts import Done, Finding, Go, Park, Verdict
from models.case import Case, Effect

C = TypeVar("C", bound=Case)
Ours = TypeVar("Ours")
"""What our tables have of a case that several steps need."""
SWEEP_SECONDS = 60.0


class Stage(Generic[C]):
    """A step, as a flow names it: called with the cases that it takes."""

    def __init__(self, step: Step[C]) -> None:
        self.step = step

    def __call__(self, cases: CasesAt[C]) -> None:
        """Have it take the cases that stand there."""
        cases.taken_by(self)


class Cases(Generic[C]):
    """The cases of a process, as its flow says which step takes them where."""

    def __init__(self) -> None:
        self.stages: dict[str, Stage[C]] = {}

    def at(self, *states: str) -> CasesAt[C]:
        """Those that stand at these states, and are due."""
        return CasesAt(self, states)


class CasesAt(Generic[C]):
    """The cases that stand at some states."""

    def __init__(self, every: Cases[C], states: Sequence[str]) -> None:
        self._every = every
        self._states = states

    def taken_by(self, stage: Stage[C]) -> None:
        """Have them taken by a step.

        Raises:
            ValueError: another takes them already: a case stands before one step.
        """
        for state in self._states:
            if state in self._every.stages:
                both = f"{self._every.stages[state].step.name} and {stage.step.name}"
                raise ValueError(f"two steps take cases at '{state}': {both}")
            self._every.stages[state] = stage


@dataclass(frozen=True)
class FactsOf(Generic[C, Facts]):
    """Where a step's facts come from: `from_case`, `from_tables`, `from_answers`."""

    look: Look[C, Any] | None
    read: Read[C, Any, Facts] | None
    read_once: ReadOnce[C] | None = None


def from_case(model: type[C]) -> FactsOf[C, None]:
    """The case itself is all that the gate needs."""
    return FactsOf(None, None)


def from_tables(read: Callable[[Connection, Sequence[C]], Mapping[uuid.UUID, Facts]]) -> FactsOf[C, Facts]:
    """What our own tables have of each case, in the transaction that writes *sending*."""
    return FactsOf(None, lambda connection, cases, seen, ours: read(connection, cases))


def from_answers(
    look: Look[C, Seen],
    read: Callable[[Connection, Sequence[C], Mapping[uuid.UUID, Seen]], Mapping[uuid.UUID, Facts]],
) -> FactsOf[C, Facts]:
    """What outer systems are asked first, and what our tables have of each case together with what was answered."""
    return FactsOf(look, lambda connection, cases, seen, ours: read(connection, cases, seen))


def from_answers_and(
    ours: Callable[[Connection, Sequence[C]], Mapping[uuid.UUID, Ours]],
    look: Look[C, Seen],
    read: Callable[
        [Connection, Sequence[C], Mapping[uuid.UUID, Seen], Mapping[uuid.UUID, Ours]],
        Mapping[uuid.UUID, Facts],
    ],
) -> FactsOf[C, Facts]:
    """As `from_answers`, where several steps need the same of our tables (`ours`): read once for all of them."""
    return FactsOf(look, read, ours)


class Ways(TypedDict, total=False):
    """How a step's calls go, where that is not as usual; see `Step`."""

    others: tuple[SystemName, ...]
    size: int
    cannot_be_asked: tuple[SystemName, ...]
    ask: Callable[[Effect], Finding]
    urgent: bool
    idempotent: bool
    alone: bool


def step(
    *,
    system: SystemName,
    backoff: Sequence[float],
    facts: FactsOf[C, Facts],
    gate: Gate[C, Facts, Payload],
    record: Record[C, Found] | None = None,
    exhausted: Callable[[C, str], Go | Park] | None = None,
    in_turn: Callable[[Sequence[C]], Sequence[C]] | None = None,
    **ways: Unpack[Ways],
) -> Callable[[Callable[[Payload], Done[Found]]], Stage[C]]:
    """Make a step of the function that acts for one case; see `Step`."""

    def wrap(act: Callable[[Payload], Done[Found]]) -> Stage[C]:
        made = Step(
            act.__name__,
            _described(act),
            system,
            gate,
            backoff,
            act=act,
            look=facts.look,
            read_once=facts.read_once,
            read=facts.read,
            record=record,
            exhausted=exhausted,
            in_turn=in_turn,
            **ways,
        )
        return Stage(made)

    return wrap


def step_for_many(
    *,
    system: SystemName,
    backoff: Sequence[float],
    size: int,
    facts: FactsOf[C, Facts],
    gate: Gate[C, Facts, Payload],
    record: Record[C, Found] | None = None,
) -> Callable[[Callable[[Sequence[Payload]], Sequence[Done[Found]]]], Stage[C]]:
    """Make a step of the function that acts for many cases in one call; see `Step`."""

    def wrap(act_many: Callable[[Sequence[Payload]], Sequence[Done[Found]]]) -> Stage[C]:
        made = Step(
            act_many.__name__,
            _described(act_many),
            system,
            gate,
            backoff,
            size,
            act_many=act_many,
            look=facts.look,
            read_once=facts.read_once,
            read=facts.read,
            record=record,
        )
        return Stage(made)

    return wrap


def decides(facts: FactsOf[C, Facts]) -> Callable[[Callable[[C, Facts], Verdict]], Stage[C]]:
    """Make a step of a gate that calls nobody: it moves cases on, or lets them wait."""

    def wrap(gate: Callable[[C, Facts], Verdict]) -> Stage[C]:
        described = _described(gate)
        return Stage(
            Step(
                gate.__name__,
                described,
                None,
                gate,
                [SWEEP_SECONDS],
                look=facts.look,
                read_once=facts.read_once,
                read=facts.read,
            )
        )

    return wrap


def _described(named: Callable[..., Any]) -> str:
    return (named.__doc__ or "").strip()
