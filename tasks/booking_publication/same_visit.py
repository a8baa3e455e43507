"""Which bookings are of one visit that several systems tell of (policy-dubblett-1)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from models.booking_publication import BookingPublication
from models.case import Event
from models.events import Arrival
from routine.decision import Decision
from routine.same_visit import Told, does_it_stand_elsewhere, stands_for

ALSO_TOLD = "booking.also_told"
"""The event that we make for a booking when another system tells of the same visit."""

Place = tuple[datetime | None, str | None]
"""What another system's booking is found by: the start, and the key of the one that is linked."""


@dataclass(frozen=True)
class SameVisit:
    """What another system's booking of the same visit means for this one.

    Args:
        other: another stands for the visit, and why.
        silent: that one tells nobody: what this one has to tell is told.
        elsewhere: this one is cancelled, and another stands.
    """

    other: Decision[str | None]
    silent: bool
    elsewhere: bool


def found(connection: Connection, cases: Sequence[BookingPublication]) -> dict[uuid.UUID, SameVisit]:
    """Those of the cases whose visit another system tells of too."""
    query = text(
        """
        SELECT c.id AS of, t.key, t.source, t.patient_hash, t.unit, t.start, t.same_visit, t.created_at,
            t.time_at, t.cancelled, t.replayed,
            EXISTS (SELECT FROM engagement e WHERE e.case_id = t.id AND e.wanted) AS shown,
            EXISTS (SELECT FROM engagement e WHERE e.case_id = c.id AND e.wanted) AS own_shown
        FROM booking_publication c JOIN booking_publication t
            ON t.patient_hash = c.patient_hash AND t.source <> c.source
            AND (t.start = c.start OR t.same_visit = c.key OR t.key = c.same_visit)
        WHERE c.id = ANY(:ids) AND t.ended_at IS NULL AND NOT t.corrected AND NOT c.corrected"""
    )
    others: dict[uuid.UUID, list[Any]] = {}
    for row in connection.execute(query, {"ids": [case.id for case in cases]}):
        others.setdefault(row.of, []).append(row)
    return {case.id: _meaning(case, others[case.id]) for case in cases if case.id in others}


def _meaning(case: BookingPublication, rows: Sequence[Any]) -> SameVisit:
    told = {row.key: _told_of(row, row.shown) for row in rows}
    own = _told_of(case, rows[0].own_shown)
    other = stands_for(own, told.values())
    silent = any(row.key == other.answer and row.replayed for row in rows)
    return SameVisit(other, silent, does_it_stand_elsewhere(own, told.values()))


def _told_of(row: Any, shown: bool) -> Told:
    return Told(
        key=row.key,
        source=row.source,
        patient=bytes(row.patient_hash) if row.patient_hash else None,
        unit=row.unit,
        start=row.start,
        same_as=row.same_visit,
        shown=shown,
        known_at=row.created_at,
        time_at=row.time_at or row.created_at,
        cancelled=row.cancelled,
    )


def place_of(case: BookingPublication) -> Place:
    """Where the case is now."""
    return case.start, case.same_visit


def also_told(
    connection: Connection, changed: Sequence[tuple[Event, BookingPublication, Place]]
) -> list[Arrival]:
    """Events for the bookings of the same patient that other systems link to it, or at its time.

    Args:
        changed: an event, its case as it is now, and where it was before.
    """
    query = text(
        """
        SELECT DISTINCT t.key, given.event FROM booking_publication t
        JOIN unnest(CAST(:patients AS bytea[]), CAST(:starts AS timestamptz[]), CAST(:sources AS text[]),
            CAST(:events AS text[]), CAST(:keys AS text[]), CAST(:links AS text[]))
            AS given (patient, start, source, event, key, link)
            ON t.patient_hash = given.patient AND t.source <> given.source
            AND (t.start = given.start OR t.same_visit = given.key OR t.key = given.link)"""
    )
    rows = [
        (case.patient_hash, start, case.source, str(event.id), case.key, link)
        for event, case, before in changed
        for start, link in {place_of(case), before}
    ]
    if not rows:
        return []
    names = ("patients", "starts", "sources", "events", "keys", "links")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    by_id = {str(event.id): event for event, _, _ in changed}
    return [
        Arrival(f"{id}:{key}", ALSO_TOLD, by_id[id].process, key, None, by_id[id].occurred_at, {})
        for key, id in connection.execute(query, columns)
    ]
