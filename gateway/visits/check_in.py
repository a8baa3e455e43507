"""`/c/{unit}`: whoever has come to a visit checks in by mobile (barn-1, barn-2). Nothing is decided here.

1. `GET /c/{unit}`, where a code on the unit's wall leads, says what it is, with a button to a login.
2. After the login it shows the visits of today at that unit, each with a button.
3. `POST /c/{unit}`, the button, is stored before it is answered; then the page says how the check-in stands.

Who has logged in stands in a cookie of ten minutes. Units stand in addresses, people and visits never do.
"""

from __future__ import annotations

import asyncio
import hmac
import uuid
from collections.abc import Callable

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from gateway.forms import is_from_here, read_form
from gateway.login.cookies import Begun
from gateway.login.texts import STATUS as LOGIN_STATUS
from gateway.login.texts import Page
from gateway.login.ways import ResidentLogins, Way
from gateway.visits.logged_in import Shown
from gateway.visits.page import show, words_of
from gateway.visits.texts import STATUS, WORDS, CheckInPage, Words
from gateway.visits.way import AtVisits
from gateway.wake import Waker
from models.check_in import CheckIn
from models.identity import is_hsa_id
from models.times import STOCKHOLM
from routine.region import Region, UnitPolicy
from systems.eid import LoggedIn
from tasks.check_in import visits_here
from tasks.check_in.visits_here import AtTheCode, CheckInStatus, VisitHere

PATIENCE, PAUSE = 2.0, 0.2
"""For so many seconds a press waits to be carried out, looking so often: mostly it then says at once that it is."""


class CheckInWay(Way):
    """To check in at a unit.

    Args:
        origin: the gateway's, as browsers know it.
        key: 32 bytes, the same at every gateway (`Settings.login_key`).
        region: its figures.
        waker: asks for a run that carries out a press.
    """

    name = "c"

    def __init__(self, origin: str, key: bytes, region: Callable[[], Region], waker: Waker) -> None:
        self._here = AtVisits(origin, key, region, failed="check_in_not_read")
        self._waker = waker

    def routes(self, logins: ResidentLogins) -> APIRouter:
        """As the port has it."""
        router = APIRouter(include_in_schema=False)

        @router.get("/c/{unit}")
        async def code(unit: str, request: Request) -> Response:
            """What the code is for; once logged in, the visits of today."""
            return await self._visits(unit, request)

        @router.get("/c/{unit}/login")
        async def log_in(unit: str, request: Request) -> Response:
            """On to the provider."""
            return await self._begin_login(logins, unit, request)

        @router.post("/c/{unit}")
        async def check_in(unit: str, request: Request) -> Response:
            """Check in to one of them."""
            return await self._press(unit, request)

        @router.post("/c/{unit}/logout")
        async def log_out(unit: str, request: Request) -> Response:
            """Log out."""
            return self._log_out(unit, request)

        return router

    async def back(self, request: Request, begun: Begun, who: LoggedIn | Page) -> Response:
        """As the port has it."""
        words, who = WORDS[begun.language], self._here.strong(who)
        if isinstance(who, Page):
            return _login_page(words, who, begun.token, self._unit(begun.token))
        response = RedirectResponse(_home_address(begun.token, words), 303)
        self._here.cookie.let_in(response, _path(begun.token), who)
        return response

    async def _begin_login(self, logins: ResidentLogins, unit: str, request: Request) -> Response:
        words, policy = words_of(request), self._unit(unit)
        if policy is None:
            return _unit_page(words, CheckInPage.UNKNOWN_UNIT, None)
        begun = await logins.begin(self.name, unit, words.code)
        return _login_page(words, begun, unit, policy) if isinstance(begun, Page) else begun

    async def _visits(self, unit: str, request: Request) -> Response:
        words, policy = words_of(request), self._unit(unit)
        if policy is None:
            return _unit_page(words, CheckInPage.UNKNOWN_UNIT, None)
        shown = self._here.cookie.read_back(request.cookies, _path(unit))
        if shown is None:
            text = words.pages[CheckInPage.START].filled(age=self._here.region().ages.own_login)
            return show(words, text, place=policy.name, button=words.log_in, way=_login(unit, words))
        found = await self._here.asked(visits_here.at_the_code, unit.upper(), shown.who)
        if found is None:
            return _unit_page(
                words, CheckInPage.AWAY, policy, button=words.again, way=_home_address(unit, words)
            )
        return _visits_page(words, found, unit, policy, shown)

    async def _press(self, unit: str, request: Request) -> Response:
        words, policy = words_of(request), self._unit(unit)
        if policy is None:
            return _unit_page(words, CheckInPage.UNKNOWN_UNIT, None)
        shown = self._here.cookie.read_back(request.cookies, _path(unit))
        form = await read_form(request)
        if shown is None or not self._is_theirs(request, form.get("token", ""), shown):
            way = _login(unit, words)
            return _unit_page(words, CheckInPage.OVER, policy, button=words.log_in, way=way, both=False)
        case = _case(form.get("visit", ""))
        pressed = await self._here.asked(_press, unit.upper(), shown.who, case)
        if pressed is None:
            way = _home_address(unit, words)
            return _unit_page(words, CheckInPage.AWAY, policy, button=words.again, way=way, both=False)
        if pressed:
            self._waker.soon(CheckIn.PROCESS)
            await self._until_it_is_seen(pressed)
        return RedirectResponse(_home_address(unit, words), 303)

    async def _until_it_is_seen(self, key: str) -> None:
        """Wait a moment for what becomes of it; what is kept is kept, whether that is soon or not."""
        for _ in range(round(PATIENCE / PAUSE)):
            await asyncio.sleep(PAUSE)
            if not await self._here.asked(visits_here.is_under_way, key):
                return

    def _log_out(self, unit: str, request: Request) -> Response:
        """Whoever asks for it: nobody is harmed by being logged out."""
        response = RedirectResponse(_home_address(unit, words_of(request)), 303)
        self._here.cookie.take_off(response, _path(unit))
        return response

    def _is_theirs(self, request: Request, token: str, shown: Shown) -> bool:
        is_same = hmac.compare_digest(token.encode(), shown.form_token.encode())
        return is_same and is_from_here(request, self._here.origin)

    def _unit(self, unit: str) -> UnitPolicy | None:
        return self._here.region().unit(unit) if is_hsa_id(unit) else None


