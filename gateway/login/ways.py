"""What residents log in for: a link, to check in, to join a visit. All come back by one address, `/l/callback`.

The address that people come back to is registered with the identity provider: one is enough. Which way a login goes
on stands in its cookie.
"""

from __future__ import annotations

from typing import Protocol

from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from gateway.login.cookies import Begun, Cookies
from gateway.login.page import language_of, show
from gateway.login.ports import ResidentSeen
from gateway.login.round_trip import RoundTrip
from gateway.login.texts import Page
from systems.eid import LoggedIn


class Way(Protocol):
    """Something that residents log in for."""

    @property
    def name(self) -> str:
        """The first part of its addresses: `l`, `c`."""
        ...

    def routes(self, logins: ResidentLogins) -> APIRouter:
        """Its paths."""
        ...

    async def back(self, request: Request, begun: Begun, who: LoggedIn | Page) -> Response:
        """Somebody has come back: who has logged in, or the page that says why nobody has."""
        ...


class ResidentLogins:
    """The way out and back of residents' logins.

    Args:
        round: by the identity provider.
        cookies: of the logins that have been begun.
        seen: who keeps that somebody has logged in.
    """

    def __init__(self, round: RoundTrip[LoggedIn], cookies: Cookies[Begun], seen: ResidentSeen) -> None:
        self._round, self._cookies, self._seen = round, cookies, seen

    async def begin(self, way: str, token: str, language: str) -> Response | Page:
        """On to the provider; or the page that says why there is nowhere to."""
        begun = Begun(token=token, language=language, way=way)
        to = await self._round.way_in_or_page(begun, language)
        if isinstance(to, Page):
            return to
        response = RedirectResponse(to, 303)
        self._cookies.give(response, begun)
        return response

    def routes(self, *ways: Way) -> APIRouter:
        """The paths of these ways, and the one that all come back by."""
        router = APIRouter(include_in_schema=False)
        by_name = {way.name: way for way in ways}

        @router.get("/l/callback")
        async def callback(request: Request) -> Response:
            """The person comes back from the provider."""
            state = request.query_params.get("state", "")
            begun = self._cookies.read_back(request.cookies, state)
            if begun is None or begun.way not in by_name:
                return show(Page.TOO_LATE, language_of(request))
            who = await self._round.back(begun, request.query_params)
            if isinstance(who, LoggedIn):
                await to_thread.run_sync(self._seen.note, who)
            response = await by_name[begun.way].back(request, begun, who)
            self._cookies.take_off(response, state)
            return response

        for way in ways:
            router.include_router(way.routes(self))
        return router
