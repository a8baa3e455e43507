"""Bookings as whoever wants to change one on 1177 finds them (besok-3): 1177's flags and its requests go by this."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Connection

from models.booking_publication import BookingPublication
from models.identity import IdentityType
from routine.self_service import Service, ToChange, carried_out
from tasks import clients, identities
from tasks.booking_publication import same_visit, stored
from tasks.booking_publication.facts import booking_of, unit_of, visit_of
from tasks.booking_publication.same_visit import SameVisit

JOURNAL = "vas"
"""The source of the bookings that the journal system has itself: of no other's is it asked anything."""


def with_booking_id(connection: Connection, unit: str, booking: str) -> BookingPublication | None:
    """The booking with this id: the journal system's own, or else that of another system at the unit."""
    own = stored.with_keys(connection, [f"{JOURNAL}:{booking}"])
    found = own or stored.with_id(connection, unit, booking)
    return found[0] if found else None


def done_on_1177(case: BookingPublication) -> frozenset[Service]:
    """What its resident may do with it on 1177, as every text of it says: of another system's booking nothing."""
    return carried_out(clients.region(), elsewhere=case.source != JOURNAL)


def to_change(
    connection: Connection,
    cases: Sequence[BookingPublication],
    whose: Collection[bytes],
    same: dict[UUID, SameVisit] | None = None,
    dead: Collection[bytes] | None = None,
) -> dict[UUID, ToChange]:
    """By case, the booking as it is found by whoever acts for a patient.

    Args:
        whose: keyed hashes of all the numbers of that patient.
        same: what other systems' bookings of the same visits mean, where that is known already.
        dead: those of the cases' patients who are (`identities.deceased`), the same.
    """
    if dead is None:
        dead = identities.deceased(connection, [case.patient_hash for case in cases])
    others = same_visit.found(connection, cases) if same is None else same
    return {
        case.id: _as_found(case, whose, deceased=case.patient_hash in dead, same=others.get(case.id))
        for case in cases
    }


def _as_found(
    case: BookingPublication, whose: Collection[bytes], *, deceased: bool, same: SameVisit | None
) -> ToChange:
    booking = booking_of(case)
    return ToChange(
        visit=visit_of(case, booking),
        cancellable=booking.cancellable,
        rebookable=booking.rebookable,
        unit=unit_of(case),
        patient_is=case.patient_hash in whose and not case.corrected,
        birth=booking.patient.birth_date,
        reservnummer=booking.patient.type is IdentityType.RESERVNUMMER,
        deceased=deceased,
        elsewhere=case.source != JOURNAL or (same is not None and same.other.answer is not None),
    )
