"""Reading events: what is accepted, what is kept of it, and what is said of the rest."""

from __future__ import annotations

import copy
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.messages import (
    EVENTS,
    BookedBy,
    Booking,
    CallLetterKind,
    Form,
    Invalid,
    NotJson,
    parse,
    read_json,
)

SENSITIVE = "Kalle Hemlig"
PATIENT = {"id": "201312012386", "type": "personnummer"}
UNIT = {"hsa_id": "SE2321000115-E000000000001", "name": "Vårdcentralen Halmstad"}
BOOKING: dict[str, Any] = {
    "id": "VAS-1",
    "version": 3,
    "patient": PATIENT,
    "unit": UNIT,
    "start": "2026-12-01T09:00:00+01:00",
    "end": "2026-12-01T09:30:00+01:00",
}
FULL = BOOKING | {
    "form": "video",
    "platform": "platform24",
    "contact_type": "DiVL",
    "time_type": "V30",
    "purpose": "Återbesök",
    "call_letter": {"kind": "timed", "text": "Välkommen", "valid_until": None, "printed": False},
    "cancellable": True,
    "rebookable": False,
    "booked_by": "staff",
    "agreed_with_patient": True,
    "e_id_confirmed": None,
    "series": "S-1",
    "group": None,
    "interpreter": "arabiska",
    "caused_by": None,
    "replay": False,
}


def _event(name: str = "booking.created", **changes: Any) -> dict[str, Any]:
    data = {"booking": {key: value for key, value in (BOOKING | changes).items() if value is not ...}}
    return {"type": name, "timestamp": "2026-11-30T08:00:00+01:00", "data": data}


def _errors(body: Any, source: str = "vas") -> dict[str, str]:
    with pytest.raises(Invalid) as wrong:
        parse(source, body)
    return {error["path"]: error["message"] for error in wrong.value.errors}


def _wrong(**changes: Any) -> dict[str, str]:
    """The errors within the booking, by field."""
    return {path.removeprefix("data.booking."): text for path, text in _errors(_event(**changes)).items()}


def _booking(**changes: Any) -> Booking:
    return Booking.model_validate(parse("vas", _event(**changes)).data["booking"])


# --- what is accepted


def test_an_event_is_read_whole() -> None:
    accepted = parse("vas", json.dumps(_event(**FULL)).encode())
    assert (accepted.type, accepted.process, accepted.key) == (
        "booking.created",
        "booking_publication",
        "vas:VAS-1",
    )
    assert accepted.version == 3
    assert accepted.occurred_at == datetime(2026, 11, 30, 7, tzinfo=UTC)
    booking = Booking.model_validate(accepted.data["booking"])
    assert (booking.form, booking.booked_by, booking.interpreter) == (Form.VIDEO, BookedBy.STAFF, "arabiska")
    assert booking.call_letter
    assert booking.call_letter.kind is CallLetterKind.TIMED


def test_only_what_was_sent_and_is_known_is_kept() -> None:
    data = parse("vas", _event(platform=None, surprise=SENSITIVE, unit=UNIT | {"surprise": 1})).data
    assert data["booking"] == BOOKING | {"platform": None}


def test_reading_what_was_kept_gives_the_same() -> None:
    once = parse("vas", _event(**FULL)).data
    again = parse("vas", {"type": "booking.created", "timestamp": "2026-11-30T08:00:00Z", "data": once}).data
    assert again == once


def test_bytes_and_their_content_are_read_alike() -> None:
    assert parse("vas", json.dumps(_event()).encode()) == parse("vas", _event())


def test_what_is_read_is_not_changed() -> None:
    body = _event(**FULL)
    before = copy.deepcopy(body)
    parse("vas", body)
    assert body == before


def test_a_platform_that_nobody_knows_is_kept() -> None:
    assert _booking(platform="zoom").platform == "zoom"


def test_an_offset_is_kept_as_it_was_sent() -> None:
    assert parse("vas", _event(start="2026-10-25T02:30:00+02:00")).data["booking"]["start"].endswith("+02:00")


