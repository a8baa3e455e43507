"""Which bookings are of one visit that several systems tell of (policy-dubblett-1)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ARRAY, Connection, Select, Uuid, any_, bindparam, select
from sqlalchemy.orm import aliased
from sqlmodel import and_, col, not_, or_

from engine.base.database import among, named
from models.booking_publication import BookingPublication
from models.case import Event
from models.events import Arrival
from routine.decision import Decision
from routine.same_visit import BookingInSystem, does_it_stand_elsewhere, standing_too, stands_for
from tasks.booking_publication import engagements

ALSO_TOLD = "booking.also_told"
"""The event that we make for a booking when another system tells of the same visit."""

TELLING = named(
    BookingPublication.key,
    BookingPublication.source,
    BookingPublication.patient_hash,
    BookingPublication.unit,
    BookingPublication.start,
    BookingPublication.same_visit,
    BookingPublication.created_at,
    BookingPublication.time_at,
    BookingPublication.cancelled,
    BookingPublication.replayed,
)
"""What a booking says of its visit."""
Place = tuple[datetime | None, str | None]
"""What another system's booking is found by: the start, and the key of the one that is linked."""


@dataclass(frozen=True)
class SameVisit:
    """What another system's booking of the same visit means for this one.

    Args:
        other: another stands for the visit, and why.
        silent: that one tells nobody: what this one has to tell is told.
        elsewhere: this one is cancelled, and another stands.
        standing: the keys of what stands of the visit in other systems.
    """

    other: Decision[str | None]
    silent: bool
    elsewhere: bool
    standing: tuple[str, ...]


def found(connection: Connection, cases: Sequence[BookingPublication]) -> dict[uuid.UUID, SameVisit]:
    """Those of the cases whose visit another system tells of too."""
    others: dict[uuid.UUID, list[Any]] = {}
    for row in connection.execute(_others(), {"ids": [case.id for case in cases]}):
        others.setdefault(row.of, []).append(row)
    return {case.id: _meaning(case, others[case.id]) for case in cases if case.id in others}


@cache
def _others() -> Select[*tuple[Any, ...]]:
    """Other systems' bookings of the visits of cases (`ids`), each with the id of its case as `of`."""
    own, other = BookingPublication, aliased(BookingPublication)
    linked = or_(own.start == other.start, own.key == other.same_visit, own.same_visit == other.key)
    return (
        select(
            col(own.id).label("of"),
            *(getattr(other, name) for name in TELLING),
            engagements.is_shown(other.id).label("shown"),
            engagements.is_shown(own.id).label("own_shown"),
        )
        .join(other, and_(own.patient_hash == other.patient_hash, own.source != other.source, linked))
        .where(col(own.id) == any_(bindparam("ids", type_=ARRAY(Uuid))), not_(own.corrected))
        .where(not_(other.corrected), col(other.ended_at).is_(None))
    )


def _meaning(case: BookingPublication, rows: Sequence[Any]) -> SameVisit:
    theirs = {row.key: _in_system(row, row.shown) for row in rows}
    own = _in_system(case, rows[0].own_shown)
    other = stands_for(own, theirs.values())
    silent = any(row.key == other.answer and row.replayed for row in rows)
    elsewhere, standing = does_it_stand_elsewhere(own, theirs.values()), standing_too(own, theirs.values())
    return SameVisit(other, silent, elsewhere, standing)


def _in_system(row: Any, shown: bool) -> BookingInSystem:
    return BookingInSystem(
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
    theirs = _of_patients(connection, {case.patient_hash for _, case, _ in changed if case.patient_hash})
    keys = {
        (event.id, row.key): event
        for event, case, before in changed
        for start, link in (place_of(case), before)
        for row in theirs.get(case.patient_hash or b"", ())
        if row.source != case.source
        and ((start and row.start == start) or row.same_visit == case.key or row.key == link)
    }
    return [
        Arrival(f"{event.id}:{key}", ALSO_TOLD, event.process, key, None, event.occurred_at, {})
        for (_, key), event in keys.items()
    ]


def _of_patients(connection: Connection, patients: Collection[bytes]) -> dict[bytes, list[Any]]:
    case, patient = BookingPublication, col(BookingPublication.patient_hash)
    query = select(patient, col(case.key), col(case.source), col(case.start), col(case.same_visit))
    found: dict[bytes, list[Any]] = {}
    for row in connection.execute(query.where(among(patient, patients))) if patients else ():
        found.setdefault(bytes(row.patient_hash or b""), []).append(row)
    return found
