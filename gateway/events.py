"""From JSON to arrivals: one event, or a batch of which each is judged alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import TypeAdapter, ValidationError

from engine.inbox import Arrival, Refusal
from models.identity import Id
from models.messages import JSON, Accepted, Invalid, Problem, parse

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
    return _arrival(webhook_id, parse(source, content), via_batch)


def _arrival(webhook_id: str, event: Accepted, via_batch: bool) -> Arrival:
    return Arrival(
        webhook_id=webhook_id,
        type=event.type,
        process=event.process,
        key=event.key,
        version=event.version,
        occurred_at=event.occurred_at,
        data=event.data,
        via_batch=via_batch,
        also=tuple(_arrival(webhook_id, each, via_batch) for each in event.also),
    )


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
    return [_read(source, f"{batch_id}#{place}", event) for place, event in enumerate(events)]


def _read(source: str, fallback_id: str, event: JSON) -> Arrival | Bad:
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
        if not errors:
            return arrival
        event_type = arrival.type
    paths = tuple(error["path"] for error in errors)
    return Bad(webhook_id, errors, Refusal(webhook_id or fallback_id, event_type, paths))
