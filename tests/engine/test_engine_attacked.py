"""What may go wrong between a turn, its slots and its claims: nobody frees another's case, and nobody spins."""

from __future__ import annotations

import threading
import time
import uuid
from dataclasses import replace
from typing import Any

import pytest
from errands import (
    Movable,
    a_claim,
    a_process,
    a_step,
    always,
    done,
    effect_of,
    fails,
    once,
    pumped,
    put_cases,
    sends,
    sql,
    stored,
)
from sqlalchemy import create_engine
from sqlalchemy.exc import OperationalError

from engine.base import clock
from engine.base.database import OUTAGES, engine, is_away, transaction
from engine.base.errors import UnknownOutcome
from engine.outer import breaker, threads
from engine.outer.looks import Looks
from engine.outer.questions import Questions
from engine.outer.width import CALLS
from engine.running import calls, runs
from engine.running.pump import Pump
from engine.running.step_run import StepRun
from engine.running.turn import Turn
from engine.running.work import Work
from engine.steps.step import Step
from engine.steps.verdicts import Call, Done, Park


def test_who_gives_way_frees_nobody_elses_case(moving: Movable) -> None:
    """Its lease was lost, and another worker has claimed it since."""
    (id,) = put_cases(1)
    claim, other = a_claim(), uuid.uuid4()
    sql("UPDATE errand SET owner = :other WHERE id = :id", other=other, id=id)
    turn = Turn(claim, [], [], slots=calls.Slots(), giving_way=[claim.cases[id]])
    turn.commit()
    assert stored(id).owner == other
    assert [case.id for case in turn.lost] == [id]


def test_a_turn_that_parks_says_which_cases_are_no_longer_ours(moving: Movable) -> None:
    (id,) = put_cases(1)
    claim = a_claim()
    made = Pump(claim, {"new": a_step(sends())}, runs.Run(uuid.uuid4(), "errand"))
    made.take_in(list(claim.cases.values()))
    sql("UPDATE errand SET owner = :other WHERE id = :id", other=uuid.uuid4(), id=id)
    turn = Turn(claim, [], list(made._runs[0].standing.values()), slots=calls.Slots())
    turn.park("internal_error")
    assert ([case.id for case in turn.lost], stored(id).parked) == ([id], None)


def test_a_later_claim_forgets_no_open_effect_of_an_earlier_one(moving: Movable) -> None:
    (id,) = put_cases(1)
    once(a_step(sends(), fails(UnknownOutcome("answer_lost"))))
    moving.move(60)
    claim = a_claim()
    put_cases(1, prefix="another")
    with transaction() as connection:
        claim.claim_due(connection, 10)
    assert claim.maybe_open == {id}


def test_what_has_left_a_claim_leaves_nothing_there(moving: Movable) -> None:
    put_cases(3)
    made = once(a_step(sends(), fails(UnknownOutcome("answer_lost"))))
    assert (made.claim.cases, made.claim.maybe_open) == ({}, set())


def _call(pump: Pump[Any], step: Step[Any]) -> calls.CallOfCase[Any]:
    case = next(iter(pump.claim.cases.values()))
    return calls.CallOfCase(StepRun(step, Looks(Questions())), case, Call(case, "sms"), None, clock.now())


def test_nobody_spins_while_others_have_all_slots_of_a_system_that_cannot_be_asked(moving: Movable) -> None:
    put_cases(2)
    step = a_step(sends(), cannot_be_asked=("sms",))
    claim = a_claim()
    made = Pump(claim, {"new": step}, runs.Run(uuid.uuid4(), "errand"))
    others, taken = calls.Slots(), [_call(made, step)]
    while others.occupy(taken[-1]):
        taken.append(_call(made, step))
    try:
        with made.holding():
            made.take_in(list(claim.cases.values()))
            assert [made.turn() for _ in range(4)] == [True, False, False, False]
    finally:
        for each in taken:
            others.give_back(each)
    assert len(taken) > 1


