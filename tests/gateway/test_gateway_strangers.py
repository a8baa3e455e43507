"""What strangers may make the gateway hold, believe and wait for: seen on real sockets."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest
from gateway_driver import PROXY, SECRET, Gateway, event, served, signed, until
from starlette.types import Receive, Scope, Send

from engine.tables.inbox import Inbox
from gateway import listen
from gateway.app import create_app
from gateway.bodies import BodyRoom
from gateway.callers import Callers

ROOM = 400 * 1024
HOOK = "POST /webhooks/vas HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"


@contextmanager
def _said(url: str, *parts: bytes | str) -> Iterator[socket.socket]:
    """A connection on which this has been said."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=8) as connection:
        for part in parts:
            connection.sendall(part.encode() if isinstance(part, str) else part)
        yield connection


def _status(connection: socket.socket) -> int:
    """Of the answer; 0: the gateway hung up without one."""
    try:
        head = connection.recv(16384)
    except ConnectionResetError:
        return 0
    return int(head.split(b" ")[1]) if head else 0


def _is_closed(connection: socket.socket) -> bool:
    try:
        while connection.recv(16384):
            pass
    except ConnectionResetError:
        pass
    return True


def _head(length: int, path: str = "/webhooks/vas", **more: str) -> str:
    headers = signed(b"of something else", "msg_slow") | more
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return HOOK.replace("/webhooks/vas", path, 1) + f"content-length: {length}\r\n{lines}\r\n"


# --- bodies


