"""Listening: uvicorn, told how many connections there may be at once and how slowly a request may come."""

from __future__ import annotations

import asyncio
import os
import socket
from enum import Enum
from pathlib import Path
from stat import S_ISSOCK

import httptools
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from gateway.bodies import KIB

HEAD_SECONDS = 10.0
REQUEST_SECONDS = 30.0
"""For the whole of a request, also one whose body nobody reads any more."""
HEAD_LIMIT = 32 * KIB
"""And what one read brings beyond it; of a body's framing and of what comes after it too."""
PIPELINED = 16
"""Requests that wait on a connection for the answer to the one before."""
BACKLOG = 2048


class CannotListen(Exception):
    """Nothing can be listened on there; the text says where, and why in the system's words."""


class Part(Enum):
    """What is awaited of a request that has begun."""

    HEAD, BODY = "head", "body"


class TimedProtocol(HttpToolsProtocol):
    """Uvicorn's own, which waits for ever for a request that has begun, or that never does, holds a head of any size
    and as many requests as are sent before one is answered. This one hangs up.

    A proxy in front does the same before us (docs/nginx.conf); this is for what comes past it.
    """

    head_seconds, request_seconds = HEAD_SECONDS, REQUEST_SECONDS
    _limit: asyncio.TimerHandle | None = None
    _part: Part | None = None
    _timed: Part | None = None
    _is_further = False
    _held = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn has it, with a time limit for the first head."""
        super().connection_made(transport)
        self._part = Part.HEAD
        self._time()

    def data_received(self, data: bytes) -> None:
        """As uvicorn has it, with limits for what has begun and is not whole: of time, and of what is no body."""
        self._unset_keepalive_if_required()
        self._part, self._is_further = self._part or Part.HEAD, False
        try:
            self._read(data)
        except httptools.HttpParserError:
            self._refuse("Invalid HTTP request received.")
            return
        self._held = 0 if self._is_further else self._held + len(data)
        if self._held > HEAD_LIMIT:
            self._refuse("Too much beside a body.")
        elif self._part is not self._timed:
            self._time()

    def _read(self, data: bytes) -> None:
        """An offer to go over to another protocol is left as it is: without it the parser reads the body too."""
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as offered:
            head = self._without_upgrade()
            self.parser = httptools.HttpRequestParser(self)
            self._read(head + data[offered.args[0] :])

    def _without_upgrade(self) -> bytes:
        version = b"HTTP/" + self.parser.get_http_version().encode("ascii")
        line = b" ".join((self.parser.get_method(), self.url, version))
        kept = (name + b": " + value for name, value in self.headers if name != b"upgrade")
        return b"\r\n".join((line, *kept, b"", b""))

    def _refuse(self, why: str) -> None:
        self.logger.warning(why)
        self.send_400_response(why)

    def on_message_begin(self) -> None:
        """As uvicorn has it."""
        super().on_message_begin()
        self._part = Part.HEAD

    def on_header(self, name: bytes, value: bytes) -> None:
        """As uvicorn has it, but of what comes after the body: nobody has judged that as the request's headers."""
        if self._part is Part.HEAD:
            super().on_header(name, value.rstrip(b" \t"))

    def on_headers_complete(self) -> None:
        """As uvicorn has it, for a plain path and while not too many requests wait for the one before."""
        if not self.url.startswith(b"/") or len(self.pipeline) >= PIPELINED:
            raise ValueError
        if self.parser.should_upgrade():
            return
        super().on_headers_complete()
        self._part, self._is_further = Part.BODY, True

    def on_body(self, body: bytes) -> None:
        """As uvicorn has it."""
        super().on_body(body)
        self._is_further = True

    def on_message_complete(self) -> None:
        """As uvicorn has it."""
        if self.parser.should_upgrade():
            return
        super().on_message_complete()
        self._part, self._is_further = None, True
        self._time()

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn has it."""
        self._part = None
        self._time()
        super().connection_lost(exc)

    def _time(self) -> None:
        if self._limit:
            self._limit.cancel()
        self._timed = self._part
        seconds = self.head_seconds if self._part is Part.HEAD else self.request_seconds
        self._limit = self.loop.call_later(seconds, self.transport.abort) if self._part else None


def configured(app: ASGIApp, connections: int) -> uvicorn.Config:
    """How uvicorn runs the app, on sockets that it is given.

    Args:
        connections: at once; more are told 503. With `HEAD_LIMIT` for each, and the budget for bodies, that bounds
            what strangers can make us hold.
    """
    return uvicorn.Config(
        app, loop="uvloop", http=TimedProtocol, ws="none", limit_concurrency=connections, backlog=BACKLOG,
        proxy_headers=False, log_level="warning", access_log=False,
    )  # fmt: skip


def tcp_socket(host: str, port: int) -> socket.socket:
    """A bound socket, as the settings say where.

    Raises:
        CannotListen: something else listens there, it may not be had, or it is no address of this machine.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # With its protocol named, or asyncio leaves Nagle's algorithm on, and each answer takes 40 ms.
    bound = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    return _bound(bound, (host, port), f"VAXEL_GATEWAY__HOST {host}, VAXEL_GATEWAY__PORT {port}")


def unix_socket(path: Path) -> socket.socket:
    """A bound socket that our user and group may open, and nobody else; one left from before gives way.

    Raises:
        CannotListen: it can't be made there.
    """
    named = f"VAXEL_GATEWAY__SOCKET {path}"
    try:
        if path.exists() and S_ISSOCK(path.stat().st_mode):
            path.unlink()
    except OSError as error:
        raise CannotListen(f"{named}: {error.strerror}") from None
    bound = _bound(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM), str(path), named)
    os.chmod(path, 0o660)  # nobody can connect before we listen
    return bound


def _bound(made: socket.socket, where: tuple[str, int] | str, named: str) -> socket.socket:
    try:
        made.bind(where)
    except OSError as error:
        made.close()
        raise CannotListen(f"{named}: {error.strerror or error}") from None
    return made
