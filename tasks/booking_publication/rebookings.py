"""Which visit was booked in the place of one that was cancelled (policy-avisering-1)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col, select
from sqlmodel.sql.expression import Select

from engine.base.database import among, among_given
from models.booking_publication import BookingPublication, Rebooking
from routine.rebooking import Cancelled, Created, rebooked_as
from tasks import clients, identities


def paired(connection: Connection, cases: Sequence[BookingPublication]) -> set[UUID]:
    """Those that are paired: a cancelled one with what was booked for it, any other with what it was booked for."""
    given = {
        "cancelled": [case.id for case in cases if case.cancelled],
        "created": [case.id for case in cases if not case.cancelled],
    }
    pairs = connection.execute(_pairs(), given).tuples().all()
    olds, news = {old for old, _ in pairs}, {new for _, new in pairs}
    return {case.id for case in cases if case.id in (olds if case.cancelled else news)}


@cache
def _pairs() -> Select[UUID, UUID]:
    cancelled, created = col(Rebooking.cancelled_case), col(Rebooking.created_case)
    those = among_given(cancelled, "cancelled") | among_given(created, "created")
    return select(cancelled, created).where(those)


def booked_instead(connection: Connection, cancelled: UUID) -> UUID | None:
    """The case of what was booked in the place of a cancelled one."""
    query = select(Rebooking.created_case).where(Rebooking.cancelled_case == cancelled)
    return connection.execute(query).scalar()


def pair_cancelled(connection: Connection, cases: Sequence[BookingPublication]) -> None:
    """Pair cancelled visits with those that were booked in their place, each once."""
    for case in cases:
        if case.occasion_at is not None and case.patient_hash is not None:
            _pair_one(connection, case, case.occasion_at, case.patient_hash)


def _pair_one(connection: Connection, case: BookingPublication, at: datetime, patient: bytes) -> None:
    region = clients.region()
    numbers = identities.known(connection, [patient]).numbers(patient)
    whose, window = patient.hex(), region.coalescing_window
    found = [
        Created(
            str(row.id), whose, row.unit, row.booked_at, row.paired, row.is_news and _is_published(row.unit)
        )
        for row in _candidates(connection, numbers, at - window, at + window)
    ]
    chosen = rebooked_as(Cancelled(str(case.id), whose, case.unit, at), found, region)
    if chosen.answer is not None:
        _put_pair(connection, case.id, UUID(chosen.answer))


def _is_published(unit_id: str) -> bool:
    unit = clients.region().unit(unit_id)
    return unit is not None and not unit.in_shadow


def _candidates(
    connection: Connection, numbers: Collection[bytes], first: datetime, last: datetime
) -> Sequence[Any]:
    """What was booked for a patient between two moments.

    Returns: `id`, `unit`, `booked_at`; `paired`: it has its cancelled visit; `is_news`: it is to be told of.
    """
    case = BookingPublication
    old_news = col(case.cancelled) | col(case.replayed) | col(case.echo) | col(case.parked).is_not(None)
    query = (
        sqlalchemy.select(
            col(case.id),
            col(case.unit),
            col(case.booked_at),
            col(Rebooking.created_case).is_not(None).label("paired"),
            (~old_news).label("is_news"),
        )
        .join(Rebooking, col(Rebooking.created_case) == col(case.id), isouter=True)
        .where(among(col(case.patient_hash), numbers), col(case.booked_at).between(first, last))
        .order_by(col(case.id))
    )
    return connection.execute(query).all()


def _put_pair(connection: Connection, cancelled: UUID, created: UUID) -> None:
    """The one was booked in the other's place, unless either has its pair."""
    row = Rebooking(cancelled_case=cancelled, created_case=created)
    connection.execute(insert(Rebooking).values(row.model_dump()).on_conflict_do_nothing())
