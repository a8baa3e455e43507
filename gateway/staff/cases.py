"""`/staff/cases`: find a case, and read its story, at the unit of one's commission (policy-personal-1).

Of another unit's case, of one that never was, of one that was deleted or is merged away, and of what is no id the
answer is the same. A case is shown, and what was found, only once that is in the access log.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from engine.base import clock
from engine.base.settings import SOURCES
from gateway.problems import problem
from gateway.staff.asked import CASES, ROUTINE, file_id, is_personal_there, wants_page, words_of
from gateway.staff.case_search import (
    EMPTY,
    Asked,
    ByBooking,
    ByContact,
    ByPatient,
    ByPhone,
    Wrong,
    body_of,
    in_address,
    in_body,
    in_form,
    typed_in,
)
from gateway.staff.case_shown import (
    as_json,
    line_of,
    more_as_json,
    more_in_words,
    shown_case,
    story_as_json,
)
from gateway.staff.case_texts import BY_LANGUAGE, ENGLISH
from gateway.staff.door import Door, Inside
from gateway.staff.pages import page, refusal
from gateway.staff.ports import Cases
from models.events import BOOKING_SOURCES, CONTACT_SOURCES
from routine.region import Region
from routine.story_text import system_in_words
from tasks.find_case import FoundCases

log = structlog.get_logger(__name__)
HOW = (
    "An identity number or a phone number must not stand in an address. POST /staff/cases with "
    '{"patient": {"id", "type"}, "reason"} or {"phone", "reason"} as JSON in the body.'
)
NO_SUCH_CASE = "There is no such case at your unit."


def routes(door: Door, cases: Cases, region: Callable[[], Region]) -> APIRouter:
    """The paths.

    Args:
        door: who is logged in.
        cases: those there are.
        region: its units.
    """
    router = APIRouter(include_in_schema=False)
    pages = _Cases(door, cases, region)
    router.add_api_route(CASES, pages.find_by_address, methods=["GET"])
    router.add_api_route(CASES, pages.find_by_body, methods=["POST"])
    router.add_api_route(f"{CASES}/{{id}}", pages.case, methods=["GET"])
    return router


class _Cases:
    def __init__(self, door: Door, cases: Cases, region: Callable[[], Region]) -> None:
        self._door, self._cases, self._region = door, cases, region

    async def find_by_address(self, request: Request) -> Response:
        """By a booking's number, or a contact's; the page to search on where nothing is asked for."""
        inside = await self._door.caring(request)
        if isinstance(inside, Response):
            return inside
        if is_personal_there(request):
            text = BY_LANGUAGE[words_of(request).code].never_there
            return refusal(request, 400, HOW, text, inside.visitor)
        asked = in_address(request.query_params)
        if asked is None and not wants_page(request):
            asked = "nothing"
        return await self._answer(request, inside, asked)

    async def find_by_body(self, request: Request) -> Response:
        """By a patient's number, or a phone number, which stand in no address; by anything in the form of a page."""
        inside = await self._door.acting(request)
        if isinstance(inside, Response):
            return inside
        given = await body_of(request)
        if not wants_page(request):
            return await self._answer(request, inside, in_body(given))
        if "show" in given:  # in the other language, with what the address asks for, and what was typed
            asked = None if is_personal_there(request) else in_address(request.query_params)
            return await self._answer(request, inside, asked, given)
        return await self._answer(request, inside, in_form(given), given)

    async def case(self, request: Request, id: str) -> Response:
        """One case with its story."""
        inside = await self._door.caring(request)
        if isinstance(inside, Response):
            return inside
        known = file_id(id)
        try:
            told = await self._door.in_thread(self._cases.story_of, inside.member, known or UUID(int=0))
        except Exception as error:  # noqa: BLE001  # whatever it was: it is not in the access log
            return self._away(request, inside, error)
        words = words_of(request)
        texts = BY_LANGUAGE[words.code]
        if told is None or known is None:
            return refusal(request, 404, NO_SUCH_CASE, texts.not_here, inside.visitor)
        if not wants_page(request):
            return JSONResponse(story_as_json(told, words))
        shown = shown_case(told, words, self._region(), clock.now())
        given = {"case": shown, "t": texts, "routine_at": ROUTINE}
        return page(request, "case.html", given, inside.visitor)

    async def _answer(
        self, request: Request, inside: Inside, asked: Asked | Wrong | None, given: Mapping[str, str] = EMPTY
    ) -> Response:
        """What is found; None: nothing is asked for yet.

        Args:
            given: what is filled in, which the page has again.
        """
        if asked is None:
            return self._search_page(request, inside, None, given)
        if isinstance(asked, str):
            return self._wrong(request, inside, asked, given)
        try:
            found = await self._door.in_thread(self._found, inside, asked)
        except Exception as error:  # noqa: BLE001  # whatever it was: it is not in the access log
            return self._away(request, inside, error)
        if wants_page(request):
            return self._search_page(request, inside, found, given if "show" in given else EMPTY)
        return JSONResponse(
            {"cases": [as_json(each) for each in found.cases], "more": more_as_json(found.cut)}
        )

    def _found(self, inside: Inside, asked: Asked) -> FoundCases:
        match asked:
            case ByBooking(source, booking):
                return self._cases.of_booking(inside.member, source, booking)
            case ByContact(channel, contact):
                return self._cases.of_contact(inside.member, channel, contact)
            case ByPatient(patient, why, within):
                return self._cases.of_patient(inside.member, patient, why, within)
            case ByPhone(number, why, within):
                return self._cases.of_phone(inside.member, number, why, within)

    def _wrong(
        self, request: Request, inside: Inside, wrong: Wrong, filled_in: Mapping[str, str]
    ) -> Response:
        """422: what to fill in; never what was wrong."""
        if not wants_page(request):
            return problem(422, ENGLISH.wrong[wrong])
        return self._search_page(request, inside, None, filled_in, wrong)

    def _search_page(
        self,
        request: Request,
        inside: Inside,
        found: FoundCases | None,
        filled_in: Mapping[str, str],
        wrong: Wrong = "",
    ) -> Response:
        words, now = words_of(request), clock.now()
        sources, channels = (
            _systems(self._region(), BOOKING_SOURCES),
            _systems(self._region(), CONTACT_SOURCES),
        )
        given: dict[str, Any] = {
            "t": BY_LANGUAGE[words.code],
            "found": None if found is None else [line_of(each, words, now) for each in found.cases],
            "more": more_in_words(found.cut, words) if found and found.cut else "",
            "wrong": wrong,
            "typed": typed_in(filled_in, wrong),
            "sources": sources,
            "channels": channels,
            "names": {each: system_in_words(each, words.code) for each in (*sources, *channels)},
            "cases_at": CASES,
        }
        return page(request, "cases.html", given, inside.visitor, 422 if wrong else 200)

    def _away(self, request: Request, inside: Inside, error: Exception) -> Response:
        log.error("staff_not_read", error=type(error).__name__, reason=getattr(error, "reason", None))
        return self._door.away(request, inside)


def _systems(region: Region, those: frozenset[str]) -> list[str]:
    """Of these those that send webhooks, in their order, and units' own solutions."""
    own = sorted(id for id in region.systems if id.startswith("local-"))
    return [each for each in SOURCES if each in those] + own
