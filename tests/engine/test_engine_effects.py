"""Effects happen once: begun by one, closed once, adopted by one, and receipts only move forward."""

from __future__ import annotations

import itertools
import json
import random
import threading
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from errands import Movable, effect_of, put_cases, sql, write
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlmodel import select

from engine.base import clock
from engine.base.database import session, transaction
from engine.base.errors import NotSent
from engine.tables import effects, inbox, receipts
from engine.tables.effects import Closing
from models.case import Effect, EffectState

ALIKE = b"a number and a text"
RANK = {"created": 1, "sent": 2, "delivered": 3, "failed": 3}


def an_effect(key: str, **fields: object) -> Effect:
    now = clock.now()
    given = {
        "process": "errand",
        "case_id": uuid.uuid4(),
        "step": "do_errand",
        "system": "sms",
        "state": "sending",
    }
    times = {"sending_at": now, "deadline_at": now + timedelta(seconds=7)}
    return Effect(key=key, **(given | times | fields))


def begin(*wanted: Effect) -> dict[str, uuid.UUID]:
    with transaction() as connection:
        return effects.begin_effects(connection, [effect.model_dump() for effect in wanted])


def finish(id: uuid.UUID, state: EffectState, provider_id: str | None = None) -> None:
    with transaction() as connection:
        effects.finish(connection, [Closing(id, state, provider_id)])


def put(key: str, **fields: object) -> Effect:
    """An effect in any state."""
    effect = an_effect(key, **fields)
    with transaction() as connection:
        write(connection, [effect])
    return effect


def state(key: str) -> str:
    effect = effect_of(key)
    assert effect is not None
    return effect.state


# --- begin and finish


def test_an_effect_is_begun_once(moving: Movable) -> None:
    assert set(begin(an_effect("a"), an_effect("b"))) == {"a", "b"}
    assert begin(an_effect("a"), an_effect("b")) == {}


@pytest.mark.parametrize("found", ["sending", "unknown", "done", "parked"])
def test_only_what_was_surely_not_sent_is_begun_again(moving: Movable, found: str) -> None:
    put("a", state=found)
    assert begin(an_effect("a")) == {}
    assert state("a") == found


def test_what_was_not_sent_is_begun_again_under_its_old_id(moving: Movable) -> None:
    before = put("a", state="not_sent", token="old")
    assert begin(an_effect("a", token="new")) == {"a": before.id}
    after = effect_of("a")
    assert after is not None
    assert (after.state, after.token, after.tries) == ("sending", "new", 2)


def test_of_eight_who_begin_the_same_effects_one_gets_each(errands: None) -> None:
    ready = threading.Barrier(8)

    def work(n: int) -> list[str]:
        wanted = [an_effect(f"k{number:02}") for number in range(40)]
        ready.wait()
        return list(begin(*(wanted if n % 2 else reversed(wanted))))

    with ThreadPoolExecutor(8) as pool:
        got = list(itertools.chain(*pool.map(work, range(8))))
    assert sorted(got) == [f"k{number:02}" for number in range(40)]


@pytest.mark.parametrize("closed", ["done", "parked", "not_sent"])
def test_what_is_closed_stays_as_it_is(moving: Movable, closed: str) -> None:
    effect = put("a", state=closed)
    finish(effect.id, EffectState.UNKNOWN)
    assert state("a") == closed


def test_a_finished_effect_keeps_the_providers_id(moving: Movable) -> None:
    id = begin(an_effect("a"))["a"]
    finish(id, EffectState.DONE, "p1")
    found = effect_of("a")
    assert found is not None
    assert (found.provider_id, found.settled_at) == ("p1", clock.now())


def test_the_request_lies_sealed(moving: Movable) -> None:
    begin(an_effect("a", request="+46701740605"))
    assert b"+4670" not in bytes(sql("SELECT request FROM effect")[0][0])


def test_what_counts_under_a_ceiling_is_counted_by_whose_it_is(moving: Movable) -> None:
    now = clock.now()
    since = now - timedelta(hours=1)
    for n, differs in enumerate(
        [
            {"counted_for": "vas"},
            {"counted_for": "vas", "state": "done"},
            {"counted_for": "vas", "state": "unknown"},
            {"counted_for": "hope", "state": "parked"},
            {"counted_for": "hope", "state": "not_sent"},
            {"counted_for": "hope", "step": "another"},
            {"counted_for": "hope", "sending_at": since},
            {},
        ]
    ):
        put(f"k{n}", **differs)
    with transaction() as connection:
        assert effects.count_sent(connection, "do_errand", since) == {"vas": 3, "hope": 1}


def test_what_was_not_sent_counts_for_whom_it_is_begun_again(moving: Movable) -> None:
    put("a", state="not_sent", counted_for="vas")
    begin(an_effect("a"), an_effect("b", counted_for="hope"))
    with transaction() as connection:
        assert effects.count_sent(connection, "do_errand", clock.now() - timedelta(hours=1)) == {"hope": 1}