def test_both_halves_of_the_hour_that_comes_twice_are_told_apart() -> None:
    booking = _booking(start="2026-10-25T02:30:00+02:00", end="2026-10-25T02:30:00+01:00")
    assert booking.start is not None
    assert booking.end == booking.start + timedelta(hours=1)


@pytest.mark.parametrize("text", ["2026-12-01t09:00:00z", "2026-12-01 09:00:00.123456789+01:00"])
def test_rfc3339_has_several_ways_to_write_a_time(text: str) -> None:
    assert _booking(start=text, end=None).start


@pytest.mark.parametrize("value", [True, False, "G-7", None])
def test_a_group_is_a_flag_or_an_id(value: Any) -> None:
    assert _booking(group=value).group == value


def test_who_cancelled_is_kept_of_a_cancelling_only() -> None:
    assert parse("vas", _event("booking.cancelled", cancelled_by="patient")).data["booking"]["cancelled_by"]
    assert not parse("vas", _event(cancelled_by="patient")).data["booking"]["cancelled_by"]


def test_no_value_of_a_booking_shows_in_its_repr() -> None:
    booking = _booking(purpose=SENSITIVE, call_letter={"kind": "timed", "text": SENSITIVE})
    assert SENSITIVE not in repr(booking)
    assert PATIENT["id"] not in repr(booking)


# --- call letters


def test_an_open_call_letter_has_no_time() -> None:
    letter = {"kind": "open", "valid_until": "2027-01-31"}
    booking = _booking(call_letter=letter, start=None, end=...)
    assert booking.is_open_call_letter
    assert booking.call_letter
    assert booking.call_letter.valid_until == date(2027, 1, 31)


def test_a_call_letter_may_be_valid_until_a_moment() -> None:
    letter = {"kind": "open", "valid_until": "2027-01-31T00:00:00+01:00"}
    booking = _booking(call_letter=letter, start=None, end=None)
    assert booking.call_letter
    assert booking.call_letter.valid_until == datetime(2027, 1, 30, 23, tzinfo=UTC)
    assert (
        parse("vas", _event(call_letter=letter, start=None, end=None)).data["booking"]["call_letter"]
        == letter
    )


def test_an_open_call_letter_with_a_time_is_refused() -> None:
    assert set(_wrong(call_letter={"kind": "open"})) == {"start", "end"}


@pytest.mark.parametrize("letter", [None, ..., {"kind": "timed"}, {"kind": "none"}])
def test_any_other_booking_needs_a_start(letter: Any) -> None:
    assert set(_wrong(call_letter=letter, start=..., end=...)) == {"start"}
    assert set(_wrong(call_letter=letter, start=None, end=None)) == {"start"}


def test_of_a_wrong_call_letter_nothing_more_is_concluded() -> None:
    assert set(_wrong(call_letter={"kind": "loud"}, start=None, end=None)) == {"call_letter.kind"}


# --- what is refused, by path


