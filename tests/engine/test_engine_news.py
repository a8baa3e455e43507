"""Asked again at the door: what has been committed when *sending* is written counts, events that wait too."""

from __future__ import annotations

import threading
import uuid
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
from errands import (
    DONE,
    Errand,
    Movable,
    a_process,
    a_step,
    all_stored,
    by_key,
    done,
    effect_of,
    events,
    once,
    put_cases,
    run,
    sends,
    sql,
)
from sqlalchemy import text

from engine.base import clock
from engine.base.database import transaction
from engine.running import runs, work
from engine.steps import process
from engine.steps.step import Step
from engine.steps.verdicts import Go, Park, Verdict
from engine.tables import inbox, wake
from engine.tables.claims import Claim
from engine.tables.events import EventContext
from engine.tables.inbox import Inbox
from models.case import Outcome
from models.events import Arrival
from models.stored_events import Nothing


def tell(key: str, version: int) -> None:
    """An event comes in, and is committed."""
    Inbox().store(
        "vas", [Arrival(f"{key}-{version}", "told", "errand", key, version, clock.now(), {"v": version})]
    )


def goes_on_once_told(tell: Callable[[Errand], None]) -> Step[Errand]:
    """A step before the one that is looked at, at which something is told of the case."""

    def gate(case: Errand, facts: Any) -> Verdict:
        tell(case)
        return Go("sent")

    return Step("goes_on", "", None, gate, [60])


def test_a_case_whose_event_came_after_the_claim_is_not_judged_by_what_was(moving: Movable) -> None:
    put_cases(2)
    seen: list[tuple[str, int | None]] = []

    def tell_once(case: Errand) -> None:
        if case.key == "case-00001" and case.version is None:
            tell("case-00001", 7)

    def gate(case: Errand, facts: Any) -> Any:
        seen.append((case.key, case.version))
        return sends()(case, facts)

    run(a_process(goes_on_once_told(tell_once), a_step(gate, done)))
    assert set(seen) == {("case-00000", None), ("case-00001", 7)}
    assert sql("SELECT outcome FROM event") == [("applied",)]
    assert effect_of("errand:case-00001") is not None
    assert by_key("case-00001").state == "done"


def of_many(kind: str, id: str = "w") -> None:
    """An event comes in that concerns many cases, and is committed."""
    Inbox().store("vas", [Arrival(id, kind, "errand", "", None, clock.now(), {})])


def all_die(said: Nothing, context: EventContext[None]) -> Outcome:
    """Whoever the event concerns is not to be sent anything more."""
    context.connection.execute(text("UPDATE errand SET told = 'deceased'"))
    return Outcome.SPREAD


def unless_deceased(case: Errand, told: Any) -> Any:
    return Park("deceased") if told == "deceased" else sends()(case, None)


def as_told(connection: Any, cases: Any, seen: Any) -> Any:
    rows = connection.execute(text("SELECT id, told FROM errand"))
    return {id: told for id, told in rows}


def test_a_death_that_came_after_the_claim_is_heard_before_anything_leaves(moving: Movable) -> None:
    put_cases(3)

    def tell_once(case: Errand) -> None:
        if not sql("SELECT FROM event"):
            of_many("patient.deceased")

    steps = goes_on_once_told(tell_once), a_step(unless_deceased, done, read=as_told)
    run(a_process(*steps, by=events(spreader=all_die)))
    assert [case.parked for case in all_stored()] == ["deceased"] * 3


def test_a_death_does_not_wait_behind_a_backlog(moving: Movable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "MOST_INSIDE", 2)
    monkeypatch.setattr(work, "ROOM", 1)
    for number in range(7):
        tell(f"case-{number:05}", 1)
    of_many("patient.deceased")
    run(a_process(a_step(unless_deceased, done, read=as_told)))
    first = sql("SELECT min(settled_at) FROM effect")[0][0]
    assert sql("SELECT applied_at FROM event WHERE key = ''")[0][0] <= first


def test_another_run_is_asked_for_while_more_waits_also_where_each_case_has_two_events(
    moving: Movable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(work, "MOST_INSIDE", 4)
    monkeypatch.setattr(work, "ROOM", 1)
    for number in range(20):
        tell(f"case-{number:05}", 1)
        tell(f"case-{number:05}", 2)
    asked: list[str] = []
    this = runs.begin_run(uuid.uuid4(), "errand")
    work.Work(a_process(a_step(sends(), done)), this, ask_for_run=asked.append).until_done()
    runs.end(this)
    assert asked == ["errand"], "once, and not again within seconds"
    assert {case.state for case in all_stored()} == {"done"}


def test_policy_suicid_1_an_urgent_step_waits_for_no_merge_but_for_the_cases_own_news(
    moving: Movable,
) -> None:
    """A merge of thousands, told in a minute, holds no alert up."""
    put_cases(2)
    of_many("patient.merged")
    tell("case-00001", 7)
    once(a_step(sends(), done, urgent=True, exhausted=lambda case, reason: DONE))
    assert [case.state for case in all_stored()] == ["done", "new"]


@pytest.mark.parametrize(("by_itself", "left"), [({"errand"}, 3), (set(), 0)])
def test_policy_suicid_1_merges_are_spread_a_few_in_a_transaction_and_where_nothing_may_be_held_up_no_more_at_once(
    moving: Movable, monkeypatch: pytest.MonkeyPatch, by_itself: set[str], left: int
) -> None:
    monkeypatch.setattr(wake, "BY_ITSELF", frozenset(by_itself))
    monkeypatch.setattr(process, "FEW", 2)
    for number in range(5):
        of_many("patient.merged", str(number))
    in_transactions: Counter[int] = Counter()

    def noted(said: Nothing, context: EventContext[None]) -> Outcome:
        in_transactions[context.connection.execute(text("SELECT txid_current()")).scalar()] += 1
        return Outcome.SPREAD

    made = a_process(by=events(spreader=noted))
    made.take_in()
    assert sql("SELECT count(*) FROM event WHERE applied_at IS NULL") == [(left,)]
    made.claim_due(Claim(Errand))
    assert list(in_transactions.values()) == [2, 2, 1]


def test_who_spreads_an_event_waits_for_those_who_apply_so_that_no_case_is_passed_over(
    moving: Movable,
) -> None:
    """A case that is being written while its person is merged is seen by the merge, or sees it."""
    of_many("patient.merged")
    order: list[str] = []
    made = a_process(a_step(sends(), done))
    spreading = threading.Thread(target=lambda: (made.take_in(), order.append("spread")))
    with transaction() as connection:
        inbox.in_turn(connection, made.name, alone=False)
        spreading.start()
        spreading.join(0.3)
        order.append("applied")
    spreading.join()
    assert order == ["applied", "spread"]


def test_an_event_that_was_applied_before_it_was_taken_in_leaves_its_case_alone(
    moving: Movable, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In a backlog a case is claimed by its first event, and takes the second in with it."""
    monkeypatch.setattr(work, "MOST_INSIDE", 1)
    monkeypatch.setattr(work, "ROOM", 1)
    tell("case-00000", 1)
    tell("case-00001", 1)
    tell("case-00000", 2)
    run(a_process(a_step(sends(), done)))
    assert [(case.state, case.parked) for case in all_stored()] == [("done", None)] * 2
    assert sql("SELECT count(*) FROM event WHERE NOT taken") == [(0,)]