def test_only_open_effects_of_the_step_are_asked_about(moving: Movable) -> None:
    case = uuid.uuid4()
    for n, (open, step) in enumerate([("sending", "a"), ("done", "a"), ("unknown", "b")]):
        put(f"k{n}", case_id=case, state=open, step=step)
    with transaction() as connection:
        assert effects.still_open(connection, "a", [case])[case].key == "k0"


# --- receipts


def take_receipt(token: str, provider_id: str, status: str, at: datetime) -> receipts.Taken | None:
    (taken,) = receipts.take([receipts.Receipt(token, provider_id, status, at)])
    return taken


def receive(*statuses: str) -> str | None:
    for status in statuses:
        take_receipt("t", "p1", status, clock.now())
    found = effect_of("a")
    assert found is not None
    return found.receipt


def test_every_order_of_receipts_ends_at_the_highest(moving: Movable) -> None:
    for order in itertools.permutations(RANK, 3):
        sql("DELETE FROM effect")
        put("a", token="t", state="done")
        highest = max(RANK[status] for status in order)
        first = next(status for status in order if RANK[status] == highest)
        assert receive(*order) == first


@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from([*RANK, "anything else"]), min_size=1, max_size=12))
def test_a_receipt_never_moves_back(moving: Movable, statuses: Sequence[str]) -> None:
    sql("DELETE FROM effect")
    put("a", token="t")
    ranks = [RANK[receive(status) or "created"] for status in statuses]
    assert ranks == sorted(ranks)


def test_receipts_at_once_end_at_the_highest(errands: None) -> None:
    put("a", token="t")
    with ThreadPoolExecutor(6) as pool:
        list(
            pool.map(
                lambda s: take_receipt("t", "p1", s, clock.now()),
                ["sent", "delivered", "created"] * 4,
            )
        )
    assert receive() == "delivered"


@pytest.mark.parametrize("lost", ["sending", "unknown", "parked", "not_sent"])
def test_a_receipt_proves_that_the_message_was_taken(moving: Movable, lost: str) -> None:
    put("a", token="t", state=lost)
    receive("delivered")
    assert state("a") == "done"


def test_a_receipt_that_comes_before_the_answer_is_not_undone_by_a_lost_answer(moving: Movable) -> None:
    id = begin(an_effect("a", token="t"))["a"]
    receive("sent")
    finish(id, EffectState.UNKNOWN)
    assert state("a") == "done"


def test_a_receipt_for_nobodys_token_is_told_as_such(moving: Movable) -> None:
    assert not take_receipt("other", "p1", "sent", clock.now())


@pytest.mark.parametrize("statuses", [["failed"], ["sent", "failed", "failed", "delivered"]])
def test_one_that_failed_comes_to_its_case_as_an_event_once(moving: Movable, statuses: list[str]) -> None:
    """policy-avisering-3: stored with the receipt, and never twice."""
    (case,) = put_cases(1)
    effect = put("a", token="t", case_id=case)
    taken = [take_receipt("t", "p1", status, clock.now()) for status in statuses]
    assert [each.wakes for each in taken if each and each.wakes] == ["errand"]
    told = sql("SELECT type, process, key, source FROM event")
    assert [tuple(row) for row in told] == [(receipts.MESSAGE_FAILED, "errand", "case-00000", "vaxel")]
    with transaction() as connection:
        (event,) = inbox.waiting(connection, "errand", ["case-00000"])[0]["case-00000"]
    assert json.loads(event.data) == {"effect": str(effect.id), "key": "a"}


def test_one_that_was_delivered_or_whose_case_is_gone_is_no_event(moving: Movable) -> None:
    put("a", token="t")
    assert take_receipt("t", "p1", "failed", clock.now()) == receipts.Taken()
    (case,) = put_cases(1)
    put("b", token="u", case_id=case)
    assert take_receipt("u", "p2", "delivered", clock.now()) == receipts.Taken()
    assert sql("SELECT count(*) FROM event")[0][0] == 0


def test_receipts_are_taken_in_together_each_with_an_answer_of_its_own(moving: Movable) -> None:
    """One commit for those of many messages, in whatever order they came."""
    (case,) = put_cases(1)
    put("a", token="t", case_id=case)
    put("b", token="u", state="sending", likeness=ALIKE)
    told = [
        ("u", "p2", "sent"),
        ("none", "p9", "sent"),
        ("t", "p1", "failed"),
        ("u", "p2", "created"),
        ("t", "p1", "sent"),
    ]
    taken = receipts.take([receipts.Receipt(*each, clock.now()) for each in told])
    assert taken == [receipts.Taken(), None, receipts.Taken("errand"), receipts.Taken(), receipts.Taken()]
    assert {key: (e.state, e.receipt) for key in "ab" if (e := effect_of(key))} == {
        "a": ("done", "failed"),
        "b": ("done", "sent"),
    }
    assert sql("SELECT count(DISTINCT xmin::text) FROM effect")[0][0] == 1


