"""Calls: made in the systems' threads, each only while the gate's word is new enough, and as many as have a slot."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from threading import Lock
from typing import Any, Generic, TypeVar, cast

import structlog

from engine.base import clock
from engine.base.errors import NotSent, SystemDown, UnknownOutcome, VaxelError
from engine.base.settings import SystemName, settings
from engine.outer import threads
from engine.running.step_run import StepRun
from engine.steps.halving import halved
from engine.steps.step import Step
from engine.steps.verdicts import Call, Done, Send
from models.case import Case

C = TypeVar("C", bound=Case)
GATE_SECONDS = 5.0
"""The longest time between the gate and the call that it let through."""
LINE_SECONDS = 0.1
"""What a run has in line for the threads that a system uses lasts about so long, and one call for each thread at
least: none waits for a turn, and few calls have been begun that a worker's death would leave unknown."""
Answer = Done | VaxelError
log = structlog.get_logger()


@dataclass(eq=False)
class CallOfCase(Generic[C]):
    """A call that a gate has let through, and what came of it.

    Args:
        at: the step of the run.
        effect: the effect that was begun for it, if it is one.
        gated_at: the moment of the oldest thing that the gate knew.
        has_slot: whether it has one of its system's.
    """

    at: StepRun[C] = field(repr=False)
    case: C = field(repr=False)
    call: Call | Send = field(repr=False)
    effect: uuid.UUID | None
    gated_at: datetime
    answer: Answer | None = None
    has_slot: bool = False

    @property
    def step(self) -> Step[C]:
        """Whose it is."""
        return self.at.step

    @property
    def system(self) -> SystemName:
        """Where it goes."""
        return system_of(self.step, self.call)


def system_of(step: Step[Any], call: Call | Send) -> SystemName:
    """The system that a call goes to."""
    return cast(SystemName, call.system or step.system)


def is_too_old(made: CallOfCase[Any]) -> bool:
    """Whether it was not made, since the gate's word was too old by then."""
    return isinstance(made.answer, NotSent) and made.answer.reason == "gate_too_old"


def longest_call(system: SystemName) -> timedelta:
    """From the gate to the end of the call that it let through."""
    return timedelta(seconds=GATE_SECONDS + settings().system(system).deadline)


Back = Callable[[Sequence[CallOfCase[Any]]], None]
"""Called in the thread with calls that have their answers."""


def make(made: Sequence[CallOfCase[Any]], back: Back) -> None:
    """Have calls of one step made, in the threads; it does not call a system again that is down as a whole."""
    step = made[0].step
    if step.act_many is not None:
        threads.of(made[0].system).submit(_many, made, step.act_many, back)
        return
    for each in made:
        own = threads.of_step(step.name, step.systems[0]) if step.alone else threads.of(each.system)
        own.submit(_one, each, back)


def _one(made: CallOfCase[Any], back: Back) -> None:
    """One call; not made when the gate's word is too old, the lease too short, or the system gone."""
    assert made.step.act is not None
    try:
        if made.system in made.at.down:
            raise SystemDown("unreachable")
        _see_that_it_fits(made)
        made.answer = made.step.act(made.call.payload)
    except SystemDown as error:
        if not made.step.urgent:
            made.at.down.add(made.system)
        made.answer = error
    except VaxelError as error:
        made.answer = error
    except Exception as error:  # noqa: BLE001 (a bug in one case must not hold up the others)
        log.error("internal_error", step=made.step.name, error=type(error).__name__)
        made.answer = UnknownOutcome("internal_error", type(error).__name__)
    finally:
        made.answer = made.answer or UnknownOutcome("internal_error")  # whatever went past all that
        back([made])


def _many(
    made: Sequence[CallOfCase[Any]], act_many: Callable[[Sequence[Any]], Sequence[Done]], back: Back
) -> None:
    """One call for many."""

    def while_it_fits(payloads: Sequence[Any]) -> Sequence[Done]:
        for each in made:
            _see_that_it_fits(each)
        return act_many(payloads)

    try:
        answers = halved(while_it_fits, [each.call.payload for each in made])
        for each, answer in zip(made, answers, strict=False):
            each.answer = answer
            if isinstance(answer, SystemDown) and not each.step.urgent:
                each.at.down.add(each.system)
    finally:
        for each in made:
            each.answer = each.answer or UnknownOutcome("internal_error")  # the act forgot it
        back(made)


def _see_that_it_fits(made: CallOfCase[Any]) -> None:
    """The gate's word is not too old, and the call ends within the lease.

    Raises:
        NotSent: 'gate_too_old'.
    """
    now, lease = clock.now(), made.case.lease_until
    too_old = now - made.gated_at > timedelta(seconds=GATE_SECONDS)
    deadline = timedelta(seconds=settings().system(made.system).deadline)
    if too_old or lease is None or now + deadline > lease:
        raise NotSent("gate_too_old")


# --- slots


class _Shared:
    """The slots of a system that can't be asked, which all runs of this process share."""

    def __init__(self, most: int) -> None:
        self.free = most
        self._lock = Lock()

    def take(self) -> bool:
        with self._lock:
            is_free = self.free > 0
            self.free -= is_free
            return is_free

    def give_back(self) -> None:
        with self._lock:
            self.free += 1


@cache
def _of_all(system: SystemName) -> _Shared:
    return _Shared(settings().system(system).threads)


class Slots:
    """How many calls a run may have under way. A slot is taken before *sending* is written, and given back after
    what came of the call is: where a system can't be asked, no more effects are open in this process than it has
    threads."""

    def __init__(self) -> None:
        self._taken: Counter[tuple[str, SystemName]] = Counter()

    def free(self, step: Step[Any], system: SystemName) -> int:
        """How many calls of the step's a run may begin."""
        free = self._most(step, system) - self._taken[self._line(step), system]
        return min(free, _of_all(system).free) if system in step.cannot_be_asked else free

    @staticmethod
    def _most(step: Step[Any], system: SystemName) -> int:
        if step.act_many is not None:
            return step.size
        if step.alone:
            return settings().system(system).threads
        own = threads.of(system)
        if system in step.cannot_be_asked:
            return own.most
        latency = own.latency()
        if latency is not None and latency > GATE_SECONDS / 2:
            return own.most  # what stands in line would be too old when its turn comes
        behind = int(LINE_SECONDS / max(latency, 0.001)) if latency is not None else 0
        return own.most + max(own.most, behind * own.wide())

    @staticmethod
    def _line(step: Step[Any]) -> str:
        """Steps share a system's line; one that is made for many, or whose calls last minutes, has its own."""
        return step.name if step.alone or step.act_many is not None else ""

    def occupy(self, made: CallOfCase[Any]) -> bool:
        """Take one for a call, if there is one."""
        step, system = made.step, made.system
        if self.free(step, system) <= 0:
            return False
        if system in step.cannot_be_asked and not _of_all(system).take():
            return False
        self._taken[self._line(step), system] += 1
        made.has_slot = True
        return True

    def give_back(self, made: CallOfCase[Any]) -> None:
        """Give a call's back, if it has one still."""
        if not made.has_slot:
            return
        made.has_slot = False
        self._taken[self._line(made.step), made.system] -= 1
        if made.system in made.step.cannot_be_asked:
            _of_all(made.system).give_back()
