"""What an event is: its envelope, who may send it, and the processes that it goes to."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, create_model

from models.case import Heard
from models.identity import LOCAL, Known
from models.reading import JSON
from models.times import Time

BOOKING_SOURCES = frozenset({"vas", "platform24", "hope", "lifecare", "local-*"})
VAS = frozenset({"vas"})
CONTACT_SOURCES = frozenset(
    {"platform24", "hope", "lifecare", "stodbehandling", "e1177", "mail", "sms", "local-*"}
)
STAFF = frozenset({"staff"})
DERIVED = "vaxel"
"""The source of events that we make of others."""
SMS = "sms"
NOT_SECURE = frozenset({"mail", SMS})
"""Channels of whose messages no text is stored (policy-hanvisning-1)."""
RISK_ALERT, ACKNOWLEDGED = "risk_alert", "contact.risk_acknowledged"
FLAGS = ("contact.received", "contact.message", "contact.risk_flagged")
"""The process that a risk of suicide goes to; what says there that a human has it, and what raises it."""


class Envelope(Known):
    """The body of every webhook (Standard Webhooks)."""

    type: Annotated[str, StringConstraints(max_length=100)]
    timestamp: Time = Field(description="When it happened.", examples=["2026-11-30T08:00:00Z"])
    data: dict[str, Any] = Field(repr=False)


def canonical(_source: str, data: Any) -> dict[str, JSON]:
    """Canonical JSON: only known fields, only those that were sent."""
    return in_json(data)


def in_json(data: BaseModel) -> dict[str, JSON]:
    """As it is stored: only the fields that are set."""
    kept: dict[str, JSON] = data.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return kept


def always(_data: Any) -> bool:
    return True


def no_version(_data: Any) -> int | None:
    return None


@dataclass(frozen=True)
class Arrival:
    """An event that was understood, or that we have made ourselves: one process's, as its inbox keeps it.

    Args:
        webhook_id: by which its source knows it; told again it is the same event.
        type: its name.
        process: the process whose inbox it goes to.
        key: the case's key, such as `source:booking id`; empty where it concerns many (a person, a unit).
        version: of the snapshot, its place in the case's order; None where there is none.
        occurred_at: aware.
        data: what the process needs of it, as JSON (`models.stored_events`).
        also: the same event, as it goes to other processes.
        dropped: the paths of what was wrong in it, and is not in `data`; never a value.
        risk: what became of a risk of suicide that is named in it; None: none is.
    """

    webhook_id: str
    type: str
    process: str
    key: str
    version: int | None
    occurred_at: datetime
    data: Mapping[str, Any]
    via_batch: bool = False
    also: tuple[Arrival, ...] = ()
    dropped: tuple[str, ...] = ()
    risk: Heard | None = None

    def under(self, webhook_id: str, *, via_batch: bool = False) -> Arrival:
        """As it came, under this id."""
        also = tuple(each.under(webhook_id, via_batch=via_batch) for each in self.also)
        return replace(self, webhook_id=webhook_id, via_batch=via_batch, also=also)


@dataclass(frozen=True)
class Route:
    """A process that an event goes to.

    Args:
        process: its name.
        key: from source and data to the case's key; "" where it concerns many cases.
        stored: the model of what that process needs, and is stored (`models.stored_events`); None: all of it.
        keep: from source and data to what of it may be stored, where the source decides that.
        when: from data to whether it concerns that process at all.
        version: from data to the snapshot's version; None where there is none.
    """

    process: str
    key: Callable[[str, Any], str]
    stored: type[BaseModel] | None = None
    keep: Callable[[str, Any], dict[str, JSON]] = canonical
    when: Callable[[Any], bool] = always
    version: Callable[[Any], int | None] = no_version

    def data(self, source: str, data: BaseModel) -> dict[str, JSON]:
        """What is stored of an event's data."""
        kept = self.keep(source, data)
        return in_json(self.stored.model_validate(kept)) if self.stored else kept


@dataclass(frozen=True)
class EventType:
    """One kind of event.

    Args:
        name: such as `booking.created`.
        summary: what it says and what follows from it, for `/docs`.
        model: the model of its `data`.
        sources: who may send it; `local-*` stands for every unit's own solution (system-4).
        routes: where it goes; to the first always.
        envelope: the model of the whole body.
        example: its `data`, of nobody real: shown in `/docs`, and told in tests.
    """

    name: str
    summary: str
    model: type[BaseModel]
    sources: frozenset[str]
    routes: tuple[Route, ...]
    envelope: type[BaseModel]
    example: Mapping[str, Any]

    def may_come_from(self, source: str) -> bool:
        """Whether this source may send it."""
        return ("local-*" if source.startswith(LOCAL) else source) in self.sources


def event(
    name: str,
    model: type[BaseModel],
    sources: frozenset[str],
    summary: str,
    *routes: Route,
    example: Mapping[str, Any],
) -> EventType:
    """An event of this name, with the envelope that it comes in."""
    title = "".join(part.capitalize() for part in re.split(r"[._]", name))
    fields: dict[str, Any] = {"type": (Literal[name], ...), "data": (model, ...)}
    envelope = create_model(f"{title}Event", __base__=Envelope, __doc__=summary, **fields)
    return EventType(name, summary, model, sources, routes, envelope, example)
