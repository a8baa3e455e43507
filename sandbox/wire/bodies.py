"""One checker for all JSON bodies: a form says which fields there are, and what each may be.

A form is a question about a value, a table of an object's fields (a name that ends in `?` may be left out,
one that is not in it must not come), `Many` of a form, or a form `OrNull`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sandbox.wire.elements import HSA_ID
from sandbox.wire.web import BadRequest

Check = Callable[[Any], bool]
Form: TypeAlias = "Check | Mapping[str, Form] | Many | OrNull"


@dataclass(frozen=True, slots=True)
class Many:
    """A list of these."""

    of: Form


@dataclass(frozen=True, slots=True)
class OrNull:
    """This, or null."""

    of: Form


def checked_body(body: Any, form: Mapping[str, Form]) -> dict[str, Any]:
    """The body, as the form has it; else 422 with the path of each field that is wrong (`links.0.url`)."""
    if not isinstance(body, dict):
        raise BadRequest(422, "not an object")
    if paths := _wrong(body, form, ""):
        raise BadRequest(422, "wrong fields", [{"path": p, "message": "wrong or missing"} for p in paths])
    return body


def _wrong(value: Any, form: Form, path: str) -> list[str]:
    if isinstance(form, OrNull):
        return [] if value is None else _wrong(value, form.of, path)
    if isinstance(form, Many):
        if not isinstance(value, list):
            return [path]
        return [found for at, one in enumerate(value) for found in _wrong(one, form.of, f"{path}.{at}")]
    if isinstance(form, Mapping):
        return _wrong_fields(value, form, path)
    return [] if form(value) else [path]


def _wrong_fields(value: Any, form: Mapping[str, Form], path: str) -> list[str]:
    if not isinstance(value, dict):
        return [path]
    inside = f"{path}." if path else ""
    declared = {name.removesuffix("?"): name for name in form}
    found = [inside + name for name in value if name not in declared]
    for name, as_declared in declared.items():
        if name in value:
            found += _wrong(value[name], form[as_declared], inside + name)
        elif name == as_declared:
            found.append(inside + name)
    return found


def text(value: Any) -> bool:
    """Anything but nothing."""
    return isinstance(value, str) and bool(value.strip())


def boolean(value: Any) -> bool:
    """True or false."""
    return isinstance(value, bool)


def one_of(*values: str) -> Check:
    """An enumeration."""
    return lambda value: isinstance(value, str) and value in values


def moment(value: Any) -> bool:
    """RFC 3339, with offset."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).tzinfo is not None
    except ValueError:
        return False


PATIENT: Form = {"id": text, "type": one_of("personnummer", "samordningsnummer", "reservnummer")}
UNIT: Form = {"hsa_id": text, "name?": OrNull(text)}
STAFF: Form = {
    "hsa_id": lambda value: isinstance(value, str) and HSA_ID(value),
    "name": text,
    "title": text,
}
