"""A system that is down as a whole is left alone, longer and longer; one probe closes it; the bad are found by halving."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any

import pytest
from errands import (
    DONE,
    Errand,
    Movable,
    a_process,
    a_step,
    all_stored,
    done,
    fails,
    put_cases,
    run,
    sends,
    sql,
)
from hypothesis import given
from hypothesis import strategies as st

from engine.base import clock
from engine.base.errors import NotSent, Refused, SystemDown, UnknownOutcome, VaxelError
from engine.outer import breaker
from engine.running import pump, runs
from engine.running.work import Work
from engine.steps.halving import halved
from engine.steps.verdicts import Call, Done, Rest


def open_until() -> datetime | None:
    """Until when it is left alone; None when it may be called."""
    until = breaker.states_now().get("sms")
    return until if until and until > clock.now() else None


def is_probing() -> bool:
    """Whether it was down, and may be called."""
    return "sms" in breaker.states_now() and open_until() is None


def open_for() -> float:
    until = open_until()
    return (until - clock.now()).total_seconds() if until else 0


def trip_when_due() -> float:
    moving_on = open_until()
    assert moving_on is None
    breaker.trip("sms")
    return open_for()


# --- the breaker


def test_a_system_that_is_well_has_no_row(moving: Movable) -> None:
    assert (open_until(), is_probing()) == (None, False)


def test_the_pause_doubles_to_five_minutes(moving: Movable) -> None:
    pauses = []
    for _ in range(10):
        breaker.trip("sms")
        pauses.append(open_for())
        moving.move(pauses[-1])
    assert pauses == [4, 8, 16, 32, 64, 128, 256, 300, 300, 300]


def test_those_who_notice_at_the_same_time_count_once(errands: None) -> None:
    with ThreadPoolExecutor(8) as pool:
        untils: set[datetime] = set(pool.map(lambda _: breaker.trip("sms"), range(16)))
    assert len(untils) == 1
    assert sql("SELECT failures FROM system_state") == [(1,)]


def test_eight_failed_probes_at_once_double_the_pause_once(moving: Movable) -> None:
    breaker.trip("sms")
    moving.move(4)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: breaker.trip("sms"), range(8)))
    assert open_for() == 8


def test_when_its_time_is_up_the_next_call_is_a_probe(moving: Movable) -> None:
    breaker.trip("sms")
    assert not is_probing()
    moving.move(4)
    assert is_probing()
    assert open_until() is None


def test_closing_starts_the_pauses_anew(moving: Movable) -> None:
    breaker.trip("sms")
    moving.move(4)
    breaker.trip("sms")
    breaker.close("sms")
    breaker.trip("sms")
    assert open_for() == 4


def test_one_systems_trouble_is_not_anothers(moving: Movable) -> None:
    breaker.trip("mail")
    assert open_until() is None


# --- a run


def test_cases_of_a_system_that_is_down_go_back_with_its_time_and_no_try(moving: Movable) -> None:
    put_cases(20)
    run(a_process(a_step(sends(), fails(SystemDown("unreachable")), size=5)))
    until = open_until()
    assert until is not None
    assert all(
        case.tries == 0 and case.due_at and case.due_at >= until and case.owner is None
        for case in all_stored()
    )


def test_one_probe_is_made_and_closes_it_for_all(moving: Movable) -> None:
    put_cases(30)
    breaker.trip("sms")
    moving.move(4)
    seen: list[bool] = []

    def act(payload: Any) -> Done:
        seen.append(is_probing())
        return done(payload)

    run(a_process(a_step(sends(), act)))
    assert (seen.count(True), len(seen)) == (1, 30)
    assert sql("SELECT count(*) FROM system_state") == [(0,)]


def test_a_probe_that_fails_calls_once(moving: Movable) -> None:
    put_cases(30)
    breaker.trip("sms")
    moving.move(4)
    calls: list[Any] = []

    def act(payload: Any) -> Done:
        calls.append(payload)
        raise SystemDown("unreachable")

    run(a_process(a_step(sends(), act)))
    assert len(calls) == 1
    assert open_for() == 8


def test_a_probe_that_is_refused_closes_it_too_for_someone_answers(moving: Movable) -> None:
    put_cases(1)
    breaker.trip("sms")
    moving.move(4)
    run(a_process(a_step(sends(), fails(Refused("no")))))
    assert sql("SELECT count(*) FROM system_state") == [(0,)]


@pytest.mark.parametrize("error", [UnknownOutcome("answer_lost"), NotSent("connect_timeout")])
def test_a_probe_without_an_answer_does_not_close_it(moving: Movable, error: VaxelError) -> None:
    put_cases(1)
    breaker.trip("sms")
    moving.move(4)
    run(a_process(a_step(sends(), fails(error))))
    assert sql("SELECT count(*) FROM system_state") == [(1,)]


def test_a_system_that_was_down_once_and_is_not_called_slows_nobody(moving: Movable) -> None:
    put_cases(20)
    breaker.trip("mail")
    moving.move(3600)
    sizes: list[int] = []

    def read(connection: Any, cases: Sequence[Errand], said: Any) -> dict[Any, Any]:
        sizes.append(len(cases))
        return dict.fromkeys(case.id for case in cases)

    run(a_process(a_step(sends(), others=("mail",), read=read)))
    assert sizes == [20]


def test_a_stopped_run_begins_no_more_and_writes_down_what_is_under_way(moving: Movable) -> None:
    put_cases(100)
    this = runs.begin_run(uuid.uuid4(), "errand")

    def act(payload: Any) -> Done:
        this.stop = runs.Stop.DRAINED
        return done(payload)

    Work(a_process(a_step(sends(), act)), this).until_done()
    runs.end(this)
    ended = sql("SELECT count(*) FROM errand WHERE state = 'done'")[0][0]
    assert 1 <= ended < 100
    assert sql("SELECT state, count(*) FROM effect GROUP BY state") == [("done", ended)]
    assert sql("SELECT count(*) FROM errand WHERE owner IS NOT NULL") == [(0,)]


# --- halving


def all_or_none(bad: set[int], calls: list[int]) -> Any:
    def act_many(payloads: Sequence[int]) -> list[Done]:
        calls.append(len(payloads))
        if bad & set(payloads):
            raise Refused("not_taken")
        return [Done(Rest("done"), str(payload)) for payload in payloads]

    return act_many


@given(st.integers(1, 70), st.sets(st.integers(0, 69), max_size=12))
def test_halving_finds_exactly_the_bad_ones_in_order(number: int, bad: set[int]) -> None:
    answers = halved(all_or_none(bad, calls := []), range(number))
    assert [isinstance(answer, Refused) for answer in answers] == [n in bad for n in range(number)]
    assert [answer.provider_id for answer in answers if isinstance(answer, Done)] == [
        str(n) for n in range(number) if n not in bad
    ]
    assert len(calls) <= 2 * max(1, len(bad)) * 8


@pytest.mark.parametrize("error", [SystemDown("unreachable"), UnknownOutcome("answer_lost"), NotSent("busy")])
def test_a_failure_that_is_no_refusal_is_the_answer_of_all(error: VaxelError) -> None:
    assert halved(fails(error), [1, 2, 3]) == [error] * 3


def test_a_system_that_goes_down_among_the_halves_is_not_asked_on(moving: Movable) -> None:
    calls: list[int] = []

    def act_many(payloads: Sequence[int]) -> list[Done]:
        calls.append(len(payloads))
        raise Refused("no") if len(calls) == 1 else SystemDown("unreachable")

    halved(act_many, list(range(64)))
    assert len(calls) == 2


def test_a_bad_one_among_many_parks_alone(moving: Movable) -> None:
    put_cases(9)
    gate = lambda case, _: Call(int(case.key[-1]))  # noqa: E731

    def act_many(payloads: Sequence[int]) -> list[Done]:
        return [Done(DONE) for _ in all_or_none({3, 7}, [])(payloads)]

    run(a_process(a_step(gate, act_many=act_many)))
    assert [case.key[-1] for case in all_stored() if case.parked] == ["3", "7"]
    assert sum(case.state == "done" for case in all_stored()) == 7


def test_too_few_answers_lose_nobody(moving: Movable) -> None:
    """A stand-in that forgets one must not shift the others' answers, nor stop them."""
    put_cases(3)
    run(
        a_process(
            a_step(sends(), act_many=lambda payloads: [Done(DONE)] * (len(payloads) - 1) or [Done(DONE)])
        )
    )
    assert sql("SELECT count(*) FROM errand WHERE owner IS NOT NULL") == [(0,)]


def test_a_step_that_nobody_says_anything_of_is_put_off_after_a_while(
    moving: Movable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Prefect, who says when a step is tried again whose system is down, may hang."""

    class Silent:
        def begins(self, at: object) -> None: ...

        def is_down(self, at: object) -> None: ...

    monkeypatch.setattr(pump, "HALTED_SECONDS", 0.2)
    put_cases(3)
    this = runs.begin_run(uuid.uuid4(), "errand")
    Work(a_process(a_step(sends(), fails(SystemDown("unreachable")))), this, Silent()).until_done()
    runs.end(this)
    assert {(case.state, case.tries, case.owner) for case in all_stored()} == {("new", 0, None)}
    assert open_for() == 4