@pytest.mark.parametrize(
    ("field", "value", "path", "message"),
    [
        ("id", ..., "id", "is required"),
        ("id", "", "id", "must be at least 1 character"),
        ("id", "x" * 101, "id", "must be at most 100 characters"),
        ("id", "a\x00b", "id", "must not have control characters, nor begin or end with a blank"),
        ("id", " a", "id", "must not have control characters, nor begin or end with a blank"),
        ("id", 7, "id", "must be a string"),
        ("version", ..., "version", "is required"),
        ("version", -1, "version", "must be at least 0"),
        ("version", 2**60, "version", "must be at most 9007199254740992"),
        ("version", True, "version", "must be a whole number"),
        ("version", "1", "version", "must be a whole number"),
        ("version", 1.0, "version", "must be a whole number"),
        ("patient", None, "patient", "must be an object"),
        ("patient", {}, "patient.id", "is required"),
        ("patient", PATIENT | {"id": "201312012387"}, "patient.id", "is not a valid number of its type"),
        ("unit", {"hsa_id": "1"}, "unit.hsa_id", "must be an HSA-id"),
        ("start", "2026-12-01", "start", "must be a time with an offset, as RFC 3339 writes it"),
        ("start", "2026-12-01T09:00:00", "start", "must be a time with an offset, as RFC 3339 writes it"),
        ("start", 1764576000, "start", "must be a time with an offset, as RFC 3339 writes it"),
        ("start", "1764576000", "start", "must be a time with an offset, as RFC 3339 writes it"),
        (
            "start",
            "0001-01-01T00:00:00+14:00",
            "start",
            "must be a time with an offset, as RFC 3339 writes it",
        ),
        ("start", "2026-13-01T09:00:00Z", "start", "is not a time of the calendar"),
        ("end", "2026-12-01T08:59:59+01:00", "end", "must be after the start"),
        ("end", "2026-12-01T08:00:00Z", "end", "must be after the start"),
        ("form", "hologram", "form", "must be 'on_site', 'video', 'phone' or 'chat'"),
        ("platform", "x" * 51, "platform", "must be at most 50 characters"),
        ("booked_by", "system", "booked_by", "must be 'staff' or 'patient'"),
        ("cancellable", "yes", "cancellable", "must be true or false"),
        ("cancellable", 1, "cancellable", "must be true or false"),
        ("group", 7, "group", "must be true or false, or must be a string"),
        ("purpose", "x" * 10_001, "purpose", "must be at most 10000 characters"),
        ("purpose", "\ud800", "purpose", "must be well-formed Unicode"),
        ("purpose", "\x01", "purpose", "must not have control characters"),
        (
            "call_letter",
            {"kind": "open", "valid_until": "2027-02-30"},
            "call_letter.valid_until",
            "is not a date of the calendar",
        ),
        (
            "call_letter",
            {"kind": "open", "valid_until": "2027-02-01T99:00:00Z"},
            "call_letter.valid_until",
            "must be a time with an offset, as RFC 3339 writes it",
        ),
    ],
)
def test_a_wrong_field_is_named_by_its_path(field: str, value: Any, path: str, message: str) -> None:
    assert _wrong(**{field: value})[path] == message


def test_every_wrong_field_is_named_at_once() -> None:
    assert set(_wrong(id="", version=-1, form="x", end="x")) == {"id", "version", "form", "end"}


def test_an_unknown_type_still_names_what_else_is_wrong() -> None:
    assert _errors({"type": "booking.exploded"}) == {
        "type": "is no known type",
        "timestamp": "is required",
        "data": "is required",
    }


def test_a_missing_type_is_named() -> None:
    assert _errors({"timestamp": "2026-11-30T08:00:00Z", "data": {}}) == {"type": "is required"}


def test_the_type_is_told_to_ops_only_if_it_is_one_of_ours() -> None:
    for name, told in (("booking.created", "booking.created"), (SENSITIVE, None)):
        with pytest.raises(Invalid) as wrong:
            parse("vas", {"type": name})
        assert wrong.value.event_type == told


@pytest.mark.parametrize("body", [None, [], "text", 7, True])
def test_what_is_no_object_is_no_event(body: Any) -> None:
    assert _errors(body) == {"": "must be an object"}


# --- who may send what


@pytest.mark.parametrize("source", ["vas", "platform24", "hope", "lifecare", "local-hjartat"])
def test_any_system_with_bookings_may_send_them(source: str) -> None:
    assert parse(source, _event()).key == f"{source}:VAS-1"


@pytest.mark.parametrize("source", ["e1177", "mail", "sms", "staff", "local"])
def test_a_source_without_bookings_may_not(source: str) -> None:
    assert _errors(_event(), source) == {"type": "does not come from this source"}


MERGED = {"from": {"id": "NH81A2K4P0", "type": "reservnummer"}, "to": PATIENT}
OTHERS = {
    "patient.merged": MERGED,
    "patient.deceased": {"patient": PATIENT, "at": "2026-11-29"},
    "unit.merged": {"from": UNIT, "to": UNIT, "at": None},
}


