"""What `/openapi.json` and `/docs` say of the bodies: every type of event, with examples of nobody real."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic.json_schema import models_json_schema

from models.messages import EVENTS

REF = "#/components/schemas/"

EXAMPLES: Mapping[str, dict[str, Any]] = {
    name: {"type": name, "timestamp": "2026-11-30T08:00:00+01:00", "data": each.example}
    for name, each in EVENTS.items()
}
"""One whole body for every type of event."""

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": REF + "WrongField"}},
    },
}
_WRONG_FIELD = {
    "type": "object",
    "required": ["path", "message"],
    "properties": {
        "path": {"type": "string", "description": "From the body's root; empty: the body itself."},
        "message": {"type": "string", "description": "What is wrong; never the value."},
    },
}
_STORED = {
    "type": "object",
    "required": ["event"],
    "properties": {"event": {"type": "string", "format": "uuid"}},
}
_RESULT = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": ["string", "null"], "description": "As sent; null where there was none."},
        "status": {"type": "integer", "enum": [202, 422]},
        "event": {"type": "string", "format": "uuid"},
        "errors": {"type": "array", "items": {"$ref": REF + "WrongField"}},
    },
}


def _json(schema: Mapping[str, Any], media_type: str = "application/json") -> dict[str, Any]:
    return {"content": {media_type: {"schema": schema}}}


def _problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    body = _json({"$ref": REF + "Problem"}, "application/problem+json")
    return {status: {"description": _MEANINGS[status]} | body for status in statuses}


_MEANINGS = {
    401: "Signature or login missing or wrong, or the timestamp over 5 minutes off.",
    404: "Unknown source, message or unit.",
    408: "The body did not arrive in time.",
    413: "The body is too large.",
    415: "The body is not of the right kind: not JSON, not UTF-8.",
    422: "Unknown type or invalid data: every wrong field by its path, never its value.",
    503: "Nothing was stored: send it again (Retry-After).",
}
_HEADERS = [
    {"name": name, "in": "header", "required": True, "schema": {"type": "string"}, "description": text}
    for name, text in (
        ("webhook-id", "Identity of this event, the same when it is sent again: 1 to 100 characters."),
        ("webhook-timestamp", "Seconds since 1970; at most 5 minutes off."),
        ("webhook-signature", "`v1,` and base64 of the HMAC-SHA256 of `id.timestamp.body`."),
    )
]


def _route(answer: str, schema: str, body: str, examples: Mapping[str, Any]) -> dict[str, Any]:
    content = {"schema": {"$ref": REF + body}, "examples": examples}
    return {
        "responses": {202: {"description": answer} | _json({"$ref": REF + schema})}
        | _problems(401, 404, 408, 413, 415, 422, 503),
        "openapi_extra": {
            "parameters": _HEADERS,
            "requestBody": {"required": True, "content": {"application/json": content}},
        },
    }


EVENT = _route(
    "Stored durably; the same webhook-id again gives the same uuid.",
    "Stored",
    "Event",
    {name: {"value": value} for name, value in EXAMPLES.items()},
)
BATCH = _route(
    "An answer for each event, in order.",
    "Results",
    "EventBatch",
    {
        "two": {
            "value": {"events": [{"id": f"msg_{n}"} | EXAMPLES[name] for n, name in enumerate(EXAMPLES)][:2]}
        }
    },
)
_FORM = {
    "type": "object",
    "required": ["id", "status"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9A-Za-z]{1,100}$", "description": "The provider's own id."},
        "status": {
            "type": "string",
            "pattern": "^[a-z_]{1,20}$",
            "examples": ["sent", "delivered", "failed"],
        },
        "delivered": {"type": "string", "description": "UTC; only when delivered."},
    },
}
_CALL = {
    "type": "object",
    "required": ["callid"],
    "properties": {
        "callid": {
            "type": "string",
            "pattern": "^[0-9A-Za-z]{1,100}$",
            "description": "The provider's own id.",
        },
        "from": {"type": "string", "description": "E.164, or nothing that can be called."},
        "to": {"type": "string", "description": "The unit's number, E.164."},
        "direction": {"type": "string", "examples": ["incoming"]},
        "result": {"type": "string", "description": "The digit; `newincoming` for a call that comes in."},
    },
}
RECEIPT: dict[str, Any] = {
    "responses": {204: {"description": "Kept."}} | _problems(401, 404, 408, 413, 415, 422, 503),
    "openapi_extra": {
        "requestBody": {"required": True} | _json(_FORM, "application/x-www-form-urlencoded"),
        "security": [{"46elks": []}],
    },
}
_SMS = {
    "type": "object",
    "required": ["id", "from", "to"],
    "properties": {
        "id": {"type": "string", "pattern": "^[0-9A-Za-z]{1,100}$", "description": "The provider's own id."},
        "from": {"type": "string", "description": "The sender's number, E.164."},
        "to": {"type": "string", "description": "The unit's number, E.164."},
        "message": {"type": "string", "description": "Not kept."},
        "created": {"type": "string"},
    },
}
SMS: dict[str, Any] = {
    "responses": {204: {"description": "Kept; no text, which would be sent back as an SMS."}}
    | _problems(401, 404, 408, 413, 415, 422, 503),
    "openapi_extra": {
        "requestBody": {"required": True} | _json(_SMS, "application/x-www-form-urlencoded"),
        "security": [{"46elks": []}],
    },
}
CALL: dict[str, Any] = {
    "responses": {200: {"description": "What to do with the call: an action of 46elks."}}
    | _problems(401, 404, 408, 413, 415, 422),
    "openapi_extra": {
        "requestBody": {"required": True} | _json(_CALL, "application/x-www-form-urlencoded"),
        "security": [{"46elks": []}],
    },
}


def describe(app: FastAPI) -> dict[str, Any]:
    """The whole OpenAPI document, with every event's schema in it."""
    if app.openapi_schema is None:
        document = get_openapi(
            title=app.title, version=app.version, description=app.description, routes=app.routes
        )
        components = document.setdefault("components", {})
        components.setdefault("schemas", {}).update(schemas())
        components["securitySchemes"] = {"46elks": {"type": "http", "scheme": "basic"}}
        app.openapi_schema = document
    return app.openapi_schema


def schemas() -> dict[str, Any]:
    """JSON Schemas by name: each event, `Event` (any of them, told apart by `type`), the answers."""
    envelopes = [(event.envelope, "validation") for event in EVENTS.values()]
    refs, found = models_json_schema(envelopes, by_alias=True, ref_template=REF + "{model}")  # type: ignore[arg-type]
    mapping = {name: refs[event.envelope, "validation"]["$ref"] for name, event in EVENTS.items()}
    event = {"oneOf": [{"$ref": ref} for ref in mapping.values()]}
    an_id = {"type": "string", "minLength": 1, "maxLength": 100}
    identified = {"type": "object", "required": ["id"], "properties": {"id": an_id}}
    batch = {"type": "array", "maxItems": 1000, "items": {"allOf": [{"$ref": REF + "Event"}, identified]}}
    known: dict[str, Any] = found["$defs"]
    return known | {
        "Event": event | {"discriminator": {"propertyName": "type", "mapping": mapping}},
        "EventBatch": {"type": "object", "required": ["events"], "properties": {"events": batch}},
        "Stored": _STORED,
        "Results": {
            "type": "object",
            "required": ["results"],
            "properties": {"results": {"type": "array", "items": _RESULT}},
        },
        "Problem": _PROBLEM,
        "WrongField": _WRONG_FIELD,
    }
