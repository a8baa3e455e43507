"""`/staff/report`: how the routine is followed, for the region and for the unit of whoever asks (uppfoljning-1,
policy-uppfoljning-1). No patient's data is in it, so it stands in no access log."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import Response
from sqlalchemy.exc import SQLAlchemyError

from gateway.login.texts import PageText
from gateway.staff.asked import REPORT, wants_page, words_of
from gateway.staff.door import Door, Inside
from gateway.staff.pages import HEADERS, in_pieces, page, refusal
from gateway.staff.report_given import Asked, as_csv, as_json
from gateway.staff.report_pages import (
    around,
    latest_departures,
    shown_section,
    shown_sections,
)
from gateway.staff.report_words import DETAILS, IN_LANGUAGE, ReportWords
from routine.clause_text import sentence
from routine.clauses import CLAUSES
from routine.follow_up import MEASURES, Measure, following_up
from routine.follow_up_period import WrongPeriod, day_given
from routine.staff import may_see_figures
from tasks.follow_up.report import Section, days_summed, period_shown, sections

log = structlog.get_logger(__name__)
CSV, PLAIN = "text/csv; charset=utf-8", {"Vary": HEADERS["Vary"]}


def routes(door: Door) -> APIRouter:
    """The paths.

    Args:
        door: who is logged in.
    """
    router = APIRouter(include_in_schema=False)
    pages = _Report(door)
    router.get(REPORT)(pages.whole)
    router.get(REPORT + "/{clause}")(pages.of_clause)
    return router


class _Report:
    def __init__(self, door: Door) -> None:
        self._door = door

    async def whole(self, request: Request) -> Response:
        """All groups: a page, JSON, or CSV with `?format=csv`."""
        return await self._answer(request, MEASURES, self._whole)

    async def of_clause(self, request: Request, clause: str) -> Response:
        """One clause: its sentence, its figures, the latest departures."""

        def shown(request: Request, inside: Inside, asked: Asked, found: Iterator[Section]) -> Response:
            if not wants_page(request):
                return self._as_data(asked, found)
            return _clause_page(request, inside, asked, found, clause)

        return await self._answer(request, following_up(clause), shown, is_there=clause in CLAUSES)

    async def _answer(
        self,
        request: Request,
        measures: Sequence[Measure],
        shown: Callable[[Request, Inside, Asked, Iterator[Section]], Response],
        *,
        is_there: bool = True,
    ) -> Response:
        """Who may, of what, and whether the database answers: then whatever is wrong can still be said."""
        inside = await self._door.caring(request)
        if isinstance(inside, Response):
            return inside
        if not is_there:
            return _not_there(request, inside, "The routine has no such clause.", _words(request).no_clause)
        try:
            return await self._door.in_thread(_read, request, inside, measures, shown)
        except WrongPeriod as error:
            return _wrong(request, inside, error)
        except SQLAlchemyError as error:
            log.error("report_not_read", error=type(error).__name__)
            return self._door.away(request, inside)

    def _whole(self, request: Request, inside: Inside, asked: Asked, found: Iterator[Section]) -> Response:
        if request.query_params.get("format") == "csv":
            name = {"Content-Disposition": 'attachment; filename="uppfoljning.csv"'}
            lines = as_csv((asked.unit, each) for each in found)
            return self._door.streamed(lines, CSV, PLAIN | name)
        if not wants_page(request):
            return self._as_data(asked, found)
        words = _words(request)
        given = _around(request, inside, asked) | {"sections": shown_sections(found, words.code)}
        return self._door.streamed(in_pieces(request, "report.html", given, inside.visitor))

    def _as_data(self, asked: Asked, found: Iterator[Section]) -> Response:
        return self._door.streamed(as_json(asked, found), "application/json", PLAIN)


def _read(
    request: Request,
    inside: Inside,
    measures: Sequence[Measure],
    shown: Callable[[Request, Inside, Asked, Iterator[Section]], Response],
) -> Response:
    asked_for = request.query_params
    own = _own_unit(inside)
    unit = asked_for.get("unit") or None
    if not may_see_figures(inside.member, unit).allowed:
        return _not_there(request, inside, "There is no such unit of yours.", _words(request).not_yours)
    first, last = (day_given(asked_for.get(name), name) for name in ("from", "to"))
    summed = days_summed()
    asked = Asked(period_shown(first, last, summed), own if unit else None, summed)
    return shown(request, inside, asked, sections(asked.period, asked.unit, measures))


def _own_unit(inside: Inside) -> str | None:
    commission = inside.member.commission
    return commission.unit.upper() if commission and commission.unit else None


def _clause_page(
    request: Request, inside: Inside, asked: Asked, found: Iterator[Section], clause: str
) -> Response:
    words, read = _words(request), list(found)
    given = {
        "clause": clause,
        "sentence": sentence(clause, words.code),
        "sections": [shown_section(each, words.code) for each in read],
        "departs": any(row.measure.departs for each in read for row in each.rows),
        "departures": latest_departures(read, words.code),
    }
    return page(request, "report_clause.html", _around(request, inside, asked) | given, inside.visitor)


def _around(request: Request, inside: Inside, asked: Asked) -> dict[str, Any]:
    words = _words(request)
    lang = words.code if "lang" in request.query_params else ""
    return around(asked, words, _own_unit(inside), lang)


def _words(request: Request) -> ReportWords:
    return IN_LANGUAGE[words_of(request).code]


def _wrong(request: Request, inside: Inside, error: WrongPeriod) -> Response:
    detail = f"`{error.name}` {DETAILS[error.wrong]}"
    return refusal(request, 400, detail, _words(request).wrong[error.wrong], inside.visitor)


def _not_there(request: Request, inside: Inside, detail: str, text: PageText) -> Response:
    return refusal(request, 404, detail, text, inside.visitor)
