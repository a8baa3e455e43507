"""What stands in the database and what the sandbox received, as plain rows: what the judge goes by.

Nothing of a patient's is in it: numbers and texts are replaced by our own keyed hashes.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx
from sqlalchemy import text

from engine.database import transaction
from models.encryption import Use, ring
from tasks import messages

Row = dict[str, Any]
CASES = """SELECT id, booking_id AS booking, key, state, parked, cancelled, due_at, unit,
    encode(patient_hash, 'hex') AS patient FROM booking_publication"""
EFFECTS = """SELECT id, key, case_id, step, system, state, sending_at, encode(likeness, 'hex') AS likeness
    FROM effect WHERE process = 'booking_publication'"""
EVENTS = "SELECT id, webhook_id, key, type, outcome, applied_at FROM event"


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
            name: [dict(row) for row in connection.execute(text(query)).mappings()]
            for name, query in (("cases", CASES), ("effects", EFFECTS), ("events", EVENTS))
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
