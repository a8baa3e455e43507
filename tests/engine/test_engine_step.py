"""One step over its cases: every verdict and every error leaves the case, its ladder and its timeline right."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from errands import (
    DONE,
    Errand,
    Movable,
    a_claim,
    a_process,
    a_step,
    all_stored,
    always,
    done,
    effect_of,
    events,
    fails,
    occasion,
    once,
    pumped,
    put_cases,
    run,
    said,
    sends,
    sql,
    stored,
    told,
    whole,
)
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from engine.base import clock
from engine.base.database import engine
from engine.base.errors import AnswerLost, Incident, NotSent, Refused, SystemDown, UnknownOutcome
from engine.base.settings import Settings
from engine.outer import breaker
from engine.steps.process import Process
from engine.steps.stage import Cases, Stage
from engine.steps.verdicts import Arrived, Call, CannotTell, Done, Go, NotArrived, Park, Rest, Send, Wait
from engine.tables.timeline import Entry
from models.case import Effect

SETTLED = 5 + 2.0 + 0.2
"""Seconds from the gate until an effect whose answer was lost may be judged, with the tests' settings."""
KEY = "errand:case-00000"


def seconds_until_due(id: uuid.UUID) -> float:
    at = stored(id).due_at
    assert at is not None
    return (at - clock.now()).total_seconds()


def state_of(key: str = KEY) -> str:
    effect = effect_of(key)
    assert effect is not None
    return effect.state


# --- verdicts


def test_go_moves_on_and_is_due_at_once(moving: Movable) -> None:
    (id,) = put_cases(1, tries=2, waiting_since=clock.now())
    once(a_step(always(Go("sent", (Entry("seen", "why", "besok-1"),), changes={"told": "x"}))))
    case = stored(id)
    assert (case.state, case.due_at, case.tries, case.waiting_since, case.told) == (
        "sent",
        clock.now(),
        0,
        None,
        "x",
    )
    assert said(id) == [("seen", "why")]


def test_go_may_say_when(moving: Movable) -> None:
    (id,) = put_cases(1)
    at = clock.now() + timedelta(days=1)
    once(a_step(always(Go("sent", due_at=at))))
    assert stored(id).due_at == at


def test_rest_waits_for_an_event(moving: Movable) -> None:
    (id,) = put_cases(1)
    once(a_step(always(Rest("done"))))
    assert (stored(id).state, stored(id).due_at) == ("done", None)


def test_rest_may_leave_it_to_a_human_where_it_rests(moving: Movable) -> None:
    (id,) = put_cases(1)
    made = once(a_step(always(Rest("sent", (Entry("told", "why"),), parked="nobody_knows"))))
    assert (stored(id).state, stored(id).parked, stored(id).due_at) == ("sent", "nobody_knows", None)
    assert said(id) == [("told", "why"), ("parked", "nobody_knows")]
    assert [reason for _, reason in made.parked] == ["nobody_knows"]


def test_wait_comes_back_when_it_says_and_tells_once(moving: Movable) -> None:
    (id,) = put_cases(1)
    step = a_step(always(Wait(clock.now() + timedelta(seconds=30), Entry("waits", "person_unknown"))))
    once(step)
    assert seconds_until_due(id) == 30
    moving.move(30)
    once(step)
    assert said(id) == [("waits", "person_unknown")]


def test_wait_without_a_time_comes_back_by_the_ladders_last(moving: Movable) -> None:
    (id,) = put_cases(1)
    once(a_step(always(Wait())))
    assert 20 <= seconds_until_due(id) <= 24
    assert (stored(id).waiting_since, stored(id).tries) == (clock.now(), 0)


def test_park_stops_with_the_reason_and_the_clause(moving: Movable) -> None:
    (id,) = put_cases(1)
    made = once(a_step(always(Park("unit_unknown", "policy-okand-1"))))
    assert (stored(id).parked, stored(id).due_at) == ("unit_unknown", None)
    assert [(entry.what, entry.reason, entry.clause) for entry in told(id)] == [
        ("parked", "unit_unknown", "policy-okand-1")
    ]
    assert [reason for _, reason in made.parked] == ["unit_unknown"]


def test_a_call_writes_no_effect(moving: Movable) -> None:
    (id,) = put_cases(1)
    once(a_step(always(Call("payload"))))
    assert stored(id).state == "done"
    assert sql("SELECT count(*) FROM effect") == [(0,)]


