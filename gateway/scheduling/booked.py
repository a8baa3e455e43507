"""What is booked (besok-3): GetSubjectOfCareSchedule and GetBookingDetails.

1. A resident sees their own, and a guardian those of a child under 13 whom PU says they have (barn-1). An agent of
   care sees any, with no leave to change them.
2. GetSubjectOfCareSchedule: what is to come; open call letters are asked for one by one.
3. GetBookingDetails: one booking to come. The contract has no way to say *none such* in its answer, so
   that is a fault, and the same whether it is unknown, past or another's.
"""

from __future__ import annotations

from collections.abc import Iterable

from lxml import etree

from engine.base import clock
from gateway.scheduling.asked import RESIDENT, addressed_unit, check_resident, question_in
from gateway.scheduling.ports import Schedule, ScheduleAsked, ShownBooking
from gateway.scheduling.timeslots import is_coming, timeslot_of
from gateway.soap import Actor, Call, Fault
from models.messages import Booking
from systems.rivta.scheduling import (
    GetBookingDetails,
    GetBookingDetailsResponse,
    GetSubjectOfCareSchedule,
    schedule_answer,
)

NO_SUCH = "No such booking"
"""The fault for a booking that is not there, and for one that is another's."""


def schedule_asked(call: Call) -> ScheduleAsked:
    """Whose times the call asks for; a fault where it cannot be read."""
    asked = question_in(call, GetSubjectOfCareSchedule)
    unit = addressed_unit(call, asked.unit)
    check_resident(asked.resident)
    return ScheduleAsked(unit, asked.resident)


def is_own(actor: Actor, resident: str) -> bool:
    """Whether nobody has to be asked if they may see it: it is a resident's own, or staff of 1177 ask."""
    return _is_agent(actor) or actor.id == resident


def times_to_come(shown: Iterable[ShownBooking], actor: Actor) -> etree._Element:
    """GetSubjectOfCareScheduleResponse: of what is shown, the times to come."""
    now = clock.now()
    times = [one for one in shown if not one.booking.is_open_call_letter and is_coming(one.booking, now)]
    return schedule_answer(timeslot_of(one, by_agent=_is_agent(actor)) for one in times)


def booking_asked(schedule: Schedule, call: Call) -> ShownBooking:
    """The booking to come, or the open call letter, that the call asks for; a fault where there is none."""
    asked = question_in(call, GetBookingDetails)
    shown = schedule.booking(addressed_unit(call, asked.unit), asked.booking_id)
    if shown is None or not _is_there(shown.booking):
        raise Fault(NO_SUCH)
    return shown


def details_of(shown: ShownBooking, actor: Actor) -> GetBookingDetailsResponse:
    """GetBookingDetailsResponse."""
    return GetBookingDetailsResponse(timeslot=timeslot_of(shown, by_agent=_is_agent(actor)))


def _is_agent(actor: Actor) -> bool:
    return actor.type == "subject_of_care_agent"


def _is_there(booking: Booking) -> bool:
    return RESIDENT.fullmatch(booking.patient.id) is not None and is_coming(booking, clock.now())
