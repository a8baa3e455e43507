"""Where a caller is: on this machine, or on one that the settings name."""

from __future__ import annotations

from collections.abc import Collection
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.requests import Request

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""What a proxy says of whom it calls for. One on this machine that says nothing looks like this machine."""
Networks = Collection[IPv4Network | IPv6Network]


def is_from_here(request: Request) -> bool:
    """Whether the call comes from this machine, and through no proxy that says so.

    A machine that calls itself by an address of its own has that address too.
    """
    address = _address(request)
    if address is None:
        return False
    return address.is_loopback or str(address) == (request.scope.get("server") or ("",))[0]


def is_from_one_of(request: Request, networks: Networks) -> bool:
    """Whether the call comes from one of these networks, and through no proxy that says so."""
    address = _address(request)
    return address is not None and any(address in network for network in networks)


def _address(request: Request) -> IPv4Address | IPv6Address | None:
    """The caller's own address; None: not known, or somebody else's behind a proxy."""
    if request.client is None or any(name in request.headers for name in FORWARDED):
        return None
    try:
        address = ip_address(request.client.host)
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address