def test_a_send_is_written_as_sending_before_the_call_and_done_after(moving: Movable) -> None:
    (id,) = put_cases(1)
    seen: list[str] = []

    def act(payload: Any) -> Done:
        seen.append(state_of())
        return Done(DONE, "p1")

    once(a_step(sends(), act))
    assert (seen, state_of(), stored(id).state) == (["sending"], "done", "done")


def test_what_was_done_before_is_not_done_again_and_says_so(moving: Movable) -> None:
    ids = put_cases(2)
    once(a_step(lambda case, _: Send("one occasion", DONE, "")))
    moving.move(5)
    once(a_step(lambda case, _: Send("one occasion", DONE, ""), fails(AssertionError("called"))))
    assert {stored(id).state for id in ids} == {"done"}
    assert sorted(told(id)[0].detail for id in ids) == ['{"done": "before"}', "{}"]


def test_two_cases_with_one_occasion_send_once(moving: Movable) -> None:
    put_cases(2)
    calls: list[Any] = []

    def act(payload: Any) -> Done:
        calls.append(payload)
        return done(payload)

    once(a_step(lambda case, _: Send("one occasion", DONE, case.key), act))
    assert len(calls) == 1


# --- transitions


@pytest.mark.parametrize("state", ["new", "nowhere", ""])
def test_a_move_that_is_not_declared_is_refused(moving: Movable, state: str) -> None:
    (id,) = put_cases(1)
    once(a_step(always(Go(state))))
    assert (stored(id).state, stored(id).parked) == ("new", "internal_error")


def test_a_step_that_would_change_what_is_sealed_parks_and_does_not_go_on_without(moving: Movable) -> None:
    (id,) = put_cases(1, note="as it was")
    once(a_step(always(Go("sent", changes={"note": "changed"}))))
    case = stored(id)
    assert (case.state, case.parked, case.note) == ("new", "internal_error", "as it was")


def test_a_case_in_a_state_that_is_not_declared_parks_alone(moving: Movable) -> None:
    good, bad = put_cases(2)
    sql("UPDATE errand SET state = 'nowhere' WHERE id = :id", id=bad)
    once(a_step(always(Go("sent"))))
    assert (stored(bad).parked, stored(good).state) == ("internal_error", "sent")


def test_an_act_may_not_lead_to_an_undeclared_state_and_its_effect_stands(moving: Movable) -> None:
    (id,) = put_cases(1)
    once(a_step(sends(), lambda payload: Done(Go("nowhere"))))
    assert (stored(id).parked, state_of()) == ("internal_error", "done")


# --- errors


@pytest.mark.parametrize("make", [sends(), always(Call("x"))])
def test_not_sent_goes_up_the_cases_own_ladder(moving: Movable, make: Callable[..., Any]) -> None:
    (id,) = put_cases(1)
    step = a_step(make, fails(NotSent("connect_timeout", "tcp")))
    once(step)
    assert stored(id).tries == 1
    assert 4 <= seconds_until_due(id) <= 4.8
    moving.move(5)
    once(step)
    assert stored(id).tries == 2
    assert 20 <= seconds_until_due(id) <= 24
    assert told(id)[1].detail == '{"detail": "tcp", "try": 2}'


def test_not_sent_is_written_so_that_it_is_begun_again(moving: Movable) -> None:
    (id,) = put_cases(1)
    once(a_step(sends(), fails(NotSent("busy"))))
    assert state_of() == "not_sent"
    moving.move(5)
    once(a_step(sends()))
    assert (state_of(), stored(id).state) == ("done", "done")


@pytest.mark.parametrize(
    ("error", "may_be_there"),
    [
        (NotSent("busy"), False),
        (SystemDown("unreachable"), False),
        (Refused("no"), False),
        (AnswerLost("answer_lost"), True),
    ],
)
def test_only_of_a_call_whose_answer_was_lost_nobody_is_sure(
    moving: Movable, error: Exception, may_be_there: bool
) -> None:
    put_cases(1)
    once(a_step(sends(), fails(error)))
    effect = effect_of(KEY)
    assert effect is not None
    assert (effect.state, effect.may_be_there) == ("not_sent", may_be_there)


