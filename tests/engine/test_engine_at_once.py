"""One case taken through one step at once, by the promises of any run (docs/engine.md)."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from errands import (
    DONE,
    Errand,
    Movable,
    a_process,
    a_step,
    all_stored,
    always,
    by_key,
    effect_of,
    events,
    put_cases,
    stored,
)

from engine.base import clock
from engine.base.database import transaction
from engine.base.errors import NotSent, UnknownOutcome
from engine.running import runs
from engine.running.at_once import take_through
from engine.steps.process import Process
from engine.steps.step import Step
from engine.steps.verdicts import Done, Go, Park, Rest, Send, Verdict
from engine.tables.claims import Claim
from engine.tables.events import EventContext
from engine.tables.inbox import Inbox
from engine.tables.timeline import Entry
from models.case import EffectState
from models.events import Arrival
from models.stored_events import Nothing


def heard(case: Errand, said: Nothing, context: EventContext[None]) -> Entry:
    return Entry("heard")


@dataclass
class World:
    """What is done, and how the next call of it ends."""

    done: list[str] = field(default_factory=list)
    fails: Exception | None = None
    states: list[EffectState] = field(default_factory=list)

    def process(self, state: str) -> Process[Errand]:
        """Its one step takes the cases of one state."""
        return Process(Errand, events(heard), {state: self.step()})

    def step(self) -> Step[Errand]:
        def gate(case: Errand, known: object) -> Verdict:
            return Send(f"errand:{case.key}", DONE, case.key)

        def act(key: str) -> Done:
            effect = effect_of(f"errand:{key}")
            assert effect
            self.states.append(EffectState(effect.state))
            if self.fails:
                raise self.fails
            self.done.append(key)
            return Done(DONE)

        def otherwise(case: Errand, reason: str) -> Go:
            return Rest("sent", (Entry("left", reason),))

        return Step("errand", "", "sms", gate, [2], act=act, urgent=True, exhausted=otherwise)


@pytest.fixture
def world(moving: Movable) -> World:
    return World()


def tells(key: str) -> None:
    Inbox().store("test", [Arrival(key, "errand.asked", "errand", key, None, clock.now(), {})])


def test_a_case_is_made_of_its_event_and_done_at_once_with_sending_written_before_the_call(
    world: World,
) -> None:
    tells("case-1")
    take_through(world.process("new"), "case-1")
    assert (by_key("case-1").state, by_key("case-1").owner) == ("done", None)
    assert (world.done, world.states) == (["case-1"], [EffectState.SENDING])


def test_told_again_it_is_not_done_again_and_is_not_made_due(world: World) -> None:
    for _ in range(2):
        tells("case-1")
        take_through(world.process("new"), "case-1")
    assert (world.done, by_key("case-1").due_at) == (["case-1"], None)


@pytest.mark.parametrize(
    ("failure", "state"),
    [
        (NotSent("technical_error"), EffectState.NOT_SENT),
        (UnknownOutcome("answer_lost"), EffectState.UNKNOWN),
    ],
)
def test_what_fails_is_left_at_once_and_its_effect_says_what_is_known(
    world: World, failure: Exception, state: EffectState
) -> None:
    world.fails = failure
    tells("case-1")
    take_through(world.process("new"), "case-1")
    effect = effect_of("errand:case-1")
    assert effect
    assert (by_key("case-1").state, by_key("case-1").owner, effect.state) == ("sent", None, state)


def test_a_case_that_another_worker_holds_is_left_to_it(world: World) -> None:
    (id,) = put_cases(1, prefix="case")
    claim = Claim(Errand)
    with transaction() as connection:
        claim.claim_due(connection, 1)
    tells("case-00000")
    take_through(world.process("new"), "case-00000")
    assert (world.done, stored(id).owner) == ([], claim.owner)


def test_nobody_else_that_is_due_is_taken_along(world: World) -> None:
    put_cases(3, prefix="other")
    tells("case-1")
    take_through(world.process("new"), "case-1")
    assert world.done == ["case-1"]


def test_two_at_the_same_time_do_it_once(world: World) -> None:
    tells("case-1")
    both = threading.Barrier(2)

    def take() -> None:
        both.wait()
        take_through(world.process("new"), "case-1")

    threads = [threading.Thread(target=take) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (world.done, by_key("case-1").state) == (["case-1"], "done")


def test_a_step_that_stands_elsewhere_does_not_take_it(world: World) -> None:
    tells("case-1")
    take_through(world.process("sent"), "case-1")
    assert (world.done, by_key("case-1").state) == ([], "new")
    assert by_key("case-1").due_at is not None
    assert by_key("case-1").due_at <= clock.now() + timedelta(seconds=1)  # type: ignore[operator]


def test_a_case_that_no_event_waits_for_is_left_alone_while_one_waits_that_concerns_many(
    world: World,
) -> None:
    (id,) = put_cases(1, state="new", due_at=None)
    Inbox().store("vas", [Arrival("merged", "patient.merged", "errand", "", None, clock.now(), {})])
    for key in ("case-00000", "case-1"):
        take_through(world.process("new"), key)
    assert (world.done, stored(id).due_at, [case.key for case in all_stored()]) == ([], None, ["case-00000"])


@pytest.fixture
def heard_of() -> Iterator[list[str]]:
    """The processes of which it is heard that a run by itself has parked cases; by then they are."""
    found: list[str] = []

    def hear(process: str) -> None:
        assert [case.parked for case in all_stored()] != [None]
        found.append(process)

    runs.hear_of_unshown(hear)
    yield found
    runs.hear_of_unshown(None)
    runs.take_unshown("errand")


def test_what_is_parked_at_once_is_heard_of_once_that_is_committed(
    moving: Movable, heard_of: list[str]
) -> None:
    (id,) = put_cases(1, state="new")
    take_through(a_process(a_step(always(Park("unit_unknown")))), "case-00000")
    assert (stored(id).parked, heard_of) == ("unit_unknown", ["errand"])
    assert runs.take_unshown("errand") == [(id, "unit_unknown")]


def test_what_cannot_be_taken_in_at_once_is_heard_of_too(moving: Movable, heard_of: list[str]) -> None:
    def breaks(case: Errand, said: Nothing, context: EventContext[None]) -> Entry:
        raise ValueError

    tells("case-1")
    take_through(Process(Errand, events(breaks), {}), "case-1")
    assert [reason for _, reason in runs.take_unshown("errand")] == [by_key("case-1").parked]
    assert heard_of == ["errand"]


def test_of_what_is_not_parked_nobody_hears(world: World, heard_of: list[str]) -> None:
    tells("case-1")
    take_through(world.process("new"), "case-1")
    assert (heard_of, runs.take_unshown("errand")) == ([], [])
