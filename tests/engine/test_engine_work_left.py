"""What there is to do, of all processes by one statement (ADR 0037)."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
from errands import (
    Errand,
    Movable,
    a_claim,
    a_process,
    a_step,
    done,
    put_cases,
    run,
    sends,
    sql,
    stored,
    write,
)
from sqlalchemy import text
from sqlalchemy.event import listen, remove

from engine.base import clock
from engine.base.database import engine, transaction
from engine.base.settings import settings
from engine.tables.effects import FORGOTTEN
from engine.tables.inbox import Inbox
from engine.tables.work_left import work_within
from models.case import Case, Effect
from models.events import Arrival
from models.preferences import PatientPreferences

LEASE = settings().lease_seconds
MODELS: dict[str, type[Case]] = {"errand": Errand, PatientPreferences.PROCESS: PatientPreferences}


def _left() -> dict[str, float]:
    """By process, in how many seconds there is something to do."""
    now = clock.now()
    left = work_within(MODELS, 60.0)
    assert left.not_asked == {}
    return {process: (at - now).total_seconds() for process, at in left.due.items()}


def test_nothing_is_nothing(moving: Movable) -> None:
    assert _left() == {}


@pytest.mark.parametrize(("seconds", "left"), [(-5, {"errand": 0}), (30, {"errand": 30}), (90, {})])
def test_a_case_is_found_that_is_due_now_or_within_the_minute(
    moving: Movable, seconds: int, left: dict[str, float]
) -> None:
    put_cases(1, due_at=clock.now() + timedelta(seconds=seconds))
    assert _left() == left


def test_a_case_that_a_run_holds_is_left_to_it_until_its_lease_is_over(moving: Movable) -> None:
    put_cases(2)
    a_claim()
    assert _left() == {}
    moving.move(LEASE + 1)
    assert _left() == {"errand": 0}


def test_a_case_at_rest_that_a_dead_worker_held_is_found_once_its_lease_is_over(moving: Movable) -> None:
    """Even one that is due for nothing may have an event that waits for it."""
    held = {"owner": uuid.uuid4(), "lease_until": clock.now() + timedelta(seconds=5)}
    (id,) = put_cases(1, due_at=None, **held)
    assert _left() == {}
    moving.move(6)
    assert _left() == {"errand": 0}
    run(a_process(a_step(sends())))
    assert (stored(id).owner, _left()) == (None, {})


def test_an_event_that_nobody_has_taken_in_is_found_for_its_own_process(moving: Movable) -> None:
    told = Arrival("w", "preferences.changed", PatientPreferences.PROCESS, "k", None, clock.now(), {})
    Inbox().store("vas", [told])
    assert _left() == {"preferences": 0}


def test_an_effect_that_no_step_will_ask_about_any_more_is_found_and_shown_to_ops(moving: Movable) -> None:
    (id,) = put_cases(1, state="done", due_at=None)
    long_ago = clock.now() - FORGOTTEN - timedelta(seconds=1)
    shared: dict[str, Any] = {"process": "errand", "step": "do_errand", "system": "sms", "state": "unknown"}
    effect = Effect(key="e", case_id=id, sending_at=long_ago, deadline_at=long_ago, **shared)
    with transaction() as connection:
        write(connection, [effect])
    assert _left() == {"errand": 0}
    run(a_process(a_step(sends())))
    assert sql("SELECT state FROM effect") == [("parked",)]
    assert _left() == {}


# --- a table that can't be asked


@pytest.fixture
def renamed(moving: Movable) -> Iterator[Callable[[str, str], None]]:
    """Renames a column of a table, until the test is over."""
    done: list[tuple[str, str]] = []

    def rename(table: str, column: str) -> None:
        _change(f"ALTER TABLE {table} RENAME COLUMN {column} TO {column}_lost")
        done.append((table, column))

    yield rename
    for table, column in done:
        _change(f"ALTER TABLE {table} RENAME COLUMN {column}_lost TO {column}")


def _change(statement: str) -> None:
    with transaction() as connection:
        connection.execute(text(statement))


@pytest.mark.parametrize(
    ("table", "column"), [("preferences", "due_at"), ("event", "taken"), ("effect", "deadline_at")]
)
def test_a_table_that_lacks_a_column_is_told_and_the_others_are_asked_all_the_same(
    renamed: Callable[[str, str], None], table: str, column: str
) -> None:
    put_cases(1)
    renamed(table, column)
    left = work_within(MODELS, 60.0)
    assert (list(left.due), left.not_asked) == (["errand"], {table: "UndefinedColumn"})


def test_a_table_that_somebody_has_locked_holds_up_no_other(moving: Movable) -> None:
    put_cases(1)
    with transaction() as other:
        other.execute(text("LOCK TABLE preferences IN ACCESS EXCLUSIVE MODE"))
        left = work_within(MODELS, 60.0)
    assert (list(left.due), left.not_asked) == (["errand"], {"preferences": "LockNotAvailable"})
    assert work_within(MODELS, 60.0).not_asked == {}


def test_while_all_is_well_all_tables_are_asked_by_one_statement(moving: Movable) -> None:
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    listen(engine(), "before_cursor_execute", note)
    try:
        work_within(MODELS, 60.0)
    finally:
        remove(engine(), "before_cursor_execute", note)
    assert [each for each in asked if "UNION ALL" in each] == asked[-1:]
    assert len(asked) == 2, "and one that says how long it may take"


def test_a_run_that_finds_nothing_to_do_claims_nothing(moving: Movable) -> None:
    asked: list[str] = []

    def note(_: Any, __: Any, statement: str, *___: Any) -> None:
        asked.append(statement)

    listen(engine(), "before_cursor_execute", note)
    try:
        run(a_process(a_step(sends(), done)))
    finally:
        remove(engine(), "before_cursor_execute", note)
    assert [each for each in asked if "MATERIALIZED" in each or "advisory" in each] == []