def test_an_exhausted_ladder_parks_with_the_last_reason(moving: Movable) -> None:
    (id,) = put_cases(1)
    for _ in range(3):
        once(a_step(sends(), fails(NotSent("busy"))))
        moving.move(60)
    assert (stored(id).parked, stored(id).due_at) == ("busy", None)
    assert [what for what, _ in said(id)] == ["failed", "failed", "failed", "parked"]


def test_an_exhausted_ladder_may_lead_elsewhere(moving: Movable) -> None:
    (id,) = put_cases(1, tries=2)
    once(
        a_step(
            sends(), fails(NotSent("busy")), exhausted=lambda case, why: Go("sent", (Entry("gave_up", why),))
        )
    )
    assert (stored(id).state, stored(id).tries, said(id)[-1]) == ("sent", 0, ("gave_up", "busy"))


@pytest.mark.parametrize("error", [Refused("not_a_number", "http_400"), Incident("tls_failed")])
def test_what_is_refused_for_good_parks_and_was_not_sent(moving: Movable, error: Exception) -> None:
    (id,) = put_cases(1)
    once(a_step(sends(), fails(error)))
    assert (stored(id).parked, state_of()) == (error.reason, "not_sent")  # type: ignore[attr-defined]
    assert [what for what, _ in said(id)] == ["refused", "parked"]


def test_a_system_that_is_down_counts_no_try_and_leaves_the_case(moving: Movable) -> None:
    (id,) = put_cases(1)
    once(a_step(sends(), fails(SystemDown("unreachable"))))
    assert 4 <= seconds_until_due(id) <= 10
    assert (stored(id).tries, state_of(), said(id)) == (0, "not_sent", [])


def test_once_a_system_is_down_the_others_are_not_called(moving: Movable) -> None:
    put_cases(30)
    calls: list[Any] = []

    def act(payload: Any) -> Done:
        calls.append(payload)
        raise SystemDown("unreachable")

    once(a_step(sends(), act))
    assert len(calls) <= 4
    assert {case.tries for case in all_stored()} == {0}


def test_a_lost_answer_is_asked_about_after_deadline_and_settling(moving: Movable) -> None:
    (id,) = put_cases(1)
    once(a_step(sends(), fails(UnknownOutcome("answer_lost", "timeout"))))
    assert (state_of(), said(id)) == ("unknown", [("answer_lost", "answer_lost")])
    assert seconds_until_due(id) == pytest.approx(SETTLED)


def test_a_lost_answer_of_a_harmless_call_goes_up_the_ladder(moving: Movable) -> None:
    (id,) = put_cases(1)
    once(a_step(always(Call("x")), fails(UnknownOutcome("answer_lost"))))
    assert stored(id).tries == 1


# --- asking


def lost(step_parts: dict[str, Any], moving: Movable, *, then: float = SETTLED) -> uuid.UUID:
    """A case whose answer was lost, taken up again after so many seconds."""
    (id,) = put_cases(1)
    once(a_step(sends(), fails(UnknownOutcome("answer_lost"))))
    moving.move(then)
    sql("UPDATE errand SET due_at = :now", now=clock.now())
    once(a_step(sends(), **step_parts))
    return id


def test_nobody_judges_before_the_settling_time_is_over(moving: Movable) -> None:
    id = lost({"ask": fails(AssertionError("asked"))}, moving, then=SETTLED - 0.1)
    assert state_of() == "unknown"
    assert seconds_until_due(id) == pytest.approx(0.1)


def test_what_has_arrived_is_not_sent_again(moving: Movable) -> None:
    id = lost({"act": fails(AssertionError("called")), "ask": lambda effect: Arrived("p9")}, moving)
    effect = effect_of(KEY)
    assert effect is not None
    assert (effect.state, effect.provider_id, stored(id).state) == ("done", "p9", "done")


@pytest.mark.parametrize("surely", [True, False])
def test_what_has_not_arrived_is_sent_again(moving: Movable, surely: bool) -> None:
    id = lost({"ask": lambda effect: NotArrived(surely)}, moving)
    moving.move(5)
    once(a_step(sends()))
    effect = effect_of(KEY)
    assert effect is not None
    assert (effect.state, effect.may_be_there, stored(id).state) == ("done", not surely, "done")


def test_a_database_that_is_away_while_asking_parks_nothing(moving: Movable) -> None:
    away = OperationalError("", {}, Exception())
    with pytest.raises(OperationalError):
        lost({"ask": fails(away)}, moving)
    assert state_of() == "unknown"


