"""Who has a case, and for how long: never two at once, and no write after the lease is lost."""

from __future__ import annotations

import threading
import time
import uuid
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from errands import (
    Errand,
    Movable,
    a_claim,
    a_process,
    a_step,
    all_stored,
    by_key,
    fails,
    pumped,
    put_cases,
    release,
    said,
    sends,
    sql,
    stored,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from engine.base import clock
from engine.base.database import engine, transaction
from engine.base.errors import NotSent
from engine.running import runs
from engine.running.pump import Pump
from engine.steps.verdicts import Rest
from engine.tables import inbox
from engine.tables.claims import Claim, later, make_due
from engine.tables.inbox import Inbox
from models.events import Arrival

LEASE = 60.0


def event(key: str, version: int = 1, webhook_id: str | None = None) -> Arrival:
    return Arrival(
        webhook_id or uuid.uuid4().hex, "errand.asked", "errand", key, version, clock.now(), {"v": version}
    )


def due(*keys: str) -> None:
    with transaction() as connection:
        make_due(connection, Errand, keys)


# --- claiming


def test_the_longest_due_is_claimed_first(moving: Movable) -> None:
    ids = put_cases(5)
    assert set(a_claim(2).cases) == set(ids[:2])
    assert set(a_claim(2).cases) == set(ids[2:4])


def test_a_case_that_is_not_due_yet_is_not_claimed(moving: Movable) -> None:
    put_cases(1, due_at=clock.now() + timedelta(seconds=1))
    assert not a_claim().cases
    moving.move(1)
    assert len(a_claim().cases) == 1


def test_a_case_with_no_time_is_never_claimed(moving: Movable) -> None:
    put_cases(1, due_at=None)
    moving.move(10**6)
    assert not a_claim().cases


def test_rows_that_another_has_locked_are_passed_over_at_once(moving: Movable) -> None:
    ids = put_cases(3)
    with transaction() as connection:
        Claim(Errand).claim_due(connection, 2)
        assert set(a_claim().cases) == {ids[2]}


def test_a_claimed_case_carries_all_that_is_stored_sealed_columns_too(moving: Movable) -> None:
    (id,) = put_cases(1, note="hemligt")
    assert a_claim().cases[id].note == "hemligt"


def test_a_held_case_is_nobody_elses_until_the_lease_is_over(moving: Movable) -> None:
    put_cases(1)
    a_claim()
    moving.move(LEASE)
    assert not a_claim().cases
    moving.move(0.001)
    assert len(a_claim().cases) == 1


def test_a_renewed_lease_lasts_from_the_renewal(moving: Movable) -> None:
    put_cases(1)
    claim = a_claim()
    moving.move(40)
    claim.renew()
    moving.move(40)
    assert not a_claim().cases
    assert claim.lease_until == clock.now() + timedelta(seconds=20)


def test_renewal_drops_what_another_has_taken(moving: Movable) -> None:
    put_cases(1)
    late = a_claim()
    moving.move(LEASE + 1)
    a_claim()
    late.renew()
    assert not late.cases


def test_renewing_while_the_claim_is_not_committed_yet_drops_nothing(moving: Movable) -> None:
    put_cases(2)
    claim = Claim(Errand)
    with transaction() as connection:
        cases = claim.claim_due(connection, 10)
        claim.renew()
    claim.keep(cases)
    claim.renew()
    assert len(claim.cases) == 2


def test_a_released_case_is_free_at_once(moving: Movable) -> None:
    (id,) = put_cases(1)
    release(a_claim())
    assert stored(id).owner is None
    assert len(a_claim().cases) == 1


# --- a lost lease


def test_no_write_lands_after_another_has_the_case(moving: Movable) -> None:
    (id,) = put_cases(1)
    late = a_claim()
    moving.move(LEASE + 1)
    a_claim()
    late.cases[id].state = "done"
    with transaction() as connection:
        late.write(connection, list(late.cases.values()))
    assert stored(id).state == "new"


def test_what_is_lost_is_not_ours(moving: Movable) -> None:
    put_cases(2)
    late = a_claim()
    moving.move(LEASE + 1)
    a_claim(1)
    with transaction() as connection:
        assert len(late.ours(connection, late.cases.values())) == 1


def test_a_late_holder_releases_nothing_of_the_next(moving: Movable) -> None:
    (id,) = put_cases(1)
    late = a_claim()
    moving.move(LEASE + 1)
    now = a_claim()
    release(late)
    assert stored(id).owner == now.owner


def test_a_run_that_has_lost_its_lease_calls_nobody(moving: Movable) -> None:
    (id,) = put_cases(1)
    late = a_claim()
    moving.move(LEASE + 1)
    a_claim()
    pumped(a_step(sends(), fails(AssertionError("called"))), late)
    assert said(id) == []


def test_a_lease_lost_during_the_call_writes_the_effect_and_not_the_case(moving: Movable) -> None:
    (id,) = put_cases(1)
    late = a_claim()

    def act(payload: str) -> None:
        moving.move(LEASE + 1)
        a_claim()
        raise NotSent("slow")

    pumped(a_step(sends(), act), late)
    assert (stored(id).tries, said(id)) == (0, [])
    assert sql("SELECT state FROM effect") == [("not_sent",)]


# --- new cases, and cases with new events


def test_a_first_event_makes_its_case(moving: Movable) -> None:
    due("a")
    assert (by_key("a").state, by_key("a").due_at) == ("new", clock.now())


def test_a_resting_case_is_made_due(moving: Movable) -> None:
    put_cases(1, due_at=None)
    due("case-00000")
    assert len(a_claim().cases) == 1


def test_eight_first_events_make_one_case(errands: None) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: due(*(f"k{n}" for n in range(50))), range(8)))
    assert [case.key for case in all_stored()] == sorted(f"k{n}" for n in range(50))


