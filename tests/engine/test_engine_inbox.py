"""Every webhook is stored once, whoever stores it and however often."""

from __future__ import annotations

import contextlib
import random
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from errands import (
    Errand,
    Movable,
    a_process,
    asked,
    by_key,
    events,
    put_cases,
    said,
    sql,
)
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from engine.base import clock
from engine.base.database import transaction
from engine.ops import by_hand
from engine.tables import inbox
from engine.tables.claims import Claim
from engine.tables.inbox import Inbox, Refusal
from models.case import Outcome
from models.events import Arrival


def event(key: str = "k", version: int | None = 1, webhook_id: str | None = None, **data: Any) -> Arrival:
    given = data or {"version": version}
    return Arrival(webhook_id or uuid.uuid4().hex, "errand.asked", "errand", key, version, clock.now(), given)


def store(*events: Arrival, source: str = "vas") -> list[uuid.UUID]:
    return Inbox().store(source, events)


def outcomes() -> list[tuple[int, str | None]]:
    return [(row.version, row.outcome) for row in sql("SELECT version, outcome FROM event ORDER BY version")]


def test_no_more_is_taken_than_asked_for_whatever_plan_postgresql_makes(moving: Movable) -> None:
    """In a table that it thinks nearly empty it goes through all rows, and asks for each of them what is to be
    taken."""
    store(*(event(key="") for _ in range(5)), *(event(key=f"k{n}") for n in range(5)))
    put_cases(5)
    with transaction() as connection:
        for plan in ("hashjoin", "mergejoin", "hashagg", "sort", "material"):
            connection.execute(text(f"SET LOCAL enable_{plan} = off"))
        assert len(inbox.take(connection, "errand", 2, of_many=True)) == 2
        assert len(inbox.take(connection, "errand", 2, of_many=False)) == 2
        assert len(Claim(Errand).claim_due(connection, 2)) == 2


def test_the_same_webhook_again_has_the_same_id(moving: Movable) -> None:
    assert store(event(webhook_id="w")) == store(event(webhook_id="w"))
    assert sql("SELECT count(*) FROM event") == [(1,)]


def test_the_same_webhook_id_of_another_source_is_another_event(moving: Movable) -> None:
    assert store(event(webhook_id="w")) != store(event(webhook_id="w"), source="hope")


def test_a_webhook_twice_in_one_batch_is_one_event(moving: Movable) -> None:
    first, second = store(event(webhook_id="w"), event(webhook_id="w"))
    assert first == second


def test_the_ids_come_in_the_order_of_the_events(moving: Movable) -> None:
    names = ["c", "a", "b"]
    ids = store(*(event(webhook_id=name) for name in names))
    assert [sql("SELECT webhook_id FROM event WHERE id = :id", id=id)[0][0] for id in ids] == names


def test_no_events_are_no_trouble(moving: Movable) -> None:
    assert store() == []


def test_eight_who_store_one_webhook_get_one_id(errands: None) -> None:
    ready = threading.Barrier(8)

    def work(_: int) -> list[uuid.UUID]:
        ready.wait()
        return store(event(webhook_id="w"))

    with ThreadPoolExecutor(8) as pool:
        assert len({ids[0] for ids in pool.map(work, range(8))}) == 1
    assert sql("SELECT count(*) FROM event") == [(1,)]


def test_batches_that_overlap_in_any_order_never_deadlock(errands: None) -> None:
    events = [event(webhook_id=f"w{n:03}") for n in range(150)]

    def work(seed: int) -> list[uuid.UUID]:
        mixed = random.Random(seed).sample(events, 120)
        ids = dict(zip((each.webhook_id for each in mixed), store(*mixed), strict=True))
        return [ids[key] for key in sorted(ids)]

    with ThreadPoolExecutor(8) as pool:
        assert all(len(ids) == 120 for ids in pool.map(work, range(24)))
    assert sql("SELECT count(*), count(DISTINCT webhook_id) FROM event") == [(150, 150)]


def test_what_is_rolled_back_was_not_stored(moving: Movable) -> None:
    with contextlib.suppress(ZeroDivisionError), transaction() as connection:
        inbox.put(connection, "vas", [event(webhook_id="w")])
        raise ZeroDivisionError
    assert sql("SELECT count(*) FROM event") == [(0,)]


def test_the_data_lie_sealed(moving: Movable) -> None:
    store(event(name="Tolvan Tolvansson"))
    assert b"Tolvan" not in bytes(sql("SELECT data FROM event")[0][0])


