"""The resident acts (besok-3, besok-4): MakeBooking, UpdateBooking and CancelBooking.

1. The body is read to the letter, and the logical address must be the unit that the time is at.
2. Whom it is for: the timeslot's `subject_of_care`; CancelBooking names nobody, so the booking's own. Whether who
   asks may act for them is not decided here.
3. Times are Swedish time without a zone. One that is missing, none, or shown by the clock twice or never is not
   guessed at: it is asked for as not known, which the rule has a no for.
4. A no is in words; a fault is for what a resident cannot mend.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from pydantic import ValidationError

from gateway.scheduling import texts
from gateway.scheduling.asked import RESIDENT, addressed_unit, strictly_in
from gateway.scheduling.ports import Schedule, SelfService, ServiceAnswer
from gateway.soap import Call, Fault
from models.self_service import ServiceRequest
from routine.reasons import Reason
from routine.self_service import Outcome, Service
from routine.self_service_text import answer_of
from systems.rivta.scheduling_acts import (
    CancelBooking,
    CancelBookingResponse,
    MakeBooking,
    MakeBookingResponse,
    RequestedTimeslot,
    ResidentInfo,
    UpdateBooking,
    UpdateBookingResponse,
)
from systems.rivta.timestamps import from_ts, is_once
from tasks import clients
from tasks.people import identity_of


class _TooLong(Exception):
    """It has no room in a request; the text is the resident's."""


def made(desk: SelfService, call: Call) -> MakeBookingResponse:
    """A time is booked, from an open call letter or without."""
    asked = strictly_in(call, MakeBooking)
    said = _asked(desk, call, Service.BOOK, _of_time(call, asked.timeslot, asked.info))
    return MakeBookingResponse(booking_id=said.booking, result_code=said.result, result_text=said.text)


def moved(desk: SelfService, call: Call) -> UpdateBookingResponse:
    """A booking gets another time."""
    asked = strictly_in(call, UpdateBooking)
    if asked.timeslot.booking_id is None:
        raise Fault("bookingId is missing")
    said = _asked(desk, call, Service.REBOOK, _of_time(call, asked.timeslot, asked.info))
    return UpdateBookingResponse(result_code=said.result, result_text=said.text)


def cancelled(schedule: Schedule, desk: SelfService, call: Call) -> CancelBookingResponse:
    """A booking is cancelled: its holder's, or that of whoever asks, where we know of none."""
    asked = strictly_in(call, CancelBooking)
    unit = addressed_unit(call, asked.unit)
    patient = schedule.holder(unit, asked.booking_id) or identity_of(call.actor.id)
    wanted = {"unit": unit, "booking": asked.booking_id, "message": asked.message, "patient": patient}
    said = _asked(desk, call, Service.CANCEL, wanted) if patient else _no_such_booking(unit)
    return CancelBookingResponse(result_code=said.result, result_text=said.text)


def _of_time(call: Call, slot: RequestedTimeslot, info: ResidentInfo | None) -> dict[str, object]:
    """The fields of the request, but for who asks."""
    patient = identity_of(slot.resident or "")
    if patient is None:
        raise Fault("subject_of_care is no identity number")
    return {
        "unit": addressed_unit(call, slot.unit),
        "patient": patient,
        "booking": slot.booking_id,
        "start": _moment(slot.start),
        "end": _moment(slot.end),
        "time_type": slot.time_type_id,
        "care_type": slot.care_type_id,
        "performer": slot.performer,
        "resource": slot.resource_id,
        "phone": info.phone if info else None,
        "email": info.email if info else None,
        "message": slot.reason,
    }


def _asked(desk: SelfService, call: Call, service: Service, wanted: Mapping[str, object]) -> ServiceAnswer:
    actor = call.actor
    by_agent = actor.type == "subject_of_care_agent"
    if not by_agent and not RESIDENT.fullmatch(actor.id):
        raise Fault("The header Actor names no resident")
    try:
        request = _as_request({**wanted, "service": service, "actor": actor.id, "by_agent": by_agent})
    except _TooLong as too_long:
        return ServiceAnswer("ERROR", str(too_long), None)
    return desk.ask(request)


def _as_request(fields: Mapping[str, object]) -> ServiceRequest:
    try:
        return ServiceRequest.model_validate(fields)
    except ValidationError as error:
        wrong = {str(each["loc"][0]) for each in error.errors(include_input=False, include_context=False)}
    if wrong <= texts.TOO_LONG.keys():
        raise _TooLong(" ".join(texts.TOO_LONG[name] for name in sorted(wrong)))
    raise Fault("The body holds a value that cannot be one of ours")


def _moment(written: str | None) -> datetime | None:
    """The time; None: there is none, or the clock does not say which."""
    try:
        return from_ts(written) if written and is_once(written) else None
    except ValueError:
        return None


def _no_such_booking(unit: str) -> ServiceAnswer:
    region = clients.region()
    told = answer_of(Service.CANCEL, Outcome.DECLINED, Reason.NO_SUCH_BOOKING, (), region, region.unit(unit))
    return ServiceAnswer(told.result, told.text, None)
