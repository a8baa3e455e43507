"""Which events are part of a bulk load: a unit connected, an index rebuilt (policy-avisering-2)."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection

from engine.tables import inbox
from models.case import Event
from routine.bulk import is_bulk_load
from tasks import clients

NEW = ("booking.created", "booking.changed")


def among(connection: Connection, events: Sequence[Event]) -> set[int]:
    """The numbers of those events that came in a load, by how many came by batch from the same source."""
    by_source: dict[str, list[Event]] = {}
    for event in events:
        if event.via_batch and event.type in NEW:
            by_source.setdefault(event.source, []).append(event)
    return {
        event.number or 0
        for source, batched in by_source.items()
        if is_bulk_load(_count(connection, source, batched), clients.region()).allowed
        for event in batched
    }


def _count(connection: Connection, source: str, batched: Sequence[Event]) -> int:
    """How many came from the source by batch around these."""
    window = clients.region().bulk_window
    first, last = min(e.received_at for e in batched), max(e.received_at for e in batched)
    process = batched[0].process
    return inbox.count_batched(connection, process, source, NEW, first - window, last + window)
