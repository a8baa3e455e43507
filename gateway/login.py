"""`/l/{token}`: a link to a patient, and the login that is a consent (byte-2, byte-3). Nothing is decided here.

1. `GET /l/{token}` says what to log in means. Whoever only looks (also a program that follows links in messages)
   has done nothing.
2. `GET /l/{token}/login`, its button, sends the person to the identity provider, with a cookie of what was asked.
3. `GET /l/callback` has the provider's answer: it has to fit the cookie, and what the provider has signed has to
   fit the question. Only then is `Links.completed` told, which judges; and the browser goes where that says.

Each way that it can end otherwise has a page of its own. Tokens and numbers stand in no log.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import structlog
from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from engine.errors import Refused, SystemDown, VaxelError
from gateway.login_cookie import Begun, Cookies
from gateway.login_page import language_of, show
from gateway.login_texts import LANGUAGES, Page
from gateway.ports import Landing, Link, Links, LinkState, Logins
from systems.eid import Eid, LoggedIn

log = structlog.get_logger(__name__)
Result = TypeVar("Result")

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
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
FINAL = {Page.USED, Page.EXPIRED, Page.WITHDRAWN, Page.UNKNOWN, Page.DONE}
"""Pages after which the link leads to no login."""


def routes(links: Links, eid: Eid, key: bytes, watch: Logins) -> APIRouter:
    """The paths under `/l/`.

    Args:
        links: the links that were sent, and what a login by one of them means.
        eid: the identity provider.
        key: 32 bytes, the same at every gateway (`Settings.login_key`).
        watch: who keeps count of how logins end.
    """
    router = APIRouter(include_in_schema=False)
    logins = _Logins(links, eid, Cookies(key, secure=eid.redirect_uri.startswith("https:")), watch)

    @router.get("/l/callback")
    async def callback(request: Request) -> Response:
        """The person comes back from the provider."""
        return await logins.finish(request)

    @router.get("/l/{token}")
    async def link(token: str, request: Request) -> Response:
        """What to log in means, with one button."""
        return await logins.offer(token, request)

    @router.get("/l/{token}/login")
    async def log_in(token: str, request: Request) -> Response:
        """The button: on to the provider."""
        return await logins.begin(token, request)

    return router


class _Logins:
    def __init__(self, links: Links, eid: Eid, cookies: Cookies, watch: Logins) -> None:
        self._links, self._eid, self._cookies, self._watch = links, eid, cookies, watch
        self._threads = ThreadPoolExecutor(THREADS, "eid")
        self._asking = 0

    async def offer(self, token: str, request: Request) -> Response:
        found, language = await self._look(token), language_of(request)
        if isinstance(found, Page):
            button = f"/l/{token}?lang={language.code}" if found is Page.AWAY else None
            return show(found, language, button=button, both=True)
        if found.straight_to:
            return RedirectResponse(found.straight_to, 303)
        return show(Page.START, language, button=_button(token, language.code), both=True)

    async def begin(self, token: str, request: Request) -> Response:
        found, language = await self._look(token), language_of(request)
        if isinstance(found, Page):
            return _page(found, token, language.code)
        if found.straight_to:
            return RedirectResponse(found.straight_to, 303)
        begun = Begun(token=token, language=language.code)
        try:
            way = await self._ask(self._eid.way_in, begun, begun.language)
        except VaxelError as error:
            return _page(await self._failed(error), token, language.code)
        response = RedirectResponse(way, 303)
        self._cookies.give(response, begun)
        return response

    async def finish(self, request: Request) -> Response:
        state = request.query_params.get("state", "")
        begun = self._cookies.take(request.cookies, state)
        if begun is None:
            return show(Page.TOO_LATE, language_of(request))
        response = _landed(await self._landing(begun, request.query_params), begun)
        self._cookies.forget(response, state)
        return response

    async def _look(self, token: str) -> Link | Page:
        """The link if it is alive, else its page."""
        if not TOKEN.fullmatch(token):
            return Page.UNKNOWN
        try:
            link = await to_thread.run_sync(self._links.look, token)
        except Exception as error:  # noqa: BLE001  # whatever it was, the database does not answer
            log.error("link_not_read", error=type(error).__name__)
            return Page.AWAY
        if link is None:
            return Page.UNKNOWN
        return link if link.state is LinkState.ALIVE else Page(link.state.value)

    async def _landing(self, begun: Begun, answer: Mapping[str, str]) -> Landing | Page:
        """Where the provider's answer leads, or the page that says why it leads nowhere."""
        try:
            who = await self._who(begun, answer)
        except VaxelError as error:
            return await self._failed(error)
        if isinstance(who, Page):
            return who
        await to_thread.run_sync(self._watch.well)
        try:
            return await to_thread.run_sync(self._links.completed, begun.token, who)
        except Exception as error:  # noqa: BLE001  # whatever it was, nothing was kept, and the link is good
            log.error("login_not_kept", error=type(error).__name__)
            return Page.AWAY

    async def _who(self, begun: Begun, answer: Mapping[str, str]) -> LoggedIn | Page:
        """Who has logged in, or the page for one whom the provider sent back without a login."""
        if not await self._ask(self._eid.answers_as, answer.get("iss")):
            raise Refused("login_not_verified", "iss")
        code, error = answer.get("code", ""), answer.get("error", "")
        if not error and 0 < len(code) <= MOST_CODE:
            return await self._ask(self._eid.who, code, begun)
        await to_thread.run_sync(self._watch.ended, error if error in CODES else "other")
        return ANSWERS.get(error, Page.AWAY)

    async def _failed(self, error: VaxelError) -> Page:
        """The page of what went wrong with the provider."""
        await to_thread.run_sync(self._watch.failed, error)
        is_refused = isinstance(error, Refused)
        return REFUSED.get(error.reason, Page.NOT_VERIFIED) if is_refused else Page.AWAY

    async def _ask(self, call: Callable[..., Result], *args: Any) -> Result:
        """Call the provider, in a thread of its own few."""
        if self._asking >= THREADS + MOST_WAITING:
            raise SystemDown("overloaded")
        self._asking += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, call, *args)
        finally:
            self._asking -= 1


def _landed(landing: Landing | Page, begun: Begun) -> Response:
    if isinstance(landing, Landing) and landing.to and not landing.why_not:
        return RedirectResponse(landing.to, 303)
    if isinstance(landing, Landing):
        landing = Page(landing.why_not.value) if landing.why_not else Page.DONE
    return _page(landing, begun.token, begun.language)


def _page(page: Page, token: str, language: str) -> Response:
    """The page, with a button to try again while the link is good."""
    return show(page, LANGUAGES[language], button=None if page in FINAL else _button(token, language))


def _button(token: str, language: str) -> str:
    return f"/l/{token}/login?lang={language}"