@pytest.mark.parametrize(
    "wrong",
    [
        {"webhook-timestamp": "1"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-timestamp": "1e9"},
        {"webhook-signature": "v2,x"},
        {"webhook-id": ""},
    ],
    ids=str,
)
def test_headers_without_a_signature_of_now_are_answered_before_the_body(
    gateway: Gateway, wrong: dict[str, str]
) -> None:
    with _said(gateway.url, _head(8 << 20, "/webhooks/vas/batch", **wrong)) as connection:
        assert _status(connection) == 401


def test_bodies_in_flight_share_one_room_and_single_events_keep_a_quarter_of_it() -> None:
    app = create_app(Inbox(), {"vas": SECRET}.get, lambda: True, Gateway().wake, most_in_bodies=ROOM)
    peak = _watch_room(app)
    with served(app) as url, ExitStack() as stack:
        batch = _head(4 << 20, "/webhooks/vas/batch")
        slow = [stack.enter_context(_said(url, batch, b" " * 140 * 1024)) for _ in range(2)]
        until(lambda: peak[-1:] == [2 * 140 * 1024])
        third = stack.enter_context(_said(url, batch, b" " * 140 * 1024))
        assert _status(third) == 503
        single = stack.enter_context(_said(url, _head(100 * 1024), b" " * 100 * 1024))
        assert _status(single) == 401  # read whole, and signed by nobody
        assert max(peak) <= ROOM
        for connection in slow:
            connection.close()
        until(lambda: peak[-1] == 0)


def _watch_room(app: Any) -> list[int]:
    """What is taken of the room, each time that it changes."""
    taken: list[int] = []

    class Watched(BodyRoom):
        def __setattr__(self, name: str, value: Any) -> None:
            super().__setattr__(name, value)
            if name == "taken":
                taken.append(value)

    for each in app.user_middleware:
        each.cls = Watched if each.cls is BodyRoom else each.cls
    return taken


def test_more_connections_than_allowed_are_told_503() -> None:
    app = create_app(Inbox(), {}.get, lambda: True, Gateway().wake)
    asked = "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    with served(app, connections=3) as url, _said(url), _said(url), _said(url, asked) as third:
        assert _status(third) == 503


# --- how slowly


@pytest.mark.parametrize(
    "begun",
    [
        "",
        "GET /heal",
        HOOK,
        _head(1000) + "{",
        "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: 9\r\n\r\n{",
    ],
    ids=["nothing", "a path", "a head", "a signed body", "a body that nobody reads"],
)
def test_a_request_that_does_not_come_to_its_end_is_hung_up_on(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch, begun: str
) -> None:
    monkeypatch.setattr(listen.TimedProtocol, "head_seconds", 0.2)
    monkeypatch.setattr(listen.TimedProtocol, "request_seconds", 0.2)
    began = time.monotonic()
    with _said(gateway.url, begun) as connection:
        assert _is_closed(connection)
    assert time.monotonic() - began < 3


def test_a_drop_now_and_then_does_not_prolong_a_head(
    gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listen.TimedProtocol, "head_seconds", 0.3)
    began = time.monotonic()
    with _said(gateway.url, "GET /healthz HTTP/1.1\r\n") as connection, suppress(OSError):
        while time.monotonic() - began < 3:
            connection.sendall(b"x: y\r\n")
            time.sleep(0.1)
    assert time.monotonic() - began < 2


def test_a_connection_is_kept_for_the_next_request(gateway: Gateway, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listen.TimedProtocol, "head_seconds", 0.3)
    with closing(HTTPConnection(gateway.url.removeprefix("http://"))) as connection:
        connection.request("GET", "/healthz")
        assert connection.getresponse().read()
        kept = connection.sock
        time.sleep(0.5)
        connection.request("GET", "/healthz")
        assert connection.getresponse().status == 200
        assert connection.sock is kept


# --- what could be read in two ways


def test_a_length_beside_a_transfer_coding_is_refused_and_the_connection_closed(gateway: Gateway) -> None:
    smuggled = "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    both = f"{HOOK}content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n"
    with _said(gateway.url, both, smuggled) as connection:
        assert _status(connection) == 400
        assert _is_closed(connection)


@pytest.mark.parametrize(
    "given",
    [
        "GET /healthz HTTP/1.1\r\n\r\n",
        f"{HOOK}transfer-encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        f"{HOOK}content-length: 5, 5\r\n\r\n12345",
        f"{HOOK}content-length: +5\r\n\r\n12345",
        f"{HOOK}transfer-encoding: chunked\r\n\r\n0x1\r\n1\r\n0\r\n\r\n",
        f"{HOOK}x: y\r\n folded\r\n\r\n",
        f"{HOOK}x : y\r\n\r\n",
        f"{HOOK}x: y\nz: a line feed alone\r\n\r\n",
        HOOK.replace("/webhooks", "http://127.0.0.1/webhooks") + "\r\n",
        "CONNECT 127.0.0.1:443 HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
        "get /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n",
    ],
    ids=[
        "no host",
        "another transfer coding",
        "two lengths in one",
        "a length with a sign",
        "a chunk's length that is no number",
        "a folded header",
        "a blank before the colon",
        "a line feed alone",
        "a whole URL",
        "a tunnel",
        "a method that is none",
    ],
)
def test_what_a_proxy_may_read_otherwise_is_refused_and_the_connection_closed(
    gateway: Gateway, given: str
) -> None:
    with _said(gateway.url, given) as connection:
        assert _status(connection) == 400
        assert _is_closed(connection)


def test_blanks_round_a_header_are_no_part_of_it() -> None:
    with served(_tells_its_headers) as url, _said(url, f"{HOOK}x: \t y z \t \r\n\r\n") as connection:
        assert b'"x":"y z"' in connection.recv(16384)


def test_what_comes_after_a_body_is_none_of_its_headers() -> None:
    """Nobody has judged it as such."""
    body = "1\r\n1\r\n0\r\nx-vp-sender-id: somebody\r\n\r\n"
    asked = f"{HOOK}transfer-encoding: chunked\r\n\r\n{body}"
    with served(_tells_its_headers) as url, _said(url, asked) as connection:
        told = connection.recv(16384)
    assert b"200 OK" in told
    assert b"somebody" not in told


def test_an_offer_of_another_protocol_is_passed_over_and_the_body_read(gateway: Gateway) -> None:
    """As Java's own client makes it with each first request."""
    offer = {"connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c", "http2_settings": "AAEAAEAAAAIAAAAB"}
    for _ in range(2):  # the same connection is good for the next
        assert gateway.post(event(), **offer).status_code == 202
    smuggled = "GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    head = f"{_head(len(smuggled))[:-2]}connection: upgrade\r\nupgrade: h2c\r\n\r\n"
    with _said(gateway.url, head) as connection:
        time.sleep(0.2)
        connection.sendall(smuggled.encode())
        assert _status(connection) == 401
        connection.settimeout(0.3)
        with suppress(TimeoutError):  # what is left of the 401 may come after its head
            while more := connection.recv(16384):
                assert b"HTTP/1.1" not in more


# --- how much beside bodies


ENDLESS = 4 << 20
CHUNKED = f"{HOOK}transfer-encoding: chunked\r\n\r\n1\r\n1\r\n"


@pytest.mark.parametrize(
    "endless",
    [
        "GET /" + "a" * ENDLESS,
        f"{HOOK}x: " + "a" * ENDLESS,
        HOOK + "x: y\r\n" * (ENDLESS // 6),
        f"{CHUNKED}0\r\nx: " + "a" * ENDLESS,
        f"{CHUNKED}0\r\n" + "x: y\r\n" * (ENDLESS // 6),
        f"{CHUNKED}1;x=" + "a" * ENDLESS,
    ],
    ids=[
        "a path",
        "a header",
        "headers",
        "a header after the body",
        "headers after it",
        "a chunk's extension",
    ],
)
def test_what_is_no_body_has_a_limit(gateway: Gateway, endless: str) -> None:
    taken = 0
    with _said(gateway.url) as connection, suppress(OSError):
        for at in range(0, len(endless), 8192):
            connection.sendall(endless[at : at + 8192].encode())
            taken += 8192
            time.sleep(0.002)
    assert taken < 1 << 20


def test_requests_that_wait_for_the_one_before_have_a_limit(gateway: Gateway) -> None:
    asked = b"GET /healthz HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"
    with _said(gateway.url, asked * listen.PIPELINED) as connection:
        until(lambda: connection.recv(1 << 20, socket.MSG_PEEK).count(b"200 OK") == listen.PIPELINED)
    with _said(gateway.url, asked * 1000) as connection:
        assert _is_closed(connection)


@pytest.mark.parametrize(
    "twice",
    ["authorization", "webhook-id", "webhook-signature", "x-vp-sender-id", "x-vaxel-proxy", "content-type"],
)
def test_a_header_given_twice_is_refused(gateway: Gateway, twice: str) -> None:
    with _said(
        gateway.url, f"{HOOK}{twice}: a\r\n{twice.upper()}: b\r\ncontent-type: x\r\n\r\n"
    ) as connection:
        assert _status(connection) == 400


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8080", 200),
        ("localhost", 200),
        ("[::1]:8080", 200),
        ("VAXEL.example.org:443", 200),
        ("vaxel.example.org.", 200),
        ("evil.example.org", 421),
        ("127.0.0.1.evil.example.org", 421),
        ("vaxel.example.org@evil.example.org", 421),
    ],
)
def test_a_host_that_is_not_ours_is_not_served(host: str, status: int) -> None:
    app = create_app(Inbox(), {}.get, lambda: True, Gateway().wake, hosts=["vaxel.example.org"])
    with served(app) as url, _said(url, f"GET /healthz HTTP/1.1\r\nhost: {host}\r\n\r\n") as connection:
        assert _status(connection) == status


async def _tells_its_headers(scope: Scope, receive: Receive, send: Send) -> None:
    from starlette.requests import Request
    from starlette.responses import JSONResponse

    if scope["type"] == "http":
        request = Request(scope, receive)
        await request.body()
        await JSONResponse(dict(request.headers.items()))(scope, receive, send)


# --- the Unix socket


async def _tells_whether_it_is_let_in(scope: Scope, receive: Receive, send: Send) -> None:
    from starlette.requests import Request
    from starlette.responses import PlainTextResponse

    if scope["type"] == "http":
        let_in = Callers([PROXY["x-vp-sender-id"]], "never shown").caller(Request(scope)) is not None
        await PlainTextResponse("", 200 if let_in else 403)(scope, receive, send)


def test_over_our_unix_socket_the_proxy_needs_no_secret_and_none_but_our_group_may_open_it(
    tmp_path: Path,
) -> None:
    at = tmp_path / "gateway.sock"
    listen.unix_socket(at).close()
    asked = f"GET / HTTP/1.1\r\nhost: localhost\r\nx-vp-sender-id: {PROXY['x-vp-sender-id']}\r\n\r\n".encode()
    with served(_tells_whether_it_is_let_in, unix=listen.unix_socket(at)) as url:
        assert at.stat().st_mode & 0o777 == 0o660
        with socket.socket(socket.AF_UNIX) as ours:
            ours.connect(str(at))
            ours.sendall(asked)
            assert _status(ours) == 200
        with _said(url, asked) as stranger:
            assert _status(stranger) == 403


def test_a_webhook_signed_now_still_comes_in(gateway: Gateway) -> None:
    assert gateway.post(json.dumps(event()).encode()).status_code == 202