@pytest.mark.parametrize("name", OTHERS)
def test_patients_and_units_concern_many_cases_and_come_from_vas_only(name: str) -> None:
    body: dict[str, Any] = {"type": name, "timestamp": "2026-11-30T08:00:00Z", "data": OTHERS[name]}
    accepted = parse("vas", body)
    assert (accepted.key, accepted.version, accepted.data) == ("", None, OTHERS[name])
    assert _errors(body, "hope") == {"type": "does not come from this source"}


def test_from_and_to_are_named_as_they_are_sent() -> None:
    body = {"type": "patient.merged", "timestamp": "2026-11-30T08:00:00Z", "data": {"from": {}}}
    assert set(_errors(body)) == {"data.from.type", "data.from.id", "data.to"}


def test_an_ended_booking_says_how() -> None:
    body = _event("booking.ended")
    assert set(_errors(body)) == {"data.booking.outcome"}
    body["data"]["booking"]["outcome"] = "no_show"
    assert parse("vas", body).data["booking"] == {"id": "VAS-1", "version": 3, "outcome": "no_show"}


def test_every_event_has_a_summary() -> None:
    assert all(event.summary and event.routes for event in EVENTS.values())


# --- JSON, strictly


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"\xff", b"NaN", b"-Infinity", b"{'a': 1}", b"\xef\xbb\xbf{}", b"1 2"]
)
def test_what_is_not_json(raw: bytes) -> None:
    with pytest.raises(NotJson):
        read_json(raw)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b'{"a": 1, "a": 2}', "has the same name twice in one object"),
        (b'[{"b": {"a": 1, "a": 1}}]', "has the same name twice in one object"),
        (b"[" * 100_000, "is nested too deeply"),
        (b'{"a":' * 50_000, "is nested too deeply"),
        (b"1" * 5_000, "has a number of too many digits"),
    ],
)
def test_json_that_cannot_be_read_safely(raw: bytes, message: str) -> None:
    with pytest.raises(Invalid) as wrong:
        read_json(raw)
    assert wrong.value.errors == [{"path": "", "message": message}]


def test_nesting_as_deep_as_json_can_be_read_is_no_trouble_later() -> None:
    deep: Any = {}
    for _ in range(900):
        deep = {"a": deep}
    assert parse("vas", _event(surprise=deep)).version == 3
    assert set(_errors({"type": "x", "timestamp": "2026-11-30T08:00:00Z", "data": deep})) == {"type"}
    assert set(_wrong(purpose=deep)) == {"purpose"}


# --- whatever comes

FIRST, LAST = datetime(1900, 1, 2), datetime(2199, 12, 30)  # noqa: DTZ001 (hypothesis wants them naive)

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20) | st.just(SENSITIVE),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=10,
)


@given(body=values)
@settings(max_examples=200)
def test_any_json_is_an_event_or_is_told_what_is_wrong(body: Any) -> None:
    with pytest.raises(Invalid):
        parse("vas", body)


@given(field=st.sampled_from([*FULL, "cancelled_by"]), value=values)
@settings(max_examples=300)
def test_any_value_in_any_field_is_taken_or_refused_without_echo(field: str, value: Any) -> None:
    refusals: list[Invalid] = []
    try:
        parse("vas", _event(**(FULL | {field: value})))
    except Invalid as wrong:
        refusals.append(wrong)
    assert all(path.startswith("data.booking.") for wrong in refusals for path in wrong.paths)
    assert all(SENSITIVE not in json.dumps(wrong.errors) for wrong in refusals)


@given(start=st.datetimes(FIRST, LAST), offset=st.integers(-14 * 60, 14 * 60))
@settings(max_examples=200)
def test_a_time_is_the_same_moment_after_reading(start: datetime, offset: int) -> None:
    sign, minutes = "-" if offset < 0 else "+", abs(offset)
    text = f"{start.isoformat()}{sign}{minutes // 60:02}:{minutes % 60:02}"
    kept = parse("vas", _event(start=text, end=None)).data["booking"]["start"]
    assert datetime.fromisoformat(kept) == datetime.fromisoformat(text)
