"""What a member of staff's page has of a file, whatever its case and the clock say (bilder-2, bilder-3)."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.image_transfer import LIES_THERE, TRANSITIONS, ImageTransfer, State
from models.transfer import Attachment
from tasks.image_transfer.files import FileState, OwnFile, _own, _readable
from tasks.image_transfer.stored import Place

NOW = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
PLACE = Place(uuid.uuid4(), NOW, b"wrapped")
ANNA, BERTIL = "SE2321000115-P000000000001", "SE2321000115-P000000000002"


def seen(
    state: State,
    *,
    after: timedelta | None = timedelta(hours=1),
    there: bool = True,
    reader: str = ANNA,
    **fields: object,
) -> OwnFile:
    """A file of Anna's in that state, whose life ends so long after now."""
    case = ImageTransfer(
        key="staff:T-1:0",
        state=state,
        created_at=NOW,
        updated_at=NOW,
        transfer="T-1",
        system="hope",
        contact_id="H-1",
        owner_id=ANNA,
        filename="../foto\u202egpj.exe",
        deleted_at=NOW + after if after is not None else None,
    )
    for name, value in fields.items():
        setattr(case, name, value)
    row = SimpleNamespace(**case.model_dump())
    return _own(row, _readable(row, PLACE if there else None, reader, NOW), None)


@given(
    st.sampled_from(State),
    st.none() | st.timedeltas(timedelta(days=-2), timedelta(days=2)),
    st.booleans(),
    st.sampled_from(["clean", "not_scanned", None]),
    st.sampled_from([ANNA, ANNA.lower(), BERTIL, ""]),
)
def test_bilder_2_and_3_what_opens_a_file_is_its_owners_only_while_it_lies_there_and_its_time_lasts(
    state: State, after: timedelta | None, there: bool, scan: str | None, reader: str
) -> None:
    file = seen(state, after=after, there=there, scan=scan, reader=reader)
    lasts = state in LIES_THERE and after is not None and after > timedelta() and there
    lasts = lasts and reader.upper() == ANNA
    assert (file.place is not None) is lasts
    assert (file.state in (FileState.STORED, FileState.NOT_SCANNED)) is lasts


@pytest.mark.parametrize(
    ("state", "shown"),
    [
        (State.REQUESTED, "fetching"),
        (State.FOUND, "fetching"),
        (State.HELD, "not_scanned"),
        (State.TOLD, "not_scanned"),
        (State.LAPSED, "deleted"),
        (State.DISCARDED, "deleted"),
        (State.DELETED, "deleted"),
        (State.JOURNALLED, "journalled"),
        (State.REFUSED, "refused"),
        (State.LOST, "refused"),
        (State.SHADOWED, "refused"),
    ],
)
def test_each_state_has_the_word_that_staff_know_it_by(state: State, shown: str) -> None:
    assert str(seen(state, scan="not_scanned").state) == shown


def test_the_json_is_as_the_contract_has_it_and_the_filename_as_it_may_be_shown() -> None:
    told = seen(State.TOLD, scan="clean", kind="image/jpeg", size=7, sha256="ab", stored_at=NOW).as_json()
    assert json.loads(json.dumps(told)).keys() == {
        "id", "transfer", "filename", "type", "bytes", "sha256", "stored_at", "deleted_at", "state", "reason", "source",
        "patient",
    }  # fmt: skip
    assert (told["filename"], told["bytes"], told["state"]) == ("fotogpj.exe", 7, "stored")
    assert told["source"] == {"system": "hope", "contact": "H-1"}


def test_nothing_of_the_file_or_the_patient_is_in_what_it_shows_of_itself() -> None:
    file = seen(State.TOLD, scan="clean")
    assert "foto" not in repr(file)
    assert "wrapped" not in repr(file)


def test_every_state_may_come_to_an_end() -> None:
    """From each a file comes to one where nothing of it lies there, by steps and by what its owner does."""
    ends = {State.DELETED, State.JOURNALLED, State.REFUSED, State.LOST, State.SHADOWED}
    reached = set(ends)
    for _ in State:
        reached |= {
            State(state) for state, after in TRANSITIONS.items() if reached.intersection(map(State, after))
        }
    assert reached == set(State)


@pytest.mark.parametrize("state", State)
def test_what_lies_there_is_not_fetched_once_more_because_ops_let_a_case_go_on(state: State) -> None:
    case = ImageTransfer(key="k", state=state, created_at=NOW, updated_at=NOW)
    fetched_next = state in (State.REQUESTED, State.FOUND)
    assert case.walks_again_from() == (State.REQUESTED if fetched_next else state)


@pytest.mark.parametrize("name", ["a\x00.jpg", "a\ud800.jpg", "a\x1b.jpg"])
def test_bilder_1_a_filename_that_cannot_be_kept_as_it_is_refuses_no_transfer(name: str) -> None:
    assert Attachment(ref="b2f7c1a0", filename=name).filename == "a\ufffd.jpg"
