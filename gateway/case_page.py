"""`/cases/{id}`: a case's story as a page, for ops at this machine. No script, nothing from elsewhere."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from html import escape
from typing import Any
from uuid import UUID

import structlog
from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, Response

from engine.ops import CaseLine, CaseStory, NotFound
from gateway.callers import is_from_here
from gateway.ports import Stories
from gateway.problems import RETRY_AFTER, problem
from models.case import EffectState
from models.times import STOCKHOLM
from routine.reasons import Reason

log = structlog.get_logger(__name__)

# Below 60rem a row of a table is a block, and each cell says its column itself.
STYLE = """
:root{color-scheme:light}
body{font:16px/1.5 system-ui,sans-serif;max-width:80rem;margin:1.5rem auto;padding:0 1rem;color:#1b1b1b;
background:#fff;overflow-wrap:anywhere}
h1,h2{line-height:1.2}h1{font-size:1.5rem}h2{font-size:1.25rem;margin-top:2rem}
code{font:14px/1.4 ui-monospace,monospace;background:#f4f4f4;padding:.1rem .25rem}
dl{display:grid;grid-template-columns:auto 1fr;gap:.25rem 1rem}dt{font-weight:600}dd{margin:0}
.waits{border-left:.4rem solid #8f1d1d;padding-left:1rem}.wrong{color:#8f1d1d;font-weight:600}
table{border-collapse:collapse;width:100%}caption{text-align:left;padding-bottom:.5rem}
th,td{text-align:left;vertical-align:top;padding:.4rem .5rem;border-top:1px solid #767676}
th[scope=row]{font-weight:400}
@media(min-width:60rem){th,td{overflow-wrap:normal}.time,[data-label=Clause]{white-space:nowrap}
[data-label=Reason],[data-label=Detail]{overflow-wrap:anywhere}}
@media not all and (min-width:60rem){
table,caption,tbody,tr,td,th[scope=row]{display:block}
thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
tr{border-top:1px solid #767676;padding:.5rem 0}td,th{border:0;padding:.1rem 0}
th[scope=row]{font-weight:600}td:empty{display:none}
td::before{content:attr(data-label) ": ";color:#595959}
}
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_SECURITY = (
    f"default-src 'none'; style-src 'sha256-{_HASH}'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
SENTENCES: Mapping[str, str] = {str(reason): reason.explanation for reason in Reason}


def routes(stories: Stories) -> APIRouter:
    """`GET /cases/{id}`.

    Only for this machine, since nobody logs in: who is not loopback, or comes through a proxy that says so
    (`gateway.callers`), is told 404, as of a case that is not there. A proxy on this machine that says nothing
    looks like this machine: it must not pass `/cases/` on.
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
        return HTMLResponse(page(story), headers={"Content-Security-Policy": CONTENT_SECURITY})

    return router


def _no_such_case() -> Response:
    return problem(404, "There is no such case.")


def _uuid(id: str) -> UUID | None:
    try:
        return UUID(id)
    except ValueError:
        return None


def page(story: CaseStory) -> str:
    """The whole page, everything escaped."""
    id = escape(str(story.case.id))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>Case {id} · Växel</title><style>{STYLE}</style></head>"
        f"<body><main><h1>Case {_code(id)}</h1>"
        f"{_facts(story)}{_to_do(story)}{_timeline(story.timeline)}{_effects(story.effects)}"
        "</main></body></html>"
    )


def _facts(story: CaseStory) -> str:
    case = story.case
    whole = "Whole: as it was written, no line changed or taken out."
    broken = '<span class="wrong">Not whole: it was changed after it was written, and its hashes do not fit.</span>'
    facts = {
        "Process": _code(case.process),
        "State": _code(case.state),
        "Parked": _reason(case.parked) if case.parked else "No",
        "Due": f"{_time(case.due_at)} Swedish time" if case.due_at else "Not by itself: at its next event",
        "Last change": f"{_time(case.updated_at)} Swedish time",
        "Timeline": whole if story.timeline_whole else broken,
    }
    return "<dl>" + "".join(f"<dt>{name}</dt><dd>{said}</dd>" for name, said in facts.items()) + "</dl>"


def _to_do(story: CaseStory) -> str:
    waits = [_unknown(effect) for effect in story.effects if effect["state"] == EffectState.PARKED]
    if story.case.parked:
        waits.insert(0, _parked(story.case))
    if not waits:
        return "<h2>What to do</h2><p>Nothing: no human is waited for.</p>"
    return f'<h2>What to do</h2><div class="waits">{"".join(waits)}</div>'


def _parked(case: CaseLine) -> str:
    return (
        f"<p>The case waits for a human. docs/operations.md, <em>When something is parked</em>, says what to do "
        f"about {_code(case.parked)}. When that is done, let it go on; what was done is not done again:</p>"
        f"<p>{_code(f'vaxel retry {case.id}')}</p>"
        f"<p>Or all that are parked for the same reason: {_code(f'vaxel retry --reason {case.parked}')}</p>"
    )


def _unknown(effect: Mapping[str, Any]) -> str:
    command = f"vaxel resolve {effect['id']}"
    return (
        f"<p>Nobody can tell whether {_code(effect['step'])} arrived at {_code(effect['system'])}. Look in that "
        f"system's log for {_time(effect['at'])} Swedish time, then say what you found.</p>"
        f"<p>It arrived, and is done: {_code(f'{command} --arrived')}</p>"
        f"<p>It did not, and is sent again if it is still owed: {_code(f'{command} --not-arrived')}</p>"
    )


def _timeline(entries: Sequence[Mapping[str, Any]]) -> str:
    rows = (
        [
            _time(entry["at"]),
            _code(entry["what"]),
            _reason(entry["reason"]),
            _code(entry["clause"]),
            _detail(entry["detail"]),
        ]
        for entry in entries
    )
    caption = "What happened and why, the oldest first. Swedish time."
    return "<h2>Timeline</h2>" + _table(caption, ("Time", "What", "Reason", "Clause", "Detail"), rows)


def _effects(effects: Sequence[Mapping[str, Any]]) -> str:
    if not effects:
        return "<h2>Effects</h2><p>None: nothing has been sent.</p>"
    rows = (
        [_time(effect["at"])]
        + [_code(effect[name]) for name in ("id", "step", "system", "state", "receipt", "tries")]
        for effect in effects
    )
    caption = "What was done to other systems, each once. Swedish time."
    return "<h2>Effects</h2>" + _table(
        caption, ("Begun", "Id", "Step", "System", "State", "Receipt", "Tries"), rows
    )


def _table(caption: str, names: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table of cells that are HTML already, the first of each row its header.

    The roles say what the elements are anyway: browsers forget that of a table laid out as blocks.
    """
    head = "".join(f'<th scope="col" role="columnheader">{name}</th>' for name in names)
    body = "".join(f'<tr role="row">{_cells(names, row)}</tr>' for row in rows)
    return (
        f'<table role="table"><caption>{caption}</caption>'
        f'<thead role="rowgroup"><tr role="row">{head}</tr></thead><tbody role="rowgroup">{body}</tbody></table>'
    )


def _cells(names: Sequence[str], row: Sequence[str]) -> str:
    cells = zip(names[1:], row[1:], strict=True)
    return f'<th scope="row" role="rowheader" class="time">{row[0]}</th>' + "".join(
        f'<td role="cell" data-label="{name}">{cell}</td>' for name, cell in cells
    )


def _reason(code: str) -> str:
    """The code, and its sentence where it has one."""
    return " ".join(filter(None, (_code(code), escape(SENTENCES.get(code, "")))))


def _detail(detail: Mapping[str, Any]) -> str:
    return " ".join(_code(f"{name}={value}") for name, value in detail.items())


def _code(said: object) -> str:
    return "" if said is None or said == "" else f"<code>{escape(str(said))}</code>"


def _time(iso: str) -> str:
    """A moment in Swedish time, to the second."""
    local = datetime.fromisoformat(iso).astimezone(STOCKHOLM)
    return f'<time datetime="{local.isoformat()}">{local:%Y-%m-%d %H:%M:%S}</time>'
