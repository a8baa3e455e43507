"""The access log (HSLF-FS 2016:40): append-only, and nothing changed, taken out or cut off without being seen."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from errands import found_of, sql
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from engine.base import clock
from engine.base.database import engine, transaction
from engine.ops import access_log_chain
from engine.ops.access_log import Access, Act, chained, write
from engine.ops.access_log_check import END, check_access_log, check_and_keep
from engine.ops.reseal import reseal
from models import encryption
from models.access_log import BrokenAccess, LoggedAccess
from models.encryption import Keyring, ring
from models.identity import IdentityType, PatientId
from models.tables import all_tables

PATIENT = PatientId(type=IdentityType.PERSONNUMMER, id="191212121212")
KNOWN = "b6c941c40b10738232b7be0d694c77e6aff151eb1b16a21a9cb80ac94c197948"
STAFF = "SE2321000115-P000000000001"


def access(act: Act = Act.LOOK, **other: Any) -> Access:
    given = {"who": STAFF, "name": "Anna Test", "commission": "SE2321000115-C1", "unit": "SE2321000115-E1"}
    told = given | {
        "process": "image_transfer",
        "patient": PATIENT,
        "why": "bilder-1",
        "subject": uuid.uuid4(),
    }
    return Access(act=act, **(told | other))


def logged(number: int = 1) -> None:
    """So many entries, each in a transaction of its own."""
    for _ in range(number):
        with transaction() as connection:
            write(connection, [access()], clock.now())


def forced(statement: str) -> None:
    """As a superuser does it who has said that no trigger shall fire."""
    with transaction() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text(statement))


def entries() -> list[LoggedAccess]:
    return found_of(LoggedAccess, "true ORDER BY number")


def test_an_entry_says_who_with_which_commission_what_whose_when_and_why(errands: None) -> None:
    at, asked = clock.now(), access(Act.DOWNLOAD)
    with transaction() as connection:
        write(connection, [asked], at)
    (found,) = entries()
    assert (found.number, found.at, found.act, found.who, found.name) == (
        1,
        at,
        "download",
        STAFF,
        "Anna Test",
    )
    assert (found.commission, found.unit, found.subject) == (asked.commission, asked.unit, asked.subject)
    assert (found.patient, found.why) == (PATIENT.model_dump_json(), "bilder-1")
    assert bytes(found.patient_hash or b"") == ring().digest(PATIENT.id)


def test_neither_patient_nor_staffs_name_nor_a_reason_in_words_lies_open(errands: None) -> None:
    with transaction() as connection:
        write(connection, [access(why="asked for by Tolvan")], clock.now())
        lying = str(connection.execute(text("SELECT access_log::text FROM access_log")).all())
    lying += str(sql("SELECT access_log::text FROM access_log"))
    hexed = [value.encode().hex() for value in (PATIENT.id, "Anna", "Tolvan")]
    assert not any(value in lying for value in [PATIENT.id, "Anna", "Tolvan", *hexed])


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE access_log SET who = 'another'",
        "UPDATE access_log SET patient = NULL",
        "UPDATE access_log SET why = ''::bytea, act = 'put'",
        "DELETE FROM access_log WHERE number = 1",
        "TRUNCATE access_log",
        "TRUNCATE access_log_end",
        "DELETE FROM access_log_end",
        "UPDATE access_log_end SET entries = entries - 1",
    ],
)
def test_the_programs_own_role_cannot_change_or_empty_the_log(errands: None, statement: str) -> None:
    logged(2)
    with pytest.raises(ProgrammingError):
        sql(statement)
    assert len(entries()) == 2
    assert check_access_log().broken == []


CHANGES = {
    "who": "UPDATE access_log SET who = 'SE2321000115-P000000000009' WHERE number = 3",
    "no commission": "UPDATE access_log SET commission = NULL WHERE number = 3",
    "when": "UPDATE access_log SET at = at + interval '1 microsecond' WHERE number = 3",
    "another's sealed patient": "UPDATE access_log SET patient = (SELECT patient FROM access_log WHERE number = 2) WHERE number = 3",
    "no patient": "UPDATE access_log SET patient = NULL, patient_hash = NULL WHERE number = 3",
    "not found by patient": "UPDATE access_log SET patient_hash = NULL WHERE number = 3",
    "no name": "UPDATE access_log SET name = NULL WHERE number = 3",
    "its hash": "UPDATE access_log SET hash = ''::bytea WHERE number = 3",
}


@pytest.mark.parametrize("statement", CHANGES.values(), ids=CHANGES.keys())
def test_a_changed_entry_is_seen_by_its_number(errands: None, statement: str) -> None:
    logged(5)
    forced(statement)
    assert 3 in check_access_log().broken


def test_an_entry_taken_out_is_seen_where_the_next_one_stands(errands: None) -> None:
    logged(5)
    forced("DELETE FROM access_log WHERE number = 3")
    assert check_access_log().broken == [4]


def test_two_entries_that_have_changed_places_are_seen(errands: None) -> None:
    logged(4)
    forced("UPDATE access_log SET number = 9 WHERE number = 2")
    forced("UPDATE access_log SET number = 2 WHERE number = 3")
    forced("UPDATE access_log SET number = 3 WHERE number = 9")
    assert {2, 3} <= set(check_access_log().broken)


@given(st.integers(1, 5), st.booleans())
@settings(max_examples=5, deadline=None)
def test_a_log_that_was_cut_off_is_seen_though_its_end_is_set_back(cut: int, is_set: bool) -> None:
    forced("DELETE FROM access_log")
    forced("DELETE FROM access_log_end")
    logged(5)
    forced(f"DELETE FROM access_log WHERE number > {5 - cut}")
    if is_set:  # to the best that can be known from what lies in the database
        last = f"(SELECT hash FROM access_log WHERE number = {5 - cut})"
        forced(f"UPDATE access_log_end SET entries = {5 - cut}, hash = coalesce({last}, '\\x01'::bytea)")
    assert check_access_log().broken == [END]


def test_where_the_end_was_taken_away_the_log_goes_on_and_it_is_seen_ever_after(errands: None) -> None:
    logged(2)
    forced("DELETE FROM access_log_end")
    assert check_access_log().broken == [END]
    logged(2)
    assert [entry.number for entry in entries()] == [1, 2, 3, 4]
    assert check_access_log().broken == [3]


class Undone(Exception):
    """What a transaction or a savepoint is left with."""


def undone(connection: Connection, act: Act) -> None:
    """An access in a savepoint in a savepoint, of which the outer is rolled back."""
    with suppress(Undone), connection.begin_nested():
        write(connection, [access(act)], clock.now())
        with connection.begin_nested():
            write(connection, [access(act)], clock.now())
        raise Undone


def test_what_was_rolled_back_is_not_in_the_log_and_what_is_tried_again_is_there_once(errands: None) -> None:
    with transaction() as connection:
        write(connection, [access(Act.PUT)], clock.now())
        undone(connection, Act.DELETE)
        with connection.begin_nested():
            write(connection, [access(Act.EXPIRE)], clock.now())
    with suppress(Undone), transaction() as connection:
        write(connection, [access(Act.LOOK)], clock.now())
        raise Undone
    logged()
    assert [entry.act for entry in entries()] == ["put", "expire", "look"]
    assert check_access_log().broken == []


def marked_and_logged(asked: Access) -> None:
    with transaction() as connection:
        connection.execute(text("INSERT INTO wake (process, asked_at) VALUES ('errand', now())"))
        write(connection, [asked], clock.now())


def test_a_transaction_whose_access_cannot_be_logged_does_not_commit(errands: None) -> None:
    with pytest.raises(DBAPIError):
        marked_and_logged(access(who="a zero \x00"))  # PostgreSQL takes none
    assert not sql("SELECT * FROM wake")
    marked_and_logged(access())
    assert len(entries()) == len(sql("SELECT * FROM wake")) == 1


def test_eight_writers_that_hold_cases_neither_break_the_chain_nor_wait_for_each_other_in_a_circle(
    errands: None,
) -> None:
    sql("INSERT INTO wake (process, asked_at) SELECT n::text, now() FROM generate_series(1, 8) n")
    failed: list[str] = []

    def work(mine: int) -> None:
        for n in range(20):
            held = 1 + (mine + n) % 8  # rows that others hold, some of them with the log's end in view
            try:
                with transaction() as connection:
                    write(connection, [access()], clock.now())
                    connection.execute(text(f"UPDATE wake SET asked_at = now() WHERE process = '{held}'"))
            except DBAPIError as error:
                failed.append(str(error))

    at_once([lambda mine=mine: work(mine) for mine in range(8)])
    assert not failed
    assert (len(entries()), check_access_log().broken) == (160, [])


def at_once(works: list[Callable[[], None]]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_what_is_sealed_anew_under_another_key_leaves_the_chain_whole(errands: None) -> None:
    logged(3)
    before = ring()
    encryption.use(Keyring(before.keys | {before.newest + 1: b"k" * 32}, before.lookup))
    try:
        tables = [table for table in all_tables() if table.name == "access_log"]
        assert not reseal(engine(), tables, lambda *_: None)
        assert check_access_log().broken == []
        encryption.use(Keyring({before.newest + 1: b"k" * 32}, before.lookup))
        assert check_access_log().broken == []
    finally:
        encryption.use(before)


def test_what_was_written_years_ago_is_checked_as_it_was_written_then(errands: None) -> None:
    """The known hash of a known entry: whoever changes it makes every log that there is a broken one."""
    at = datetime(2026, 11, 28, 8, 30, 15, 250, UTC)
    row = dict.fromkeys(("commission", "purpose", "unit", "sought")) | {
        "number": 7,
        "id": uuid.UUID(int=1),
        "at": at,
    }
    row |= {
        "act": "look",
        "who": STAFF,
        "name": "Åsa",
        "process": "image_transfer",
        "subject": uuid.UUID(int=2),
    }
    row |= {"patient": PATIENT.model_dump_json(), "patient_hash": b"\x01" * 32, "why": "bilder-1"}
    before = ring()
    encryption.use(Keyring(before.keys, b"l" * 32))
    try:
        assert chained(b"\x02" * 32, row).hex() == KNOWN
        assert chained(b"\x02" * 32, row | {"at": at.astimezone(ZoneInfo("UTC"))}).hex() == KNOWN
    finally:
        encryption.use(before)


def test_another_lookup_key_breaks_every_entry(errands: None) -> None:
    logged(2)
    before = ring()
    encryption.use(Keyring(before.keys, b"l" * 32))
    try:
        assert check_access_log().broken == [1, 2, END]
    finally:
        encryption.use(before)


def test_an_end_kept_elsewhere_shows_that_the_log_went_on_from_there(errands: None) -> None:
    logged(2)
    kept = check_access_log()
    logged(1)
    assert check_access_log((kept.entries, kept.end)).passed
    assert not check_access_log((kept.entries, "00" * 32)).passed


def test_what_is_broken_is_kept_since_when_until_it_is_whole_again(errands: None) -> None:
    logged(3)
    forced("UPDATE access_log SET act = 'put' WHERE number = 2")
    assert check_and_keep().broken == [2]
    assert [each.number for each in found_of(BrokenAccess, "true")] == [2]
    forced("UPDATE access_log SET act = 'look' WHERE number = 2")
    assert check_and_keep().broken == []
    assert found_of(BrokenAccess, "true") == []


def test_a_log_of_several_portions_is_whole(errands: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(access_log_chain, "PORTION", 2)
    logged(4)
    assert (check_access_log().entries, check_access_log().broken) == (4, [])
    forced("DELETE FROM access_log WHERE number IN (2, 3)")
    assert check_access_log().broken == [4]


def test_an_access_that_nobody_would_write_is_refused(errands: None) -> None:
    """No transaction that ends, or one of an engine that does nothing as it commits."""
    other = create_engine(engine().url)
    with other.begin() as connection, pytest.raises(RuntimeError):
        write(connection, [access()], clock.now())
    with engine().connect() as connection, pytest.raises(RuntimeError):
        write(connection, [access()], clock.now())
    other.dispose()
