"""`/staff`: where staff begin, by their commission: alerts, what waits at their unit, files, report."""

from __future__ import annotations

from typing import Any

import structlog
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from engine.base import clock
from gateway.staff.asked import CASES, HOME, REPORT, ROUTINE, here, wants_page, words_of
from gateway.staff.case_shown import as_json, line_of
from gateway.staff.case_texts import BY_LANGUAGE
from gateway.staff.door import Door, Inside
from gateway.staff.pages import login_address, page
from gateway.staff.ports import Cases, Files
from models.risk_alert import RiskAlert
from routine.reasons import Reason
from routine.staff import Member, may_see_patients
from tasks.find_case import FoundCases

log = structlog.get_logger(__name__)
SHOWN = 100
"""Of each list: the page is for what waits, not for counting it."""


def routes(door: Door, cases: Cases, files: Files) -> APIRouter:
    """The path.

    Args:
        door: who is logged in.
        cases: those that wait.
        files: of the intermediate storage.
    """
    router = APIRouter(include_in_schema=False)
    start = _Start(door, cases, files)
    router.add_api_route(HOME, start.answer_start, methods=["GET"])
    return router


class _Start:
    def __init__(self, door: Door, cases: Cases, files: Files) -> None:
        self._door, self._cases, self._files = door, cases, files

    async def answer_start(self, request: Request) -> Response:
        """By what they may; nothing of a patient is shown, so nothing of it is in the access log."""
        inside = await self._door.inside(request)
        if isinstance(inside, Response):
            return inside
        if not may_see_patients(inside.member).allowed:
            return _without_commission(request, inside)
        try:
            waiting = await self._door.in_thread(self._cases.waiting, inside.member)
            files = await self._door.in_thread(self._files.how_many, inside.member)
        except Exception as error:  # noqa: BLE001  # whatever it was, the database does not answer
            log.error("staff_not_read", error=type(error).__name__)
            return self._door.away(request, inside)
        return _with_commission(request, inside, waiting, files)


def _with_commission(request: Request, inside: Inside, waiting: FoundCases, files: int) -> Response:
    alerts = [each for each in waiting.cases if each.process == RiskAlert.PROCESS]
    tasks = [each for each in waiting.cases if each.process != RiskAlert.PROCESS]
    if not wants_page(request):
        listed = {
            "alerts": [as_json(each) for each in alerts],
            "waiting": [as_json(each) for each in tasks],
            "more": list(waiting.cut),
        }
        return JSONResponse(_of_member(inside.member) | {"may_see_patients": True, "files": files} | listed)
    words, now = words_of(request), clock.now()
    lists: dict[str, Any] = {
        name: [line_of(each, words, now) for each in cases[:SHOWN]]
        for name, cases in (("alerts", alerts), ("tasks", tasks))
    }
    return page(request, "start.html", _given_to_all(request) | lists | {"files": files}, inside.visitor)


def _without_commission(request: Request, inside: Inside) -> Response:
    """What they need, and what they can do without."""
    if not wants_page(request):
        return JSONResponse(_of_member(inside.member) | {"may_see_patients": False})
    words = words_of(request)
    reason = may_see_patients(inside.member).reason
    needs = words.no_commission if reason is Reason.NO_COMMISSION else words.wrong_commission
    given = {"needs": needs, "way": login_address(here(request), words)}
    return page(request, "start.html", _given_to_all(request) | given, inside.visitor)


def _given_to_all(request: Request) -> dict[str, Any]:
    ways = {"cases_at": CASES, "report_at": REPORT, "routine_at": ROUTINE}
    return {"t": BY_LANGUAGE[words_of(request).code], "needs": None, "most": SHOWN} | ways


def _of_member(member: Member) -> dict[str, Any]:
    commission = member.commission
    chosen = (
        {"hsa_id": commission.hsa_id, "purpose": commission.purpose, "unit": commission.unit}
        if commission
        else None
    )
    return {"staff": {"hsa_id": member.hsa_id, "name": member.name}, "commission": chosen}
