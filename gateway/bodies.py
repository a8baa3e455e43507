"""Reading a request's body: no more than its limit, whatever the headers say of its length."""

from __future__ import annotations

import asyncio

from fastapi import Request

KIB = 1024
MIB = 1024 * KIB
PATIENCE = 20.0
"""Seconds that a sender may take for its body."""


class TooLarge(Exception):
    """The body is over its limit."""


class TooSlow(Exception):
    """The body did not arrive in time."""


async def read_body(request: Request, limit: int) -> bytes:
    """The body.

    Args:
        limit: in bytes.

    Raises:
        TooLarge: as soon as it is known; the rest is not read.
        TooSlow: after `PATIENCE`.
    """
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared[:20]) > limit:
        raise TooLarge
    try:
        async with asyncio.timeout(PATIENCE):
            return await _read(request, limit)
    except TimeoutError:
        raise TooSlow from None


async def _read(request: Request, limit: int) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise TooLarge
    return bytes(body)


def media_type(request: Request) -> str:
    """The media type without its parameters, in lower case; "" if there is none."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


def is_json(request: Request) -> bool:
    """Whether the headers say JSON, plainly: no other charset than UTF-8, no compression."""
    kind, _, structured = media_type(request).partition("+")
    parameters = request.headers.get("content-type", "").partition(";")[2].lower().replace('"', "")
    if "charset=" in parameters and "charset=utf-8" not in parameters.replace(" ", ""):
        return False
    plain = request.headers.get("content-encoding", "identity").lower() == "identity"
    named = structured == "json" and kind.startswith("application/")  # application/problem+json and its like
    return plain and (named or kind == "application/json")
