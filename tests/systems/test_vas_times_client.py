"""The client of VAS's timetables: what a unit offers, free times, and residents' own bookings."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.base.errors import AnswerLost, Incident, NotSent, Refused, SystemDown, VaxelError
from systems.vas_times import (
    DECLINED,
    MOST_TIMES,
    Coded,
    FreeTime,
    Kept,
    Performer,
    TimeType,
    UnitCatalogue,
    VasTimes,
)

UNIT = "SE2321000115-E000000000001"
DAYS = date(2026, 12, 1), date(2026, 12, 31)
PATIENT = {"id": "191212121212", "type": "personnummer"}
WANTED = {
    "patient": PATIENT,
    "unit": {"hsa_id": UNIT},
    "start": "2026-12-01T09:00:00+01:00",
    "end": "2026-12-01T09:30:00+01:00",
    "phone": "+46701740605",
}
SLOT: dict[str, Any] = {
    "start": "2026-12-01T09:00:00+01:00",
    "end": "2026-12-01T09:30:00+01:00",
    "unit": {"hsa_id": UNIT, "name": "Vårdcentralen"},
    "time_type": {"id": "NYBESOK", "name": "Nybesök"},
    "care_type": None,
    "performer": {"id": "SE2321000115-P1", "first_name": "Anna", "last_name": "Test", "title": None},
    "resource": {"id": "R1", "name": "Rum 1"},
}
Call = Callable[[VasTimes], object]
CALLS: dict[str, Call] = {
    "catalogue": lambda vas: vas.catalogue(UNIT),
    "timeslots": lambda vas: vas.timeslots(UNIT, *DAYS),
    "book": lambda vas: vas.book("k", WANTED),
    "rebook": lambda vas: vas.rebook("k", "b-1", WANTED),
    "cancel": lambda vas: vas.cancel("k", "b-1", WANTED),
}
ACTS = ("book", "rebook", "cancel")


def client(url: str, deadline: float = 1.0) -> VasTimes:
    return VasTimes(url + "/", deadline=deadline)


def page(*slots: dict[str, Any], next: str | None = None) -> str:
    return json.dumps({"timeslots": slots, "next": next})


def test_what_a_unit_offers(peer: Any, acts: Any) -> None:
    anna = {"id": "SE2321000115-P1", "first_name": "Anna", "last_name": "Test", "title": "läkare"}
    offered = {
        "care_types": [{"id": "ALLM", "name": "Allmänmedicin"}],
        "time_types": [{"id": "NYBESOK", "name": "Nybesök", "care_types": ["ALLM"]}],
        "performers": [anna | {"time_types": ["NYBESOK"]}],
        "facilities": [{"hsa_id": UNIT.lower(), "name": "Vårdcentralen"}],
    }
    server = peer(acts.answer(200, json.dumps(offered)))
    assert client(server.url).catalogue(UNIT) == UnitCatalogue(
        care_types=(Coded("ALLM", "Allmänmedicin"),),
        time_types=(TimeType("NYBESOK", "Nybesök", ("ALLM",)),),
        performers=((Performer("SE2321000115-P1", "Anna", "Test", "läkare"), ("NYBESOK",)),),
        facilities=(Coded(UNIT, "Vårdcentralen"),),
    )
    assert server.got[0].line == f"GET /catalogue?unit={UNIT} HTTP/1.1"


def test_free_times_come_page_by_page_and_are_one_list(peer: Any, acts: Any) -> None:
    later = SLOT | {
        "performer": None,
        "resource": None,
        "time_type": None,
        "end": "2026-12-01T10:00:00+01:00",
    }
    server = peer(acts.answer(200, page(SLOT, next="c 1")), acts.answer(200, page(later)))
    first, second = client(server.url).timeslots(UNIT, *DAYS)
    assert first == FreeTime(
        start=datetime(2026, 12, 1, 8, tzinfo=UTC),
        end=datetime(2026, 12, 1, 8, 30, tzinfo=UTC),
        unit=UNIT,
        unit_name="Vårdcentralen",
        time_type=Coded("NYBESOK", "Nybesök"),
        care_type=None,
        performer=Performer("SE2321000115-P1", "Anna", "Test"),
        resource=Coded("R1", "Rum 1"),
    )
    assert second.end == datetime(2026, 12, 1, 9, tzinfo=UTC)
    asked = f"GET /timeslots?unit={UNIT}&from=2026-12-01&to=2026-12-31"
    assert [got.line for got in server.got] == [f"{asked} HTTP/1.1", f"{asked}&cursor=c+1 HTTP/1.1"]


def test_what_is_asked_for_stands_in_the_address_and_performers_one_by_one(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, page()))
    wanted = {"booking": "b/1", "time_type": "NY BESÖK", "care_type": "ALLM", "performers": ("P1", "P2")}
    assert client(server.url).timeslots(UNIT, *DAYS, **wanted) == []  # type: ignore[arg-type]
    assert server.got[0].line == (
        f"GET /timeslots?unit={UNIT}&from=2026-12-01&to=2026-12-31&booking=b%2F1&time_type=NY+BES%C3%96K"
        "&care_type=ALLM&performer=P1&performer=P2 HTTP/1.1"
    )


def test_a_list_that_begins_again_is_stopped(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, page(SLOT, next="same")))
    with pytest.raises(NotSent, match="repeated_page"):
        client(server.url).timeslots(UNIT, *DAYS)
    assert len(server.got) == 2


def test_ten_thousand_times_are_read_and_one_more_is_too_many(peer: Any, acts: Any) -> None:
    many = page(*[SLOT] * (MOST_TIMES // 2), next="c")
    half = page(*[SLOT] * (MOST_TIMES // 2))
    server = peer(acts.answer(200, many), acts.answer(200, half))
    assert len(client(server.url, 10).timeslots(UNIT, *DAYS)) == MOST_TIMES
    server = peer(acts.answer(200, many), acts.answer(200, page(*[SLOT] * (MOST_TIMES // 2 + 1))))
    with pytest.raises(Refused, match="too_many_times"):
        client(server.url, 10).timeslots(UNIT, *DAYS)


def test_all_pages_have_one_deadline(peer: Any, acts: Any) -> None:
    """Somebody waits at 1177: a list without end takes no longer than one call."""
    given = iter(range(100_000))

    def next_page(sock: Any) -> bool:
        return bool(acts.answer(200, page(next=str(next(given))))(sock))

    with pytest.raises(NotSent):
        client(peer(next_page).url, 0.3).timeslots(UNIT, *DAYS)
    assert next(given) > 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": "2026-12-01T09:00:00"},
        {"end": SLOT["start"]},
        {"end": None},
        {"unit": {"hsa_id": "Vårdcentralen", "name": "V"}},
        {"time_type": {"id": "", "name": "Nybesök"}},
        {"resource": {"id": "R1", "name": "a\x00b"}},
    ],
)
def test_a_time_that_cannot_be_shown_is_left_out_and_hides_no_other(
    peer: Any, acts: Any, wrong: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    server = peer(acts.answer(200, page(SLOT, SLOT | wrong, SLOT, "?")))
    assert len(client(server.url).timeslots(UNIT, *DAYS)) == 2
    with pytest.raises(NotSent, match="malformed_answer"):
        client(peer(acts.answer(200, page(SLOT | wrong))).url).timeslots(UNIT, *DAYS)


def test_what_is_left_out_is_counted_without_its_values(
    peer: Any, acts: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = SLOT | {"resource": {"id": "191212121212", "name": "a\x00b"}}
    client(peer(acts.answer(200, page(SLOT, wrong, wrong))).url).timeslots(UNIT, *DAYS)
    told = capsys.readouterr()
    said = told.out + told.err
    assert ("left_out_of_vas" in said, "count=2" in said.replace("'", "") or '"count": 2' in said) == (
        True,
        True,
    )
    assert "191212121212" not in said


def test_one_of_a_catalogue_that_cannot_be_shown_hides_nothing_else(peer: Any, acts: Any) -> None:
    anna = {"id": "SE2321000115-P1", "first_name": "Anna", "last_name": "Test", "time_types": ["NYBESOK"]}
    offered = {
        "care_types": [{"id": "ALLM", "name": "Allmänmedicin"}, {"id": "", "name": "Ingen"}],
        "time_types": [{"id": "NYBESOK", "name": "Nybesök"}, {}],
        "performers": [anna, anna | {"last_name": None}],
        "facilities": [],
    }
    found = client(peer(acts.answer(200, json.dumps(offered))).url).catalogue(UNIT)
    counted = len(found.care_types), len(found.time_types), len(found.performers), len(found.facilities)
    assert counted == (1, 1, 1, 0)


@pytest.mark.parametrize(
    ("act", "line"),
    [
        (lambda vas: vas.book("k:1", WANTED), "POST /bookings HTTP/1.1"),
        (lambda vas: vas.rebook("k:1", "b/1", WANTED), "POST /bookings/b%2F1/rebook HTTP/1.1"),
        (lambda vas: vas.cancel("k:1", "b-1", WANTED), "POST /bookings/b-1/cancel HTTP/1.1"),
    ],
)
def test_a_booking_is_made_moved_and_cancelled_with_the_patient_in_the_body(
    peer: Any, acts: Any, act: Call, line: str
) -> None:
    server = peer(acts.answer(201, '{"id": "b-2", "not_saved": ["phone"]}'))
    assert act(client(server.url)) == Kept("b-2", ("phone",))
    (got,) = server.got
    assert (got.line, got.headers["idempotency-key"], json.loads(got.body)) == (line, "k:1", WANTED)


@pytest.mark.parametrize("said", ['{"id": "b"}', '{"id": "b", "not_saved": null}', '{"id": "b", "new": 1}'])
def test_what_vas_did_is_done_whatever_else_it_leaves_out(peer: Any, acts: Any, said: str) -> None:
    assert client(peer(acts.answer(200, said)).url).book("k", WANTED) == Kept("b")


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("code", sorted(DECLINED))
def test_why_vas_declines_is_the_reason(peer: Any, acts: Any, act: str, code: str) -> None:
    status = 404 if code == "no_such_booking" else 409
    server = peer(acts.answer(status, json.dumps({"code": code, "detail": "about 191212121212"})))
    with pytest.raises(Refused) as caught:
        CALLS[act](client(server.url))
    assert str(caught.value) == f"{code} (http_{status})"


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (302, "", Incident, "protocol_refused (http_302)"),
        (400, "", Refused, "vas_refused (http_400)"),
        (401, "", Incident, "not_authorised (http_401)"),
        (403, "", Incident, "not_authorised (http_403)"),
        (404, "", Refused, "vas_refused (http_404)"),
        (409, "", Incident, "idempotency_conflict (http_409)"),
        (409, '{"code": "idempotency_conflict"}', Incident, "idempotency_conflict (http_409)"),
        (409, '{"code": "patient_barred"}', Refused, "vas_refused (patient_barred)"),
        (409, '{"code": "191212121212"}', Refused, "vas_refused (http_409)"),
        (422, '{"code": "time_taken"}', Refused, "vas_refused (time_taken)"),
        (429, "", SystemDown, "overloaded (http_429)"),
        (500, '{"code": "time_taken"}', AnswerLost, "technical_error (http_500)"),
        (503, "", SystemDown, "overloaded (http_503)"),
    ],
)
def test_a_status_has_its_meaning(
    peer: Any, acts: Any, status: int, body: str, kind: type[VaxelError], said: str
) -> None:
    with pytest.raises(VaxelError) as caught:
        client(peer(acts.answer(status, body)).url).book("k", WANTED)
    assert (type(caught.value), str(caught.value)) == (kind, said)


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("how", ["hang_up", "reset", "silence"])
def test_since_a_repeat_is_harmless_a_lost_answer_was_not_sent(
    peer: Any, acts: Any, call: str, how: str
) -> None:
    with pytest.raises(AnswerLost, match="answer_lost"):
        CALLS[call](client(peer(getattr(acts, how)).url, 0.3))


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("body", ["", "garbage", "{}", "[]", '{"id": ""}', '{"timeslots": null}'])
def test_so_was_one_whose_answer_cannot_be_read(peer: Any, acts: Any, call: str, body: str) -> None:
    with pytest.raises(NotSent, match="malformed_answer"):
        CALLS[call](client(peer(acts.answer(200, body)).url))


@pytest.mark.parametrize("id", [".", ".."])
@pytest.mark.parametrize("act", ["rebook", "cancel"])
def test_an_id_that_would_lead_elsewhere_is_asked_of_nobody(peer: Any, act: str, id: str) -> None:
    """RFC 3986 §5.2.4."""
    server = peer()
    with pytest.raises(Refused, match="not_in_an_address"):
        getattr(client(server.url), act)("k", id, WANTED)
    assert server.got == []


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("way", ["answered", "refused", "broken", "unreadable", "hung_up", "silent", "away"])
def test_a_patient_s_number_is_in_no_log_line_and_no_error_whatever_becomes_of_the_call(
    peer: Any, acts: Any, nobody: str, caplog: pytest.LogCaptureFixture, act: str, way: str
) -> None:
    """ADR 0011: also at DEBUG."""
    caplog.set_level(logging.DEBUG)
    how = {
        "answered": acts.answer(200, '{"id": "b-1", "not_saved": []}'),
        "refused": acts.answer(409, '{"code": "time_taken", "detail": "191212121212"}'),
        "broken": acts.answer(500, "191212121212"),
        "unreadable": acts.raw(b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 0\r\n\r\n"),
        "hung_up": acts.hang_up,
        "silent": acts.silence,
        "away": None,
    }[way]
    said = ""
    try:
        CALLS[act](client(peer(how).url if how else nobody, 0.3))
    except VaxelError as error:
        said = repr(error) + "".join(traceback.format_exception(error))
    told = caplog.text + said
    assert "1212121212" not in told
    assert "701740605" not in told
