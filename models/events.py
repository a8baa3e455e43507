"""What an event is: its envelope, who may send it, and the processes that it goes to."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field, StringConstraints, create_model

from models.identity import Known
from models.reading import JSON
from models.times import Time

BOOKING_SOURCES = frozenset({"vas", "platform24", "hope", "lifecare", "local-*"})
VAS = frozenset({"vas"})
CONTACT_SOURCES = frozenset({"platform24", "hope", "lifecare", "e1177", "mail", "sms", "local-*"})
STAFF = frozenset({"staff"})
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


def everything(_source: str, data: Any) -> dict[str, JSON]:
    """Canonical JSON: only known fields, only those that were sent."""
    kept: dict[str, JSON] = data.model_dump(mode="json", by_alias=True, exclude_unset=True)
    return kept


def always(_data: Any) -> bool:
    return True


def no_version(_data: Any) -> int | None:
    return None


@dataclass(frozen=True)
class Accepted:
    """An event that was understood.

    Args:
        type: its name.
        occurred_at: aware.
        key: the case's key, such as `source:booking id`; "" where it concerns many cases.
        process: the process whose inbox it goes to.
        version: of the snapshot; None where there is none.
        data: canonical JSON of what the process needs.
        also: the same event, as it goes to other processes.
        dropped: the paths of what was wrong in it and is now not known; never a value.
        unread_risk: it names a risk that nobody can read: ops have to look.
    """

    type: str
    occurred_at: datetime
    key: str
    process: str
    version: int | None
    data: dict[str, JSON]
    also: tuple[Accepted, ...] = ()
    dropped: tuple[str, ...] = ()
    unread_risk: bool = False

    @property
    def flags_risk(self) -> bool:
        """Whether somebody is alerted by it."""
        return any(each.process == RISK_ALERT and each.type in FLAGS for each in (self, *self.also))


@dataclass(frozen=True)
class Route:
    """A process that an event goes to.

    Args:
        process: its name.
        key: from source and data to the case's key; "" where it concerns many cases.
        keep: from source and data to what of it that process needs, and is stored.
        when: from data to whether it concerns that process at all.
        version: from data to the snapshot's version; None where there is none.
    """

    process: str
    key: Callable[[str, Any], str]
    keep: Callable[[str, Any], dict[str, JSON]] = everything
    when: Callable[[Any], bool] = always
    version: Callable[[Any], int | None] = no_version


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
    """

    name: str
    summary: str
    model: type[BaseModel]
    sources: frozenset[str]
    routes: tuple[Route, ...]
    envelope: type[BaseModel]

    def may_come_from(self, source: str) -> bool:
        """Whether this source may send it."""
        return ("local-*" if source.startswith("local-") else source) in self.sources


def event(
    name: str, model: type[BaseModel], sources: frozenset[str], summary: str, *routes: Route
) -> EventType:
    """An event of this name, with the envelope that it comes in."""
    title = "".join(part.capitalize() for part in re.split(r"[._]", name))
    fields: dict[str, Any] = {"type": (Literal[name], ...), "data": (model, ...)}
    envelope = create_model(f"{title}Event", __base__=Envelope, __doc__=summary, **fields)
    return EventType(name, summary, model, sources, routes, envelope)
