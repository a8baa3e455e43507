"""Delivery receipts: how far a message has come. One that failed comes to its case as an event, like any other.

A message that does not arrive is no end of its case: the process that sent it handles `MESSAGE_FAILED` in its
`apply`, and decides by what other way it goes on.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, column, select, table, text
from sqlmodel import col

from engine.base import clock
from engine.base.database import among, transaction
from engine.tables import inbox
from engine.tables.effects import alone
from models.case import Effect
from models.events import Arrival

MESSAGE_FAILED = "message.failed"
"""The type of the event; its data has `effect`, the effect's id, and `key`, what it was for. Once for an effect."""
SOURCE = "vaxel"
"""The source of events that we make of others."""
LADDER = ["created", "sent", "delivered", "failed"]
"""A receipt moves up only; delivered and failed are both the end."""
FAILED = LADDER[-1]


@dataclass(frozen=True)
class Receipt:
    """What the provider tells of a message: by the token that we gave it, and under the id that the provider has."""

    token: str
    provider_id: str
    status: str
    at: datetime


@dataclass(frozen=True)
class Taken:
    """A receipt that was taken in. `wakes`: the process whose case has an event of it now."""

    wakes: str | None = None


def take(receipts: Sequence[Receipt]) -> list[Taken | None]:
    """Take in delivery receipts, in one transaction, committed when this returns.

    A receipt only moves its message forward, and proves that it was taken. A message that a twin has adopted is the
    twin's, whatever its token says: each has one of its own. That one has failed is stored with it as an event of the
    case that sent it: nothing is lost between.

    Returns: of each, in the same order; None: its token is none of ours.
    """
    with transaction() as connection:
        likeness = _locked(connection, receipts)
        return [
            _take(connection, each, likeness[each.token]) if each.token in likeness else None
            for each in receipts
        ]


def _locked(connection: Connection, receipts: Sequence[Receipt]) -> dict[str, bytes | None]:
    """The likeness by token of those that are ours; their messages are ours alone until the transaction ends.

    In one order, so that two writers can't deadlock: first who may give away messages, then the effects by id.
    """
    given = {"tokens": [each.token for each in receipts], "provided": [each.provider_id for each in receipts]}
    ours = select(col(Effect.token), col(Effect.likeness)).where(among(col(Effect.token), given["tokens"]))
    found = {token: likeness for token, likeness in connection.execute(ours) if token}
    alike = {bytes(likeness) for likeness in found.values() if likeness is not None}
    for likeness in sorted(alike):
        alone(connection, likeness)
    if len(receipts) > 1:
        query = """
            SELECT FROM effect WHERE token = ANY(:tokens)
                OR (provider_id = ANY(:provided) AND likeness = ANY(CAST(:alike AS bytea[])))
            ORDER BY id FOR UPDATE"""
        connection.execute(text(query), given | {"alike": list(alike)})
    return found


def _take(connection: Connection, receipt: Receipt, likeness: bytes | None) -> Taken:
    given = {
        "token": receipt.token,
        "likeness": likeness,
        "provider_id": receipt.provider_id,
        "at": receipt.at,
    }
    failed = _rise(connection, receipt.status if receipt.status in LADDER else LADDER[0], given)
    return Taken(_tell_case(connection, failed, receipt.at) if failed else None)


def _rise(connection: Connection, status: str, given: dict[str, Any]) -> Any:
    """Move the effect's receipt up; gives the effect if it has failed by this receipt."""
    below = LADDER[: min(LADDER.index(status), LADDER.index("delivered"))]
    query = text(
        """
        WITH before AS (
            SELECT id, receipt IS NULL OR receipt = ANY(:below) AS rises FROM effect
            WHERE token = :token OR (provider_id = :provider_id AND likeness = CAST(:likeness AS bytea))
            ORDER BY provider_id IS NOT DISTINCT FROM :provider_id DESC LIMIT 1 FOR UPDATE)
        UPDATE effect SET provider_id = COALESCE(provider_id, :provider_id),
            state = CASE WHEN state IN ('sending', 'unknown', 'parked', 'not_sent') THEN 'done' ELSE state END,
            settled_at = COALESCE(settled_at, :now),
            receipt = CASE WHEN rises THEN :status ELSE receipt END,
            receipt_at = CASE WHEN rises THEN :at ELSE receipt_at END
        FROM before WHERE effect.id = before.id
        RETURNING effect.id, effect.key, effect.process, effect.case_id, before.rises"""
    )
    effect = connection.execute(query, given | {"status": status, "below": below, "now": clock.now()}).one()
    return effect if effect.rises and status == FAILED else None


def _tell_case(connection: Connection, effect: Any, at: datetime) -> str | None:
    """Put the event of a message that failed; None: its case is not there any more."""
    key = _case_key(connection, effect.process, effect.case_id)
    if key is None:
        return None
    data = {"effect": str(effect.id), "key": effect.key}
    arrival = Arrival(f"failed:{effect.id}", MESSAGE_FAILED, effect.process, key, None, at, data)
    inbox.put(connection, SOURCE, [arrival])
    return str(effect.process)


def _case_key(connection: Connection, process: str, case_id: uuid.UUID) -> str | None:
    cases = table(process, column("id"), column("key"))
    key = connection.execute(select(cases.c.key).where(cases.c.id == case_id)).scalar()
    return None if key is None else str(key)
