"""A booking as 1177 reads it: crm:scheduling 1.1, TimeslotType."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from gateway.scheduling.ports import ShownBooking
from models.messages import Booking, Form
from routine.rules import is_visit_over
from systems.rivta.scheduling import Timeslot
from tasks.booking_publication.facts import visit_in

TIME_TYPES: Mapping[Form | None, tuple[str, str]] = {
    None: ("BESOK", "Besök"),
    Form.ON_SITE: ("BESOK", "Besök på mottagningen"),
    Form.VIDEO: ("VIDEO", "Videobesök"),
    Form.PHONE: ("TELEFON", "Telefonbesök"),
    Form.CHAT: ("CHATT", "Chattbesök"),
}
"""timeTypeID and its name by form, where the booking has no time type of its own: 1177 wants one for every
call letter, though the XSD does not (interfaces.md §1.2)."""

PURPOSE = "Kallelse"
"""Where a call letter has neither text nor purpose: `purpose` is mandatory for it (TKB)."""


def timeslot_of(shown: ShownBooking, *, by_agent: bool = False) -> Timeslot:
    """The booking's timeslot. What is not known is left out; an agent may change nothing that is booked."""
    booking = shown.booking
    may_be_cancelled = shown.may_be_cancelled and not by_agent
    time_type, time_type_name = TIME_TYPES[booking.form]
    return Timeslot(
        start=booking.start,
        end=booking.end,
        unit=booking.unit.hsa_id,
        booking_id=booking.id,
        resident=booking.patient.id,
        purpose=_purpose(shown),
        unit_name=shown.unit_name or booking.unit.name,
        time_type_name=time_type_name,
        time_type_id=booking.time_type or time_type,
        cancel_allowed=may_be_cancelled,
        rebooking_allowed=shown.may_be_rebooked and not by_agent,
        message_allowed=may_be_cancelled,  # CancelBooking alone has room for one
        is_invitation=True if shown.is_invitation else None,
    )


def _purpose(shown: ShownBooking) -> str | None:
    if shown.is_invitation:
        return shown.text or shown.booking.purpose or PURPOSE
    return "\n\n".join(filter(None, (shown.booking.purpose, shown.joined))) or None


def is_coming(booking: Booking, now: datetime) -> bool:
    """Whether it is still to be shown: not over, or for an open call letter not run out."""
    return not is_visit_over(visit_in(booking), now)
