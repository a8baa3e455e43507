"""Bookings as our table has them: what 1177's schedule shows, and what the night's comparison goes by."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date, datetime, time, timedelta
from functools import cache
from uuid import UUID

import sqlalchemy
from sqlalchemy import ARRAY, Connection, LargeBinary, Text, bindparam
from sqlmodel import col, func, not_, select, tuple_
from sqlmodel.sql.expression import SelectOfScalar

from engine.base.database import among, load, load_each
from models.booking_publication import BookingPublication as Booking
from models.booking_publication import State
from models.times import STOCKHOLM


def of_patients(
    connection: Connection, asked: Collection[tuple[str, bytes]]
) -> dict[tuple[str, bytes], list[Booking]]:
    """By unit and patient, the patient's bookings there that may be shown, by start; one that does not open is left
    out."""
    of_each: dict[tuple[str, bytes], list[Booking]] = {each: [] for each in asked}
    given = {"units": [unit for unit, _ in of_each], "patients": [patient for _, patient in of_each]}
    for case in load_each(connection, _of_patients(), given)[0]:
        of_each[case.unit, bytes(case.patient_hash or b"")].append(case)
    return of_each


@cache
def _of_patients() -> SelectOfScalar[Booking]:
    """Of `units` and `patients` that belong together by their place."""
    units, patients = bindparam("units", type_=ARRAY(Text)), bindparam("patients", type_=ARRAY(LargeBinary))
    asked = func.unnest(units, patients).table_valued("unit", "patient", name="asked").render_derived()
    place = tuple_(col(Booking.unit), col(Booking.patient_hash))
    query = _may_be_shown().where(place.in_(sqlalchemy.select(asked.c.unit, asked.c.patient)))
    return query.order_by(col(Booking.start).nulls_last(), col(Booking.id))


def with_id(connection: Connection, unit: str, booking_id: str) -> list[Booking]:
    """The bookings at a unit that may be shown and have this id, by whatever source."""
    query = _may_be_shown().where(Booking.unit == unit, Booking.booking_id == booking_id)
    return load_each(connection, query.order_by(col(Booking.id)))[0]


def of_day(
    connection: Connection, units: Collection[str], patients: Collection[bytes], day: date
) -> list[Booking]:
    """The patients' bookings at these units that begin on a day in Sweden, by start; one that does not open is left
    out."""
    begins = datetime.combine(day, time(), STOCKHOLM)
    ends = datetime.combine(day + timedelta(days=1), time(), STOCKHOLM)
    start = col(Booking.start)
    query = select(Booking).where(
        among(col(Booking.patient_hash), patients),
        among(col(Booking.unit), units),
        start >= begins,
        start < ends,
    )
    return load_each(connection, query.order_by(start, col(Booking.id)))[0]


def with_ids(connection: Connection, ids: Collection[UUID]) -> list[Booking]:
    """The bookings of these cases of which more than an id is known; one that does not open is left out."""
    query = select(Booking).where(among(col(Booking.id), ids), col(Booking.snapshot).is_not(None))
    return load_each(connection, query)[0]


def with_keys(connection: Connection, keys: Collection[str]) -> list[Booking]:
    """As `with_ids`, by their keys."""
    query = select(Booking).where(among(col(Booking.key), keys), col(Booking.snapshot).is_not(None))
    return load_each(connection, query)[0]


def linked(connection: Connection, keys: Collection[str]) -> list[Booking]:
    """As `with_keys`, those that have a link."""
    query = select(Booking).where(among(col(Booking.key), keys), col(Booking.link_hash).is_not(None))
    return load_each(connection, query)[0]


def with_link(connection: Connection, link_hash: str) -> Booking | None:
    """The booking of the visit that this link leads to; None: there is no such, or it does not open."""
    query = select(Booking).where(Booking.link_hash == link_hash, col(Booking.snapshot).is_not(None))
    found = load_each(connection, query)[0]
    return found[0] if found else None


def _may_be_shown() -> SelectOfScalar[Booking]:
    return select(Booking).where(col(Booking.snapshot).is_not(None), Booking.state != State.CLOSED)


def versions(connection: Connection, keys: Collection[str]) -> dict[str, tuple[int | None, bool]]:
    """By key, the version that was applied last, and whether it is cancelled."""
    query = select(Booking.key, Booking.version, Booking.cancelled).where(among(col(Booking.key), keys))
    return {key: (version, is_cancelled) for key, version, is_cancelled in connection.execute(query)}


def expected(connection: Connection, source: str, now: datetime, last: date) -> list[Booking]:
    """What a source should still have until that day: neither cancelled, over nor parked, and not changed since."""
    start = col(Booking.start)
    query = select(Booking).where(
        Booking.source == source, not_(Booking.cancelled), start > now, start < last, Booking.updated_at < now
    )
    goes_on = (col(Booking.ended_at).is_(None), col(Booking.parked).is_(None))
    return load(connection, query.where(*goes_on))


def in_shadow_at(connection: Connection, units: Collection[str]) -> Sequence[UUID]:
    """The cases that lie in shadow at these units."""
    query = select(Booking.id).where(Booking.state == State.SHADOWED, among(col(Booking.unit), units))
    return connection.execute(query).scalars().all()


def case_of(connection: Connection, unit: str, booking_id: str) -> UUID | None:
    """The case of a booking, whatever its source, but for one that turned out to be another patient's."""
    query = select(Booking.id).where(
        Booking.unit == unit, Booking.booking_id == booking_id, not_(Booking.corrected)
    )
    return connection.execute(query.limit(1)).scalar()
