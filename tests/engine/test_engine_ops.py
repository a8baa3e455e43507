"""What ops can do: see a case, take it up again, settle what nobody could tell; never under a run's hands."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from errands import (
    DONE,
    Errand,
    Movable,
    a_claim,
    a_process,
    a_step,
    always,
    by_key,
    done,
    effect_of,
    fails,
    once,
    pumped,
    put_cases,
    release,
    run,
    said,
    sends,
    sql,
    stored,
    whole,
)
from sqlalchemy import select, text

from engine.base import clock
from engine.base.database import engine, table_of
from engine.base.errors import UnknownOutcome
from engine.ops import by_hand
from engine.running import runs
from engine.steps.verdicts import Go, Park
from engine.tables import wake
from models.case import Effect
from models.preferences import PatientPreferences

PROCESSES = {"errand": Errand}
LEASE = 60.0


def parked() -> uuid.UUID:
    (id,) = put_cases(1)
    once(a_step(always(Park("unit_unknown"))))
    return id


def unknown(moving: Movable) -> tuple[uuid.UUID, Effect]:
    """A case that has come to rest with an effect that nobody can tell about."""
    (id,) = put_cases(1)
    step = a_step(sends(), fails(UnknownOutcome("answer_lost")), cannot_be_asked=("sms",))
    once(step)
    moving.move(10)
    once(step)
    effect = effect_of("errand:case-00000")
    assert effect is not None
    assert effect.state == "parked"
    return id, effect


# --- retry


def test_a_parked_case_is_taken_up_again(moving: Movable) -> None:
    id = parked()
    by_hand.retry(PROCESSES, id)
    case = stored(id)
    assert (case.parked, case.due_at, case.tries) == (None, clock.now(), 0)
    assert said(id)[-1] == ("taken_up_again", "retry")
    assert whole(id)


def test_a_case_taken_up_again_goes_through_its_step(moving: Movable) -> None:
    id = parked()
    by_hand.retry(PROCESSES, id)
    run(a_process(a_step(sends())))
    assert stored(id).state == "done"


def test_a_case_that_a_run_holds_is_busy(moving: Movable) -> None:
    (id,) = put_cases(1)
    a_claim()
    with pytest.raises(by_hand.Busy):
        by_hand.retry(PROCESSES, id)
    assert said(id) == []


def test_a_case_whose_lease_is_over_is_taken_from_its_holder(moving: Movable) -> None:
    (id,) = put_cases(1)
    late = a_claim()
    moving.move(LEASE + 1)
    by_hand.retry(PROCESSES, id)
    pumped(a_step(sends(), fails(AssertionError("called"))), late)
    assert stored(id).state == "new"
    assert whole(id)


def test_nobody_has_this_case(moving: Movable) -> None:
    with pytest.raises(by_hand.NotFound):
        by_hand.retry(PROCESSES, uuid.uuid4())
    with pytest.raises(by_hand.NotFound):
        by_hand.story(PROCESSES, uuid.uuid4())


def test_all_that_were_parked_for_a_reason_are_taken_up_again(moving: Movable) -> None:
    put_cases(3)
    once(a_step(always(Park("tls_failed"))))
    other = put_cases(1, prefix="other", parked="unit_unknown", due_at=None)[0]
    assert by_hand.retry_parked(PROCESSES, "tls_failed") == 3
    assert stored(other).parked == "unit_unknown"


def test_one_busy_case_does_not_keep_the_others_parked(moving: Movable) -> None:
    ids = put_cases(3, parked="tls_failed")
    sql("UPDATE errand SET due_at = now() + interval '1 day' WHERE id <> :id", id=ids[1])
    a_claim()
    by_hand.retry_parked(PROCESSES, "tls_failed")
    assert [stored(id).parked for id in (ids[0], ids[2])] == [None, None]


# --- resolve


def test_an_unknown_effect_is_listed_with_its_case(moving: Movable) -> None:
    id, effect = unknown(moving)
    (line,) = by_hand.cases(PROCESSES, parked=True)
    assert (line.id, line.unknown) == (id, 1)
    assert by_hand.story(PROCESSES, id).effects[0]["id"] == str(effect.id)


@pytest.mark.parametrize(("arrived", "times"), [(True, 0), (False, 1)])
def test_a_resolved_effect_is_sent_again_only_if_it_had_not_arrived(
    moving: Movable, arrived: bool, times: int
) -> None:
    id, effect = unknown(moving)
    by_hand.resolve(PROCESSES, effect.id, arrived=arrived)
    calls: list[Any] = []

    def act(payload: Any) -> Any:
        calls.append(payload)
        return done(payload)

    run(a_process(a_step(sends(), act, cannot_be_asked=("sms",))))
    found = effect_of("errand:case-00000")
    assert found is not None
    assert (len(calls), found.state, stored(id).state) == (times, "done", "done")
    assert whole(id)


def test_what_is_resolved_is_told_on_the_timeline(moving: Movable) -> None:
    id, effect = unknown(moving)
    assert by_hand.resolve(PROCESSES, effect.id, arrived=True) == id
    assert said(id)[-1] == ("effect_resolved", "arrived")


def test_an_effect_is_resolved_once(moving: Movable) -> None:
    _, effect = unknown(moving)
    by_hand.resolve(PROCESSES, effect.id, arrived=True)
    with pytest.raises(by_hand.NotFound):
        by_hand.resolve(PROCESSES, effect.id, arrived=False)


def test_an_effect_that_waits_for_nobody_is_not_resolved(moving: Movable) -> None:
    put_cases(1)
    once(a_step(sends()))
    effect = effect_of("errand:case-00000")
    assert effect is not None
    with pytest.raises(by_hand.NotFound):
        by_hand.resolve(PROCESSES, effect.id, arrived=True)


def test_an_effect_whose_case_is_held_is_busy_and_stays_as_it_is(moving: Movable) -> None:
    id, effect = unknown(moving)
    sql("UPDATE errand SET due_at = :now", now=clock.now())
    claim = a_claim()
    with pytest.raises(by_hand.Busy):
        by_hand.resolve(PROCESSES, effect.id, arrived=False)
    release(claim)
    found = effect_of("errand:case-00000")
    assert found is not None
    assert (found.state, stored(id).state) == ("parked", "done")


# --- seeing


def test_cases_are_listed_by_state_and_counted(moving: Movable) -> None:
    put_cases(2)
    put_cases(1, prefix="other", state="done", due_at=None)
    put_cases(1, prefix="third", parked="unit_unknown", due_at=None)
    assert len(by_hand.cases(PROCESSES, state="new")) == 3
    assert [line.parked for line in by_hand.cases(PROCESSES, parked=True)] == ["unit_unknown"]
    assert by_hand.counts(PROCESSES) == {"errand": {"done": 1, "new": 2, "parked:unit_unknown": 1}}


def test_a_list_holds_no_more_than_asked_for(moving: Movable) -> None:
    put_cases(5)
    assert len(by_hand.cases(PROCESSES, most=3)) == 3


def test_a_story_has_the_clauses_and_nothing_sealed(moving: Movable) -> None:
    (id,) = put_cases(1, note="19121212-1212")
    once(a_step(sends(request="19121212-1212")))
    story = by_hand.story(PROCESSES, id)
    assert [entry["clause"] for entry in story.timeline] == ["besok-1"]
    assert "1212" not in repr(story).replace(str(id), "")


# --- the process around it


def test_a_case_that_no_step_takes_is_shown_to_ops(moving: Movable) -> None:
    (id,) = put_cases(1, state="sent")
    counts = run(a_process(a_step(sends())))
    assert stored(id).parked == "no_step"
    assert counts["cases"] == 1


def test_a_run_walks_on_until_nothing_is_due(moving: Movable) -> None:
    ids = put_cases(5)
    run(a_process(a_step(always(Go("sent"))), a_step(always(DONE), name="second")))
    assert {stored(id).state for id in ids} == {"done"}
    assert sql("SELECT count(*) FROM errand WHERE owner IS NOT NULL") == [(0,)]


def test_a_run_gives_back_what_it_held_when_it_breaks(moving: Movable) -> None:
    put_cases(3)

    def broken(cases: Any) -> Any:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        run(a_process(a_step(sends(), in_turn=broken)))
    assert sql("SELECT count(*) FROM errand WHERE owner IS NOT NULL") == [(0,)]


def test_a_wake_is_asked_for_once_until_its_run_begins(moving: Movable) -> None:
    assert [wake.claim_wake("errand"), wake.claim_wake("errand")] == [True, False]
    moving.move(10.1)
    assert wake.claim_wake("errand")
    run(a_process())
    assert wake.claim_wake("errand")


def test_a_run_that_finds_work_asks_for_no_other_run_until_its_last_look(moving: Movable) -> None:
    """Each wake is a run at Prefect, which costs as much as some cases."""
    put_cases(3)
    asked: list[bool] = []

    def act(payload: Any) -> Any:
        asked.append(wake.claim_wake("errand"))
        return done(payload)

    run(a_process(a_step(sends(), act, size=1)))
    assert asked == [True, False, False]
    assert wake.claim_wake("errand")


def test_a_run_that_looks_once_more_has_answered_the_wake_that_came_meanwhile(moving: Movable) -> None:
    """Its own run has left the work to this one; else nobody asks again before the sweep."""
    put_cases(1)

    def read(connection: Any, cases: Any, said: Any) -> dict[Any, Any]:
        assert wake.claim_wake("errand")
        (this,) = runs.of("errand")
        this.nudge()
        return dict.fromkeys(case.id for case in cases)

    run(a_process(a_step(sends(), read=read)))
    assert by_key("case-00000").state == "done"
    assert wake.claim_wake("errand")


def test_nothing_unknown_is_left_open_when_a_case_is_at_rest(moving: Movable) -> None:
    """Killed in the middle of a send, then an event takes the case another way: who asks?"""
    (id,) = put_cases(1)
    once(a_step(sends(), fails(UnknownOutcome("answer_lost"))))
    moving.move(10)
    process = a_process(a_step(always(DONE), name="another_way"))
    for _ in range(3):
        run(process)
        moving.move(3600)
    assert stored(id).state == "done"
    assert sql("SELECT count(*) FROM effect WHERE state IN ('sending', 'unknown')") == [(0,)]


def test_a_claim_is_never_longer_than_asked(moving: Movable) -> None:
    put_cases(3, due_at=clock.now() - timedelta(days=1))
    assert len(a_claim(2).cases) == 2


def test_the_newest_changes_of_all_processes_come_first_and_no_more_than_are_asked_for(
    moving: Movable,
) -> None:
    ids = put_cases(3)
    sql(f"UPDATE errand SET updated_at = updated_at - interval '1 hour' WHERE id = '{ids[0]}'")
    found = by_hand.cases({"errand": Errand, "again": Errand}, most=3)
    assert len(found) == 3
    assert [line.updated_at for line in found] == sorted((line.updated_at for line in found), reverse=True)


def test_what_waits_for_a_human_is_found_by_indexes(moving: Movable) -> None:
    """`watch` asks each minute while any case is parked."""
    table = table_of(PatientPreferences)
    found = select(table.c.id).where(by_hand.waits_for_human(PatientPreferences))
    rows = "gen_random_uuid(), n, 'known', 0, 0, now(), now() FROM generate_series(1, 20000) AS n"
    with engine().connect() as connection:
        columns = "id, key, state, tries, entries, created_at, updated_at"
        connection.execute(text(f"INSERT INTO {table.name} ({columns}) SELECT {rows}"))
        connection.execute(text(f"ANALYZE {table.name}"))
        said = found.compile(connection, compile_kwargs={"literal_binds": True})
        plan = "\n".join(connection.exec_driver_sql(f"EXPLAIN {said}").scalars())
        connection.rollback()
    assert f"Seq Scan on {table.name}" not in plan, plan
