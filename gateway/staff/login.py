"""`/staff/login` and `/staff/logout`: staff log in at their own provider, by SITHS (policy-personal-1).

1. `GET /staff/login` sends the browser to the provider, with a cookie of what was asked.
2. `GET /staff/login/callback` has the provider's answer: it has to fit the cookie, and what the provider has signed
   has to fit the question. Then a new session begins, and the browser goes back to where it was.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from gateway.login.cookies import Cookies
from gateway.login.ports import Logins
from gateway.login.round_trip import IdentityProvider, RoundTrip
from gateway.login.texts import STATUS, Page
from gateway.staff import sessions
from gateway.staff.asked import HOME, way_back, words_of
from gateway.staff.door import Door, Inside
from gateway.staff.pages import login_address, page
from routine.staff import Commission, Member, may_log_in
from systems import oidc_token
from systems.staff_eid import StaffLoggedIn

log = structlog.get_logger(__name__)
CALLBACK = "/staff/login/callback"


@dataclass(frozen=True, kw_only=True)
class Begun(oidc_token.Begun):
    """A login that has been begun.

    Args:
        back: where it leads, an address of ours.
        language: 'sv' or 'en'.
    """

    back: str
    language: str


def routes(provider: IdentityProvider[StaffLoggedIn], key: bytes, watch: Logins, door: Door) -> APIRouter:
    """The paths of a login.

    Args:
        provider: of staff.
        key: 32 bytes, the same at every gateway, that seals the cookie of a login.
        watch: who keeps count of how logins end.
        door: what remembers who is logged in.
    """
    router = APIRouter(include_in_schema=False)
    secure = provider.redirect_uri.startswith("https:")
    logins = _Logins(RoundTrip(provider, watch), Cookies(Begun, key, CALLBACK, secure=secure), door)

    @router.get("/staff/login")
    async def login(request: Request) -> Response:
        """On to the provider."""
        return await logins.begin_login(request)

    @router.get(CALLBACK)
    async def callback(request: Request) -> Response:
        """Back from the provider."""
        return await logins.finish_login(request)

    @router.post("/staff/logout")
    async def logout(request: Request) -> Response:
        """Log out, in this browser."""
        return await logins.end(request)

    return router


class _Logins:
    def __init__(self, round: RoundTrip[StaffLoggedIn], cookies: Cookies[Begun], door: Door) -> None:
        self._round, self._cookies, self._door = round, cookies, door

    async def begin_login(self, request: Request) -> Response:
        back, language = way_back(request.query_params.get("back", "")), words_of(request).code
        begun = Begun(back=back, language=language)
        way = await self._round.way_in_or_page(begun, language)
        if isinstance(way, Page):
            return _login_page(request, way, back)
        response = RedirectResponse(way, 303)
        self._cookies.give(response, begun)
        return response

    async def finish_login(self, request: Request) -> Response:
        state = request.query_params.get("state", "")
        begun = self._cookies.read_back(request.cookies, state)
        if begun is None:
            return _login_page(request, Page.TOO_LATE, HOME)
        response = await self._landed(request, begun)
        self._cookies.take_off(response, state)
        return response

    async def _landed(self, request: Request, begun: Begun) -> Response:
        who = await self._round.back(begun, request.query_params)
        if isinstance(who, Page):
            return _login_page(request, who, begun.back)
        if not may_log_in(who.level).allowed:
            return _login_page(request, Page.TOO_WEAK, begun.back)
        try:
            token = await self._door.in_thread(sessions.log_in, _member(who), self._door.token_shown(request))
        except Exception as error:  # noqa: BLE001  # whatever it was, the database does not answer
            log.error("login_not_kept", error=type(error).__name__)
            return _login_page(request, Page.AWAY, begun.back)
        response = RedirectResponse(begun.back, 303)
        self._door.give(response, token)
        return response

    async def end(self, request: Request) -> Response:
        inside = await self._door.inside(request)
        inside = await self._door.checked(request, inside) if isinstance(inside, Inside) else inside
        if isinstance(inside, Inside):
            try:
                await self._door.in_thread(sessions.end, inside.token)
            except Exception as error:  # noqa: BLE001  # they must not think that they are logged out
                log.error("logout_not_kept", error=type(error).__name__)
                return self._door.away(request, inside)
        elif inside.status_code != HTTPStatus.UNAUTHORIZED:
            return inside
        response = _out(request)
        self._door.forget(response)
        return response


def _out(request: Request) -> Response:
    words = words_of(request)
    given = {"text": words.logged_out, "way": login_address(HOME, words), "button": words.log_in}
    return page(request, "message.html", given, None)


def _login_page(request: Request, how: Page, back: str) -> Response:
    """Why a login did not succeed, with a button to try again."""
    words = words_of(request)
    given = {"text": words.login[how], "way": login_address(back, words), "button": words.again}
    return page(request, "message.html", given, None, STATUS[how])


def _member(who: StaffLoggedIn) -> Member:
    """With the commission that they chose; one that is told by half counts for none."""
    commission = None
    if who.commission and who.purpose:
        commission = Commission(who.commission, who.purpose, who.right, who.unit)
    return Member(who.hsa_id, who.name, commission)
