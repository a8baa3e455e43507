"""The calls of a chunk: made in the systems' threads, each only while the gate's word is new enough."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, TypeVar, cast

import structlog

from engine import clock
from engine.claims import Hold
from engine.errors import NotSent, SystemDown, UnknownOutcome, VaxelError
from engine.halving import halved
from engine.settings import SystemName, settings
from engine.steps import Step, threads
from engine.verdicts import Call, Done, Send
from models.case import Case

C = TypeVar("C", bound=Case)
GATE_SECONDS = 5.0
"""The longest time between the gate and the call that it let through."""
Answer = Done | VaxelError
log = structlog.get_logger()


def system_of(step: Step[Any], call: Call | Send) -> SystemName:
    """The system that a call goes to."""
    return cast(SystemName, call.system or step.system)


def longest_call(system: SystemName) -> timedelta:
    """From the gate to the end of the call that it let through."""
    return timedelta(seconds=GATE_SECONDS + settings().system(system).deadline)


class Calls:
    """A step's calls for cases of one hold, that a gate of one moment let through."""

    def __init__(
        self, step: Step[Any], hold: Hold[Any], calls: Sequence[Call | Send], gated_at: datetime
    ) -> None:
        self._step = step
        self._hold = hold
        self._calls = calls
        self._gated_at = gated_at
        self._deadlines = {name: timedelta(seconds=settings().system(name).deadline) for name in step.systems}
        self._down: set[str] = set()

    def make(self) -> list[Answer]:
        """Make them all; the answers in the same order. A system that is down is not called again."""
        if self._step.act_many is not None:
            return halved(partial(self._many, self._step.act_many), [call.payload for call in self._calls])
        if len(self._calls) == 1:
            return [self._one(self._calls[0])]
        answers: dict[int, Answer] = {}
        takers = []
        for system, calls in self._by_system().items():
            left, wide = iter(calls), min(len(calls), settings().system(system).threads)
            takers += [threads(system).submit(self._take, left, answers) for _ in range(wide)]
        for taker in takers:
            taker.result()
        return [answers[at] for at in range(len(self._calls))]

    def _by_system(self) -> dict[SystemName, list[tuple[int, Call | Send]]]:
        """The calls with their places, by system."""
        calls: dict[SystemName, list[tuple[int, Call | Send]]] = {}
        for at, call in enumerate(self._calls):
            calls.setdefault(system_of(self._step, call), []).append((at, call))
        return calls

    def _take(self, left: Iterator[tuple[int, Call | Send]], answers: dict[int, Answer]) -> None:
        """One of a system's threads: makes call after call until none is left (all take from one iterator)."""
        for at, call in left:
            answers[at] = self._one(call)

    def _many(self, act_many: Any, payloads: Sequence[Any]) -> Sequence[Done]:
        self._see_that_it_fits(self._step.systems[0])
        done: Sequence[Done] = act_many(payloads)
        return done

    def _see_that_it_fits(self, system: SystemName) -> None:
        """The gate's word is not too old, and the call ends within the lease.

        Raises:
            NotSent: 'gate_too_old'.
        """
        now = clock.now()
        too_old = now - self._gated_at > timedelta(seconds=GATE_SECONDS)
        if too_old or now + self._deadlines[system] > self._hold.lease_until:
            raise NotSent("gate_too_old")

    def _one(self, call: Call | Send) -> Answer:
        """One call; not made when the gate's word is too old, the lease too short, or the system gone."""
        system = system_of(self._step, call)
        if system in self._down:
            return SystemDown("unreachable")
        assert self._step.act is not None
        try:
            self._see_that_it_fits(system)
            return self._step.act(call.payload)
        except SystemDown as error:
            self._down.add(system)
            return error
        except VaxelError as error:
            return error
        except Exception as error:  # noqa: BLE001 (a bug in one case must not hold up the others)
            log.error("internal_error", step=self._step.name, error=type(error).__name__)
            return UnknownOutcome("internal_error", type(error).__name__)