def test_an_event_for_a_held_case_waits_and_its_release_makes_it_due(moving: Movable) -> None:
    (id,) = put_cases(1)
    claim = a_claim()
    claim.cases[id].due_at = None
    with transaction() as connection:
        claim.write(connection, list(claim.cases.values()))
    Inbox().store("vas", [event("case-00000")])
    due("case-00000")
    assert stored(id).due_at is None
    release(claim)
    assert stored(id).due_at == clock.now()


def test_release_leaves_the_time_alone_when_no_event_waits(moving: Movable) -> None:
    (id,) = put_cases(1)
    before = stored(id).due_at
    moving.move(5)
    release(a_claim())
    assert stored(id).due_at == before


def test_an_applied_event_does_not_make_its_case_due_again(moving: Movable) -> None:
    (id,) = put_cases(1, due_at=None)
    Inbox().store("vas", [event("case-00000")])
    sql("UPDATE event SET applied_at = now()")
    sql("UPDATE errand SET due_at = NULL, owner = :me", me=(claim := Claim(Errand)).owner)
    claim.cases = {id: stored(id)}
    release(claim)
    assert stored(id).due_at is None


def test_an_event_reaches_a_case_whose_worker_died_at_rest(moving: Movable) -> None:
    """Killed after the case came to rest and before its release: the lease is over, an event comes."""
    (id,) = put_cases(1)
    dead = a_claim()
    dead.cases[id].due_at = None
    with transaction() as connection:
        dead.write(connection, list(dead.cases.values()))
    moving.move(LEASE + 1)
    Inbox().store("vas", [event("case-00000")])
    made = a_process()
    made.tidy()
    assert [case.id for case in made.claim_due(Claim(Errand))] == [id]


def test_an_event_taken_in_while_a_dead_worker_still_has_the_lease_is_not_forgotten(moving: Movable) -> None:
    (id,) = put_cases(1)
    dead = a_claim()
    dead.cases[id].due_at = None
    with transaction() as connection:
        dead.write(connection, list(dead.cases.values()))
    Inbox().store("vas", [event("case-00000")])
    process = a_process()
    process.take_in()
    moving.move(LEASE + 1)
    process.tidy()
    assert [case.id for case in process.claim_due(Claim(Errand))] == [id]


def test_an_event_taken_in_while_a_release_waits_for_a_lock_is_not_forgotten(moving: Movable) -> None:
    first, second = sorted(put_cases(2))
    claim = a_claim()
    for case in claim.cases.values():
        case.due_at = None
    with transaction() as connection:
        claim.write(connection, list(claim.cases.values()))
    key = stored(second).key
    with transaction() as other:
        other.execute(text("SELECT 1 FROM errand WHERE id = :id FOR UPDATE"), {"id": first})
        releasing = threading.Thread(target=release, args=(claim,))
        releasing.start()
        wait_for_lock()
        Inbox().store("vas", [event(key)])
        due(key)
    releasing.join()
    assert set(a_claim().cases) == {second}


def wait_for_lock() -> None:
    """Until some session waits for a lock."""
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
    for _ in range(500):
        if sql(waiting)[0][0]:
            return
        threading.Event().wait(0.01)
    raise AssertionError("nobody waits")


# --- many at once


@pytest.mark.parametrize("limit", [7, 50])
def test_four_holders_never_have_one_case_between_them(errands: None, limit: int) -> None:
    put_cases(500)
    taken: Counter[uuid.UUID] = Counter()
    guard = threading.Lock()

    def work(_: int) -> None:
        while (claim := a_claim(limit)).cases:
            with guard:
                taken.update(claim.cases.keys())
            for case in claim.cases.values():
                case.state, case.due_at = "done", None
            with transaction() as connection:
                claim.write(connection, claim.ours(connection, claim.cases.values()))
            release(claim)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert len(taken) == 500
    assert set(taken.values()) == {1}


