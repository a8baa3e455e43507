"""The client of 46elks' calls."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from engine.base.errors import Incident, NotSent, Refused, SystemDown, UnknownOutcome, VaxelError
from systems.elks import MAX_PAGES, Listing
from systems.voice import Voice

TO, CALLER, SOUND = "+46701740605", "+46766861004", "https://example.org/larm.mp3"
SINCE = datetime(2026, 11, 30, 8, tzinfo=UTC)
UNTIL = datetime(2026, 11, 30, 8, 5, tzinfo=UTC)


def client(url: str) -> Voice:
    return Voice(url + "/", "user", "pass", 1.0)


def ring(url: str) -> str:
    return client(url).call(TO, CALLER, SOUND)


def page(*calls: dict[str, Any], following: str | None = None) -> str:
    return json.dumps({"data": calls} | ({"next": following} if following else {}))


def call(number: str, created: Any = "2026-11-30T08:00:03.123456", **changes: Any) -> dict[str, Any]:
    return {"id": number, "direction": "outgoing", "to": TO, "created": created, **changes}


def test_a_call_goes_as_a_form_with_nothing_in_the_address(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, json.dumps({"id": "c70", "direction": "outgoing"})))
    assert ring(server.url) == "c70"
    (got,) = server.got
    assert got.line == "POST /a1/calls HTTP/1.1"
    assert got.headers["authorization"] == "Basic dXNlcjpwYXNz"
    form = parse_qs(got.body.decode())
    assert json.loads(form.pop("voice_start")[0]) == {"play": SOUND}
    assert form == {"from": [CALLER], "to": [TO], "timeout": ["45"]}


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (302, Incident, "protocol_refused"),
        (400, Refused, "call_refused"),
        (401, Incident, "not_authorised"),
        (403, Incident, "not_authorised"),
        (429, SystemDown, "overloaded"),
        (500, UnknownOutcome, "answer_lost"),
        (503, SystemDown, "overloaded"),
    ],
)
def test_a_status_has_its_meaning(
    peer: Any, acts: Any, status: int, kind: type[VaxelError], reason: str
) -> None:
    with pytest.raises(VaxelError) as caught:
        ring(peer(acts.answer(status, f"Invalid to number {TO}")).url)
    assert (type(caught.value), str(caught.value)) == (kind, f"{reason} (http_{status})")


@pytest.mark.parametrize("body", ["", "garbage", "[]", "{}", '{"id": null}', '{"id": ""}'])
def test_an_answer_that_cannot_be_read_is_unknown(peer: Any, acts: Any, body: str) -> None:
    with pytest.raises(UnknownOutcome):
        ring(peer(acts.answer(200, body)).url)


@pytest.mark.parametrize("how", ["hang_up", "reset"])
def test_a_lost_answer_is_unknown_and_nobody_is_called_again(peer: Any, acts: Any, how: str) -> None:
    server = peer(acts.answer(200, '{"id": "c1"}'), getattr(acts, how))
    ring(server.url)
    with pytest.raises(UnknownOutcome):
        ring(server.url)
    assert len(server.got) == 2


def test_nobody_there_is_system_down(nobody: str) -> None:
    with pytest.raises(SystemDown):
        ring(nobody)


def test_a_listing_has_our_calls_to_this_number(peer: Any, acts: Any) -> None:
    body = page(call("a"), call("b", to="+46701740606"), call("c", direction="incoming"), call("d"))
    assert client(peer(acts.answer(200, body)).url).called_between(SINCE, UNTIL, TO) == Listing(
        ["a", "d"], True
    )


def test_a_listing_follows_pages_until_the_time_and_asks_without_a_number(peer: Any, acts: Any) -> None:
    old = call("old", "2026-11-30T07:59:59")
    server = peer(
        acts.answer(200, page(call("a"), following="2026-11-30T08:00:03")),
        acts.answer(200, page(call("b"), old)),
    )
    assert client(server.url).called_between(SINCE, UNTIL, TO) == Listing(["a", "b"], True)
    assert [each.line for each in server.got] == [
        "GET /a1/calls?start=2026-11-30T08%3A05%3A00.000000 HTTP/1.1",
        "GET /a1/calls?start=2026-11-30T08%3A00%3A03 HTTP/1.1",
    ]


def test_a_listing_that_does_not_reach_back_says_so(peer: Any, acts: Any) -> None:
    pages = [acts.answer(200, page(call(f"{n}"), following=f"p{n}")) for n in range(MAX_PAGES + 1)]
    assert client(peer(*pages).url).called_between(SINCE, UNTIL, TO).complete is False


def test_a_listing_that_goes_in_circles_is_not_complete(peer: Any, acts: Any) -> None:
    server = peer(acts.answer(200, page(call("a"), following="same")))
    assert client(server.url).called_between(SINCE, UNTIL, TO) == Listing(["a"], False)


@pytest.mark.parametrize("how", ["hang_up", "reset", "silence"])
def test_a_lost_listing_was_not_sent(peer: Any, acts: Any, how: str) -> None:
    with pytest.raises(NotSent):
        Voice(peer(getattr(acts, how)).url, "u", "p", 0.3).called_between(SINCE, UNTIL, TO)
