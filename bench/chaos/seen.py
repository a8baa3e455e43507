"""What stands in the database and what the sandbox received, as plain rows: what the judge goes by.

Nothing of a patient's is in it: numbers and texts are replaced by our own keyed hashes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import Select, func, select
from sqlmodel import col

from engine.base.database import transaction
from models.booking_publication import BookingPublication
from models.case import Effect, Event
from models.encryption import Use, ring
from tasks import messages

Row = dict[str, Any]
CASES = select(
    col(BookingPublication.id),
    col(BookingPublication.booking_id).label("booking"),
    col(BookingPublication.key),
    col(BookingPublication.state),
    col(BookingPublication.parked),
    col(BookingPublication.cancelled),
    col(BookingPublication.due_at),
    col(BookingPublication.unit),
    func.encode(col(BookingPublication.patient_hash), "hex").label("patient"),
)
EFFECTS = select(
    col(Effect.id),
    col(Effect.key),
    col(Effect.case_id),
    col(Effect.step),
    col(Effect.system),
    col(Effect.state),
    col(Effect.sending_at),
    func.encode(col(Effect.likeness), "hex").label("likeness"),
).where(col(Effect.process) == BookingPublication.PROCESS)
EVENTS = select(
    col(Event.id),
    col(Event.webhook_id),
    col(Event.key),
    col(Event.type),
    col(Event.outcome),
    col(Event.applied_at),
)


ROWS: Mapping[str, Select[*tuple[Any, ...]]] = {"cases": CASES, "effects": EFFECTS, "events": EVENTS}


@dataclass(frozen=True)
class Seen:
    """Rows of our tables (`cases`, `effects`, `events`) and of the sandbox.

    In it an SMS has a `likeness` (of number and text), a mail a `token` (of its Message-ID), an inbox message a
    `patient` and a `text` that are hashes; an effect by mail has the `token` that its mail would have.
    """

    cases: list[Row] = field(default_factory=list)
    effects: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    engagements: list[Row] = field(default_factory=list)
    by_1177: list[Row] = field(default_factory=list)
    inbox: list[Row] = field(default_factory=list)
    sms: list[Row] = field(default_factory=list)
    mails: list[Row] = field(default_factory=list)
    letters: list[Row] = field(default_factory=list)
    tasks: list[Row] = field(default_factory=list)


def look(town: httpx.Client) -> Seen:
    """Everything as it stands now; the sandbox holds this and nothing from before."""
    with transaction() as connection:
        rows = {
            name: [dict(row) for row in connection.execute(query).mappings()] for name, query in ROWS.items()
        }
    for effect in rows["effects"]:
        effect["token"] = messages.receipt_token(effect["key"]) if effect["system"] == "mail" else None
    vas, portal = _inspected(town, "vas"), _inspected(town, "e1177")
    return Seen(
        **rows,
        engagements=_kept(_inspected(town, "engagement_index")["engagements"], "booking"),
        by_1177=_kept(portal["notifications"], "why", "about"),
        inbox=[_hashed(one) for one in portal["inbox"]],
        sms=[
            {"likeness": _likeness(f"{one['to']}\n{one['message']}"), "at": one["at"]}
            for one in _inspected(town, "sms")["messages"]
        ],
        mails=[
            {"token": one["message_id"].strip("<>").partition("@")[0], "at": one["at"]}
            for one in _inspected(town, "mail")["messages"]
        ],
        letters=_kept(vas["letters"], "booking", "text", "idempotency_key"),
        tasks=_kept(vas["staff_tasks"], "booking", "text", "idempotency_key"),
    )


def _inspected(town: httpx.Client, system: str) -> Mapping[str, list[Row]]:
    found: Mapping[str, list[Row]] = json.loads(town.get(f"/inspect/{system}").raise_for_status().content)
    return found


def _kept(rows: list[Row], *names: str) -> list[Row]:
    return [{name: row[name] for name in names} for row in rows]


def _hashed(message: Row) -> Row:
    return {
        "patient": _hash(message["patient"]),
        "unit": message["unit"],
        "text": _hash(message["text"]),
        "at": message["at"],
    }


def _likeness(said: str) -> str:
    return ring().keyed(Use.LIKENESS, said).hex()


def _hash(value: str) -> str:
    return ring().digest(value).hex()
