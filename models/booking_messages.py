"""The data of the events about bookings, and about the patients and units that they name."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator, Field

from models.booking import Booking, EndedBooking
from models.identity import Known, PatientId, Unit
from models.times import DateOrTime


def _not_cancelled(booking: Booking) -> Booking:
    """Leaves out `cancelled_by` where nothing was cancelled: a sender's leftover, not a fact."""
    return booking if booking.cancelled_by is None else booking.model_copy(update={"cancelled_by": None})


class BookingSnapshot(Known):
    """The data of booking.created and booking.changed."""

    booking: Annotated[Booking, AfterValidator(_not_cancelled)]


class BookingCancelled(Known):
    """The data of booking.cancelled: the booking as it last stood, and who cancelled it."""

    booking: Booking


class BookingEnded(Known):
    """The data of booking.ended."""

    booking: EndedBooking


class PatientMerged(Known):
    """The data of patient.merged: `from` is now known as `to` (a reservnummer's holder got a number, say)."""

    from_: PatientId = Field(alias="from")
    to: PatientId


class PatientDeceased(Known):
    """The data of patient.deceased."""

    patient: PatientId
    at: DateOrTime | None = None


class PatientAlive(PatientDeceased):
    """The data of patient.alive: a death that was registered in error is taken back."""


class UnitMerged(Known):
    """The data of unit.merged: what was booked at `from` is at `to` from `at` on."""

    from_: Unit = Field(alias="from")
    to: Unit
    at: DateOrTime | None = None
