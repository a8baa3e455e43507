"""`/l/{token}`: a link to a patient, and the login that is a consent (byte-2, byte-3). Nothing is decided here.

1. `GET /l/{token}` says what to log in means. Whoever only looks (also a program that follows links in messages)
   has done nothing.
2. `GET /l/{token}/login`, its button, sends the person to the identity provider, with a cookie of what was asked.
3. `GET /l/callback` has the provider's answer: it has to fit the cookie, and what the provider has signed has to
   fit the question. Only then is `Links.completed` told, which judges; and the browser goes where that says.

Each way that it can end otherwise has a page of its own. Tokens and numbers stand in no log.
"""

from __future__ import annotations

import re

import structlog
from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from gateway.login.cookies import Begun, Cookies
from gateway.login.page import language_of, show
from gateway.login.ports import Landing, Links, LinkState, Logins, ResidentSeen, SentLink
from gateway.login.round_trip import RoundTrip
from gateway.login.texts import LANGUAGES, Page
from gateway.login.ways import ResidentLogins, Way
from systems.eid import Eid, LoggedIn

log = structlog.get_logger(__name__)

TOKEN = re.compile(r"[A-Za-z0-9_-]{16,128}")
FINAL = {Page.USED, Page.EXPIRED, Page.WITHDRAWN, Page.UNKNOWN, Page.DONE}
"""Pages after which the link leads to no login."""


def routes(links: Links, eid: Eid, key: bytes, watch: Logins, *more: Way, seen: ResidentSeen) -> APIRouter:
    """The paths under `/l/`, and those of what else residents log in for.

    Args:
        links: the links that were sent, and what a login by one of them means.
        eid: the identity provider.
        key: 32 bytes, the same at every gateway (`Settings.login_key`).
        watch: who keeps count of how logins end.
        more: what else.
        seen: who keeps that somebody has logged in.
    """
    cookies = Cookies(Begun, key, "/l/callback", secure=eid.redirect_uri.startswith("https:"))
    return ResidentLogins(RoundTrip(eid, watch), cookies, seen).routes(LinkWay(links), *more)


class LinkWay(Way):
    """By a link that was sent to a patient."""

    name = "l"

    def __init__(self, links: Links) -> None:
        self._links = links

    def routes(self, logins: ResidentLogins) -> APIRouter:
        """As the port has it."""
        router = APIRouter(include_in_schema=False)

        @router.get("/l/{token}")
        async def link(token: str, request: Request) -> Response:
            """What to log in means, with one button."""
            return await self.offer(token, request)

        @router.get("/l/{token}/login")
        async def log_in(token: str, request: Request) -> Response:
            """The button: on to the provider."""
            return await self.begin_login(logins, token, request)

        return router

    async def offer(self, token: str, request: Request) -> Response:
        """What to log in means."""
        found, language = await self._look(token), language_of(request)
        if isinstance(found, Page):
            button = f"/l/{token}?lang={language.code}" if found is Page.AWAY else None
            return show(found, language, button=button, both=True)
        if found.straight_to:
            return RedirectResponse(found.straight_to, 303)
        return show(Page.START, language, button=_button(token, language.code), both=True)

    async def begin_login(self, logins: ResidentLogins, token: str, request: Request) -> Response:
        """On to the provider, or to the target where that logs in by itself."""
        found, language = await self._look(token), language_of(request)
        if isinstance(found, Page):
            return _page(found, token, language.code)
        if found.straight_to:
            return RedirectResponse(found.straight_to, 303)
        begun = await logins.begin(self.name, token, language.code)
        return _page(begun, token, language.code) if isinstance(begun, Page) else begun

    async def back(self, request: Request, begun: Begun, who: LoggedIn | Page) -> Response:
        """As the port has it."""
        return _landed(await self._landing(begun, who), begun)

    async def _look(self, token: str) -> SentLink | Page:
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

    async def _landing(self, begun: Begun, who: LoggedIn | Page) -> Landing | Page:
        """Where a login leads, or the page that says why it leads nowhere."""
        if isinstance(who, Page):
            return who
        try:
            return await to_thread.run_sync(self._links.completed, begun.token, who)
        except Exception as error:  # noqa: BLE001  # whatever it was, nothing was kept, and the link is good
            log.error("login_not_kept", error=type(error).__name__)
            return Page.AWAY


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