def _press(unit: str, who: LoggedIn, case: uuid.UUID | None) -> str:
    """The key of what was pressed; "": it was not offered."""
    return (visits_here.press(unit, who, case) if case else None) or ""


def _case(said: str) -> uuid.UUID | None:
    try:
        return uuid.UUID(said)
    except ValueError:
        return None


def _visits_page(words: Words, found: AtTheCode, unit: str, policy: UnitPolicy, shown: Shown) -> Response:
    ours = {"token": shown.form_token, "here": _home_address(unit, words), "out": _log_out_at(unit, words)}
    if not found.may.allowed:
        return _unit_page(words, CheckInPage.DESK, policy, **ours)
    if not found.visits:
        return _unit_page(words, CheckInPage.NO_VISIT, policy, **ours)
    visits = [_as_shown(words, each) for each in found.visits]
    return _unit_page(words, CheckInPage.VISITS, policy, visits=visits, **ours)


def _as_shown(words: Words, visit: VisitHere) -> dict[str, object]:
    at = visit.start.astimezone(STOCKHOLM)
    return {
        "id": str(visit.case),
        "at": at.isoformat(timespec="minutes"),
        "clock": f"{at:%H.%M}" if words.code == "sv" else f"{at:%H:%M}",
        "child": words.born(visit.child) if visit.child else None,
        "says": words.status.get(visit.status),
        "is_open": visit.status is CheckInStatus.OPEN,
        "is_received": visit.status is CheckInStatus.RECEIVED,
        "pressed": visit.status in (CheckInStatus.RECEIVED, CheckInStatus.ARRIVED),
    }


def _unit_page(words: Words, page: CheckInPage, policy: UnitPolicy | None, **given: object) -> HTMLResponse:
    place = policy.name if policy else None
    return show(words, words.pages[page], STATUS.get(page, 200), place=place, **given)


def _login_page(words: Words, page: Page, unit: str, policy: UnitPolicy | None) -> Response:
    """Why a login did not come about, with a button to try again."""
    given = {"button": words.again, "way": _login(unit, words), "both": False}
    return show(words, words.login[page], LOGIN_STATUS[page], place=policy.name if policy else None, **given)


def _path(unit: str) -> str:
    return f"/c/{unit}"


def _home_address(unit: str, words: Words) -> str:
    return f"{_path(unit)}?lang={words.code}"


def _login(unit: str, words: Words) -> str:
    return f"{_path(unit)}/login?lang={words.code}"


def _log_out_at(unit: str, words: Words) -> str:
    return f"{_path(unit)}/logout?lang={words.code}"
