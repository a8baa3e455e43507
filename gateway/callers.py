"""Who calls: from where, and for our producer by which certificate, as the proxy in front of us has seen it."""

from __future__ import annotations

import hmac
from collections.abc import Collection
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from starlette.requests import Request

FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""What a proxy says of whom it calls for. One on this machine that says nothing looks like this machine."""
SENDER, PROXY = "x-vp-sender-id", "x-vaxel-proxy"
Networks = Collection[IPv4Network | IPv6Network]


@dataclass(frozen=True)
class Callers:
    """Who may call our producer. Nobody may until somebody is named, and only through a proxy that is ours.

    TLS with a client certificate ends at the proxy, which passes the caller's HSA-id on in `x-vp-sender-id`. A proxy
    that forgets to is then no way in, nor is one that passes on what a caller sent under that name.

    Args:
        allowed: HSA-ids, compared without regard to case.
        proxy_secret: what our proxy sends in `x-vaxel-proxy`; several, separated by blanks, while one changes. Over
            our Unix socket it is not asked for: who may open that is the file system's to say.
    """

    allowed: Collection[str] = ()
    proxy_secret: str = field(default="", repr=False)

    def caller(self, request: Request) -> str | None:
        """Who calls: the one HSA-id (upper case) that our proxy names, if it is on the list; None: they may not."""
        senders = [sender.strip().upper() for sender in request.headers.getlist(SENDER)]
        named = {allowed.upper() for allowed in self.allowed}
        may = self._is_by_our_proxy(request) and len(senders) == 1 and senders[0] in named
        return senders[0] if may else None

    def _is_by_our_proxy(self, request: Request) -> bool:
        given = request.headers.getlist(PROXY)
        known = [secret.encode() for secret in self.proxy_secret.split()]
        shown = len(given) == 1 and any(hmac.compare_digest(given[0].encode(), each) for each in known)
        return shown or _is_over_our_socket(request)


def _is_over_our_socket(request: Request) -> bool:
    """Uvicorn tells a Unix socket by a path without a port."""
    server = request.scope.get("server")
    return server is not None and server[1] is None


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
