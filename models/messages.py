"""What the outer systems tell us: the events of docs/contract, read strictly, with errors that name no value.

A field that is null or left out means *not known*, never *no*. A booking is a full snapshot of itself;
its `version` grows with every change and may have gaps.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    BaseModel,
    Field,
    StringConstraints,
    ValidationError,
    create_model,
)

from models.booking import (
    Actor,
    BookedBy,
    Booking,
    CallLetter,
    CallLetterKind,
    EndedBooking,
    Form,
    VisitOutcome,
)
from models.identity import Known, PatientId, Unit
from models.reading import JSON, Invalid, NotJson, Problem, problems, read_json
from models.times import DateOrTime, Time

__all__ = [
    "EVENTS",
    "JSON",
    "Accepted",
    "Actor",
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
]


def _not_cancelled(booking: Booking) -> Booking:
    """Leaves out `cancelled_by` where nothing was cancelled: a sender's leftover, not a fact."""
    return booking if booking.cancelled_by is None else booking.model_copy(update={"cancelled_by": None})


class BookingSnapshot(Known):
    """The data of booking.created and booking.changed."""

    booking: Annotated[Booking, AfterValidator(_not_cancelled)]


class BookingCancelled(Known):
    """The data of booking.cancelled: the booking as it last stood, and who cancelled it."""

    booking: Booking


class BookingEnded(Known):
    """The data of booking.ended."""

    booking: EndedBooking


class PatientMerged(Known):
    """The data of patient.merged: `from` is now known as `to` (a reservnummer's holder got a number, say)."""

    from_: PatientId = Field(alias="from")
    to: PatientId


class PatientDeceased(Known):
    """The data of patient.deceased."""

    patient: PatientId
    at: DateOrTime | None = None


class UnitMerged(Known):
    """The data of unit.merged: what was booked at `from` is at `to` from `at` on."""

    from_: Unit = Field(alias="from")
    to: Unit
    at: DateOrTime | None = None


class Envelope(Known):
    """The body of every webhook (Standard Webhooks)."""

    type: Annotated[str, StringConstraints(max_length=100)]
    timestamp: Time = Field(description="When it happened.", examples=["2026-11-30T08:00:00Z"])
    data: dict[str, Any] = Field(repr=False)


@dataclass(frozen=True)
class EventType:
    """One kind of event.

    Args:
        name: such as `booking.created`.
        summary: what it says and what follows from it, for `/docs`.
        model: the model of its `data`.
        sources: who may send it; `local-*` stands for every unit's own solution (system-4).
        process: the process whose inbox it goes to.
        key: from source and data to the case's key; "" where it concerns many cases.
        version: from data to the snapshot's version; None where there is none.
        envelope: the model of the whole body.
    """

    name: str
    summary: str
    model: type[BaseModel]
    sources: frozenset[str]
    process: str
    key: Callable[[str, Any], str]
    version: Callable[[Any], int | None]
    envelope: type[BaseModel]

    def may_come_from(self, source: str) -> bool:
        """Whether this source may send it."""
        return ("local-*" if source.startswith("local-") else source) in self.sources


BOOKING_SOURCES = frozenset({"vas", "platform24", "hope", "lifecare", "local-*"})
VAS = frozenset({"vas"})


def _event(name: str, model: type[BaseModel], sources: frozenset[str], summary: str) -> EventType:
    title = "".join(part.capitalize() for part in name.split("."))
    fields: dict[str, Any] = {"type": (Literal[name], ...), "data": (model, ...)}
    envelope = create_model(f"{title}Event", __base__=Envelope, __doc__=summary, **fields)
    of_booking = "booking" in model.model_fields
    return EventType(
        name=name,
        summary=summary,
        model=model,
        sources=sources,
        process="booking_publication",
        key=_booking_key if of_booking else _many_cases,
        version=_booking_version if of_booking else _no_version,
        envelope=envelope,
    )


def _booking_key(source: str, data: Any) -> str:
    return f"{source}:{data.booking.id}"


def _booking_version(data: Any) -> int | None:
    version: int = data.booking.version
    return version


def _many_cases(_source: str, _data: Any) -> str:
    return ""


def _no_version(_data: Any) -> int | None:
    return None


EVENTS: Mapping[str, EventType] = {
    event.name: event
    for event in (
        _event(
            "booking.created", BookingSnapshot, BOOKING_SOURCES, "A visit was booked, or a call letter made."
        ),
        _event("booking.changed", BookingSnapshot, BOOKING_SOURCES, "A booking is now as it says here."),
        _event("booking.cancelled", BookingCancelled, BOOKING_SOURCES, "A booking was cancelled."),
        _event("booking.ended", BookingEnded, BOOKING_SOURCES, "A booked visit is over."),
        _event("patient.merged", PatientMerged, VAS, "A patient got another number: re-keyed in silence."),
        _event("patient.deceased", PatientDeceased, VAS, "A patient has died: nothing more is ever sent."),
        _event("unit.merged", UnitMerged, VAS, "A unit is now another: re-keyed in silence."),
    )
}


@dataclass(frozen=True)
class Accepted:
    """An event that was understood.

    Args:
        type: its name.
        occurred_at: aware.
        key: the case's key, `source:booking id`; "" where it concerns many cases.
        process: the process whose inbox it goes to.
        version: of the snapshot; None where there is none.
        data: canonical JSON: only known fields, only those that were sent.
    """

    type: str
    occurred_at: datetime
    key: str
    process: str
    version: int | None
    data: dict[str, JSON]


def parse(source: str, body: bytes | JSON) -> Accepted:
    """Reads an event.

    Args:
        source: who sent it; decides which types may come and the case's key.
        body: the raw body, or what it holds: `{type, timestamp, data}`.

    Raises:
        NotJson: the bytes are not JSON.
        Invalid: every wrong field by its path, no value in it.
    """
    content = read_json(body) if isinstance(body, bytes) else body
    if not isinstance(content, dict):
        raise Invalid([{"path": "", "message": "must be an object"}])
    event = _event_type(source, content)
    try:
        envelope: Any = event.envelope.model_validate(content)
    except ValidationError as wrong:
        raise Invalid(problems(wrong), event.name) from None
    return Accepted(
        type=event.name,
        occurred_at=envelope.timestamp,
        key=event.key(source, envelope.data),
        process=event.process,
        version=event.version(envelope.data),
        data=envelope.data.model_dump(mode="json", by_alias=True, exclude_unset=True),
    )


def _event_type(source: str, content: dict[str, JSON]) -> EventType:
    name = content.get("type")
    event = EVENTS.get(name) if isinstance(name, str) else None
    if event is not None and event.may_come_from(source):
        return event
    if name is None:
        message = "is required"
    else:
        message = "is no known type" if event is None else "does not come from this source"
    found: list[Problem] = [{"path": "type", "message": message}]
    try:
        Envelope.model_validate(content)
    except ValidationError as wrong:
        found += [problem for problem in problems(wrong) if problem["path"] != "type"]
    raise Invalid(found, event.name if event else None)
