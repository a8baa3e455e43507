"""Reading a request's body: no more than its limit, whatever the headers say of its length."""

from __future__ import annotations

import asyncio

from fastapi import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from systems.http import charset_of

KIB = 1024
MIB = 1024 * KIB
SMALL = 256 * KIB
PATIENCE = 20.0
"""Seconds that a sender may take for its body."""


class TooLarge(Exception):
    """The body is over its limit."""


class TooSlow(Exception):
    """The body did not arrive in time."""


class NoRoom(Exception):
    """The bodies that are being read, or worked on, take all the room there is."""


class BodyRoom:
    """ASGI middleware: bodies in flight take no more than so many bytes in all, whoever sends them.

    The last quarter is for small ones, so that batches never turn a single event away.

    Args:
        most: bytes.
    """

    def __init__(self, app: ASGIApp, most: int) -> None:
        self._app = app
        self._most = most
        self.taken = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls it."""
        own = 0

        async def counted() -> Message:
            nonlocal own
            message = await receive()
            size = len(message.get("body", b""))
            if self.taken + size > (self._most if own + size <= SMALL else self._most * 3 // 4):
                raise NoRoom
            own, self.taken = own + size, self.taken + size
            return message

        try:
            await self._app(scope, counted, send)
        finally:
            self.taken -= own


async def read_body(request: Request, limit: int) -> bytes:
    """The body.

    Args:
        limit: in bytes.

    Raises:
        TooLarge: as soon as it is known; the rest is not read.
        TooSlow: after `PATIENCE`.
        NoRoom: the sender is asked to send it again (`answer_in_problems`).
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise TooLarge
    try:
        async with asyncio.timeout(PATIENCE):
            return await _read_body(request, limit)
    except TimeoutError:
        raise TooSlow from None


async def _read_body(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge
    return bytes(body)


def media_type(request: Request) -> str:
    """The media type without its parameters, in lower case; "" if there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def charset(request: Request) -> str | None:
    """The charset that the headers name, in lower case."""
    return charset_of(request.headers.get("content-type", ""))


def is_json(request: Request) -> bool:
    """Whether the headers say JSON, plainly: no other charset than UTF-8, no compression."""
    kind, _, structured = media_type(request).partition("+")
    if charset(request) not in (None, "utf-8"):
        return False
    plain = request.headers.get("content-encoding", "identity").lower() == "identity"
    named = structured == "json" and kind.startswith("application/")  # application/problem+json and its like
    return plain and (named or kind == "application/json")