@settings(max_examples=12, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.sampled_from(["claim", "renew", "release", "write", "move"]), st.integers(0, 3)),
        max_size=25,
    )
)
def test_whatever_four_holders_do_a_write_lands_only_for_the_owner(
    moving: Movable, acts: list[tuple[str, int]]
) -> None:
    sql("DELETE FROM errand")
    put_cases(6)
    claims = [Claim(Errand) for _ in range(4)]
    for what, who in acts:
        claim = claims[who]
        with transaction() as connection:
            match what:
                case "claim":
                    claim.keep(claim.claim_due(connection, 2))
                case "release":
                    claim.release(connection, list(claim.cases.values()))
                case "write":
                    for case in claim.cases.values():
                        case.told = str(claim.owner)
                    claim.write(connection, list(claim.cases.values()))
        if what == "renew":
            claim.renew()
        if what == "write":
            mine = {case.id for case in all_stored() if case.owner == claim.owner}
            wrote = {case.id for case in all_stored() if case.told == str(claim.owner)}
            assert mine & set(claim.cases) <= wrote
        if what == "move":
            moving.move(25 * (who + 1))
    for case in all_stored():
        assert case.owner in {None, *(claim.owner for claim in claims)}
        sql("UPDATE errand SET told = NULL")
    for claim in claims:
        with transaction() as connection:
            for case in claim.cases.values():
                case.told = str(claim.owner)
            claim.write(connection, list(claim.cases.values()))
    assert all(case.told in (None, str(case.owner)) for case in all_stored())


def test_new_events_and_writes_of_the_same_cases_never_deadlock(errands: None) -> None:
    """One locks by key, the other by id: two orders are a deadlock, and a lost record of a call."""
    put_cases(400)
    claim = a_claim()
    keys = [case.key for case in claim.cases.values()]
    over = threading.Event()

    def events() -> None:
        while not over.is_set():
            due(*keys)

    def writes() -> None:
        until = time.monotonic() + 2.0
        while time.monotonic() < until:
            with transaction() as connection:
                claim.write(connection, claim.ours(connection, claim.cases.values()))

    with ThreadPoolExecutor(2) as pool:
        making = pool.submit(events)
        try:
            writes()
        finally:
            over.set()
        making.result()


def test_the_same_cases_made_due_in_any_order_never_deadlock(errands: None) -> None:
    keys = [f"k{n:03}" for n in range(200)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda n: due(*(keys[n * 7 :] + keys[: n * 7])[:: 1 if n % 2 else -1]), range(24)))
    assert len(all_stored()) == 200


@given(st.floats(0, 10_000))
def test_jitter_only_puts_off_and_by_a_fifth_at_most(seconds: float) -> None:
    now = clock.now()
    assert (
        now + timedelta(seconds=seconds)
        <= later(now, seconds)
        <= now + timedelta(seconds=seconds * 1.2 + 1e-3)
    )


def test_the_events_of_other_processes_make_nothing_due(moving: Movable) -> None:
    (id,) = put_cases(1)
    claim = a_claim()
    claim.cases[id].due_at = None
    with transaction() as connection:
        claim.write(connection, list(claim.cases.values()))
        inbox.put(connection, "vas", [Arrival("w", "t", "another", "case-00000", 1, clock.now(), {})])
    release(claim)
    assert stored(id).due_at is None


def test_a_column_that_a_migration_has_added_shifts_nothing(moving: Movable) -> None:
    """PostgreSQL puts a new column last, the model where it is declared: they are matched by name."""
    sql("ALTER TABLE errand DROP COLUMN tries")
    sql("ALTER TABLE errand ADD COLUMN tries integer NOT NULL DEFAULT 7")
    try:
        put_cases(1, tries=3, told="told")
        (case,) = a_claim().cases.values()
        assert (case.tries, case.note, case.told, case.state) == (3, "note 0", "told", "new")
    finally:
        sql("DROP TABLE errand")
        Errand.metadata.create_all(engine())


def test_a_case_that_is_claimed_anew_while_it_stands_goes_on_once_from_where_it_is_now(
    moving: Movable,
) -> None:
    """Its lease lapsed while the program was stopped, say, and an event takes it back to its first step."""
    (id,) = put_cases(1, state="sent")
    judged: list[str] = []

    def gate(case: Errand, facts: object) -> Rest:
        judged.append(case.state)
        return Rest("done")

    process = a_process(a_step(gate, name="first"), a_step(gate, name="second"))
    pump = Pump(Claim(Errand), process.steps, runs.Run(uuid.uuid4(), "errand"))
    pump.take_in(process.claim_due(pump.claim))
    Inbox().store("test", [event("case-00000")])
    moving.move(LEASE + 1)
    pump.take_in(process.claim_due(pump.claim))
    pump.turn()
    assert (judged, pump.inside, stored(id).state) == (["new"], 0, "done")
