"""`/docs`: the same as `/openapi.json`, as a page that needs neither JavaScript nor another server."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from fastapi import APIRouter
from fastapi.responses import HTMLResponse

from gateway.openapi import EXAMPLES, REF, schemas
from gateway.templates import HTML, content_security, environment, style
from models.messages import EVENTS, EventType

STYLE = style(HTML, "docs.css")
CONTENT_SECURITY = content_security(STYLE)


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
    events = [_event(event, known) for event in EVENTS.values()]
    return environment(HTML).get_template("docs.html").render(style=STYLE, events=events)


def _event(event: EventType, known: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": event.name,
        "summary": event.summary,
        "sources": event.sources,
        "fields": _fields("data", event.model.__name__, known),
        "example": json.dumps(EXAMPLES[event.name], ensure_ascii=False, indent=2),
    }


def _fields(path: str, name: str, known: Mapping[str, Any]) -> Iterator[tuple[str, str, str, str]]:
    """Each field in depth: path, type, "required" or "", description."""
    schema = known[name]
    for field, shape in schema["properties"].items():
        below = f"{path}.{field}"
        kind, inner = _type_in_words(shape, known)
        needed = "required" if field in schema.get("required", ()) else ""
        yield below, kind, needed, shape.get("description", "")
        if inner:
            yield from _fields(below, inner, known)


def _type_in_words(shape: Mapping[str, Any], known: Mapping[str, Any]) -> tuple[str, str]:
    """A field's type in words, and the name of its own schema if it is an object."""
    if "anyOf" in shape:
        kinds = [_type_in_words(one, known) for one in shape["anyOf"] if one.get("type") != "null"]
        return " or ".join(kind for kind, _ in kinds), next((inner for _, inner in kinds if inner), "")
    if "$ref" in shape:
        name = shape["$ref"].removeprefix(REF)
        if "enum" in known[name]:
            return " | ".join(known[name]["enum"]), ""
        return "object", name
    return str(shape.get("format") or shape.get("type", "")), ""
