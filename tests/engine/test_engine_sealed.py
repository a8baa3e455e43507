"""What is personal lies sealed: under the newest key, in its own place only, and no error tells a value."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from errands import Errand, Movable, put_cases, sql, stored
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, text
from sqlalchemy.exc import StatementError
from sqlmodel import SQLModel, col, select

from engine.base.database import load, load_each, session, table_of, transaction
from flows.registry import PROCESSES
from models import encryption
from models.booking_publication import BookingPublication
from models.case import Effect, Event
from models.encryption import Closed, DoesNotOpen, Keyring, Use
from models.preferences import Preference
from models.resident import Merge
from models.sealed import Sealed, opened, place, seal, seals

PERSONAL = "19121212-1212"
ONE, OTHER = uuid.UUID(int=1), uuid.UUID(int=2)
HERE = place(Merge, "known_as", id=ONE)


def key() -> bytes:
    return secrets.token_bytes(32)


def ring(*numbers: int, until: datetime | None = None) -> Keyring:
    return Keyring({number: b"%032d" % number for number in numbers}, b"l" * 32, until)


@pytest.fixture
def rings() -> Iterator[Keyring]:
    """The ring of the tests, put back afterwards."""
    before = encryption.ring()
    yield before
    encryption.use(before)


# --- a value


@given(st.text(max_size=200))
def test_what_is_sealed_opens_again(text: str) -> None:
    assert ring(1).open(ring(1).seal(text, HERE), HERE) == text


def test_the_same_text_never_lies_the_same_way() -> None:
    assert ring(1).seal("a", HERE) != ring(1).seal("a", HERE)


def test_the_newest_key_seals_and_the_old_one_still_opens() -> None:
    old = ring(1).seal("a", HERE)
    assert encryption.number_of(ring(1, 2).seal("a", HERE)) == 2
    assert ring(1, 2).open(old, HERE) == "a"


def test_what_was_sealed_under_a_key_that_is_gone_does_not_open() -> None:
    with pytest.raises(DoesNotOpen, match=r"^key_missing$"):
        ring(2).open(ring(1).seal("a", HERE), HERE)


@given(st.data())
def test_any_byte_that_is_changed_is_seen_the_key_number_too(data: st.DataObject) -> None:
    sealed = bytearray(ring(1, 2).seal(PERSONAL, HERE))
    sealed[data.draw(st.integers(0, len(sealed) - 1))] ^= data.draw(st.integers(1, 255))
    with pytest.raises(DoesNotOpen) as refused:
        ring(1, 2).open(Closed(bytes(sealed)), HERE)
    assert PERSONAL not in str(refused.value)


@given(st.integers(0, 33))
def test_a_value_that_is_cut_is_seen(length: int) -> None:
    with pytest.raises(DoesNotOpen):
        ring(1).open(Closed(ring(1).seal("a text", HERE)[:length]), HERE)


def test_a_key_can_be_given_to_everyone_before_it_seals() -> None:
    waiting = replace(ring(1, 2), seals_under=1)
    assert encryption.number_of(waiting.seal("a", HERE)) == 1
    assert waiting.open(ring(1, 2).seal("a", HERE), HERE) == "a"
    with pytest.raises(ValueError, match="not there"):
        replace(ring(1), seals_under=2)


def test_a_key_number_that_would_be_taken_for_the_mark_is_refused() -> None:
    with pytest.raises(ValueError, match="0 to 254"):
        ring(255)


# --- its place

PLACES = st.one_of(
    st.builds(lambda row: (Merge, "known_as", {"id": uuid.UUID(int=row)}), st.integers(0, 3)),
    st.builds(
        lambda column, row: (Preference, column, row),
        st.sampled_from(["value", "setter"]),
        st.fixed_dictionaries(
            {
                "patient_hash": st.binary(max_size=2),
                "unit": st.text("ab", max_size=2),
                "name": st.text("ab", max_size=2),
            }
        ),
    ),
    st.builds(lambda row: (Event, "data", {"id": uuid.UUID(int=row)}), st.integers(0, 3)),
    st.builds(lambda row: (Effect, "request", {"key": row}), st.text("ab", max_size=3)),
)


@given(PLACES, PLACES)
def test_a_value_opens_in_its_own_place_only(here: tuple, there: tuple) -> None:  # type: ignore[type-arg]
    """Never in another table, column or row, however alike these are written."""
    closed = ring(1).seal(PERSONAL, place(here[0], here[1], **here[2]))
    if here == there:
        assert ring(1).open(closed, place(there[0], there[1], **there[2])) == PERSONAL
        return
    with pytest.raises(DoesNotOpen, match=r"^changed$"):
        ring(1).open(closed, place(there[0], there[1], **there[2]))


def test_every_table_knows_its_rows_by_what_never_changes() -> None:
    """A number that the database gives is not known when a row is sealed."""
    tables = [table for table in SQLModel.metadata.sorted_tables if seals(table).columns]
    assert {table_of(model) for model in PROCESSES.values()} < set(tables)
    for table in tables:
        assert all(not table.c[name].nullable for name in seals(table).row)
        assert all(isinstance(table.c[each].type, Sealed) for each in seals(table).columns)
        hashes = [column.hashed_in for column in seals(table).columns.values() if column.hashed_in]
        assert all(isinstance(table.c[name].type, LargeBinary) for name in hashes)


def test_a_row_that_is_not_known_yet_can_not_be_sealed_for() -> None:
    with pytest.raises(TypeError):
        place(Event, "data", id=None)


def test_what_is_not_sealed_for_its_row_is_not_written(moving: Movable) -> None:
    with session() as db:
        db.add(Errand(key="a", state="new", note=PERSONAL, created_at=moving.at, updated_at=moving.at))
        with pytest.raises(StatementError, match="sealed without its row"):
            db.commit()


# --- in the database


def notes(where: str = "true") -> list[str | None]:
    with transaction() as connection:
        query = select(Errand).where(text(where)).order_by(col(Errand.key))
        return [each.note for each in load(connection, query)]


def test_a_row_stays_readable_over_a_rotation(moving: Movable, rings: Keyring) -> None:
    (id,) = put_cases(1, note=PERSONAL)
    encryption.use(replace(rings, keys={**rings.keys, 200: key()}))
    (other,) = put_cases(1, prefix="new", note="later")
    assert (stored(id).note, stored(other).note) == (PERSONAL, "later")
    assert encryption.number_of(bytes(sql("SELECT note FROM errand WHERE id = :id", id=other)[0][0])) == 200


def test_what_lies_in_the_database_says_nothing(moving: Movable) -> None:
    put_cases(1, note=PERSONAL)
    assert PERSONAL.encode() not in bytes(sql("SELECT note FROM errand")[0][0])


def test_values_that_have_changed_rows_do_not_open_and_the_others_do(moving: Movable) -> None:
    put_cases(3, note=PERSONAL)
    swap = "UPDATE errand SET note = o.note FROM errand o WHERE errand.key = 'case-{}' AND o.key = 'case-{}'"
    sql(swap.format("00000", "00001"))
    with pytest.raises(DoesNotOpen, match=r"^changed errand\.note$"):
        notes()
    with transaction() as connection:
        fine, unopened = load_each(connection, select(Errand).order_by(col(Errand.key)))
    assert [case.key for case in unopened] == ["case-00000"]
    assert [case.note for case in fine] == [PERSONAL, PERSONAL]


def test_a_snapshot_of_another_patient_than_the_rows_does_not_open() -> None:
    """Also where whoever moved it can seal: the person is compared with the row's hash."""
    table = seals(table_of(BookingPublication))
    id, snapshot = uuid.uuid4(), f'{{"patient": {{"id": "{PERSONAL}"}}}}'
    row = {"id": id, "snapshot": seal(BookingPublication, "snapshot", snapshot, id=id)}
    table.open(mine := row | {"patient_hash": encryption.ring().digest(PERSONAL)})
    assert mine["snapshot"] == snapshot
    with pytest.raises(DoesNotOpen, match=r"^other_person booking_publication\.snapshot$"):
        table.open(row | {"patient_hash": encryption.ring().digest("another")})