@pytest.mark.parametrize("ask", [None, lambda effect: CannotTell(), fails(Refused("no"))])
def test_what_nobody_can_tell_is_parked_and_the_case_goes_on(moving: Movable, ask: Any) -> None:
    id = lost({"act": fails(AssertionError("called")), "ask": ask}, moving)
    assert (state_of(), stored(id).state, stored(id).parked) == ("parked", "done", None)
    assert said(id)[-1] == ("effect_unknown", "unknown_effect")


@pytest.mark.parametrize(
    "error",
    [
        NotSent("busy"),
        SystemDown("unreachable"),
        UnknownOutcome("answer_lost"),
        Incident("not_authorised"),  # a password that is wrong for an hour gives no case to a human for ever
    ],
)
def test_a_question_that_fails_is_asked_again(moving: Movable, error: Exception) -> None:
    id = lost({"ask": fails(error)}, moving)
    assert state_of() == "unknown"
    assert 4 <= seconds_until_due(id) <= 4.8


def test_what_asking_needs_is_kept_and_given_back(moving: Movable) -> None:
    seen: list[Effect] = []
    put_cases(1)
    gate = sends(likeness=b"alike", request="to whom", token="t")
    once(a_step(gate, fails(UnknownOutcome("answer_lost"))))
    moving.move(SETTLED)

    def ask(effect: Effect) -> Arrived:
        seen.append(effect)
        return Arrived()

    once(a_step(gate, ask=ask))
    assert [(effect.request, effect.likeness, effect.token) for effect in seen] == [
        ("to whom", b"alike", "t")
    ]


def test_an_answer_that_is_lost_every_time_ends_with_a_human(moving: Movable) -> None:
    """A limit on tries holds for it too: asked, not there, sent again, lost again, and so on."""
    (id,) = put_cases(1)
    for _ in range(20):
        once(a_step(sends(), fails(UnknownOutcome("answer_lost")), ask=lambda effect: NotArrived()))
        moving.move(30)
    assert stored(id).parked is not None or state_of() == "parked"


def test_a_case_that_follows_a_lost_twin_of_the_same_occasion_waits(moving: Movable) -> None:
    first, second = put_cases(2)
    step = a_step(lambda case, _: Send("one occasion", DONE, ""), fails(UnknownOutcome("answer_lost")))
    once(step)
    waits = [id for id in (first, second) if not said(id)]
    assert len(waits) == 1
    assert 2 <= seconds_until_due(waits[0]) <= 2.4


# --- asked again at the door, and the lease


def test_a_gate_older_than_five_seconds_lets_nobody_through(moving: Movable) -> None:
    (id,) = put_cases(1)

    def read(connection: Any, cases: Sequence[Errand], seen: Any) -> dict[Any, Any]:
        moving.move(5.1)
        return dict.fromkeys(case.id for case in cases)

    once(a_step(sends(), fails(AssertionError("called")), read=read))
    assert (state_of(), stored(id).tries, stored(id).due_at) == ("not_sent", 0, clock.now())


def test_a_gate_of_five_seconds_is_new_enough(moving: Movable) -> None:
    (id,) = put_cases(1)

    def read(connection: Any, cases: Sequence[Errand], seen: Any) -> dict[Any, Any]:
        moving.move(5.0)
        return dict.fromkeys(case.id for case in cases)

    once(a_step(sends(), read=read))
    assert stored(id).state == "done"


def test_a_call_that_may_outlast_the_lease_is_not_made(moving: Movable) -> None:
    (id,) = put_cases(1)
    claim = a_claim()
    moving.move(58.1)
    pumped(a_step(sends(), fails(AssertionError("called"))), claim)
    assert (state_of(), stored(id).tries) == ("not_sent", 0)


def test_a_call_for_many_that_may_outlast_the_lease_is_not_made_either(moving: Movable) -> None:
    put_cases(3)
    claim = a_claim()
    moving.move(58.1)
    pumped(a_step(always(Call("x")), act_many=fails(AssertionError("called"))), claim)
    assert {(case.tries, case.parked) for case in all_stored()} == {(0, None)}


def test_a_lease_that_can_never_fit_a_call_is_refused_with_the_settings() -> None:
    with pytest.raises(ValueError, match="lease"):
        Settings(lease_seconds=1.0)


