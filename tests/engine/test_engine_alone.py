"""Steps whose cases go alone: a call that lasts minutes holds up no other case, no other run, and no other system."""

from __future__ import annotations

import threading
from typing import Any

import pytest
from errands import (
    DONE,
    Errand,
    a_claim,
    a_process,
    a_step,
    all_stored,
    by_key,
    put_cases,
    run,
)

from engine.base.errors import SystemDown
from engine.base.settings import settings
from engine.outer import threads
from engine.running import pump, work
from engine.steps.verdicts import Call, Done, Verdict


def call(case: Errand, facts: Any) -> Verdict:
    return Call(case.key)


@pytest.fixture(autouse=True)
def _own_threads(fresh_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other test's calls are under way in them."""
    threads.of_step.cache_clear()


def alone(act: Any, **parts: Any) -> Any:
    return a_step(call, act, alone=True, **parts)


def states() -> dict[str, str]:
    return {case.key: case.state for case in all_stored()}


@pytest.mark.usefixtures("moving")
def test_the_others_are_called_and_written_down_while_one_is_under_way() -> None:
    put_cases(6)
    seen: dict[str, str] = {}

    def act(key: str) -> Done:
        if key == "case-00000":
            for _ in range(200):
                if sum(state == "done" for state in states().values()) == 5:
                    break
                threading.Event().wait(0.02)
            seen.update(states())
        return Done(DONE)

    run(a_process(alone(act)))
    assert seen == {"case-00000": "new"} | {f"case-{n:05}": "done" for n in range(1, 6)}
    assert set(states().values()) == {"done"}


@pytest.mark.usefixtures("moving")
def test_no_more_calls_are_under_way_than_the_system_has_threads_whatever_runs_ask() -> None:
    put_cases(12)
    under_way, most, lock = 0, 0, threading.Lock()

    def act(key: str) -> Done:
        nonlocal under_way, most
        with lock:
            under_way += 1
            most = max(most, under_way)
        threading.Event().wait(0.02)
        with lock:
            under_way -= 1
        return Done(DONE)

    step = alone(act)
    made = a_process(step)
    others = [threading.Thread(target=run, args=(made,)) for _ in range(2)]
    for each in others:
        each.start()
    for each in others:
        each.join()
    assert set(states().values()) == {"done"}
    assert 1 < most <= settings().system("sms").threads


def test_who_has_stood_long_gives_way_to_what_came_since_and_is_not_parked(
    errands: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pump, "STANDS_SECONDS", 0.2)
    monkeypatch.setattr(work, "MOST_INSIDE", 8)
    monkeypatch.setattr(work, "ROOM", 1)
    put_cases(8, prefix="slow")
    put_cases(4, prefix="then", state="sent")
    go, order = threading.Event(), list[str]()

    def act(key: str) -> Done:
        go.wait(10)
        order.append(key)
        return Done(DONE)

    def quick(key: str) -> Done:
        order.append(key)
        if sum(key.startswith("then") for key in order) == 4:
            go.set()
        return Done(DONE)

    made = a_process(alone(act), a_step(call, quick, name="quick", system="vas"))
    run(made)
    assert [key[:4] for key in order] == ["then"] * 4 + ["slow"] * 8
    assert {(case.state, case.parked, case.owner) for case in all_stored()} == {("done", None, None)}


@pytest.mark.usefixtures("moving")
def test_cases_go_in_the_order_that_the_step_says() -> None:
    put_cases(4)
    called: list[str] = []
    step = alone(
        lambda key: called.append(key) or Done(DONE),
        in_turn=lambda cases: sorted(cases, key=lambda case: case.key, reverse=True),
    )
    threads.of_step("do_errand", "sms")._pool._max_workers = 1
    run(a_process(step))
    assert called == [f"case-{n:05}" for n in (3, 2, 1, 0)]


@pytest.mark.usefixtures("moving")
def test_a_system_that_is_down_lets_the_cases_go_back_and_no_try_is_counted() -> None:
    put_cases(3)

    def act(key: str) -> Done:
        raise SystemDown("unreachable")

    run(a_process(alone(act)))
    assert {(case.state, case.tries, case.parked) for case in all_stored()} == {("new", 0, None)}


def test_a_call_that_outlasts_the_lease_is_written_down_for_the_lease_is_renewed_meanwhile(
    errands: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    quick = settings().system("sms").model_copy(update={"deadline": 0.1})
    monkeypatch.setitem(settings().systems, "sms", quick)
    monkeypatch.setattr(settings(), "lease_seconds", 0.4)
    put_cases(1)
    claimed: list[int] = []

    def act(key: str) -> Done:
        threading.Event().wait(0.8)
        claimed.append(len(a_claim().cases))
        return Done(DONE)

    run(a_process(alone(act)))
    assert (claimed, by_key("case-00000").state) == ([0], "done")


@pytest.mark.usefixtures("moving")
def test_what_a_call_has_found_is_what_the_step_records() -> None:
    put_cases(1)
    recorded: list[Any] = []
    step = alone(lambda key: Done(DONE, found="found"), record=lambda connection, done: recorded.extend(done))
    run(a_process(step))
    assert [found for _, found in recorded] == ["found"]
    assert by_key("case-00000").state == "done"
