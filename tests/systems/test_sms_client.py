"""The client of 46elks."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import parse_qs

import pytest

from engine.base.errors import Incident, NotSent, Refused, SystemDown, UnknownOutcome, VaxelError
from systems.elks import MAX_PAGES, Listing
from systems.sms import Sms

TO = "+46701740605"
TEXT = "Du har en ny tid. Logga in på 1177.se"
SINCE = datetime(2026, 11, 30, 8, tzinfo=UTC)
UNTIL = datetime(2026, 11, 30, 9, 5, tzinfo=timezone(timedelta(hours=1)))


def client(url: str) -> Sms:
    return Sms(url + "/", "user", "pass", 1.0)


def send(url: str) -> str:
    return client(url).send(TO, TEXT, "RegHalland", "http://127.0.0.1/46elks/receipt/t")


def page(*messages: dict[str, Any], following: str | None = None) -> str:
    return json.dumps({"data": messages} | ({"next": following} if following else {}))


def message(number: str, created: Any = "2026-11-30T08:00:03.123456", **changes: Any) -> dict[str, Any]:
    return {"id": number, "direction": "outgoing", "to": TO, "message": TEXT, "created": created, **changes}


def test_a_message_goes_as_a_form_with_nothing_in_the_address(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, json.dumps({"id": "s70", "direction": "outgoing", "cost": 3500})))
    assert send(server.url) == "s70"
    (got,) = server.got
    assert got.line == "POST /a1/sms HTTP/1.1"
    assert got.headers["authorization"] == "Basic dXNlcjpwYXNz"
    assert parse_qs(got.body.decode()) == {
        "from": ["RegHalland"],
        "to": [TO],
        "message": [TEXT],
        "whendelivered": ["http://127.0.0.1/46elks/receipt/t"],
    }


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (302, Incident, "protocol_refused"),
        (400, Refused, "sms_refused"),
        (401, Incident, "not_authorised"),
        (403, Incident, "not_authorised"),
        (404, Incident, "protocol_refused"),
        (429, SystemDown, "overloaded"),
        (500, UnknownOutcome, "answer_lost"),
        (502, UnknownOutcome, "answer_lost"),
        (503, SystemDown, "overloaded"),
    ],
)
def test_a_status_has_its_meaning(
    peer: Any, acts: Any, status: int, kind: type[VaxelError], reason: str
) -> None:
    with pytest.raises(VaxelError) as caught:
        send(peer(acts.answer(status, f"Invalid to number {TO}")).url)
    assert (type(caught.value), str(caught.value)) == (kind, f"{reason} (http_{status})")


@pytest.mark.parametrize("body", ["", "garbage", "[]", "{}", '{"id": null}', '{"id": ""}', '{"id": 7}'])
def test_an_answer_that_cannot_be_read_is_unknown(peer: Any, acts: Any, body: str) -> None:
    with pytest.raises(UnknownOutcome) as caught:
        send(peer(acts.answer(200, body)).url)
    assert caught.value.reason == "malformed_answer"


@pytest.mark.parametrize("how", ["hang_up", "reset"])
def test_a_lost_answer_is_unknown_and_the_message_is_not_sent_again(peer: Any, acts: Any, how: str) -> None:
    server = peer(acts.answer(200, '{"id": "s1"}'), getattr(acts, how))
    send(server.url)
    with pytest.raises(UnknownOutcome):
        send(server.url)
    assert len(server.got) == 2


def test_nobody_there_is_system_down(nobody: str) -> None:
    with pytest.raises(SystemDown):
        send(nobody)


def test_a_listing_has_the_messages_with_this_number_and_text(peer: Any, acts: Any) -> None:
    body = page(message("a"), message("b", to="+46701740606"), message("c", message="Annat"), message("d"))
    assert client(peer(acts.answer(200, body)).url).sent_between(SINCE, UNTIL, TO, TEXT) == Listing(
        ["a", "d"], True
    )


def test_a_listing_asks_without_number_or_text_in_the_address(peer: Any, acts: Any) -> None:
    server = peer(
        acts.answer(200, page(message("a"), following="2026-11-30T08:00:03")), acts.answer(200, page())
    )
    client(server.url).sent_between(SINCE, UNTIL, TO, TEXT)
    assert [each.line for each in server.got] == [
        "GET /a1/sms?start=2026-11-30T08%3A05%3A00.000000 HTTP/1.1",
        "GET /a1/sms?start=2026-11-30T08%3A00%3A03 HTTP/1.1",
    ]


def test_a_listing_follows_pages_until_the_time_and_no_further(peer: Any, acts: Any) -> None:
    server = peer(
        acts.answer(200, page(message("a"), message("b"), following="x")),
        acts.answer(
            200, page(message("b"), message("c"), message("old", "2026-11-30T07:59:59"), following="y")
        ),
    )
    assert client(server.url).sent_between(SINCE, UNTIL, TO, TEXT) == Listing(["a", "b", "c"], True)
    assert len(server.got) == 2


def test_a_listing_that_does_not_reach_back_says_so(peer: Any, acts: Any) -> None:
    pages = [acts.answer(200, page(message(f"{n}"), following=f"p{n}")) for n in range(MAX_PAGES + 1)]
    listing = client(peer(*pages).url).sent_between(SINCE, UNTIL, TO, TEXT)
    assert (len(listing.ids), listing.complete) == (MAX_PAGES, False)


def test_a_listing_that_goes_in_circles_says_that_it_is_not_complete(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, page(message("a"), following="same")))
    assert client(server.url).sent_between(SINCE, UNTIL, TO, TEXT) == Listing(["a"], False)
    assert len(server.got) == 2


@pytest.mark.parametrize("created", ["2026-11-30T12:00:00:00.11", "yesterday", None, 7])
def test_a_malformed_time_counts_as_lately(peer: Any, acts: Any, created: Any) -> None:
    server = peer(acts.answer(200, page(message("a", created))))
    assert client(server.url).sent_between(SINCE, UNTIL, TO, TEXT) == Listing(["a"], True)


@pytest.mark.parametrize("how", ["hang_up", "reset", "silence"])
def test_a_lost_listing_was_not_sent(peer: Any, acts: Any, how: str) -> None:
    with pytest.raises(NotSent):
        Sms(peer(getattr(acts, how)).url, "u", "p", 0.3).sent_between(SINCE, UNTIL, TO, TEXT)


@pytest.mark.parametrize("body", ["garbage", "{}", '{"data": [{"to": "x"}]}'])
def test_a_listing_that_cannot_be_read_was_not_sent(peer: Any, acts: Any, body: str) -> None:
    with pytest.raises(NotSent) as caught:
        client(peer(acts.answer(200, body)).url).sent_between(SINCE, UNTIL, TO, TEXT)
    assert caught.value.reason == "malformed_answer"