def test_no_connection_is_held_over_a_call(moving: Movable) -> None:
    put_cases(8)
    held: list[int] = []

    def act(payload: Any) -> Done:
        held.append(engine().pool.checkedout())  # type: ignore[attr-defined]
        return done(payload)

    once(a_step(sends(), act))
    assert held == [0] * 8


def test_a_system_that_is_left_alone_is_not_called(moving: Movable) -> None:
    (id,) = put_cases(1)
    until = breaker.trip("sms")
    once(a_step(sends(), fails(AssertionError("called"))))
    assert until <= (stored(id).due_at or until - timedelta(1)) <= until + timedelta(seconds=6)
    assert (stored(id).tries, effect_of(KEY)) == (0, None)


# --- systems that can't be asked


@pytest.mark.parametrize("cases", [1, 4, 5, 30])
def test_a_blind_system_never_has_more_sending_than_threads(moving: Movable, cases: int) -> None:
    put_cases(cases)
    most: list[int] = []

    def act(payload: Any) -> Done:
        most.append(sql("SELECT count(*) FROM effect WHERE state = 'sending'")[0][0])
        return done(payload)

    once(a_step(sends(), act, cannot_be_asked=("sms",)))
    assert max(most) <= 4
    assert {case.state for case in all_stored()} == {"done"}


def test_two_runs_together_have_no_more_sending_at_a_blind_system_than_threads(errands: None) -> None:
    """A crash would leave those that only wait for a thread as unknown, and a human with them."""
    put_cases(16)
    most: list[int] = []
    both = threading.Barrier(2)

    def act(payload: Any) -> Done:
        threading.Event().wait(0.05)
        most.append(sql("SELECT count(*) FROM effect WHERE state = 'sending'")[0][0])
        return done(payload)

    def work() -> None:
        claim = a_claim(8)
        both.wait()
        pumped(a_step(sends(), act, cannot_be_asked=("sms",)), claim)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert max(most) <= 4


def test_only_the_blind_system_of_a_step_is_held_back(moving: Movable) -> None:
    put_cases(24)

    def gate(case: Errand, facts: Any) -> Send:
        return Send(occasion(case), DONE, case.key, system="mail" if int(case.key[-1]) % 2 else "sms")

    most: Counter[str] = Counter()

    def act(payload: Any) -> Done:
        for system, count in sql(
            "SELECT system, count(*) FROM effect WHERE state = 'sending' GROUP BY system"
        ):
            most[system] = max(most[system], count)
        return done(payload)

    once(a_step(gate, act, others=("mail",), cannot_be_asked=("mail",)))
    assert most["mail"] <= 4 < most["sms"]


# --- a bug in one case


class Bug(Exception):
    """Not one of ours."""


def bad(case: Errand) -> bool:
    return case.key == "case-00001"


def breaks(case: Errand, facts: Any) -> Any:
    if bad(case):
        raise Bug("gate")
    return Send(occasion(case), DONE, case.key)


def breaking(payload: Any) -> Done:
    if "00001" in str(payload):
        raise Bug("act")
    return done(payload)


def many_breaking(payloads: Sequence[Any]) -> Sequence[Done]:
    return [breaking(payload) for payload in payloads]


def read_breaking(connection: Any, cases: Sequence[Errand], seen: Any) -> dict[Any, Any]:
    if any(bad(case) for case in cases):
        raise Bug("read")
    return dict.fromkeys(case.id for case in cases)


def record_breaking(connection: Any, calls: Sequence[tuple[Errand, Any]]) -> None:
    if any(bad(case) for case, _ in calls):
        raise Bug("record")


def unknown_field(payload: Any) -> Done:
    return Done(Rest("done", changes={"no_such_field": 1} if "00001" in str(payload) else {}))


BUGS: dict[str, Any] = {
    "gate": a_step(breaks),
    "act": a_step(sends(), breaking),
    "act_many": a_step(sends(), act_many=many_breaking),
    "read": a_step(sends(), read=read_breaking),
    "record": a_step(sends(), record=record_breaking),
    "changes": a_step(sends(), unknown_field),
    "exhausted": a_step(
        sends(),
        lambda payload: fails(NotSent("busy"))(payload) if "00001" in payload else done(payload),
        exhausted=breaks,
        backoff=[],
    ),
}


@pytest.mark.parametrize("where", BUGS)
def test_a_bug_in_one_case_holds_up_no_other(moving: Movable, where: str) -> None:
    ids = put_cases(3)
    try:
        run(a_process(BUGS[where]))
    finally:
        assert [stored(ids[0]).state, stored(ids[2]).state] == ["done", "done"]


