"""Webhooks that are held: their source may not tell of that by the region's file (policy-kalla-1).

They were verified and found valid, and are kept as they came. Nobody acts on them until a human releases them.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, delete
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from engine.base.database import among, if_new, insert_all, load, session, transaction
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
    insert_all(connection, HELD, rows, (*SHARED, "reason"), if_new)
    those = among(col(HeldEvent.webhook_id), [row["webhook_id"] for row in rows])
    query = select(HeldEvent.webhook_id, HeldEvent.process, HeldEvent.id)
    query = query.where(HeldEvent.source == source, those)
    return {(webhook_id, process): id for webhook_id, process, id in connection.execute(query)}


def listed(most: int = 100) -> Sequence[HeldEvent]:
    """What is held, the newest first."""
    with session() as db:
        return db.exec(select(HeldEvent).order_by(col(HeldEvent.number).desc()).limit(most)).all()


def release(*, id: uuid.UUID | None = None, source: str | None = None) -> int:
    """Let held events go their way, under the ids that they have: one by its id, or all of a source.

    One that goes to several processes is let go to all of them.

    Returns: how many webhooks there were; the sweep of the next minute takes them in.
    """
    query = select(HeldEvent).with_for_update()
    if id is not None:
        one = aliased(HeldEvent)
        same = (one.source == HeldEvent.source, one.webhook_id == HeldEvent.webhook_id)
        query = query.where(select(one.id).where(one.id == id, *same).exists())
    if source is not None:
        query = query.where(HeldEvent.source == source)
    with transaction() as connection:
        found = load(connection, query)
        connection.execute(delete(HeldEvent).where(among(col(HeldEvent.id), [each.id for each in found])))
        rows = [{name: getattr(each, name) for name in SHARED} | {"taken": False} for each in found]
        insert_all(connection, EVENT, rows, (*SHARED, "taken"), if_new)
    return len({(each.source, each.webhook_id) for each in found})
