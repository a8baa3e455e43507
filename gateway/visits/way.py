"""What the ways of a visit have in common: a login that is strong enough, its cookie, and threads of their own."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar
from urllib.parse import urlsplit

import structlog
from anyio import CapacityLimiter, to_thread

from gateway.login.texts import Page
from gateway.visits.logged_in import LoginCookie
from routine.consent import is_login_strong
from routine.region import Region
from systems.eid import LoggedIn

log = structlog.get_logger(__name__)
Result = TypeVar("Result")
THREADS = 8
"""For what residents ask of the database and the register at once: webhooks always have threads of their own."""


class AtVisits:
    """Whoever logs in at the pages of one way.

    Args:
        origin: the gateway's, as browsers know it.
        key: 32 bytes, the same at every gateway (`Settings.login_key`).
        region: its figures.
        failed: the log event of what could not be asked.
    """

    def __init__(self, origin: str, key: bytes, region: Callable[[], Region], *, failed: str) -> None:
        self.origin, self.region = origin, region
        self.cookie = LoginCookie(key, secure=urlsplit(origin).scheme == "https")
        self._failed, self._threads = failed, CapacityLimiter(THREADS)

    def strong(self, who: LoggedIn | Page) -> LoggedIn | Page:
        """Whoever has logged in, if that says surely enough who it is; else the page that says why not."""
        if isinstance(who, Page) or is_login_strong(who.level, who.confirmed, self.region()).allowed:
            return who
        return Page.TOO_WEAK

    async def asked(self, call: Callable[..., Result], *args: object) -> Result | None:
        """Something that blocks; None: the database does not answer."""
        try:
            return await to_thread.run_sync(call, *args, limiter=self._threads)
        except Exception as error:  # noqa: BLE001  # whatever it was, nothing was kept
            log.error(self._failed, error=type(error).__name__)
            return None
