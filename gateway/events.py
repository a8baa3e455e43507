"""From JSON to arrivals: one event, or a batch of which each is judged alone."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from pydantic import TypeAdapter, ValidationError

from engine.tables.inbox import Refusal
from models import routes as to
from models.case import Heard
from models.events import SMS
from models.identity import Id
from models.messages import JSON, Arrival, Invalid, Problem, parse
from models.reading import read_anyhow
from models.risk_reading import is_risk_said, may_say_risk, risk_flagged
from routine.reply import is_stop

BATCH_EVENTS = 1000
ID: TypeAdapter[str] = TypeAdapter(Id)


@dataclass(frozen=True)
class Bad:
    """An event of a batch that was refused.

    Args:
        id: as sent; None where there is none that could be one.
        errors: its wrong fields, paths from the event's own root.
        refusal: the line for ops.
    """

    id: str | None
    errors: list[Problem]
    refusal: Refusal


def check_id(webhook_id: JSON, path: str) -> str:
    """The id, if it is one (1 to 100 characters, no control characters).

    Raises:
        Invalid: naming the path.
    """
    try:
        return ID.validate_python(webhook_id)
    except ValidationError:
        message = "is required" if webhook_id is None else "must be an id of 1 to 100 characters"
        raise Invalid([{"path": path, "message": message}]) from None


def arrival_of(source: str, webhook_id: str, content: JSON, *, via_batch: bool = False) -> Arrival:
    """What the inbox keeps of an event.

    Raises:
        Invalid: naming every wrong field.
    """
    return _heard(source, content, parse(source, content)).under(webhook_id, via_batch=via_batch)


def _heard(source: str, content: JSON, arrival: Arrival) -> Arrival:
    """Of an SMS, whose text is not kept, whether it says that there shall be no more of them (paminnelse-1)."""
    if source != SMS or arrival.process != to.CONTACT.process or arrival.type != "contact.received":
        return arrival
    text = _text_of(content)
    if text is None or not is_stop(text).allowed:
        return arrival
    return replace(arrival, data={"contact": arrival.data["contact"] | {"says_stop": True}})


def _text_of(content: JSON) -> str | None:
    """What was written, as far as it is text: all else of it has been read leniently."""
    match content:
        case {"data": {"contact": {"text": str(text)}}}:
            return text
    return None


def events_of(batch: JSON) -> list[JSON]:
    """The events in `{"events": [...]}`.

    Raises:
        Invalid: no such list, or more than 1000 in it.
    """
    if not isinstance(batch, dict):
        raise Invalid([{"path": "", "message": "must be an object"}])
    events = batch.get("events")
    if not isinstance(events, list):
        raise Invalid([{"path": "events", "message": "is required, as a list"}])
    if len(events) > BATCH_EVENTS:
        raise Invalid([{"path": "events", "message": f"must be at most {BATCH_EVENTS} events"}])
    return events


def read_events(source: str, batch_id: str, events: Sequence[JSON]) -> list[Arrival | Bad]:
    """Each event of a batch as an arrival or as a bad one, in order.

    Args:
        batch_id: stands, with the event's place, for the id of one that has none.
    """
    return [_read_event(source, f"{batch_id}#{place}", event) for place, event in enumerate(events)]


def _read_event(source: str, fallback_id: str, event: JSON) -> Arrival | Bad:
    errors: list[Problem] = []
    webhook_id, event_type = None, None
    try:
        webhook_id = check_id(event.get("id") if isinstance(event, dict) else None, "id")
    except Invalid as wrong:
        errors += wrong.errors
    try:
        arrival = arrival_of(source, webhook_id or fallback_id, event, via_batch=True)
    except Invalid as wrong:
        errors, event_type = errors + wrong.errors, wrong.event_type
    else:
        if not errors or arrival.risk is Heard.ALERTED:
            return replace(arrival, dropped=(*_paths(errors), *arrival.dropped))
        event_type = arrival.type
    risk = Heard.UNHEARD if is_risk_said(event) else None
    return Bad(webhook_id, errors, Refusal(webhook_id or fallback_id, event_type, _paths(errors), risk))


def _paths(errors: Sequence[Problem]) -> tuple[str, ...]:
    return tuple(error["path"] for error in errors)


# --- what can't be taken in as it is, for the risk of suicide that it may hold


def risks_in(source: str, webhook_id: str, body: bytes) -> tuple[list[Arrival], Heard | None]:
    """The flags in a body that is refused, one event or a batch, and what becomes of the risk that it holds.

    It may be no JSON that we would read, too many events, or come under an id that is none.
    """
    content = read_anyhow(body)
    if content is None:
        return [], Heard.UNHEARD if may_say_risk(body) else None
    events = content.get("events") if isinstance(content, dict) else content
    each = events if isinstance(events, list) else [content]
    found = [
        (_id_of(event, f"{webhook_id[:90]}#{at}"), risk_flagged(source, event))
        for at, event in enumerate(each)
    ]
    flags = [replace(flag, dropped=("",)).under(id) for id, flag in found if flag]
    unheard = sum(is_risk_said(event) for event in each) > len(flags)
    return flags, Heard.UNHEARD if unheard else Heard.ALERTED if flags else None


def _id_of(event: JSON, fallback: str) -> str:
    """Its own, where it has one: sent again as it should be, it is the same event."""
    for id in (event.get("id") if isinstance(event, dict) else None, fallback):
        with suppress(Invalid):
            return check_id(id, "id")
    return hashlib.sha256(fallback.encode("utf-8", "replace")).hexdigest()
