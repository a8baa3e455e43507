"""What is booked (besok-3): GetSubjectOfCareSchedule and GetBookingDetails.

1. A resident sees their own, and a guardian those of a child under 13 whom PU says they have (barn-1). An agent of
   care sees any, with no leave to change them.
2. GetSubjectOfCareSchedule: what is to come; open call letters are asked for one by one.
3. GetBookingDetails: one booking to come. The contract has no way to say *none such* in its answer, so
   that is a fault, and the same whether it is unknown, past or another's.
"""

from __future__ import annotations

from lxml import etree

from engine.base import clock
from gateway.scheduling.asked import RESIDENT, addressed_unit, check_resident, question_in
from gateway.scheduling.ports import Schedule
from gateway.scheduling.timeslots import is_coming, timeslot_of
from gateway.soap import Actor, Call, Fault
from models.messages import Booking
from systems.rivta.scheduling import (
    GetBookingDetails,
    GetBookingDetailsResponse,
    GetSubjectOfCareSchedule,
    schedule_answer,
)


def schedule_of(schedule: Schedule, call: Call) -> etree._Element:
    """The resident's times to come at the unit."""
    asked = question_in(call, GetSubjectOfCareSchedule)
    unit = addressed_unit(call, asked.unit)
    check_resident(asked.resident)
    _check_own(schedule, call.actor, asked.resident)
    shown = [one for one in schedule.of(unit, asked.resident) if not one.booking.is_open_call_letter]
    now = clock.now()
    coming = [one for one in shown if is_coming(one.booking, now)]
    return schedule_answer(timeslot_of(one, by_agent=_is_agent(call.actor)) for one in coming)


def details_of(schedule: Schedule, call: Call) -> GetBookingDetailsResponse:
    """One booking to come, or an open call letter."""
    asked = question_in(call, GetBookingDetails)
    shown = schedule.booking(addressed_unit(call, asked.unit), asked.booking_id)
    if shown is None or not _may_see(schedule, call.actor, shown.booking):
        raise Fault("No such booking")
    return GetBookingDetailsResponse(timeslot=timeslot_of(shown, by_agent=_is_agent(call.actor)))


def _is_agent(actor: Actor) -> bool:
    return actor.type == "subject_of_care_agent"


def _check_own(schedule: Schedule, actor: Actor, resident: str) -> None:
    if not _is_shown_to(schedule, actor, resident):
        raise Fault("A resident may only ask about themselves")


def _is_shown_to(schedule: Schedule, actor: Actor, resident: str) -> bool:
    return _is_agent(actor) or actor.id == resident or schedule.shows_to(actor.id, resident)


def _may_see(schedule: Schedule, actor: Actor, booking: Booking) -> bool:
    is_there = RESIDENT.fullmatch(booking.patient.id) is not None and is_coming(booking, clock.now())
    return is_there and _is_shown_to(schedule, actor, booking.patient.id)
