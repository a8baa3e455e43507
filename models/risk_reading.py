"""A risk of suicide is read out of whatever comes with a right signature (suicid-1, policy-suicid-1).

Whatever else is wrong with it. One alert too many is better than one too few: so the word counts wherever it stands
under the name `risk`, and nothing but the contact's id is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter, ValidationError

from models.case import Heard
from models.contact import Risk
from models.events import ACKNOWLEDGED, RISK_ALERT, STAFF, Arrival
from models.identity import Id, PatientId, Unit
from models.reading import JSON

RECEIVED, FLAGGED = "contact.received", "contact.risk_flagged"
SAID = re.compile("suicid|sj(?:ä|a\u0308|a)lvmord", re.IGNORECASE)
YES, NO = {"true", "yes", "ja", "1"}, {"", "0", "false", "none", "null", "no", "nej", "ingen", "inga"}
MARKS = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
ID: TypeAdapter[str] = TypeAdapter(Id)
IN_BYTES = re.compile(rb'"risk', re.IGNORECASE)
Chain = tuple[dict[str, Any], ...]
"""An object, after those that it lies in, from the whole down."""


def risk_flagged(source: str, content: JSON) -> Arrival | None:
    """The flag that an event holds, with the unit and the patient as far as they can be read.

    None: it holds none, or there is no contact that it could be about.
    """
    chain = next((chain for chain, value in _risks(content) if _is_suicide(value)), None)
    if chain is None or _is_acknowledgement(content):
        return None
    contact = next(filter(None, map(_clean, _ids(content, chain))), None)
    if contact is None:
        return None
    about = _contact_object(content) or chain[-1]
    known = {name: _valid(model, about.get(name)) for name, model in (("unit", Unit), ("patient", PatientId))}
    data: dict[str, JSON] = {"id": contact, "risk": Risk.SUICIDE.value}
    data |= {name: value for name, value in known.items() if value}
    if source in STAFF:  # who name no channel here: it is found where the contact is
        return _flag(FLAGGED, "", {"contact": contact})
    return _flag(RECEIVED, f"{source}:{contact}", {"contact": data})


def _flag(type: str, key: str, data: dict[str, JSON]) -> Arrival:
    return Arrival("", type, RISK_ALERT, key, None, datetime.now(UTC), data, risk=Heard.ALERTED)


def is_risk_said(content: JSON) -> bool:
    """Whether a risk is named in it, be it one that nobody can read; an acknowledgement names one that is known."""
    return not _is_acknowledgement(content) and any(not _is_no(value) for _, value in _risks(content))


def may_say_risk(body: bytes) -> bool:
    """Whether a body that is no JSON may hold a risk all the same."""
    return IN_BYTES.search(body) is not None or SAID.search(body.decode("utf-8", "replace")) is not None


def _risks(content: JSON) -> Iterator[tuple[Chain, JSON]]:
    """Everything that goes by the name of a risk, wherever it stands; no recursion, for it may lie deep."""
    waiting: list[tuple[Chain, JSON]] = [((), content)]
    while waiting:
        chain, at = waiting.pop()
        if isinstance(at, list):
            waiting += [(chain, each) for each in at]
        elif isinstance(at, dict):
            inner = (*chain, at)[-8:]
            for name, value in at.items():
                if name.strip().casefold() == "risk":
                    yield inner, value
                elif isinstance(value, dict | list):
                    waiting.append((inner, value))


def _is_suicide(value: JSON) -> bool:
    match value:
        case bool() | int() | float() | None:
            return value == 1
        case str():
            return SAID.search(value) is not None or value.strip().casefold() in YES
        case list():
            return any(map(_is_suicide, value))
        case _:
            return any(
                _is_suicide(each) or (bool(each) and _is_suicide(name)) for name, each in value.items()
            )


def _is_no(value: JSON) -> bool:
    return not value or (isinstance(value, str) and value.strip().casefold() in NO)


def _is_acknowledgement(content: JSON) -> bool:
    """It says that the risk is seen to; but one that brings a contact with it is none, whatever it is called."""
    named = isinstance(content, dict) and content.get("type") == ACKNOWLEDGED
    return named and _contact_object(content) is None


def _contact_object(content: JSON) -> dict[str, Any] | None:
    data = content.get("data") if isinstance(content, dict) else None
    contact = data.get("contact") if isinstance(data, dict) else None
    return contact if isinstance(contact, dict) else None


def _ids(content: JSON, chain: Chain) -> Iterator[Any]:
    """What may be the contact's id: where it should stand, then nearer and nearer to the risk's own object."""
    data = content.get("data") if isinstance(content, dict) else None
    for at in (data, *reversed(chain)):
        if isinstance(at, dict):
            contact = at.get("contact")
            yield contact.get("id") if isinstance(contact, dict) else contact
            yield at.get("contact_id")
    whole = content if isinstance(content, dict) else {}
    yield None if chain[-1] is _message(whole) else chain[-1].get("id")


def _message(content: dict[str, Any]) -> Any:
    data = content.get("data")
    return data.get("message") if isinstance(data, dict) else None


def _clean(id: object) -> str | None:
    """An id as one: a number as it is written, without what no id may hold, cut at its longest."""
    if isinstance(id, list):
        return next(filter(None, map(_clean, id)), None)
    if isinstance(id, bool) or not isinstance(id, str | int | float):
        return None
    try:
        return ID.validate_python(MARKS.sub("", str(id)).strip()[:100].strip())
    except (ValidationError, ValueError):
        return None


def _valid(model: type[BaseModel], value: object) -> dict[str, JSON] | None:
    """The part if it is valid; a unit also without its name."""
    tries = [value, {"hsa_id": value.get("hsa_id")}] if isinstance(value, dict) else []
    for each in tries:
        try:
            return model.model_validate(each).model_dump(mode="json", exclude_none=True)
        except ValidationError:
            continue
    return None