# --- what the version before sealed


def unbound(text: str, number: int = 1) -> Closed:
    nonce = secrets.token_bytes(12)
    return Closed(bytes([number]) + nonce + AESGCM(b"%032d" % number).encrypt(nonce, text.encode(), None))


def test_what_is_bound_to_no_place_opens_for_a_while_after_an_upgrade_only() -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    assert ring(1, until=soon).open(unbound(PERSONAL), HERE) == PERSONAL
    for late in (None, datetime.now(UTC) - timedelta(seconds=1)):
        with pytest.raises(DoesNotOpen, match=r"^unbound$"):
            ring(1, until=late).open(unbound(PERSONAL), HERE)


def test_a_bound_value_does_not_open_as_an_unbound_one() -> None:
    soon = datetime.now(UTC) + timedelta(hours=1)
    with pytest.raises(DoesNotOpen, match=r"^changed$"):
        ring(1, until=soon).open(Closed(ring(1).seal(PERSONAL, HERE)[2:]), HERE)


# --- hashes


def test_the_look_up_hash_stays_when_keys_rotate_and_differs_by_installation() -> None:
    assert ring(1).digest("a") == ring(1, 2).digest("a")
    assert ring(1).digest("a") != Keyring({1: key()}, lookup=key()).digest("a")


def test_every_use_has_a_hash_of_its_own() -> None:
    hashes = {ring(1).keyed(use, "a") for use in Use} | {ring(1).digest("a")}
    assert len(hashes) == len(Use) + 1
    assert ring(1).keyed(Use.SERIES, "a") == ring(1, 2).keyed(Use.SERIES, "a")


def test_no_ring_is_an_error_and_not_plain_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encryption, "_ring", None)
    with pytest.raises(RuntimeError):
        encryption.ring()


def test_a_sealed_value_reads_nowhere_else_by_hand_either() -> None:
    closed = seal(Merge, "known_as", PERSONAL, id=ONE)
    assert opened(Merge, "known_as", closed, id=ONE) == PERSONAL
    with pytest.raises(DoesNotOpen, match=r"^changed merge\.known_as$"):
        opened(Merge, "known_as", closed, id=OTHER)
