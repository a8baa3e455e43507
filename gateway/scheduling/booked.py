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
from gateway.scheduling.reads import Seen
from gateway.scheduling.timeslots import is_coming, timeslot_of
from gateway.soap import Actor, Call, Fault
from models.messages import Booking
from systems.rivta.scheduling import (
    GetBookingDetails,
    GetBookingDetailsResponse,
    GetSubjectOfCareSchedule,
    schedule_answer,
)


def schedule_asked(call: Call) -> ScheduleAsked:
    """Whose times the call asks for; a fault where it cannot be read."""
    asked = question_in(call, GetSubjectOfCareSchedule)
    unit = addressed_unit(call, asked.unit)
    check_resident(asked.resident)
    return ScheduleAsked(unit, asked.resident)


def is_own(actor: Actor, resident: str) -> bool:
    """Whether nobody has to be asked if they may see it: it is a resident's own, or staff of 1177 ask."""
    return _is_agent(actor) or actor.id == resident


def check_guardian(schedule: Schedule, actor: Actor, resident: str) -> None:
    """A fault where one resident may not see another's times. Asks the register."""
    if not schedule.shows_to(actor.id, resident):
        raise Fault("A resident may only ask about themselves")


def times_to_come(shown: Iterable[ShownBooking], actor: Actor) -> etree._Element:
    """GetSubjectOfCareScheduleResponse: of what is shown, the times to come."""
    now = clock.now()
    times = [one for one in shown if not one.booking.is_open_call_letter and is_coming(one.booking, now)]
    return schedule_answer(timeslot_of(one, by_agent=_is_agent(actor)) for one in times)


def details_of(schedule: Schedule, call: Call) -> Seen:
    """One booking to come, or an open call letter."""
    asked = question_in(call, GetBookingDetails)
    shown = schedule.booking(addressed_unit(call, asked.unit), asked.booking_id)
    if shown is None or not _may_see(schedule, call.actor, shown.booking):
        raise Fault("No such booking")
    slot = timeslot_of(shown, by_agent=_is_agent(call.actor))
    return Seen(GetBookingDetailsResponse(timeslot=slot), shown.booking.patient, shown.booking.id)


def _is_agent(actor: Actor) -> bool:
    return actor.type == "subject_of_care_agent"


def _may_see(schedule: Schedule, actor: Actor, booking: Booking) -> bool:
    resident = booking.patient.id
    is_there = RESIDENT.fullmatch(resident) is not None and is_coming(booking, clock.now())
    return is_there and (is_own(actor, resident) or schedule.shows_to(actor.id, resident))
