"""Webhooks that are held: their source may not tell of that by the region's file (policy-kalla-1).

They were verified and found valid, and are kept as they came. Nobody acts on them until a human releases them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, text
from sqlmodel import col, select

from engine.database import columns, insert_all, load, session, transaction
from models.case import Event, HeldEvent, Webhook

HELD: Table = HeldEvent.__table__  # type: ignore[attr-defined]
EVENT: Table = Event.__table__  # type: ignore[attr-defined]
SHARED = tuple(Webhook.model_fields)


def keep(
    connection: Connection, source: str, rows: Sequence[Mapping[str, Any]]
) -> dict[tuple[str, str], uuid.UUID]:
    """Keep events of a source, each with its `reason`.

    Returns: the id of each by `webhook_id` and process; one that is held already has the id that it had.
    """
    insert_all(
        connection, HELD, rows, (*SHARED, "reason"), "ON CONFLICT (source, webhook_id, process) DO NOTHING"
    )
    query = text(
        "SELECT webhook_id, process, id FROM held_event WHERE source = :source AND webhook_id = ANY(:webhook_ids)"
    )
    given = {"source": source, "webhook_ids": [row["webhook_id"] for row in rows]}
    return {(webhook_id, process): id for webhook_id, process, id in connection.execute(query, given)}


def listed(most: int = 100) -> Sequence[HeldEvent]:
    """What is held, the newest first."""
    with session() as db:
        return db.exec(select(HeldEvent).order_by(col(HeldEvent.number).desc()).limit(most)).all()


def release(*, id: uuid.UUID | None = None, source: str | None = None) -> int:
    """Let held events go their way, under the ids that they have: one by its id, or all of a source.

    Returns: how many there were; the sweep of the next minute takes them in.
    """
    query = (
        f"DELETE FROM held_event WHERE id = COALESCE(CAST(:id AS uuid), id) AND source = COALESCE(:source, source)"
        f" RETURNING {columns(HeldEvent)}"
    )
    with transaction() as connection:
        found = load(connection, HeldEvent, query, {"id": id, "source": source})
        rows = [{name: getattr(each, name) for name in SHARED} | {"taken": False} for each in found]
        insert_all(connection, EVENT, rows, (*SHARED, "taken"), "ON CONFLICT DO NOTHING")
    return len(found)
