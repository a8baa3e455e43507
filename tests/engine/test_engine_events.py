"""What the engine does with events, whatever process handles them: order, outcome, parking, early arrival, states."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from errands import (
    Errand,
    Movable,
    a_process,
    all_stored,
    asked,
    by_key,
    events,
    put_cases,
    said,
    sql,
)
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from engine.base import clock
from engine.tables.applying import EARLY
from engine.tables.claims import Claim
from engine.tables.events import Batch, EventContext, Events, Unchanged, Waiting, for_case
from engine.tables.inbox import Inbox
from engine.tables.timeline import Entry
from models.events import Arrival
from models.stored_events import Nothing

KEY = "case-00000"


def store(*versions: int | None, key: str = KEY, **data: Any) -> None:
    """Events come in of a case, in this order."""
    for number, version in enumerate(versions):
        id = f"{key}-{number}-{version}"
        Inbox().store("vas", [Arrival(id, "errand.asked", "errand", key, version, clock.now(), data)])


def applied(by: Events[Errand, Any] | None = None) -> Claim[Errand]:
    """What waits is applied."""
    claim: Claim[Errand] = Claim(Errand)
    a_process(by=by).claim_due(claim)
    return claim


def outcomes() -> list[Any]:
    return [tuple(row) for row in sql("SELECT version, outcome FROM event ORDER BY number")]


def test_events_are_applied_in_the_order_of_their_versions_after_those_without_one(moving: Movable) -> None:
    store(3, None, 1, 2)
    seen: list[int | None] = []

    def noted(case: Errand, said: Nothing, context: EventContext[None]) -> Entry:
        seen.append(context.event.version)
        return asked(case, said, context)

    applied(events(noted))
    assert (seen, by_key(KEY).version) == ([None, 1, 2, 3], 3)


def test_what_is_not_newer_is_on_the_timeline_and_leaves_a_parked_case_parked(moving: Movable) -> None:
    (id,) = put_cases(1, version=2, parked="unit_unknown")
    store(1, 2)
    applied()
    assert said(id) == [("event_ignored", "older_version")] * 2
    assert (by_key(KEY).parked, by_key(KEY).due_at) == ("unit_unknown", None)
    assert outcomes() == [(1, "older_version"), (2, "older_version")]


def test_what_changes_nothing_leaves_a_case_at_its_end_or_parked(moving: Movable) -> None:
    put_cases(2, state="done")
    put_cases(1, prefix="parked", parked="unit_unknown", tries=2)

    def known(case: Errand, said: Nothing, context: EventContext[None]) -> Unchanged:
        return Unchanged(Entry("event_ignored", "known"))

    for key in (KEY, "parked-00000"):
        store(None, key=key)
    applied(events(known))
    assert (by_key(KEY).state, by_key(KEY).due_at) == ("done", None)
    assert (by_key("parked-00000").parked, by_key("parked-00000").tries) == ("unit_unknown", 2)
    assert by_key("parked-00000").due_at is None


def test_a_case_that_an_event_has_changed_is_parked_no_more_and_has_all_its_tries_again(
    moving: Movable,
) -> None:
    put_cases(1, parked="unit_unknown", tries=2)
    store(1)
    applied()
    assert (by_key(KEY).parked, by_key(KEY).tries) == (None, 0)


def test_an_event_that_makes_of_a_state_what_is_not_declared_parks_its_case_alone(moving: Movable) -> None:
    ids = put_cases(3)
    store(1)
    store(1, key="case-00001")

    def sent_at_once(case: Errand, said: Nothing, context: EventContext[None]) -> Entry:
        case.state = "sent" if case.key == KEY else "new"
        return Entry("event_applied", "applied")

    with capture_logs() as logs:
        claim = applied(events(sent_at_once))
    assert (by_key(KEY).state, by_key(KEY).parked) == ("new", "internal_error")
    assert said(ids[0]) == [("parked", "internal_error")]
    assert [reason for _, reason in claim.parked] == ["internal_error"]
    assert (by_key("case-00001").version, by_key("case-00001").parked) == (1, None)
    assert outcomes() == [(1, "parked"), (1, "applied")]
    told = [each for each in logs if each["event"] == "no_transition"]
    assert {(each["process"], each["state"], each["to"]) for each in told} == {("errand", "new", "sent")}


def test_what_was_parked_is_noted_only_once_that_is_committed(moving: Movable) -> None:
    """The database goes away after one case is parked, and before that is committed."""
    put_cases(2)
    store(1)
    store(1, key="case-00001")
    seen: list[str] = []

    def breaks(case: Errand, said: Nothing, context: EventContext[None]) -> Entry:
        seen.append(case.key)
        raise ValueError if case.key == seen[0] else OperationalError("", None, OSError())

    claim: Claim[Errand] = Claim(Errand)
    with pytest.raises(OperationalError):
        a_process(by=events(breaks)).claim_due(claim)
    assert ([case.parked for case in all_stored()], claim.parked) == ([None, None], [])


def test_what_follows_from_all_events_may_not_make_of_a_state_what_is_not_declared_either(
    moving: Movable,
) -> None:
    def finish(batch: Batch[Errand, None]) -> None:
        for case in batch.cases:
            case.state = "done"

    put_cases(1)
    store(1)
    applied(events(then=finish))
    assert (by_key(KEY).state, by_key(KEY).parked) == ("new", "internal_error")


def test_what_is_stored_and_does_not_fit_its_model_parks_its_case_and_no_value_is_logged(
    moving: Movable,
) -> None:
    class Counted(Nothing):
        errands: int

    put_cases(1)
    store(1, errands="Tolvan Tolvansson")
    with capture_logs() as logs:
        applied(events(stored=Counted))
    assert by_key(KEY).parked == "internal_error"
    assert [each["error"] for each in logs] == ["ValidationError"]
    assert "Tolvan" not in str(logs)


def test_an_event_of_a_type_that_nobody_handles_parks_its_case(moving: Movable) -> None:
    put_cases(1)
    Inbox().store("vas", [Arrival("w", "errand.of_tomorrow", "errand", KEY, 1, clock.now(), {})])
    applied()
    assert by_key(KEY).parked == "internal_error"


def test_a_case_of_which_only_a_later_event_has_come_waits_for_the_first(moving: Movable) -> None:
    store(1)
    applied(events(has_begun=lambda case: False))
    case = by_key(KEY)
    assert case.due_at == case.created_at + EARLY
    assert timedelta() < EARLY


def test_what_was_said_is_forgotten_once_it_is_applied(moving: Movable) -> None:
    store(1, name="Tolvan Tolvansson")
    applied(events(forgets=True))
    (data,) = sql("SELECT data FROM event")[0]
    sealed = bytes(data)
    store(2, key="other", name="Tolvan Tolvansson")
    applied(events(forgets=False))
    (kept,) = sql("SELECT data FROM event WHERE key = 'other'")[0]
    assert len(sealed) < len(bytes(kept))


def test_facts_are_loaded_once_for_all_cases(moving: Movable) -> None:
    put_cases(4)
    for number in range(4):
        store(1, 2, key=f"case-{number:05}")
    loaded: list[int] = []

    def count(connection: Any, waiting: Sequence[Waiting[Errand]]) -> int:
        loaded.append(sum(len(each.events) for each in waiting))
        return 7

    def noted(case: Errand, said: Nothing, context: EventContext[int]) -> Entry:
        assert context.facts == 7
        return Entry("event_applied", "applied")

    applied(events(noted, load=count))
    assert loaded == [8]


def test_an_event_may_leave_one_for_another_process_which_is_woken(moving: Movable) -> None:
    def passed_on(case: Errand, said: Nothing, context: EventContext[None]) -> Entry:
        context.put(for_case(context.event, "their-case", process="another"))
        context.put(for_case(context.event, "sister"))
        return Entry("event_applied", "applied")

    store(1)
    claim = applied(events(passed_on))
    assert claim.wakes == {"another"}
    assert sql("SELECT process, key, source FROM event WHERE applied_at IS NULL ORDER BY process") == [
        ("another", "their-case", "vaxel"),
        ("errand", "sister", "vaxel"),
    ]
