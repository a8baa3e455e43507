"""The timeline: append-only, whole, and nothing changed, removed or reordered without being seen."""

from __future__ import annotations

import uuid

import pytest
from errands import Errand, Movable, a_claim, put_cases, sql, told, whole
from hypothesis import given
from hypothesis import strategies as st

from engine.base import clock
from engine.base.database import transaction
from engine.ops import by_hand, timeline_check
from engine.tables.timeline import Entry, append, chained, end_of, is_whole
from models import encryption
from models.case import TimelineEntry
from models.encryption import Keyring

ERRANDS = {"errand": Errand}


def with_entries(number: int) -> uuid.UUID:
    (id,) = put_cases(1)
    claim = a_claim()
    with transaction() as connection:
        entries = [
            (claim.cases[id], Entry("step_taken", f"reason_{n}", "besok-1", {"n": n})) for n in range(number)
        ]
        append(connection, clock.now(), entries)
        claim.write(connection, list(claim.cases.values()))
        claim.release(connection, list(claim.cases.values()))
    return id


def test_entries_are_numbered_and_whole(moving: Movable) -> None:
    id = with_entries(5)
    assert [entry.number for entry in told(id)] == [0, 1, 2, 3, 4]
    assert whole(id)


def test_an_empty_timeline_is_whole() -> None:
    assert is_whole([], 0, None)


@pytest.mark.parametrize("column", ["what", "reason", "clause", "process"])
def test_a_changed_entry_is_seen(moving: Movable, column: str) -> None:
    id = with_entries(3)
    sql(f"UPDATE timeline SET {column} = 'forged' WHERE number = 1")
    assert not whole(id)


def test_a_changed_time_is_seen(moving: Movable) -> None:
    id = with_entries(3)
    sql("UPDATE timeline SET at = at + interval '1 microsecond' WHERE number = 2")
    assert not whole(id)


def test_a_changed_detail_is_seen(moving: Movable) -> None:
    id = with_entries(3)
    sql("UPDATE timeline SET detail = :forged WHERE number = 2", forged='{"n": 9}')
    assert not whole(id)


@pytest.mark.parametrize("number", [0, 1])
def test_a_removed_entry_is_seen(moving: Movable, number: int) -> None:
    id = with_entries(3)
    sql("DELETE FROM timeline WHERE number = :number", number=number)
    assert not whole(id)


@pytest.mark.parametrize("first", [0, 2])
def test_entries_removed_at_the_end_are_seen(moving: Movable, first: int) -> None:
    id = with_entries(3)
    sql("DELETE FROM timeline WHERE number >= :first", first=first)
    assert not by_hand.story({"errand": Errand}, id).timeline_whole


@pytest.mark.parametrize("left", [1, 2])
def test_entries_removed_at_the_end_are_seen_also_when_the_case_is_made_to_fit(
    moving: Movable, left: int
) -> None:
    id = with_entries(3)
    sql("DELETE FROM timeline WHERE number >= :left", left=left)
    last = "(SELECT hash FROM timeline WHERE number = :number)"
    sql(f"UPDATE errand SET entries = :left, last_hash = {last}", left=left, number=left - 1)
    assert not whole(id)


def test_whoever_has_no_key_can_not_chain_an_entry_of_their_own(
    moving: Movable, monkeypatch: pytest.MonkeyPatch
) -> None:
    id = with_entries(2)
    monkeypatch.setattr(encryption, "_ring", Keyring(encryption.ring().keys, b"x" * 32))
    assert not whole(id)


@given(st.permutations(range(4)))
def test_a_new_order_is_seen(order: list[int]) -> None:
    case, at, before, entries = uuid.uuid4(), clock.now(), None, []
    for n in range(4):
        entry = Entry("step_taken", str(n))
        hashed = chained("errand", before, case, n, at, entry)
        shared = {
            "process": "errand",
            "what": entry.what,
            "reason": entry.reason,
            "clause": "",
            "detail": "{}",
        }
        entries.append(TimelineEntry(case_id=case, number=n, at=at, hash=hashed, **shared))
        before = end_of(case, n + 1, hashed)
    shuffled = [entries[n] for n in order]
    assert is_whole(shuffled, 4, before) == (order == sorted(order))


def test_an_entry_of_another_case_is_seen(moving: Movable) -> None:
    (entry,) = told(with_entries(1))
    entry.case_id = uuid.uuid4()
    assert not is_whole([entry], 1, entry.hash)


@pytest.mark.parametrize("change", ["UPDATE timeline SET what = 'x'", "DELETE FROM timeline"])
def test_a_case_s_story_says_when_it_is_not_whole(moving: Movable, change: str) -> None:
    id = with_entries(2)
    sql(change)
    assert not by_hand.story({"errand": Errand}, id).timeline_whole


def test_two_cases_in_one_append_have_chains_of_their_own(moving: Movable) -> None:
    ids = put_cases(2)
    claim = a_claim()

    def say(n: int) -> list[tuple[Errand, Entry]]:
        return [(claim.cases[id], Entry("a", str(n))) for id in ids]

    with transaction() as connection:
        append(connection, clock.now(), [*say(0), *say(1)])
        claim.write(connection, list(claim.cases.values()))
    assert all(whole(id) and len(told(id)) == 2 for id in ids)


def test_a_detail_in_swedish_is_whole_when_it_is_read_again(moving: Movable) -> None:
    (id,) = put_cases(1)
    claim = a_claim()
    with transaction() as connection:
        append(connection, clock.now(), [(claim.cases[id], Entry("a", detail={"ö": "åäö", "b": 1}))])
        claim.write(connection, list(claim.cases.values()))
    assert whole(id)


# --- each night

FORGERIES = {
    "changed": "UPDATE timeline SET reason = 'forged' WHERE number = 1",
    "cut": "DELETE FROM timeline WHERE number = 2",
    "cut, and the case made to fit": """WITH gone AS (DELETE FROM timeline WHERE number = 2)
        UPDATE errand SET entries = 2, last_hash = (SELECT hash FROM timeline WHERE number = 1)""",
    "its case taken away": "DELETE FROM errand",
    "emptied": """WITH gone AS (DELETE FROM timeline)
        UPDATE errand SET entries = 0, last_hash = NULL, created_at = created_at - interval '2 days'""",
}


@pytest.mark.parametrize("how", FORGERIES)
def test_whatever_is_done_to_a_story_is_found_in_the_night(moving: Movable, how: str) -> None:
    id = with_entries(3)
    assert timeline_check.check_timelines(ERRANDS) == {"checked": 1}
    sql(FORGERIES[how])
    assert timeline_check.check_timelines(ERRANDS)["errand"] == 1
    assert sql("SELECT case_id, process FROM broken_timeline") == [(id, "errand")]


def test_a_night_goes_through_all_cases_in_portions_and_forgets_what_is_whole_again(
    moving: Movable, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeline_check, "PORTION", 2)
    with_entries(1)
    put_cases(4, prefix="other")
    sql("UPDATE timeline SET reason = 'forged' WHERE number = 0")
    assert timeline_check.check_timelines(ERRANDS) == {"checked": 5, "errand": 1}
    sql("UPDATE timeline SET reason = 'reason_0' WHERE number = 0")
    assert timeline_check.check_timelines(ERRANDS) == {"checked": 5}
    assert sql("SELECT * FROM broken_timeline") == []
