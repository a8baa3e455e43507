"""The client of VAS."""

from __future__ import annotations

import json
import logging
import traceback
from datetime import UTC, date, datetime
from typing import Any

import pytest

from engine.base.errors import AnswerLost, Incident, NotSent, Refused, SystemDown, VaxelError
from systems.channel import Channel
from systems.vas import Vas

PATIENT = {"id": "191212121212", "type": "personnummer"}
UNIT = {"hsa_id": "SE2321000115-E000000000001", "name": "Vårdcentralen Halmstad"}
DAYS = date(2026, 12, 1), date(2026, 12, 31)


def client(url: str) -> Vas:
    return Vas(url + "/", deadline=1.0)


def post(url: str, key: str = "letter:b-1:2026-12-01T09:00:00+01:00") -> str:
    return client(url).post_letter(key, patient=PATIENT, unit=UNIT, booking="b-1", text="Välkommen")


def test_a_letter_is_posted_under_its_key(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(201, '{"id": "l-1"}'))
    assert post(server.url) == "l-1"
    (got,) = server.got
    assert got.line == "POST /letters HTTP/1.1"
    assert got.headers["idempotency-key"] == "letter:b-1:2026-12-01T09:00:00+01:00"
    assert json.loads(got.body) == {
        "patient": PATIENT,
        "unit": UNIT,
        "booking": "b-1",
        "text": "Välkommen",
        "kind": "call_letter",
    }


def test_a_staff_task_is_posted_under_its_key(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(201, '{"id": "t-1"}'))
    task: dict[str, Any] = {
        "unit": UNIT,
        "patient": PATIENT,
        "booking": None,
        "reason": "manual_handling",
        "text": "Ring",
    }
    assert client(server.url).post_staff_task("k", **task) == "t-1"
    assert server.got[0].line == "POST /staff-tasks HTTP/1.1"
    assert json.loads(server.got[0].body) == task


@pytest.mark.parametrize("booking", ["å", "b\r\nX-Evil: 1", "b€", "100%"])
def test_a_key_with_any_id_in_it_fits_in_a_header(peer: Any, acts: Any, booking: str) -> None:
    server = peer(acts.answer(201, '{"id": "l-1"}'))
    post(server.url, f"letter:{booking}")
    key = server.got[0].headers["idempotency-key"]
    assert key.startswith("letter:")
    assert key.isascii()
    assert "x-evil" not in server.got[0].headers


def test_a_token_is_sent_if_there_is_one(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, '{"bookings": [], "next": null}'))
    list(Vas(server.url, "secret").bookings(*DAYS))
    list(Vas(server.url).bookings(*DAYS))
    assert [each.headers.get("authorization") for each in server.got] == ["Bearer secret", None]


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (302, Incident, "protocol_refused"),
        (400, Refused, "vas_refused"),
        (401, Incident, "not_authorised"),
        (403, Incident, "not_authorised"),
        (404, Refused, "vas_refused"),
        (409, Incident, "idempotency_conflict"),
        (422, Refused, "vas_refused"),
        (429, SystemDown, "overloaded"),
        (500, AnswerLost, "technical_error"),
        (503, SystemDown, "overloaded"),
        (504, AnswerLost, "technical_error"),
    ],
)
def test_a_status_has_its_meaning(
    peer: Any, acts: Any, status: int, kind: type[VaxelError], reason: str
) -> None:
    with pytest.raises(VaxelError) as caught:
        post(peer(acts.answer(status, "about 191212121212")).url)
    assert (type(caught.value), str(caught.value)) == (kind, f"{reason} (http_{status})")


@pytest.mark.parametrize("how", ["hang_up", "reset", "silence"])
def test_since_the_key_makes_a_repeat_safe_a_lost_answer_was_not_sent(peer: Any, acts: Any, how: str) -> None:
    with pytest.raises(NotSent) as caught:
        Vas(peer(getattr(acts, how)).url, deadline=0.3).post_letter(
            "k", patient=PATIENT, unit=UNIT, booking="b", text="t"
        )
    assert caught.value.reason == "answer_lost"


@pytest.mark.parametrize("body", ["", "garbage", "{}", '{"id": ""}'])
def test_so_was_one_whose_answer_cannot_be_read(peer: Any, acts: Any, body: str) -> None:
    with pytest.raises(NotSent) as caught:
        post(peer(acts.answer(201, body)).url)
    assert caught.value.reason == "malformed_answer"


