"""The forms of our pages: what is filled in, and whether a page of ours has sent it."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

from fastapi import Request

MOST_FORM = 4096
"""Bytes: what our forms hold is far shorter."""


def is_from_here(request: Request, ours: str) -> bool:
    """Is it sent by a page of ours, by what the browser says of that? One that says nothing is no browser.

    Args:
        ours: the origin of the gateway, as the outside knows it.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site not in (None, "same-origin", "none"):
        return False
    if origin is None:
        return True
    host = request.headers.get("host", "")
    return origin in (ours, f"{urlsplit(ours).scheme}://{host}")


async def read_form(request: Request) -> dict[str, str]:
    """What is filled in, the first of each name; nothing of a form that is too long."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > MOST_FORM:
            return {}
    return {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
