"""`/v/{token}`: a patient joins a digital visit by its link (barn-1, barn-2, system-2). Nothing is decided here.

1. `GET /v/{token}`, where the call letter and 1177 lead, says nothing of the visit, and has a button to a login.
2. The login leads on to `GET /v/{token}/join`: whoever may join now goes on to the platform, and that they have is
   stored before they do. Anybody else has a page that says what to do.
3. `GET /v/{token}`, once logged in, says how it stands, with a button that leads on.

Who has logged in stands in a cookie of ten minutes, at this link alone. Of the visit only its token stands in an
address, which is random.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from string import punctuation
from urllib.parse import quote

from fastapi import APIRouter, Request
from fastapi.responses import RedirectResponse, Response

from gateway.login.cookies import Begun
from gateway.login.page import language_of
from gateway.login.page import show as show_login
from gateway.login.routes import TOKEN
from gateway.login.texts import LANGUAGES, Page
from gateway.login.ways import ResidentLogins, Way
from gateway.visits.dates import moment_in
from gateway.visits.join_texts import STATUS, WORDS, JoinPage, JoinWords
from gateway.visits.logged_in import Shown
from gateway.visits.page import HEADERS, show
from gateway.visits.way import AtVisits
from gateway.wake import Waker
from models.booking_publication import BookingPublication
from routine.joining import Landing
from routine.region import Region
from systems.eid import LoggedIn
from tasks import joining
from tasks.booking_publication.visits import KnownVisit

PAGES = {
    Landing.OPEN: JoinPage.OPEN,
    Landing.EARLY: JoinPage.EARLY,
    Landing.OVER: JoinPage.OVER,
    Landing.CANCELLED: JoinPage.CANCELLED,
    Landing.HELD_OTHERWISE: JoinPage.HELD_OTHERWISE,
    Landing.UNIT: JoinPage.UNIT,
    Landing.NOT_THEIRS: JoinPage.NOT_THEIRS,
    Landing.NOT_KNOWN: JoinPage.AWAY,
}


class JoinWay(Way):
    """To join a digital visit.

    Args:
        origin: the gateway's, as browsers know it.
        key: 32 bytes, the same at every gateway (`Settings.login_key`).
        region: its figures.
        waker: asks for a run that writes down who has joined.
    """

    name = "v"

    def __init__(self, origin: str, key: bytes, region: Callable[[], Region], waker: Waker) -> None:
        self._here = AtVisits(origin, key, region, failed="join_not_read")
        self._waker = waker

    def routes(self, logins: ResidentLogins) -> APIRouter:
        """As the port has it."""
        router = APIRouter(include_in_schema=False)

        @router.get("/v/{token}")
        async def visit(token: str, request: Request) -> Response:
            """What the link is for; once logged in, how it stands."""
            shown = self._logged_in(token, request)
            return await self._come_in(token, request, shown) if shown else await self._start(token, request)

        @router.get("/v/{token}/login")
        async def log_in(token: str, request: Request) -> Response:
            """On to the provider."""
            return await self._begin_login(logins, token, request)

        @router.get("/v/{token}/join")
        async def join(token: str, request: Request) -> Response:
            """On to the visit, for whoever has logged in and may."""
            shown = self._logged_in(token, request)
            if shown is None:
                return RedirectResponse(_home(token, language_of(request).code), 303)
            return await self._come_in(token, request, shown, joins=True)

        return router

    async def back(self, request: Request, begun: Begun, who: LoggedIn | Page) -> Response:
        """As the port has it."""
        who = self._here.strong(who)
        if isinstance(who, Page):
            return _login_page(who, begun.token, begun.language)
        response = RedirectResponse(_join(begun.token, begun.language), 303)
        self._here.cookie.let_in(response, _door(begun.token), who)
        return response

    async def _start(self, token: str, request: Request) -> Response:
        """What the link is for; nothing of the visit, which anybody may have the link of."""
        words = WORDS[language_of(request).code]
        known = await self._here.asked(joining.is_link, token) if TOKEN.fullmatch(token) else False
        if known is None:
            return self._page(words, JoinPage.AWAY, token)
        if not known:
            return _login_page(Page.UNKNOWN, token, words.code)
        return self._page(words, JoinPage.START, token)

    async def _begin_login(self, logins: ResidentLogins, token: str, request: Request) -> Response:
        language = language_of(request).code
        if not TOKEN.fullmatch(token):
            return _login_page(Page.UNKNOWN, token, language)
        begun = await logins.begin(self.name, token, language)
        return _login_page(begun, token, language) if isinstance(begun, Page) else begun

    async def _come_in(self, token: str, request: Request, shown: Shown, *, joins: bool = False) -> Response:
        words = WORDS[language_of(request).code]
        is_only_asked = getattr(request.state, "head", False)
        landing_of = partial(joining.landing_of, joins=joins and not is_only_asked)
        found = await self._here.asked(landing_of, token, shown.who)
        if found is None:
            return self._page(words, JoinPage.AWAY, token)
        if joins and found.to:
            if not is_only_asked:
                self._waker.soon(BookingPublication.PROCESS)
            to = quote(found.to, safe=punctuation)  # `RedirectResponse` would write `;` otherwise
            return Response(status_code=303, headers=HEADERS | {"Location": to})
        page, visit = PAGES[found.landing.answer], found.visit
        is_moved = page is JoinPage.EARLY and visit is not None and visit.moved
        return self._page(words, JoinPage.MOVED if is_moved else page, token, visit)

    def _page(
        self, words: JoinWords, page: JoinPage, token: str, visit: KnownVisit | None = None
    ) -> Response:
        """The page, with what it may say of the visit, and its button where there is anywhere to go."""
        region = self._here.region()
        unit = region.unit(visit.unit.hsa_id) if visit else None
        text = words.pages[page].filled(
            start=moment_in(words.code, visit.start) if visit and visit.start else "",
            turn=words.turn.format(unit=unit.name, to=unit.turn_to) if unit else words.turn_unnamed,
            age=region.ages.own_login,
            minutes=region.joining.early_minutes,
        )
        button, way = _onward(words, page, token)
        place = unit.name if unit else None
        return show(words, text, STATUS.get(page, 200), place=place, button=button, way=way)

    def _logged_in(self, token: str, request: Request) -> Shown | None:
        return self._here.cookie.read_back(request.cookies, _door(token)) if TOKEN.fullmatch(token) else None


def _onward(words: JoinWords, page: JoinPage, token: str) -> tuple[str | None, str | None]:
    """What the page's button says, and where it leads; a link and no form, whose policy would have to list every
    site that a platform sends the browser on to."""
    match page:
        case JoinPage.START:
            return words.log_in, _login(token, words.code)
        case JoinPage.OPEN:
            return words.join, _join(token, words.code)
        case JoinPage.EARLY | JoinPage.MOVED | JoinPage.AWAY:
            return words.again, _join(token, words.code)
        case JoinPage.NOT_THEIRS:
            return words.again, _login(token, words.code)
        case _:
            return None, None


def _login_page(page: Page, token: str, language: str) -> Response:
    """Why a login did not come about, with a button to try again while there is a link."""
    is_none = page is Page.UNKNOWN
    button = None if is_none else _login(token, language)
    return show_login(page, LANGUAGES[language], button=button, both=is_none)


def _door(token: str) -> str:
    return f"/v/{token}"


def _home(token: str, language: str) -> str:
    return f"{_door(token)}?lang={language}"


def _login(token: str, language: str) -> str:
    return f"{_door(token)}/login?lang={language}"


def _join(token: str, language: str) -> str:
    return f"{_door(token)}/join?lang={language}"