def test_a_stale_connection_is_replaced(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(201, '{"id": "l-1"}'), acts.hang_up, acts.answer(201, '{"id": "l-1"}'))
    assert post(server.url) == post(server.url) == "l-1"
    assert len({each.headers["idempotency-key"] for each in server.got}) == 1


def test_bookings_come_page_by_page(peer: Any, acts: Any) -> None:
    server = peer(
        acts.answer(200, json.dumps({"bookings": [{"id": "1"}, {"id": "2"}], "next": "c 1"})),
        acts.answer(200, json.dumps({"bookings": [{"id": "3", "cancelled": True}], "next": None})),
    )
    bookings = client(server.url).bookings(*DAYS)
    assert next(bookings) == {"id": "1"}
    assert len(server.got) == 1
    assert list(bookings) == [{"id": "2"}, {"id": "3", "cancelled": True}]
    assert [each.line for each in server.got] == [
        "GET /bookings?from=2026-12-01&to=2026-12-31 HTTP/1.1",
        "GET /bookings?from=2026-12-01&to=2026-12-31&cursor=c+1 HTTP/1.1",
    ]


def test_pages_that_go_in_circles_are_stopped(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, json.dumps({"bookings": [], "next": "same"})))
    with pytest.raises(NotSent):
        list(client(server.url).bookings(*DAYS))
    assert len(server.got) == 2


@pytest.mark.parametrize(
    "pages",
    [
        [{"bookings": [], "next": "a"}, {"bookings": [], "next": "b"}, {"bookings": [], "next": "a"}],
        [{"bookings": [{"id": "1"}], "next": "a"}, {"bookings": [{"id": "1"}], "next": "b"}],
    ],
    ids=["a cursor again", "a page again"],
)
def test_a_list_that_begins_again_is_stopped(peer: Any, acts: Any, pages: list[Any]) -> None:
    server = peer(*(acts.answer(200, json.dumps(page)) for page in pages))
    with pytest.raises(NotSent, match="repeated_page"):
        list(client(server.url).bookings(*DAYS))
    assert len(server.got) == len(pages)


def test_a_list_that_does_not_end_is_stopped(peer: Any, acts: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("systems.vas.MOST_PAGES", 3)
    server = peer(*(acts.answer(200, json.dumps({"bookings": [], "next": str(at)})) for at in range(9)))
    with pytest.raises(NotSent, match="too_many_pages"):
        list(client(server.url).bookings(*DAYS))
    assert len(server.got) == 3


@pytest.mark.parametrize("body", ["garbage", "{}", '{"bookings": [1]}', '{"bookings": null}'])
def test_bookings_that_cannot_be_read_were_not_asked_for(peer: Any, acts: Any, body: str) -> None:
    with pytest.raises(NotSent):
        list(client(peer(acts.answer(200, body)).url).bookings(*DAYS))


def prefer(url: str) -> str:
    at = datetime(2026, 12, 1, 8, tzinfo=UTC)
    said = {"digital_only": True, "phone": None}
    by = {"role": "self", "id": None}
    vas = Vas(url, deadline=0.5)
    return vas.post_preferences("k-1", patient=PATIENT, changes=said, unit=None, at=at, set_by=by)


def test_preferences_go_in_the_body_and_nothing_of_the_patient_s_in_the_address(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, '{"id": "p-1"}'))
    assert prefer(server.url) == "p-1"
    (got,) = server.got
    assert (got.line, got.headers["idempotency-key"]) == ("POST /preferences HTTP/1.1", "k-1")
    assert json.loads(got.body) == {
        "patient": PATIENT,
        "digital_only": True,
        "phone": None,
        "unit": None,
        "at": "2026-12-01T08:00:00+00:00",
        "set_by": {"role": "self", "id": None},
    }


@pytest.mark.parametrize("way", ["answered", "refused", "broken", "unreadable", "hung_up", "silent", "away"])
def test_a_patient_s_number_is_in_no_log_line_and_no_error_whatever_becomes_of_the_call(
    peer: Any, acts: Any, nobody: str, caplog: pytest.LogCaptureFixture, way: str
) -> None:
    """ADR 0011: also at DEBUG, also of an answer whose head cannot be read."""
    caplog.set_level(logging.DEBUG)
    how = {
        "answered": acts.answer(200, '{"id": "p-1"}'),
        "refused": acts.answer(404, "no such patient"),
        "broken": acts.answer(500, "trouble"),
        "unreadable": acts.raw(b"HTTP/1.1 200 OK\r\nnonsense\r\nContent-Length: 0\r\n\r\n"),
        "hung_up": acts.hang_up,
        "silent": acts.silence,
        "away": None,
    }[way]
    said = ""
    try:
        prefer(peer(how).url if how else nobody)
    except VaxelError as error:
        said = repr(error) + "".join(traceback.format_exception(error))
    told = caplog.text + said
    assert "191212121212" not in told
    assert "1212121212" not in told
    if way in ("answered", "unreadable"):
        assert "/preferences" in caplog.text, "nothing was logged: this shows nothing"


