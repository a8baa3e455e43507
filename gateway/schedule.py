"""What our producer shows 1177 of the bookings that we publish (besok-1)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import text

from engine.database import transaction
from gateway.ports import ShownBooking
from models.booking_publication import BookingPublication
from models.encryption import ring
from routine.region import Publish
from routine.text import call_letter
from tasks import clients
from tasks.facts import booking_of, unit_of, visit_of

COLUMNS = BookingPublication.__table__.c  # type: ignore[attr-defined]
SHOWN = """
    SELECT c.* FROM booking_publication c LEFT JOIN resident r ON r.patient_hash = c.patient_hash
    WHERE NOT c.cancelled AND c.ended_at IS NULL AND c.snapshot IS NOT NULL AND r.deceased_at IS NULL
        AND c.parked IS DISTINCT FROM 'platform_unknown' AND c.unit = :unit"""


class PublishedSchedule:
    """The bookings of units that we publish for; a unit in shadow shows nothing of ours."""

    def of(self, unit: str, resident: str) -> list[ShownBooking]:
        """The resident's bookings at the unit, by start."""
        query = f"{SHOWN} AND c.patient_hash = :patient ORDER BY c.start NULLS LAST, c.id"
        return _shown(query, {"unit": unit, "patient": ring().digest(resident)})

    def booking(self, unit: str, booking_id: str) -> ShownBooking | None:
        """One booking at the unit."""
        found = _shown(f"{SHOWN} AND c.booking_id = :booking LIMIT 1", {"unit": unit, "booking": booking_id})
        return found[0] if found else None


def _shown(query: str, given: dict[str, Any]) -> list[ShownBooking]:
    unit = clients.region().unit(given["unit"])
    if unit is None or unit.publish is not Publish.VAXEL:
        return []
    with transaction() as connection:
        rows = connection.execute(text(query).columns(*COLUMNS), given).mappings()
        return [_as_shown(BookingPublication(**row)) for row in rows]


def _as_shown(case: BookingPublication) -> ShownBooking:
    booking = booking_of(case)
    unit = unit_of(case)
    assert unit is not None
    letter = booking.call_letter
    said = call_letter(visit_of(case, booking), unit, booking.purpose, letter.text if letter else None)
    is_invitation = letter is not None and letter.kind in ("timed", "open")
    return ShownBooking(booking, is_invitation, said.body, unit.name)
