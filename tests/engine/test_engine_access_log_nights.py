"""The nightly check of the access log reads what is new and a part of what is old, and nothing stays unseen for longer
than it says."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from errands import Movable, found_of, sql
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import event
from structlog.testing import capture_logs
from test_engine_access_log import access, forced

from engine.base import clock
from engine.base.database import engine, transaction
from engine.ops import access_log_chain, access_log_check
from engine.ops.access_log import write
from engine.ops.access_log_check import END, check_access_log, check_and_keep
from models import encryption
from models.access_log import Act, BrokenAccess
from models.encryption import Keyring, ring

NIGHTS, BLOCK, PORTION = 3, 4, 3


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    _be_small(monkeypatch)


def _be_small(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(access_log_check, "NIGHTS", NIGHTS)
    patch.setattr(access_log_check, "BLOCK", BLOCK)
    patch.setattr(access_log_chain, "PORTION", PORTION)


def logged(number: int) -> None:
    """So many entries in one transaction."""
    with transaction() as connection:
        write(connection, [access() for _ in range(number)], clock.now())


def last() -> int:
    found: int = sql("SELECT coalesce(max(number), 0) FROM access_log")[0][0]
    return found


def checkpoints() -> list[int]:
    return [number for (number,) in sql("SELECT number FROM access_log WHERE act = 'check' ORDER BY number")]


def night(moving: Movable, days: int = 1) -> access_log_check.Checked:
    """So many days later the log is checked."""
    moving.at += timedelta(days=days)
    return check_and_keep()


# --- what is read


def test_the_first_night_reads_all_and_the_next_what_is_new_and_one_part_of_the_rest(
    moving: Movable, small: None
) -> None:
    logged(36)
    assert night(moving).read == 36
    logged(5)
    found = night(moving)
    assert (found.entries, found.broken) == (42, [])
    assert found.read == 6 + 36 // NIGHTS  # the check itself is an entry too


def test_in_so_many_nights_every_old_entry_is_read_once(moving: Movable, small: None) -> None:
    logged(36)
    night(moving)
    read = [night(moving).read for _ in range(NIGHTS)]
    new = 1 + 1 + 1  # a check each night
    assert 36 <= sum(read) - new <= 36 + NIGHTS


def test_nights_that_were_missed_are_made_up_for(moving: Movable, small: None) -> None:
    logged(36)
    night(moving)
    assert night(moving, days=2).read == 1 + 2 * 36 // NIGHTS
    assert night(moving, days=40).read == last() - 1


def test_twice_in_a_night_reads_nothing_old_twice(moving: Movable, small: None) -> None:
    logged(36)
    night(moving)
    night(moving)
    assert night(moving, days=0).read == 1


def test_the_log_says_how_it_ends_and_how_many_were_read(moving: Movable, small: None) -> None:
    logged(4)
    with capture_logs() as said:
        found = night(moving)
    (told,) = [line for line in said if line["event"] == "access_log_checked"]
    assert (told["entries"], told["read"], told["broken"], told["end"]) == (4, 4, 0, found.end)
    assert check_access_log((4, found.end)).passed


# --- in portions


@contextmanager
def rows_of_each_transaction() -> Iterator[list[int]]:
    """How many rows each transaction has been given."""
    given: list[int] = []

    def begun(_: Any) -> None:
        given.append(0)

    def executed(_: Any, cursor: Any, *__: Any) -> None:
        given[-1] += cursor.rowcount if cursor.description else 0

    event.listen(engine(), "begin", begun)
    event.listen(engine(), "after_cursor_execute", executed)
    try:
        yield given
    finally:
        event.remove(engine(), "begin", begun)
        event.remove(engine(), "after_cursor_execute", executed)


@pytest.mark.parametrize("check", [check_access_log, check_and_keep])
def test_each_transaction_reads_one_portion_and_ends(
    moving: Movable, small: None, check: Callable[[], Any]
) -> None:
    logged(30)
    night(moving)
    logged(30)
    moving.at += timedelta(days=1)
    with rows_of_each_transaction() as given:
        check()
    assert max(given) <= PORTION
    assert len(given) > 30 // PORTION


def test_a_longer_log_takes_no_more_memory(moving: Movable, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log_chain, "PORTION", 50)

    def peak() -> int:
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        check_and_keep()
        return tracemalloc.get_traced_memory()[1] - before

    logged(150)
    check_and_keep()  # what is made once is there
    tracemalloc.start()
    try:
        logged(150)
        short = peak()
        logged(1500)
        assert peak() < 2 * short
    finally:
        tracemalloc.stop()


# --- what is found, and when


def test_what_is_new_is_found_in_the_night_that_comes(moving: Movable, small: None) -> None:
    logged(8)
    night(moving)
    logged(8)
    forced("UPDATE access_log SET act = 'put' WHERE number = 12")
    assert night(moving).broken == [12]


@pytest.mark.parametrize("number", [1, 3, 4, 5, 8, 12, 20])
def test_what_is_old_is_found_within_the_nights_that_are_told(
    moving: Movable, small: None, number: int
) -> None:
    logged(20)
    night(moving)
    forced(f"UPDATE access_log SET act = 'put' WHERE number = {number}")
    assert [number] in [night(moving).broken for _ in range(NIGHTS)]


@pytest.mark.parametrize(("first", "last_one"), [(4, 4), (5, 8), (2, 11), (1, 20)])
def test_old_entries_that_are_gone_are_found_where_the_next_one_stands(
    moving: Movable, small: None, first: int, last_one: int
) -> None:
    logged(20)
    night(moving)
    forced(f"DELETE FROM access_log WHERE number BETWEEN {first} AND {last_one}")
    found = [night(moving).broken for _ in range(NIGHTS)]
    assert [last_one + 1] in found


def test_what_was_found_is_told_each_night_until_it_is_whole_though_somebody_deletes_that_it_was(
    moving: Movable, small: None
) -> None:
    logged(20)
    forced("UPDATE access_log SET act = 'put' WHERE number = 2")
    assert night(moving).broken == [2]
    for _ in range(NIGHTS + 1):
        forced("DELETE FROM broken_access")
        assert night(moving).broken == [2]
        assert [each.number for each in found_of(BrokenAccess, "true")] == [2]
    forced("UPDATE access_log SET act = 'look' WHERE number = 2")
    assert night(moving).broken == []
    assert found_of(BrokenAccess, "true") == []


@pytest.mark.parametrize("number", [-7, 10**6])
def test_an_entry_that_was_put_in_is_told_until_it_is_gone(moving: Movable, small: None, number: int) -> None:
    logged(20)
    night(moving)
    put_in(number)
    assert any(number in night(moving).broken for _ in range(NIGHTS))
    forced(f"DELETE FROM access_log WHERE number = {number}")
    assert night(moving).broken == []


def put_in(number: int) -> None:
    """A copy of the first entry, under another number."""
    names = [name for (name,) in sql(COLUMNS)]
    given = {"number": str(number), "id": "gen_random_uuid()"}
    values = ", ".join(given.get(name, name) for name in names)
    forced(f"INSERT INTO access_log ({', '.join(names)}) SELECT {values} FROM access_log WHERE number = 1")


COLUMNS = "SELECT column_name FROM information_schema.columns WHERE table_name = 'access_log'"


def test_a_number_far_away_keeps_no_night_busy(moving: Movable, small: None) -> None:
    logged(20)
    night(moving)
    forced(f"UPDATE access_log_end SET entries = {2**61}")
    assert night(moving).broken == [END]
    found = [night(moving) for _ in range(NIGHTS + 1)]
    assert all(2**61 + 1 in each.broken for each in found)
    assert max(each.read for each in found) < 30


CHECKPOINT_GONE = {
    "hidden": "UPDATE access_log SET act = 'look' WHERE number = {newest}",
    "taken away": "DELETE FROM access_log WHERE number = {newest}",
    "says what the one before said": "UPDATE access_log SET why = (SELECT why FROM access_log WHERE number = {before})"
    " WHERE number = {newest}",
    "moved behind": "UPDATE access_log SET number = 9999 WHERE number = {newest}",
    "all hidden": "UPDATE access_log SET act = 'look' WHERE act = 'check'",
    "its seal changed": "UPDATE access_log SET hash = decode(repeat('00', 32), 'hex') WHERE number = {newest}",
}


@pytest.mark.parametrize("statement", CHECKPOINT_GONE.values(), ids=CHECKPOINT_GONE.keys())
def test_a_checkpoint_that_was_changed_or_moved_back_is_found_in_the_night_that_comes(
    moving: Movable, small: None, statement: str
) -> None:
    logged(8)
    night(moving)
    logged(8)
    night(moving)
    logged(2)
    before, newest = checkpoints()
    forced(statement.format(newest=newest, before=before))
    assert {newest, newest + 1} & set(night(moving).broken)


def test_a_checkpoint_cannot_be_made_without_the_key(moving: Movable, small: None) -> None:
    """As whoever has the database, and a key of their own, would write one: further on than it was checked."""
    logged(8)
    night(moving)
    logged(4)
    forced("UPDATE access_log SET act = 'put' WHERE number = 10")
    before = ring()
    encryption.use(Keyring(before.keys, b"f" * 32))
    said = f'{{"number":{last()},"ends":"{"00" * 32}","night":999999,"broken":[]}}'
    with transaction() as connection:
        write(connection, [access(Act.CHECK, why=said, patient=None)], clock.now())
    encryption.use(before)
    assert 10 in night(moving).broken


def test_a_cut_that_is_set_back_behind_what_was_checked_is_found_though_the_log_grows_again(
    moving: Movable, small: None
) -> None:
    logged(10)
    night(moving)
    forced("DELETE FROM access_log WHERE number > 6")
    forced("UPDATE access_log_end SET entries = 6, hash = (SELECT hash FROM access_log WHERE number = 6)")
    assert END in night(moving).broken
    logged(10)
    assert night(moving).broken
    assert night(moving).broken


# --- whatever is done to it

LOG = st.lists(st.tuples(st.integers(0, 6), st.integers(1, 2)), min_size=1, max_size=5)
"""So many entries, and so many days until it is checked, each time."""
TAMPERING = (
    "change",
    "remove",
    "replace",
    "swap",
    "cut",
    "cut and set back",
    "put in",
    "hide the newest check",
)


def _tampered(how: str, number: int, other: int) -> int | None:
    """Tamper with an entry; gives the lowest number that it shows at, None: nothing is changed by it."""
    end = last()
    number = min(number, end)
    if how == "change":
        forced(f"UPDATE access_log SET at = at + interval '1 second' WHERE number = {number}")
    elif how == "remove":
        forced(f"DELETE FROM access_log WHERE number = {number}")
    elif how == "replace":
        forced(f"DELETE FROM access_log WHERE number = {number}")
        if number > 1:
            put_in(number)
    elif how == "swap":
        if number == (other := min(other, end)):
            return None
        forced(f"UPDATE access_log SET number = -1 WHERE number = {number}")
        forced(f"UPDATE access_log SET number = {number} WHERE number = {other}")
        forced(f"UPDATE access_log SET number = {other} WHERE number = -1")
        return min(number, other)
    elif how.startswith("cut"):
        forced(f"DELETE FROM access_log WHERE number >= {number}")
        if how == "cut and set back":
            hashed = f"coalesce((SELECT hash FROM access_log WHERE number = {number - 1}), '\\x01'::bytea)"
            forced(f"UPDATE access_log_end SET entries = {number - 1}, hash = {hashed}")
        return end
    elif how == "put in":
        put_in(1000 + number)
        return 1000 + number
    else:
        newest = checkpoints()[-1]
        forced(f"UPDATE access_log SET act = 'look' WHERE number = {newest}")
        return newest
    return number


@given(LOG, st.integers(0, 5), st.sampled_from(TAMPERING), st.integers(1, 40), st.integers(1, 40), LOG)
@settings(max_examples=120, deadline=None)
def test_whatever_is_done_to_whatever_log_is_found_at_the_latest_when_it_is_told_and_nothing_else_is(
    postgres: None,
    before: list[tuple[int, int]],
    new: int,
    how: str,
    number: int,
    other: int,
    after: list[tuple[int, int]],
) -> None:
    moving = Movable()
    used = clock.use(moving)
    with pytest.MonkeyPatch.context() as patch:
        _be_small(patch)
        try:
            forced(
                "; ".join(f"DELETE FROM {each}" for each in ("access_log", "access_log_end", "broken_access"))
            )
            for entries, days in before:
                logged(entries)
                assert night(moving, days).broken == []
            logged(new)
            newest = checkpoints()[-1]
            shows_at = _tampered(how, number, other)
            within = None if shows_at is None else 0 if shows_at >= newest else NIGHTS
            _is_found(moving, after, within)
        finally:
            clock.use(used)


def _is_found(moving: Movable, nights: list[tuple[int, int]], within: int | None) -> None:
    """In the first night in which at least so many days have passed, at the latest, and in each one after it; None:
    never."""
    passed, found = 0, False
    for entries, days in [*nights, *[(1, 1)] * (NIGHTS + 2)]:
        logged(entries)
        broken, passed = night(moving, days).broken, passed + days
        if within is None:
            assert broken == []
        else:
            assert broken or not (found or passed >= within)
            found = bool(broken)
