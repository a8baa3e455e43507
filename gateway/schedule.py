"""What our producer shows 1177 of the bookings that we publish (besok-1)."""

from __future__ import annotations

from typing import Any

from engine.database import columns, load_each, transaction
from gateway.ports import Schedule, ShownBooking
from models.booking_publication import BookingPublication
from models.encryption import ring
from routine.publication import Category
from routine.text import call_letter
from tasks import clients, identities
from tasks.booking_publication import same_visit
from tasks.booking_publication.facts import booking_of, shown_on_1177, unit_of, visit_of

KNOWN = f"""
    SELECT {columns(BookingPublication)} FROM booking_publication
    WHERE snapshot IS NOT NULL AND state <> 'closed' AND unit = :unit"""


class PublishedSchedule(Schedule):
    """The bookings of units that we publish for; a unit in shadow shows nothing of ours."""

    def of(self, unit: str, resident: str) -> list[ShownBooking]:
        """The resident's bookings at the unit, by start."""
        query = f"{KNOWN} AND patient_hash = :patient ORDER BY start NULLS LAST, id"
        return _shown(query, {"unit": unit, "patient": ring().digest(resident)})

    def booking(self, unit: str, booking_id: str) -> ShownBooking | None:
        """One booking at the unit."""
        query = f"{KNOWN} AND booking_id = :booking ORDER BY id"
        found = _shown(query, {"unit": unit, "booking": booking_id})
        return found[0] if found else None


def _shown(query: str, given: dict[str, Any]) -> list[ShownBooking]:
    unit = clients.region().unit(given["unit"])
    if unit is None or unit.in_shadow:
        return []
    with transaction() as connection:
        cases, _ = load_each(connection, BookingPublication, query, given)
        dead = identities.deceased(connection, [case.patient_hash for case in cases])
        same = same_visit.found(connection, cases)
    judged = [_as_shown(case.patient_hash in dead, case, same.get(case.id)) for case in cases]
    return [shown for shown in judged if shown]


def _as_shown(
    deceased: bool, case: BookingPublication, same: same_visit.SameVisit | None
) -> ShownBooking | None:
    """As the rule has it, which the engagement index is told by too."""
    booking, unit = booking_of(case), unit_of(case)
    category = shown_on_1177(case, booking, deceased=deceased, same=same).answer
    if category is None or unit is None:
        return None
    letter = booking.call_letter
    said = call_letter(visit_of(case, booking), unit, booking.purpose, letter.text if letter else None)
    return ShownBooking(booking, category is Category.INVITATION, said.body, unit.name)
