"""What every request is held against before a path sees it: its host, and headers that say two things at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

from fastapi.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway.problems import problem

SINGLE = frozenset(
    b"authorization content-encoding content-length content-type cookie host soapaction webhook-id "
    b"webhook-signature webhook-timestamp x-vaxel-proxy x-vp-sender-id".split()
)
"""Headers that one of us and a proxy might read differently if they came twice."""
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
CLOSE = {"Connection": "close"}


class Checks:
    """ASGI middleware that answers, in place of the app, what is no honest request.

    - 400 for a length beside a transfer coding (RFC 9112 §6.1), for a coding that we don't know, for no host
      (§3.2), and for a header of `SINGLE` given twice; the connection is closed, since what follows on it may not be
      what it seems.
    - 421 for a host that is not ours: a page elsewhere whose name was pointed at us may be behind it.

    Args:
        hosts: by which names we are reached, beside this machine's own names and the address that we listen at.
    """

    def __init__(self, app: ASGIApp, hosts: Collection[str] = ()) -> None:
        self._app = app
        self._hosts = LOOPBACK | {host.lower() for host in hosts}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls it."""
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        await (refusal or self._app)(scope, receive, send)

    def _refusal(self, scope: Scope) -> Response | None:
        names = Counter(name for name, _ in scope["headers"])
        if names[b"content-length"] and names[b"transfer-encoding"]:
            return problem(400, "The body has both a length and a transfer coding.", headers=CLOSE)
        if any(coding.lower() != b"chunked" for coding in _all(scope, b"transfer-encoding")):
            return problem(400, "The only transfer coding is chunked.", headers=CLOSE)
        if not names[b"host"] and scope["http_version"] != "1.0":
            return problem(400, "No host is named.", headers=CLOSE)
        if twice := sorted(name.decode("ascii") for name in SINGLE if names[name] > 1):
            return problem(400, f"Given more than once: {', '.join(twice)}.", headers=CLOSE)
        ours = self._hosts | {str((scope.get("server") or ("",))[0])}
        if any(host not in ours for host in _hosts(scope)):
            return problem(421, "This host is not served here.")
        return None


def _hosts(scope: Scope) -> Iterator[str]:
    """The host that was asked for, without its port: none in HTTP/1.0."""
    for value in _all(scope, b"host"):
        host = value.decode("latin-1").lower()
        name = host if host.endswith("]") else host.rpartition(":")[0] or host
        yield name.strip("[]").removesuffix(".")


def _all(scope: Scope, name: bytes) -> list[bytes]:
    return [value for header, value in scope["headers"] if header == name]
