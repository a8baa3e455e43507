"""A run of one case, and what is remembered of the runs that a case has had."""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from errands import (
    Errand,
    Movable,
    a_process,
    a_step,
    all_stored,
    done,
    events,
    put_cases,
    said,
    sends,
    sql,
    stored,
)
from sqlalchemy import text

from engine.base import clock
from engine.base.database import transaction
from engine.ops import by_hand
from engine.running import again, runs
from engine.running.work import Work
from engine.steps.verdicts import Park
from engine.tables import case_runs
from engine.tables.inbox import Inbox
from models.events import Arrival

PROCESSES = {"errand": Errand}


@pytest.fixture
def a_run() -> Iterator[runs.Run]:
    run = runs.begin_run(uuid.uuid4(), "errand")
    yield run
    runs.end(run)


def test_a_parked_case_is_taken_through_alone_and_those_that_are_due_are_left(
    moving: Movable, a_run: runs.Run
) -> None:
    due = put_cases(3)
    (id,) = put_cases(1, prefix="parked", parked="unit_unknown", due_at=None)
    key = again.take_up_one(Errand, id, "retry")
    work = Work(a_process(a_step(sends())), a_run)
    work.of_one(key)
    assert work.counts["cases"] == 1
    assert [stored(each).state for each in (id, *due)] == ["done", "new", "new", "new"]
    assert said(id)[0] == ("taken_up_again", "retry")
    assert all(case.owner is None for case in all_stored())


def test_a_case_that_rests_is_taken_up_though_nothing_has_parked_it(moving: Movable) -> None:
    (id,) = put_cases(1, due_at=None)
    again.take_up_one(Errand, id, "retry")
    assert (stored(id).state, stored(id).due_at) == ("new", moving.now())
    assert said(id) == [("taken_up_again", "retry")]


def test_a_case_that_waits_for_nothing_and_one_that_is_not_there_are_told_apart(moving: Movable) -> None:
    (id,) = put_cases(1, state="done", due_at=None)
    with pytest.raises(again.NotFound) as of_none:
        again.take_up_one(Errand, uuid.uuid4(), "retry")
    assert type(of_none.value) is again.NotFound
    with pytest.raises(again.Closed):
        again.take_up_one(Errand, id, "retry")


def test_a_case_that_a_run_is_just_ending_is_not_taken_up_again(moving: Movable) -> None:
    """It is judged once that is written: due and at its end no step would take it, and it would be parked."""
    (id,) = put_cases(1, due_at=None)
    with ThreadPoolExecutor(1) as side:
        with transaction() as connection:
            connection.execute(text("UPDATE errand SET state = 'done'"))
            retried = side.submit(again.take_up_one, Errand, id, "retry")
            time.sleep(0.3)  # it has read, or waits
        with pytest.raises(again.Closed):
            retried.result(10)
    assert stored(id).due_at is None


def test_what_concerns_many_is_spread_by_a_run_of_one_case_and_does_not_keep_it_turning(
    moving: Movable, a_run: runs.Run
) -> None:
    (id,) = put_cases(1, due_at=None)
    key = again.take_up_one(Errand, id, "retry")
    Inbox().store("vas", [Arrival("w", "patient.deceased", "errand", "", None, clock.now(), {})])
    work = Work(a_process(a_step(sends()), by=events()), a_run)
    work.of_one(key)
    assert work.counts["cases"] <= 2
    assert stored(id).state == "done"


def test_a_run_of_one_case_is_not_left_what_comes_for_others(a_run: runs.Run) -> None:
    a_run.is_taking = False
    assert runs.of("errand") == []


def test_what_became_of_the_cases_is_counted_by_reason(moving: Movable, a_run: runs.Run) -> None:
    put_cases(2)
    Work(a_process(a_step(sends())), a_run).until_done()
    put_cases(1, prefix="other")
    Work(a_process(a_step(lambda case, facts: Park("unit_unknown", "besok-1"))), a_run).until_done()
    assert dict(a_run.became) == {
        ("done", "asked_for", "besok-1"): 2,
        ("parked", "unit_unknown", "besok-1"): 1,
    }


def test_a_case_knows_the_runs_that_had_it_the_latest_first(moving: Movable, a_run: runs.Run) -> None:
    (id,) = put_cases(1)
    Work(a_process(a_step(sends(), done)), a_run).until_done()
    later = uuid.uuid4()
    moving.move(5)
    case_runs.note_claimed(later, [id])
    case_runs.note_claimed(later, [id])
    assert [run["id"] for run in by_hand.story(PROCESSES, id).runs] == [str(later), str(a_run.id)]


def test_what_runs_by_itself_is_no_run_of_prefects(moving: Movable) -> None:
    put_cases(1)
    Work(a_process(a_step(sends())), runs.begin_by_itself("errand")).until_done()
    assert sql("SELECT count(*) FROM case_run") == [(0,)]


def test_runs_are_forgotten_when_prefect_has_forgotten_them(moving: Movable) -> None:
    case_runs.note_claimed(uuid.uuid4(), [uuid.uuid4()])
    moving.move(timedelta(days=29).total_seconds())
    assert case_runs.forget_old_runs() == 0
    case_runs.note_claimed(uuid.uuid4(), [uuid.uuid4()])
    moving.move(timedelta(days=2).total_seconds())
    assert case_runs.forget_old_runs() == 1
