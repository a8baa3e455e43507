"""Bookings with what other systems tell of the same visit (policy-dubblett-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from sqlalchemy import Connection

from models.booking import Booking
from models.booking_publication import BookingPublication
from routine.same_visit import told_together
from tasks import clients
from tasks.booking_publication import stored
from tasks.booking_publication.facts import booking_of
from tasks.booking_publication.same_visit import SameVisit


def by_all(
    connection: Connection, cases: Sequence[BookingPublication], same: Mapping[UUID, SameVisit | None]
) -> dict[UUID, Booking]:
    """By case, its booking; where the visit is held may be told by another system's that stands.

    Args:
        same: of these cases (`same_visit.found`).
    """
    keys = {key for each in same.values() if each for key in each.standing}
    others = {case.key: booking_of(case) for case in stored.with_keys(connection, keys)} if keys else {}
    return {
        case.id: told_together(booking_of(case), _of(same.get(case.id), others), clients.region())
        for case in cases
    }


def _of(same: SameVisit | None, others: Mapping[str, Booking]) -> list[Booking]:
    return [others[key] for key in same.standing if key in others] if same else []
