"""`/staff/routine`: every clause in a sentence, by section, each with an address of its own (`#besok-2`).

Nothing of anybody is in it: whoever is logged in may read it, with whatever commission.
"""

from __future__ import annotations

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response

from gateway.staff.asked import ROUTINE, wants_page, words_of
from gateway.staff.case_texts import BY_LANGUAGE
from gateway.staff.door import Door
from gateway.staff.pages import page
from routine.clause_text import SECTIONS, by_section, sentence


def routes(door: Door) -> APIRouter:
    """The path.

    Args:
        door: who is logged in.
    """
    router = APIRouter(include_in_schema=False)

    @router.get(ROUTINE)
    async def routine(request: Request) -> Response:
        """All clauses."""
        inside = await door.inside(request)
        if isinstance(inside, Response):
            return inside
        language = words_of(request).code
        at = 0 if language == "sv" else 1
        sections = [
            (name, SECTIONS[name][at], [(clause, sentence(clause, language)) for clause in clauses])
            for name, clauses in by_section().items()
        ]
        if not wants_page(request):
            return JSONResponse({"clauses": {clause: says for *_, of in sections for clause, says in of}})
        given = {"t": BY_LANGUAGE[language], "sections": sections}
        return page(request, "routine.html", given, inside.visitor)

    return router