def test_a_refusal_is_listed_by_its_paths(moving: Movable) -> None:
    Inbox().refuse("vas", [Refusal("w", "booking.created", ("data.booking.end",))])
    assert [(line.webhook_id, line.paths) for line in by_hand.refused()] == [("w", "data.booking.end")]


# --- applied under the claim, the newest first


def test_the_newest_of_several_versions_stands_and_every_event_is_closed(moving: Movable) -> None:
    store(event(version=2), event(version=3), event(version=1))
    a_process().claim_due(Claim(Errand))
    assert by_key("k").version == 3
    assert {outcome for _, outcome in outcomes()} <= {Outcome.OLDER, Outcome.APPLIED}


def test_an_older_version_that_comes_late_is_noted_and_ignored(moving: Movable) -> None:
    process = a_process()
    for version in (3, 2):
        store(event(version=version))
        process.claim_due(claim := Claim(Errand))
        with transaction() as connection:
            claim.release(connection, list(claim.cases.values()))
    assert (by_key("k").version, outcomes()) == (3, [(2, Outcome.OLDER), (3, Outcome.APPLIED)])


def test_first_events_at_once_make_one_case_with_the_newest_version(errands: None) -> None:
    process = a_process()

    def work(version: int) -> None:
        store(event(version=version))
        process.claim_due(claim := Claim(Errand))
        with transaction() as connection:
            claim.release(connection, list(claim.cases.values()))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(1, 17)))
    process.claim_due(Claim(Errand))
    assert sql("SELECT count(*), max(version) FROM errand") == [(1, 16)]
    assert {outcome for _, outcome in outcomes()} <= {Outcome.APPLIED, Outcome.OLDER}


def test_each_event_is_taken_in_by_one_of_many(errands: None) -> None:
    store(*(event(key=f"k{n}") for n in range(100)))
    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(lambda _: a_process().take_in(), range(6))) == 100


def test_the_first_cases_of_a_backlog_do_not_pay_for_taking_all_of_it_in(moving: Movable) -> None:
    store(*(event(key=f"k{n}") for n in range(20)))
    claimed = a_process().claim_due(Claim(Errand), 3)
    assert len(claimed) == 3
    assert sql("SELECT count(*) FROM event WHERE taken") == [(3,)]


def test_a_wide_event_is_spread_once_in_the_order_it_came(moving: Movable) -> None:
    seen: list[str] = []

    def noted(said: Any, context: Any) -> Outcome:
        seen.append(context.event.webhook_id)
        return Outcome.SPREAD

    process = a_process(by=events(spreader=noted))
    store(event(key="", webhook_id="b"))
    store(event(key="", webhook_id="a"))
    process.take_in()
    process.take_in()
    assert seen == ["b", "a"]


def test_one_event_that_can_not_be_applied_does_not_hold_up_the_others(moving: Movable) -> None:
    def brittle(case: Any, said: Any, context: Any) -> Any:
        if case.key == "bad":
            raise ValueError("a bug")
        return asked(case, said, context)

    process = a_process(by=events(brittle))
    store(event(key="bad"), event(key="good"))
    process.claim_due(Claim(Errand))
    assert by_key("good").version == 1
    assert by_key("bad").parked == "internal_error"


def test_one_wide_event_that_can_not_be_spread_does_not_hold_up_the_others(moving: Movable) -> None:
    def brittle(said: Any, context: Any) -> None:
        raise ValueError("a bug")

    process = a_process(by=events(spreader=brittle))
    store(event(key=""), event(key="good"))
    process.claim_due(Claim(Errand))
    assert by_key("good").version == 1


def test_a_bug_in_applying_leaves_no_claim_behind(moving: Movable) -> None:
    put_cases(1)

    def broken(case: Any, said: Any, context: Any) -> Any:
        raise IntegrityError("", {}, Exception())

    store(event(key="case-00000"))
    claim = Claim(Errand)
    with contextlib.suppress(IntegrityError):
        a_process(by=events(broken)).claim_due(claim)
    assert by_key("case-00000").owner in {None, *(case.owner for case in claim.cases.values())}


def test_what_an_event_did_is_on_the_timeline(moving: Movable) -> None:
    store(event())
    a_process().claim_due(Claim(Errand))
    assert said(by_key("k").id) == [("event_applied", "errand.asked")]
