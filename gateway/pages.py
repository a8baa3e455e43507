"""`/docs`: the same as `/openapi.json`, as a page that needs neither JavaScript nor another server."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gateway.openapi import EXAMPLES, REF, schemas
from models.messages import EVENTS, EventType

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}
h1,h2{line-height:1.2}h2{margin-top:2.5rem;border-top:1px solid #ccc;padding-top:1rem}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.25rem .5rem}
tr:nth-child(even){background:#f4f4f4}code,pre{font:14px/1.4 ui-monospace,monospace}
pre{background:#f4f4f4;padding:1rem;overflow:auto}
"""
_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
CONTENT_SECURITY = f"default-src 'none'; style-src 'sha256-{_HASH}'; base-uri 'none'; frame-ancestors 'none'"

INTRODUCTION = """
<p>Webhooks come as <a href="https://www.standardwebhooks.com/">Standard Webhooks</a>:
<code>POST /webhooks/{source}</code> with the headers <code>webhook-id</code>, <code>webhook-timestamp</code>
and <code>webhook-signature</code>, or up to 1000 at once in <code>POST /webhooks/{source}/batch</code>:
<code>{"events": [{"id", "type", "timestamp", "data"}, …]}</code>, answered 202 with
<code>{"results": [{"id", "status": 202, "event"} or {"id", "status": 422, "errors"}]}</code>.</p>
<p>202 <code>{"event": "&lt;uuid&gt;"}</code>: stored durably. The same <code>webhook-id</code> from the same
source again: the same uuid, nothing done twice. 401: signature missing or wrong, or more than 5 minutes off.
404: unknown source. 413: over 256 KiB (batch: 8 MiB). 415: not JSON in UTF-8. 422: unknown type or invalid
data; <code>errors</code> names every wrong field by its <code>path</code>. 503: not stored, send it
again.</p>
<p>A field that is null or left out means <em>not known</em>, never <em>no</em>; unknown fields are ignored.
Machine-readable: <a href="/openapi.json">/openapi.json</a>.</p>
"""


def routes() -> APIRouter:
    """`GET /docs`."""
    router = APIRouter(include_in_schema=False)
    page = _page()

    @router.get("/docs")
    async def docs() -> HTMLResponse:
        """Every type of event, with an example."""
        return HTMLResponse(page, headers={"Content-Security-Policy": CONTENT_SECURITY})

    return router


def _page() -> str:
    known = schemas()
    events = "".join(_event(event, known) for event in EVENTS.values())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Växel: webhooks</title>'
        f"<style>{STYLE}</style></head><body><h1>Växel: webhooks</h1>{INTRODUCTION}{events}</body></html>"
    )


def _event(event: EventType, known: Mapping[str, Any]) -> str:
    rows = "".join(
        f"<tr><td><code>{escape(path)}</code></td><td>{escape(kind)}</td><td>{needed}</td>"
        f"<td>{escape(text)}</td></tr>"
        for path, kind, needed, text in _fields("data", event.model.__name__, known)
    )
    example = json.dumps(EXAMPLES[event.name], ensure_ascii=False, indent=2)
    return (
        f'<h2 id="{event.name}">{event.name}</h2><p>{escape(event.summary)} '
        f"From: {escape(', '.join(sorted(event.sources)))}.</p>"
        f"<table><tr><th>field</th><th>type</th><th></th><th></th></tr>{rows}</table>"
        f"<pre>{escape(example)}</pre>"
    )


def _fields(path: str, name: str, known: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Each field in depth: path, type, "required" or "", description."""
    schema = known[name]
    for field, shape in schema["properties"].items():
        below = f"{path}.{field}"
        kind, inner = _kind(shape, known)
        needed = "required" if field in schema.get("required", ()) else ""
        yield below, kind, needed, shape.get("description", "")
        if inner:
            yield from _fields(below, inner, known)


def _kind(shape: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[str, str]:
    """A field's type in words, and the name of its own schema if it is an object."""
    if "anyOf" in shape:
        kinds = [_kind(one, known) for one in shape["anyOf"] if one.get("type") != "null"]
        return " or ".join(kind for kind, _ in kinds), next((inner for _, inner in kinds if inner), "")
    if "$ref" in shape:
        name = shape["$ref"].removeprefix(REF)
        if "enum" in known[name]:
            return " | ".join(known[name]["enum"]), ""
        return "object", name
    return str(shape.get("format") or shape.get("type", "")), ""