# --- what several steps need of our tables


def goes_on(case: Errand, facts: Any) -> Any:
    return Go("sent", changes={"told": facts})


def two_steps(read_once: Any, **parts: Any) -> Process[Errand]:
    """Two steps that name one reading; each hands its gate what was read."""

    def read(connection: Any, cases: Sequence[Errand], seen: Any, ours: Any) -> Any:
        return {case.id: ours[case.id] for case in cases}

    how = {"read_once": read_once, "read": read} | parts
    first = a_step(goes_on, None, name="first", **how)
    second = a_step(always(Rest("done")), None, name="second", **how)
    return a_process(first, second)


def test_what_two_steps_need_of_our_tables_is_read_once_a_turn_for_the_cases_of_both(moving: Movable) -> None:
    (sent,) = put_cases(1, prefix="sent", state="sent")
    put_cases(3)
    read: list[list[str]] = []

    def once_for_all(connection: Any, cases: Sequence[Errand]) -> Any:
        read.append(sorted(case.state for case in cases))
        return {case.id: f"{case.key} is {case.state}" for case in cases}

    run(two_steps(once_for_all))
    assert read == [["new", "new", "new", "sent"], ["sent", "sent", "sent"]]
    assert stored(sent).told is None
    assert {case.told for case in all_stored() if case.id != sent} == {
        f"{case.key} is new" for case in all_stored() if case.id != sent
    }


@pytest.mark.parametrize("looks_first", [False, True])
def test_a_reading_for_two_steps_that_breaks_on_one_case_parks_that_case_alone(
    moving: Movable, looks_first: bool
) -> None:
    ids = put_cases(3)

    def once_for_all(connection: Any, cases: Sequence[Errand]) -> Any:
        if any(bad(case) for case in cases):
            raise Bug("read")
        return {case.id: case.key for case in cases}

    def look(cases: Sequence[Errand], looks: Any) -> Any:
        drafts = looks.drafts.read_once(cases, once_for_all)
        return looks.each(cases, lambda case, ask: drafts[case.id])

    run(two_steps(once_for_all, look=look if looks_first else None))
    assert [(stored(id).state, stored(id).parked) for id in ids] == [
        ("done", None),
        ("new", "internal_error"),
        ("done", None),
    ]


@pytest.mark.parametrize("state", ["40P01", "57014", "55P03"])
def test_a_statement_that_the_database_refuses_loses_no_answer(moving: Movable, state: str) -> None:
    """A deadlock while what came of the calls is written: the calls are recorded, each case by itself."""
    ids = put_cases(3)
    refused: list[int] = []

    def record(connection: Any, done: Sequence[Any]) -> None:
        if len(refused) < 2:
            refused.append(len(done))
            connection.execute(text(f"DO $$ BEGIN RAISE EXCEPTION 'no' USING ERRCODE = '{state}'; END $$"))

    made = once(a_step(sends(), record=record))
    assert len(refused) == 2
    assert [effect_of(f"errand:case-{n:05}").state for n in range(3)] == ["done"] * 3  # type: ignore[union-attr]
    assert [(stored(id).state, stored(id).parked) for id in ids] == [("done", None)] * 3
    assert not made.parked


def test_a_case_that_only_an_undone_attempt_had_parked_is_not_told_as_parked(moving: Movable) -> None:
    put_cases(3)
    twice = iter([True, False])

    def act(payload: Any) -> Done:
        if payload == "errand:case-00000":
            raise Refused("no")
        return done(payload)

    def record(connection: Any, done: Sequence[Any]) -> None:
        if next(twice, False):
            raise AssertionError("a bug")

    made = once(a_step(sends(), act, record=record))
    assert [(case.key, reason) for case, reason in made.parked] == [("case-00000", "no")]


@pytest.mark.parametrize("where", ["gate", "read", "exhausted"])
def test_a_bug_before_or_without_a_call_parks_the_case(moving: Movable, where: str) -> None:
    ids = put_cases(3)
    run(a_process(BUGS[where]))
    assert stored(ids[1]).parked == "internal_error"


