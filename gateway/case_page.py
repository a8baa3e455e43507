"""`/cases/{id}`: a case's story as a page, for ops at this machine. No script, nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

import structlog
from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response
from jinja2 import Template

from engine.ops.by_hand import CaseStory, NotFound
from gateway.callers import is_from_here
from gateway.ports import Stories
from gateway.problems import RETRY_AFTER, problem
from gateway.templates import HTML, content_security, environment, style
from models.case import EffectState
from models.times import STOCKHOLM, for_people
from routine.reasons import Reason

log = structlog.get_logger(__name__)

STYLE = style(HTML, "case.css")
CONTENT_SECURITY = content_security(STYLE)
SENTENCES: Mapping[str, str] = {str(reason): reason.explanation for reason in Reason}


def routes(stories: Stories, runs_at: str | None = None) -> APIRouter:
    """`GET /cases/{id}`.

    Only for this machine, since nobody logs in: who is not loopback, or comes through a proxy that says so
    (`gateway.callers`), is told 404, as of a case that is not there. A proxy on this machine that says nothing
    looks like this machine: it must not pass `/cases/` on.

    Args:
        runs_at: Prefect's UI, to which a case's runs lead; None: they are only named.
    """
    router = APIRouter(include_in_schema=False)

    @router.get("/cases/{id}")
    async def case(id: str, request: Request) -> Response:
        """A case's story; 404 problem+json for all that is not shown."""
        number = _uuid(id)
        if number is None or not is_from_here(request):
            return _no_such_case()
        try:
            story = await to_thread.run_sync(stories, number)
        except NotFound:
            return _no_such_case()
        except Exception as error:  # noqa: BLE001  # whatever it was, the database does not answer
            log.error("story_not_read", error=type(error).__name__)
            return problem(503, "The case cannot be read now.", headers=RETRY_AFTER)
        return HTMLResponse(page(story, runs_at), headers={"Content-Security-Policy": CONTENT_SECURITY})

    return router


def _no_such_case() -> Response:
    return problem(404, "There is no such case.")


def _uuid(id: str) -> UUID | None:
    try:
        return UUID(id)
    except ValueError:
        return None


def page(story: CaseStory, runs_at: str | None = None) -> str:
    """The whole page, everything escaped."""
    return TEMPLATE.render(
        style=STYLE,
        case=story.case,
        is_whole=story.timeline_whole,
        unknown=[effect for effect in story.effects if effect["state"] == EffectState.PARKED],
        timeline=story.timeline,
        effects=story.effects,
        runs=story.runs,
        runs_at=runs_at,
        sentences=SENTENCES,
    )


def _template() -> Template:
    made = environment(HTML)
    made.filters["swedish"] = lambda iso: datetime.fromisoformat(iso).astimezone(STOCKHOLM).isoformat()
    made.filters["readable"] = lambda iso: for_people(datetime.fromisoformat(iso))
    return made.get_template("case.html")


TEMPLATE = _template()
