"""Listening: uvicorn, told how many connections there may be at once and how slowly a request may come."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path
from stat import S_ISSOCK

import h11
import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from gateway.bodies import KIB

HEAD_SECONDS = 10.0
REQUEST_SECONDS = 30.0
"""For the whole of a request, also one whose body nobody reads any more."""
HEAD_LIMIT = 32 * KIB
BACKLOG = 2048


class CannotListen(Exception):
    """Nothing can be listened on there; the text says where, and why in the system's words."""


class TimedProtocol(H11Protocol):
    """Uvicorn's own, which waits for ever for a request that has begun, or that never does. This one hangs up.

    A proxy in front does the same before us (docs/nginx.conf); this is for what comes past it.
    """

    head_seconds, request_seconds = HEAD_SECONDS, REQUEST_SECONDS
    _limit: asyncio.TimerHandle | None = None
    _awaited: object = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """As uvicorn has it, with a time limit for the first head."""
        super().connection_made(transport)
        self._await(h11.IDLE)

    def data_received(self, data: bytes) -> None:
        """As uvicorn has it, with a time limit for what has begun and is not whole."""
        if self._awaited is None and self.conn.their_state is h11.IDLE:
            self._await(h11.IDLE)
        super().data_received(data)
        if self.conn.their_state is not self._awaited:
            self._await(h11.SEND_BODY if self.conn.their_state is h11.SEND_BODY else None)

    def connection_lost(self, exc: Exception | None) -> None:
        """As uvicorn has it."""
        self._await(None)
        super().connection_lost(exc)

    def _await(self, part: object) -> None:
        if self._limit:
            self._limit.cancel()
        self._awaited = part
        seconds = self.head_seconds if part is h11.IDLE else self.request_seconds
        self._limit = self.loop.call_later(seconds, self.transport.abort) if part else None


def configured(app: ASGIApp, connections: int) -> uvicorn.Config:
    """How uvicorn runs the app, on sockets that it is given.

    Args:
        connections: at once; more are told 503. With `HEAD_LIMIT` for each, and the budget for bodies, that bounds
            what strangers can make us hold.
    """
    return uvicorn.Config(
        app, http=TimedProtocol, ws="none", limit_concurrency=connections, backlog=BACKLOG,
        h11_max_incomplete_event_size=HEAD_LIMIT, proxy_headers=False, log_level="warning", access_log=False,
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