@pytest.mark.parametrize(
    ("call", "line"),
    [
        (lambda vas: vas.withdraw_journal_note("k", "n/1"), "POST /journal-notes/n%2F1/withdraw HTTP/1.1"),
        (lambda vas: vas.withdraw_staff_task("k", "t-1"), "POST /staff-tasks/t-1/withdraw HTTP/1.1"),
    ],
)
def test_a_draft_and_a_task_are_taken_back_by_their_ids(peer: Any, acts: Any, call: Any, line: str) -> None:
    server = peer(acts.answer(200, '{"id": "x"}'))
    assert call(client(server.url)) == "x"
    (got,) = server.got
    assert (got.line, got.headers["idempotency-key"], json.loads(got.body)) == (line, "k", {})


def test_a_signed_note_is_refused_and_any_other_conflict_is_ours_to_mend(peer: Any, acts: Any) -> None:
    server = peer(
        acts.answer(409, '{"code": "note_signed"}'), acts.answer(409, '{"code": "idempotency_conflict"}')
    )
    with pytest.raises(Refused, match="note_signed"):
        client(server.url).withdraw_journal_note("k", "n")
    with pytest.raises(Incident, match="idempotency_conflict"):
        client(server.url).withdraw_journal_note("k", "n")


@pytest.mark.parametrize("id", [".", ".."])
def test_an_id_that_would_lead_elsewhere_is_asked_of_nobody(peer: Any, acts: Any, id: str) -> None:
    """RFC 3986 §5.2.4: a client, a proxy or the server takes `..` for the folder above, also as %2E%2E."""
    server = peer()
    for call in (client(server.url).withdraw_journal_note, client(server.url).withdraw_staff_task):
        with pytest.raises(Refused, match="not_in_an_address"):
            call("k", id)
    with pytest.raises(Refused, match="not_in_an_address"):
        Channel(server.url).send_message("k", id, text="Hej")
    with pytest.raises(Refused, match="not_in_an_address"):
        Channel(server.url).raise_alert("k", id, reason="suicide_risk", text="Larm", level=0)
    assert server.got == []


@pytest.mark.parametrize(
    ("id", "sent"),
    [
        ("a/b", "a%2Fb"),
        ("a/../b", "a%2F..%2Fb"),
        ("...", "..."),
        ("%2e%2e", "%252e%252e"),
        ("a b?c#d", "a%20b%3Fc%23d"),
    ],
)
def test_any_other_id_is_one_segment_of_the_address(peer: Any, acts: Any, id: str, sent: str) -> None:
    server = peer(acts.answer(201, '{"id": "m-1"}'))
    Channel(server.url).send_message("k", id, text="Hej")
    assert server.got[0].line == f"POST /conversations/{sent}/messages HTTP/1.1"


def arrival(url: str) -> str:
    at = datetime(2026, 12, 1, 7, 55, tzinfo=UTC)
    return client(url).post_arrival("arrived:1", "b/1", patient=PATIENT, unit=UNIT, at=at)


def test_that_a_patient_has_come_is_told_with_the_patient_in_the_body(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(201, '{"id": "a-1"}'))
    assert arrival(server.url) == "a-1"
    (got,) = server.got
    assert (got.line, got.headers["idempotency-key"]) == (
        "POST /bookings/b%2F1/arrived HTTP/1.1",
        "arrived:1",
    )
    assert json.loads(got.body) == {"patient": PATIENT, "unit": UNIT, "at": "2026-12-01T07:55:00+00:00"}


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        (409, "already_arrived", "arrival_known"),
        (409, "cancelled", "arrival_refused"),
        (404, "no_such_booking", "arrival_refused"),
        (404, None, "vas_refused"),
        (422, "cancelled", "vas_refused"),
    ],
)
def test_why_an_arrival_is_refused_is_told_apart(
    peer: Any, acts: Any, status: int, code: str | None, reason: str
) -> None:
    """A 404 of another kind is a wrong address, and no word on the visit."""
    server = peer(acts.answer(status, json.dumps({"code": code})))
    with pytest.raises(Refused) as caught:
        arrival(server.url)
    assert caught.value.reason == reason
