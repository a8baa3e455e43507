"""What the outer systems tell us: the events of docs/contract, read strictly, with errors that name no value.

A field that is null or left out means *not known*, never *no*. A booking is a full snapshot of itself;
its `version` grows with every change and may have gaps.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from models import routes as to
from models.booking import (
    Actor,
    BookedBy,
    Booking,
    CallLetter,
    CallLetterKind,
    Form,
    VisitOutcome,
)
from models.case import Heard
from models.events import (
    ACKNOWLEDGED,
    FLAGS,
    RISK_ALERT,
    STAFF,
    Arrival,
    Envelope,
    EventType,
)
from models.lenient import lenient
from models.processes import EVENTS
from models.reading import JSON, Invalid, NotJson, Problem, problems, read_json
from models.risk_reading import is_risk_said, risk_flagged

__all__ = [
    "EVENTS",
    "JSON",
    "Actor",
    "Arrival",
    "BookedBy",
    "Booking",
    "CallLetter",
    "CallLetterKind",
    "EventType",
    "Form",
    "Invalid",
    "NotJson",
    "Problem",
    "VisitOutcome",
    "parse",
    "read_json",
    "types_from",
]

CONTACTS = frozenset({to.CONTACT.process, to.RISK.process})
"""The processes whose events are read leniently, and searched for a risk."""
NEEDED = ("data.contact", "data.channel")
"""What must be right in an acknowledgement: it would silence another alert."""


def types_from(source: str) -> frozenset[str]:
    """The event types that may come from a source; none: there is no such source."""
    return frozenset(name for name, each in EVENTS.items() if each.may_come_from(source))


def parse(source: str, body: bytes | JSON) -> Arrival:
    """Reads an event, which has no id yet (`Arrival.under`); of one that is refused, the risk that it holds, if any.

    Args:
        source: who sent it; decides which types may come and the case's key.
        body: the raw body, or what it holds: `{type, timestamp, data}`.

    Raises:
        NotJson: the bytes are not JSON.
        Invalid: every wrong field by its path, no value in it.
    """
    content = read_json(body) if isinstance(body, bytes) else body
    try:
        understood = _understood(source, content)
    except Invalid as wrong:
        if risk := risk_flagged(source, content):
            return replace(risk, dropped=wrong.paths)
        raise
    return _with_its_risk(source, content, understood)


def _with_its_risk(source: str, content: JSON, understood: Arrival) -> Arrival:
    if any(each.process == RISK_ALERT and each.type in FLAGS for each in (understood, *understood.also)):
        return replace(understood, risk=Heard.ALERTED)
    if understood.process not in CONTACTS:
        return understood
    dropped = understood.dropped or ("risk",)
    if risk := risk_flagged(source, content):
        return replace(understood, also=(*understood.also, risk), dropped=dropped, risk=Heard.ALERTED)
    return replace(understood, dropped=dropped, risk=Heard.UNHEARD) if is_risk_said(content) else understood


def _understood(source: str, content: JSON) -> Arrival:
    if not isinstance(content, dict):
        raise Invalid([{"path": "", "message": "must be an object"}])
    known = _event_type(source, content)
    envelope, dropped = _read_known(known, content)
    _is_of_its_own(source, known, envelope.data)
    first, *others = [
        Arrival(
            webhook_id="",
            type=known.name,
            process=route.process,
            key=route.key(source, envelope.data),
            version=route.version(envelope.data),
            occurred_at=envelope.timestamp,
            data=route.data(source, envelope.data),
        )
        for route in known.routes
        if route.when(envelope.data)
    ]
    return replace(first, also=tuple(others), dropped=tuple(problem["path"] for problem in dropped))


def _read_known(known: EventType, content: dict[str, JSON]) -> tuple[Any, list[Problem]]:
    """A contact leniently, all else strictly."""
    try:
        if known.routes[0].process in CONTACTS:
            return lenient(known.envelope, content, NEEDED if known.name == ACKNOWLEDGED else ())
        return known.envelope.model_validate(content), []
    except ValidationError as wrong:
        raise Invalid(problems(wrong), known.name) from None
    except Invalid as wrong:
        raise Invalid(wrong.errors, known.name) from None


def _is_of_its_own(source: str, known: EventType, data: Any) -> None:
    """That an alert is seen to, only its own channel can say, and staff; no other channel (policy-suicid-1).

    Raises:
        Invalid: it does.
    """
    named = getattr(data, "channel", None)
    if known.name == ACKNOWLEDGED and source not in STAFF and named not in (None, source):
        raise Invalid([{"path": "data.channel", "message": "must be the channel's own"}], known.name)


def _event_type(source: str, content: dict[str, JSON]) -> EventType:
    name = content.get("type")
    known = EVENTS.get(name) if isinstance(name, str) else None
    if known is not None and known.may_come_from(source):
        return known
    if name is None:
        message = "is required"
    else:
        message = "is no known type" if known is None else "does not come from this source"
    found: list[Problem] = [{"path": "type", "message": message}]
    try:
        Envelope.model_validate(content)
    except ValidationError as wrong:
        found += [problem for problem in problems(wrong) if problem["path"] != "type"]
    raise Invalid(found, known.name if known else None)
