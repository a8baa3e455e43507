"""A login's round by the identity provider, whoever logs in: out with a cookie, and back with an answer that fits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Generic, Protocol, TypeVar

from anyio import to_thread

from engine.base.errors import Refused, SystemDown, VaxelError
from gateway.login.ports import Logins
from gateway.login.texts import Page
from systems.oidc_token import Begun

Result = TypeVar("Result")
Who = TypeVar("Who")
Who_co = TypeVar("Who_co", covariant=True)

MOST_CODE = 4096
THREADS, MOST_WAITING = 4, 64
"""Calls to the identity provider at once, and how many may wait for them: a slow one holds up nothing else."""
# What the provider may say instead of a code (RFC 6749 §4.1.2.1, OpenID Connect Core §3.1.2.6). All else is AWAY.
ANSWERS = {
    "access_denied": Page.CANCELLED,
    "login_required": Page.CANCELLED,
    "interaction_required": Page.CANCELLED,
    "unmet_authentication_requirements": Page.TOO_WEAK,
}
CODES = {
    *ANSWERS,
    "invalid_request",
    "unauthorized_client",
    "unsupported_response_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "account_selection_required",
    "consent_required",
    "request_not_supported",
    "request_uri_not_supported",
    "registration_not_supported",
}
"""What is counted by its own name; whatever else may stand in an address is not."""
REFUSED = {"login_too_late": Page.TOO_LATE}


class IdentityProvider(Protocol[Who_co]):
    """A client of one: `systems.eid.Eid` or `systems.staff_eid.StaffEid`. Each method may block."""

    @property
    def redirect_uri(self) -> str:
        """Where the person comes back to."""
        ...

    def way_in(self, begun: Begun, language: str) -> str:
        """As `systems.oidc.Provider.way_in`."""
        ...

    def answers_as(self, issuer: str | None) -> bool:
        """As `systems.oidc.Provider.answers_as`."""
        ...

    def who(self, code: str, begun: Begun) -> Who_co:
        """Who logged in, for the code that they came back with."""
        ...


class RoundTrip(Generic[Who]):
    """The way out and the way back.

    Args:
        provider: who knows them.
        watch: who keeps count of how logins end.
    """

    def __init__(self, provider: IdentityProvider[Who], watch: Logins) -> None:
        self._provider, self._watch = provider, watch
        self._threads = ThreadPoolExecutor(THREADS, "eid")
        self._asking = 0

    async def way_in_or_page(self, begun: Begun, language: str) -> str | Page:
        """Where the person logs in, or the page that says why there is nowhere to."""
        try:
            return await self._in_thread(self._provider.way_in, begun, language)
        except VaxelError as error:
            return await self._failed(error)

    async def back(self, begun: Begun, answer: Mapping[str, str]) -> Who | Page:
        """Who has logged in, by the provider's answer, or the page that says why nobody has."""
        try:
            who = await self._who(begun, answer)
        except VaxelError as error:
            return await self._failed(error)
        if not isinstance(who, Page):
            await to_thread.run_sync(self._watch.well)
        return who

    async def _who(self, begun: Begun, answer: Mapping[str, str]) -> Who | Page:
        if not await self._in_thread(self._provider.answers_as, answer.get("iss")):
            raise Refused("login_not_verified", "iss")
        code, error = answer.get("code", ""), answer.get("error", "")
        if not error and 0 < len(code) <= MOST_CODE:
            return await self._in_thread(self._provider.who, code, begun)
        await to_thread.run_sync(self._watch.ended, error if error in CODES else "other")
        return ANSWERS.get(error, Page.AWAY)

    async def _failed(self, error: VaxelError) -> Page:
        """The page of what went wrong with the provider."""
        await to_thread.run_sync(self._watch.failed, error)
        is_refused = isinstance(error, Refused)
        return REFUSED.get(error.reason, Page.NOT_VERIFIED) if is_refused else Page.AWAY

    async def _in_thread(self, call: Callable[..., Result], *args: Any) -> Result:
        """Call the provider, in a thread of its own few."""
        if self._asking >= THREADS + MOST_WAITING:
            raise SystemDown("overloaded")
        self._asking += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call, *args)
        finally:
            self._asking -= 1
