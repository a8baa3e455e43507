"""Whether a caller is on this machine."""

from __future__ import annotations

from ipaddress import ip_address

from starlette.requests import Request

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""What a proxy says of whom it calls for. One on this machine that says nothing looks like this machine."""


def is_from_here(request: Request) -> bool:
    """Whether the call comes from this machine, and through no proxy that says so."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
