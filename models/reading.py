"""Reading what comes in, strictly: JSON as RFC 8259 has it, and errors that name a field, never its value."""

from __future__ import annotations

import json
from typing import Any, TypedDict

from pydantic import JsonValue, ValidationError
from pydantic_core import ErrorDetails

from models.identity import HSA_ID, NO_CONTROLS, ONE_LINE

JSON = JsonValue


class Problem(TypedDict):
    """One wrong field: its path in the body (empty: the body itself), and what is wrong; never its value."""

    path: str
    message: str


class Invalid(Exception):
    """The body is JSON, but no event that we know.

    Args:
        errors: one problem for every wrong field.
        event_type: the type that the body named, where it is one of ours.
    """

    def __init__(self, errors: list[Problem], event_type: str | None = None) -> None:
        super().__init__(", ".join(error["path"] for error in errors))
        self.errors = errors
        self.event_type = event_type

    @property
    def paths(self) -> tuple[str, ...]:
        """The paths of the wrong fields, in order."""
        return tuple(error["path"] for error in self.errors)


class NotJson(Exception):
    """The body is not JSON at all (RFC 8259, UTF-8)."""


def read_json(body: bytes) -> JSON:
    """Reads RFC 8259 JSON in UTF-8, more strictly than Python does.

    Raises:
        NotJson: wrong UTF-8, a syntax error, NaN or Infinity.
        Invalid: JSON, but a name stands twice in one object, or it is nested too deeply.
    """
    try:
        content: JSON = _DECODER.decode(body.decode("utf-8"))
    except RecursionError:
        raise Invalid([{"path": "", "message": "is nested too deeply"}]) from None
    except (UnicodeDecodeError, json.JSONDecodeError):
        raise NotJson from None
    except ValueError:  # what is left: Python reads no number of more than 4300 digits
        raise Invalid([{"path": "", "message": "has a number of too many digits"}]) from None
    return content


def read_anyhow(body: bytes) -> JSON:
    """Reads what `read_json` refuses, as well as it can be read; None: it is no JSON at all.

    Of a name that stands twice, all values are kept, as a list: one may be the one that matters.
    """
    try:
        content: JSON = json.loads(body.decode("utf-8", "replace"), object_pairs_hook=_all_of, strict=False)
    except (ValueError, RecursionError):
        return None
    return content


def _all_of(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content: dict[str, Any] = {}
    for name, value in pairs:
        content[name] = [content[name], value] if name in content else value
    return content


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) != len(pairs):
        raise Invalid([{"path": "", "message": "has the same name twice in one object"}])
    return content


def _no_constant(name: str) -> None:
    raise NotJson


_DECODER = json.JSONDecoder(object_pairs_hook=_once_each, parse_constant=_no_constant)

_MESSAGES = {
    "missing": "is required",
    "string_type": "must be a string",
    "string_unicode": "must be well-formed Unicode",
    "bool_type": "must be true or false",
    "int_type": "must be a whole number",
    "dict_type": "must be an object",
    "model_type": "must be an object",
    "timezone_aware": "must have an offset",
    "datetime_parsing": "is not a time of the calendar",
    "datetime_from_date_parsing": "is not a time of the calendar",
}
_LIMITS = {
    "string_too_long": ("max_length", "must be at most {} characters"),
    "string_too_short": ("min_length", "must be at least {} character"),
    "greater_than_equal": ("ge", "must be at least {}"),
    "less_than_equal": ("le", "must be at most {}"),
    "enum": ("expected", "must be {}"),
    "literal_error": ("expected", "must be {}"),
}
_PATTERNS = {
    NO_CONTROLS: "must not have control characters",
    ONE_LINE: "must not have control characters, nor begin or end with a blank",
    HSA_ID: "must be an HSA-id",
}
_OURS = frozenset(
    {
        "identity",
        "rfc3339",
        "full_date",
        "start_missing",
        "end_before_start",
        "open_has_no_time",
        "nothing_changed",
    }
)
_BRANCHES = frozenset({"bool", "constrained-str", "date", "datetime"})


def problems(wrong: ValidationError) -> list[Problem]:
    """One problem for every wrong field of a model; where it may be of several types, all are named in it."""
    messages: dict[str, list[str]] = {}
    for error in wrong.errors(include_url=False, include_input=False):
        messages.setdefault(_path(error), []).append(_message(error))
    return [{"path": path, "message": ", or ".join(texts)} for path, texts in messages.items()]


def _path(error: ErrorDetails) -> str:
    return ".".join(str(step) for step in error["loc"] if step not in _BRANCHES)


def _message(error: ErrorDetails) -> str:
    """Says what is wrong from the kind of error and the limit it broke: both are ours, never the sender's."""
    kind, limits = error["type"], error.get("ctx", {})
    if kind in _OURS:
        return error["msg"]
    if kind in _LIMITS:
        name, text = _LIMITS[kind]
        return text.format(limits[name])
    if kind == "string_pattern_mismatch":
        return _PATTERNS.get(limits["pattern"], "is not in the right form")
    return _MESSAGES.get(kind, "is not valid")