def test_a_run_that_has_been_asked_to_stop_takes_nothing_more() -> None:
    run = runs.begin_run(uuid.uuid4(), "errand")
    try:
        assert runs.of("errand") == [run]
        run.ask_to_stop(runs.Stop.CANCELLED)
        assert runs.of("errand") == []
    finally:
        runs.end(run)


def test_a_call_that_ends_in_no_exception_of_ours_is_unknown(moving: Movable) -> None:
    class Panic(BaseException):
        """What a library in another language may raise."""

    put_cases(1)
    once(a_step(sends(), fails(Panic())))  # type: ignore[arg-type]
    effect = effect_of("errand:case-00000")
    assert effect is not None
    assert effect.state == "unknown"


def test_a_run_that_looks_again_tells_once_of_each_case_that_it_has_parked(moving: Movable) -> None:
    (id,) = put_cases(1)
    run = runs.Run(uuid.uuid4(), "errand")
    work = Work(a_process(a_step(always(Park("unit_unknown")))), run)
    work.until_done()
    work.until_done()
    assert run.parked == [(id, "unit_unknown")]


def test_a_step_that_cannot_be_put_off_since_the_database_is_away_stands_still_no_longer(
    moving: Movable, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(system: str) -> None:
        raise OperationalError("", {}, Exception())

    put_cases(1)
    made = Pump(a_claim(), {"new": a_step(sends())}, runs.Run(uuid.uuid4(), "errand"))
    (at,) = made._runs
    at.down, at.is_halted = {"sms"}, True
    monkeypatch.setattr(breaker, "trip", away)
    made.put_off(at)
    assert (at.down, at.is_halted) == (set(), False)


def test_what_was_done_for_a_case_that_is_anothers_is_closed_after_an_outage_and_its_slot_is_free(
    moving: Movable,
) -> None:
    """Else each such outage takes a slot of a system that cannot be asked, until nobody is written to any more."""
    (id,) = put_cases(1)
    claim, step = a_claim(), a_step(sends(), cannot_be_asked=("sms",))
    sql(
        "CREATE FUNCTION goes_away() RETURNS trigger AS $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '57P01'; END $$"
        " LANGUAGE plpgsql"
    )

    def act(payload: Any) -> Done:
        """The lease is lost, and the database goes away for half a second."""
        claim.cases.pop(id)
        sql("CREATE TRIGGER goes_away BEFORE UPDATE ON effect FOR EACH ROW EXECUTE FUNCTION goes_away()")
        back.start()
        return done(payload)

    back = threading.Timer(0.5, sql, ["DROP FUNCTION goes_away CASCADE"])
    free = calls.Slots().free(step, "sms")
    with pytest.raises(OperationalError):
        pumped(replace(step, act=act), claim)
    back.join()
    effect = effect_of("errand:case-00000")
    assert effect is not None
    assert (effect.state, calls.Slots().free(step, "sms")) == ("done", free)


def test_what_stands_in_line_is_a_tenth_of_a_second_of_the_systems_work(moving: Movable) -> None:
    """What a worker's death leaves unknown, and what must wait behind it where the system becomes slow."""
    step, own = a_step(sends(), cannot_be_asked=()), threads.of("hope")
    for called in [own.submit(time.sleep, 0.01) for _ in range(CALLS)]:
        called.result()
    free = calls.Slots().free(replace(step, system="hope"), "hope")
    assert own.most + own.wide() <= free <= own.most + 0.1 / 0.01 * own.wide()


def test_a_program_whose_connections_are_all_in_use_takes_it_as_a_database_that_is_away(
    moving: Movable,
) -> None:
    """No case is parked for it: they are taken up again."""
    pool = create_engine(engine().url, pool_size=1, max_overflow=0, pool_timeout=0.05)
    with pool.connect(), pytest.raises(OUTAGES) as found, pool.connect():
        pass
    assert is_away(found.value)
    pool.dispose()