def test_many_receipts_and_workers_at_once_wait_for_each_other_in_one_order(errands: None) -> None:
    """Whoever holds several messages took them in the order of their ids: nobody is a deadlock's victim."""
    ids = [put(f"k{n}", token=f"t{n}", likeness=bytes([n % 5]), state="sending").id for n in range(40)]

    def take(seed: int) -> None:
        given = [receipts.Receipt(f"t{n}", f"p{n}", "sent", clock.now()) for n in range(40)]
        random.Random(seed).shuffle(given)
        receipts.take(given)

    def close(seed: int) -> None:
        with transaction() as connection:
            effects.finish(
                connection, [Closing(id, EffectState.UNKNOWN) for id in random.Random(seed).sample(ids, 40)]
            )

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda n: (take if n % 2 else close)(n), range(60)))
    assert {state(f"k{n}") for n in range(40)} == {"done"}


def test_the_time_of_a_receipt_is_that_of_the_highest(moving: Movable) -> None:
    put("a", token="t")
    at = clock.now()
    take_receipt("t", "p1", "delivered", at)
    take_receipt("t", "p1", "sent", at + timedelta(seconds=9))
    found = effect_of("a")
    assert found is not None
    assert found.receipt_at == at


# --- twins


def test_an_unknown_effect_takes_a_message_that_nobody_owns(moving: Movable) -> None:
    effect = put("a", state="unknown", likeness=ALIKE)
    assert effects.adopt(effect, ["m1"]) == "m1"
    assert state("a") == "done"


def test_a_twins_message_is_not_taken(moving: Movable) -> None:
    put("twin", state="done", likeness=ALIKE, provider_id="m1")
    effect = put("a", state="unknown", likeness=ALIKE)
    assert effects.adopt(effect, ["m1"]) is None
    assert state("a") == "unknown"


def test_a_twin_in_flight_is_waited_for(moving: Movable) -> None:
    put("twin", state="sending", likeness=ALIKE)
    with pytest.raises(NotSent):
        effects.adopt(put("a", state="unknown", likeness=ALIKE), ["m1"])


def test_a_twin_is_waited_for_until_the_system_has_settled_too(moving: Movable) -> None:
    """Its answer may be there and not yet be written: the message may well be the twin's."""
    put("twin", state="sending", likeness=ALIKE, deadline_at=clock.now() - timedelta(milliseconds=50))
    with pytest.raises(NotSent):
        effects.adopt(put("a", state="unknown", likeness=ALIKE), ["m1"])


def test_a_twin_that_was_lost_long_ago_does_not_hold_up(moving: Movable) -> None:
    put("twin", state="sending", likeness=ALIKE, deadline_at=clock.now() - timedelta(hours=1))
    assert effects.adopt(put("a", state="unknown", likeness=ALIKE), ["m1"]) == "m1"


def test_someone_elses_message_of_another_likeness_does_not_count(moving: Movable) -> None:
    put("other", state="sending", likeness=b"something else")
    assert effects.adopt(put("a", state="unknown", likeness=ALIKE), ["m1"]) == "m1"


@pytest.mark.parametrize("lost", ["unknown", "not_sent"])
def test_a_late_receipt_for_a_message_that_a_twin_has_adopted_is_the_twins(
    moving: Movable, lost: str
) -> None:
    """Else both would be done, and one message there."""
    put("a", state=lost, likeness=ALIKE, token="t")
    twin = put("twin", state="unknown", likeness=ALIKE, token="twin's")
    assert effects.adopt(twin, ["p1"]) == "p1"
    assert take_receipt("t", "p1", "delivered", clock.now())
    assert state("a") == lost
    found = effect_of("twin")
    assert found is not None
    assert (found.state, found.receipt) == ("done", "delivered")


@pytest.mark.parametrize("messages", [0, 2, 6])
def test_twins_at_once_never_take_one_message_twice(errands: None, messages: int) -> None:
    twins = [put(f"t{n}", state="unknown", likeness=ALIKE) for n in range(6)]
    offered = [f"m{n}" for n in range(messages)]
    with ThreadPoolExecutor(6) as pool:
        got = [found for found in pool.map(lambda twin: effects.adopt(twin, offered), twins) if found]
    assert sorted(got) == offered
    with session() as db:
        assert len(db.exec(select(Effect).where(Effect.state == "done")).all()) == messages


# --- what nobody is sure of


def may_be_there(key: str) -> bool:
    effect = effect_of(key)
    assert effect is not None
    return effect.may_be_there


def test_what_may_be_there_though_it_counts_as_not_sent_is_so_for_good(moving: Movable) -> None:
    for lost in (False, True, False):
        id = begin(an_effect("a"))["a"]
        was = may_be_there("a")
        with transaction() as connection:
            effects.finish(connection, [Closing(id, EffectState.NOT_SENT, may_be_there=lost)])
        assert may_be_there("a") is (was or lost)


def test_what_was_sent_is_kept_no_longer_once_nobody_asks(moving: Movable) -> None:
    begin(an_effect("a", request="070"), an_effect("b", request="070"))
    with transaction() as connection:
        effects.forget_requests(connection, ["a"])
    assert [each and each.request for each in (effect_of("a"), effect_of("b"))] == [None, "070"]
