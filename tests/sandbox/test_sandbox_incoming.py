"""Calls that come in at 46elks, as the sandbox stands in for them: it carries out no action that is none."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

import pytest

from sandbox.systems.elks.incoming import Incoming
from sandbox.wire.web import BadRequest

MENU = {"ivr": "https://x.org/a.mp3", "digits": 1, "timeout": 10, "repeat": 3}


class Customer:
    """What the provider asks: each answer in turn, and what it was told."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.told: list[tuple[str, dict[str, str], bool]] = []
        customer = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["content-length"])).decode(), True)
                fields = {name: values[0] for name, values in form.items()}
                customer.told.append((self.path, fields, "authorization" in self.headers))
                body = json.dumps(customer.answers.pop(0)).encode()
                self.send_response(200)
                self.send_header("content-length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://vaxel:secret@127.0.0.1:{self.server.server_port}"


@pytest.fixture
def customer() -> Iterator[Customer]:
    customer = Customer()
    thread = threading.Thread(target=customer.server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield customer
    customer.server.shutdown()
    customer.server.server_close()
    thread.join(5)


def test_a_call_and_a_key_are_asked_about_with_the_login(customer: Customer) -> None:
    customer.answers = [MENU | {"next": f"{customer.url}/key"}, {"connect": "+46313900601"}]
    incoming = Incoming(f"{customer.url}/voice")
    call = incoming.call_in(None, "+46313900611")
    incoming.press_key(call["id"], "5")
    (path, first, _), (key, second, _) = customer.told
    assert (path, first["from"], first["result"], first["callid"]) == (
        "/voice",
        "anonymous",
        "newincoming",
        call["id"],
    )
    assert (key, second["result"]) == ("/key", "5")
    assert all(logged_in for _, _, logged_in in customer.told)
    assert [set(action) & {"ivr", "connect"} for action in incoming.calls_in()[0]["came_to"]] == [
        {"ivr"},
        {"connect"},
    ]


def test_a_key_has_its_own_way_where_it_was_given_one(customer: Customer) -> None:
    customer.answers = [
        MENU | {"next": f"{customer.url}/next", "1": f"{customer.url}/one"},
        {"hangup": "busy"},
    ]
    incoming = Incoming(f"{customer.url}/voice")
    incoming.press_key(incoming.call_in("+46701740605", "+46313900611")["id"], "1")
    assert customer.told[-1][0] == "/one"


@pytest.mark.parametrize(
    "action",
    [
        [], {}, {"sing": "x"}, {"play": "x"}, {"connect": "070-1"}, {"hangup": "now"}, MENU,
        MENU | {"next": "x"}, MENU | {"next": "https://x.org", "timeout": 31}, MENU | {"connect": "+46313900601"},
    ],
)  # fmt: skip
def test_what_46elks_would_not_carry_out_is_refused(customer: Customer, action: Any) -> None:
    customer.answers = [action]
    with pytest.raises(BadRequest):
        Incoming(f"{customer.url}/voice").call_in("+46701740605", "+46313900611")


def test_a_key_in_a_call_that_waits_for_none_is_refused(customer: Customer) -> None:
    customer.answers = [{"connect": "+46313900601"}]
    incoming = Incoming(f"{customer.url}/voice")
    call = incoming.call_in("+46701740605", "+46313900611")
    with pytest.raises(BadRequest):
        incoming.press_key(call["id"], "1")
    with pytest.raises(BadRequest):
        incoming.press_key("c0", "1")