def test_a_bug_in_asking_holds_up_no_other(moving: Movable) -> None:
    ids = put_cases(3)
    step = a_step(sends(), fails(UnknownOutcome("answer_lost")))
    once(step)
    moving.move(SETTLED + 1)

    def ask(effect: Effect) -> Arrived:
        if "00001" in effect.key:
            raise Bug("ask")
        return Arrived()

    once(a_step(sends(), ask=ask))
    assert [stored(ids[0]).state, stored(ids[2]).state] == ["done", "done"]


def test_a_bug_in_act_is_an_unknown_outcome_that_is_asked_about(moving: Movable) -> None:
    (id,) = put_cases(1)
    once(a_step(sends(), fails(Bug("secret words"))))
    assert (state_of(), said(id)) == ("unknown", [("answer_lost", "internal_error")])
    assert "secret words" not in told(id)[0].detail


# --- the whole


def test_what_read_gives_reaches_the_gate(moving: Movable) -> None:
    (id,) = put_cases(1)
    step = a_step(
        lambda case, facts: Rest("done", changes={"told": facts}),
        read=lambda connection, cases, said: {case.id: "read" for case in cases},
    )
    once(step)
    assert stored(id).told == "read"


def test_a_steps_own_record_is_in_the_closing_transaction(moving: Movable) -> None:
    ids = put_cases(3)
    seen: list[uuid.UUID] = []
    once(a_step(sends(), record=lambda connection, calls: seen.extend(case.id for case, _ in calls)))
    assert sorted(seen) == sorted(ids)


def test_a_mixed_turn_leaves_every_timeline_whole(moving: Movable) -> None:
    ids = put_cases(40)
    answers = [done, fails(NotSent("a")), fails(Refused("b")), fails(UnknownOutcome("c")), fails(Bug("d"))]
    step = a_step(
        sends(), lambda payload: answers[int(payload[-2:]) % 5](payload), ask=lambda effect: Arrived()
    )
    for _ in range(4):
        once(step)
        moving.move(30)
    assert all(whole(id) and stored(id).entries == len(told(id)) for id in ids)
    assert sql("SELECT DISTINCT state FROM errand WHERE parked IS NULL") == [("done",)]


def test_due_at_never_moves_a_case_back(moving: Movable) -> None:
    (id,) = put_cases(1)
    before: datetime = clock.now()
    once(a_step(sends(), fails(NotSent("busy"))))
    assert (stored(id).due_at or before) > before


def test_cases_that_leave_are_free(moving: Movable) -> None:
    put_cases(2)
    once(a_step(always(Wait())))
    assert sql("SELECT count(*) FROM errand WHERE owner IS NOT NULL") == [(0,)]


# --- the database is away


def test_what_was_done_while_the_database_went_away_is_closed_when_it_is_back_and_its_slot_is_free(
    moving: Movable,
) -> None:
    """Of a system that cannot be asked, each effect that stays open would be a human's to settle."""
    put_cases(9)
    fails_once = iter([True])

    def record(connection: Any, done: Sequence[Any]) -> None:
        if next(fails_once, False):
            raise OperationalError("", {}, Exception())

    with pytest.raises(OperationalError):
        once(a_step(sends(), record=record, cannot_be_asked=("sms",)))
    begun = sql("SELECT state, count(*) FROM effect GROUP BY state")
    assert begun == [("done", 4)]
    assert sql("SELECT count(*) FROM errand WHERE owner IS NOT NULL") == [(0,)]
    once(a_step(sends(), record=record, cannot_be_asked=("sms",)))
    assert {case.state for case in all_stored()} == {"done"}
    assert sql("SELECT state, count(*) FROM effect GROUP BY state") == [("done", 9)]


def test_a_flow_whose_steps_are_not_at_the_states_that_lead_on_is_refused_with_the_state() -> None:
    step = a_step(sends())
    a_process(step, step).check_steps()
    with pytest.raises(ValueError, match="leads on from 'sent', and the flow has no step there"):
        a_process(step).check_steps()
    with pytest.raises(ValueError, match="do_errand takes cases at 'done', and TRANSITIONS leads nowhere"):
        Process(Errand, events(), dict.fromkeys(Errand.TRANSITIONS, step)).check_steps()


def test_a_state_that_two_steps_take_is_refused_with_both() -> None:
    cases: Cases[Errand] = Cases()
    cases.at("new").taken_by(Stage(a_step(sends())))
    with pytest.raises(ValueError, match="two steps take cases at 'new': do_errand and another"):
        cases.at("new").taken_by(Stage(a_step(sends(), name="another")))
