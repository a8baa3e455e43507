"""What 1177's calls need from the rest of the house."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from models.messages import Booking


@dataclass(frozen=True)
class ShownBooking:
    """A booking as 1177 may show it.

    Args:
        booking: the newest snapshot.
        is_invitation: a call letter, timed or open, which the resident has not answered by booking.
        text: of the call letter; "" where there is none. Plain, or the DocBook subset that 1177 reads.
        unit_name: as the region writes it.
        joined: how a digital visit is joined, with its link; "" where there is none.
    """

    booking: Booking
    is_invitation: bool
    text: str = field(default="", repr=False)
    unit_name: str = ""
    joined: str = field(default="", repr=False)


class Schedule(Protocol):
    """What we publish on 1177 (besok-1): nothing cancelled, nothing of the deceased. May block."""

    def of(self, unit: str, resident: str) -> list[ShownBooking]:
        """The resident's bookings at the unit (HSA-id in upper case; 12 digits)."""
        ...

    def booking(self, unit: str, booking_id: str) -> ShownBooking | None:
        """One booking at the unit; None: we publish no such."""
        ...


class NoSchedule(Schedule):
    """A gateway that publishes nothing."""

    def of(self, unit: str, resident: str) -> list[ShownBooking]:
        """Nothing."""
        return []

    def booking(self, unit: str, booking_id: str) -> ShownBooking | None:
        """Nothing."""
        return None
