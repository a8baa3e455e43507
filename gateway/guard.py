"""Around every answer: headers that keep browsers careful, and no traceback to anyone."""

from __future__ import annotations

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from engine.base.redact import place
from gateway.problems import problem

log = structlog.get_logger(__name__)

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class Guard:
    """ASGI middleware: adds `HEADERS` where an answer has none of its own; what no one caught becomes a 500.

    What is logged of that error is its kind and where it arose, never its text, which may hold what was sent.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """As ASGI calls it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        started = False

        async def careful(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, careful)
        except Exception as error:  # noqa: BLE001  # the last one to catch it
            log.error("unexpected", error=type(error).__name__, at=place(error))
            if not started:
                await problem(500, "Something went wrong here.")(scope, receive, careful)
