"""The resident acts (besok-3, besok-4): MakeBooking, UpdateBooking and CancelBooking.

1. The body is read to the letter, and the logical address must be the unit that the time is at.
2. Whom it is for: the timeslot's `subject_of_care`. CancelBooking names nobody, and a timeslot need not: then it is
   whose the booking is, or the open call letter. Whether who asks may act for them is not decided here.
3. Times are Swedish time without a zone, read as what is offered is written (`times_of`). One that is missing, none,
   or never shown by the clock is not guessed at: it is asked for as not known, which the rule has a no for.
4. A no is in words; a fault is for what a resident cannot mend.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import ValidationError

from gateway.scheduling import texts
from gateway.scheduling.asked import RESIDENT, addressed_unit, strictly_in
from gateway.scheduling.ports import Schedule, SelfService, ServiceAnswer
from gateway.soap import Call, Fault
from models.identity import RESERVNUMMER, IdentityType, PatientId
from models.self_service import ServiceRequest
from routine.reasons import Reason
from routine.self_service import Outcome, Service
from routine.self_service_text import answer_of, not_taken_in
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
from systems.rivta.timestamps import times_of
from tasks import clients
from tasks.people import identity_of

_RESPONSES: Mapping[
    Service, type[MakeBookingResponse] | type[UpdateBookingResponse] | type[CancelBookingResponse]
] = {
    Service.BOOK: MakeBookingResponse,
    Service.REBOOK: UpdateBookingResponse,
    Service.CANCEL: CancelBookingResponse,
}


class _TooLong(Exception):
    """It has no room in a request; the text is the resident's."""


def made(schedule: Schedule, desk: SelfService, call: Call) -> MakeBookingResponse:
    """A time is booked, from an open call letter or without: then the call has to say for whom."""
    asked = strictly_in(call, MakeBooking)
    if asked.timeslot.resident is None and asked.timeslot.booking_id is None:
        raise Fault("subject_of_care is missing")
    said = _asked(desk, call, Service.BOOK, _of_somebody(schedule, desk, call, asked.timeslot, asked.info))
    return MakeBookingResponse(booking_id=said.booking, result_code=said.result, result_text=said.text)


def moved(schedule: Schedule, desk: SelfService, call: Call) -> UpdateBookingResponse:
    """A booking gets another time."""
    asked = strictly_in(call, UpdateBooking)
    if asked.timeslot.booking_id is None:
        raise Fault("bookingId is missing")
    said = _asked(desk, call, Service.REBOOK, _of_somebody(schedule, desk, call, asked.timeslot, asked.info))
    return UpdateBookingResponse(result_code=said.result, result_text=said.text)


def cancelled(schedule: Schedule, desk: SelfService, call: Call) -> CancelBookingResponse:
    """A booking is cancelled: its holder's, or that of whoever asks, where we know of none."""
    asked = strictly_in(call, CancelBooking)
    unit = addressed_unit(call, asked.unit)
    wanted: dict[str, object] = {"unit": unit, "booking": asked.booking_id, "message": asked.message}
    said = _asked(desk, call, Service.CANCEL, wanted | _whose(schedule, desk, call, unit, asked.booking_id))
    return CancelBookingResponse(result_code=said.result, result_text=said.text)


def not_begun(
    service: Service, call: Call
) -> MakeBookingResponse | UpdateBookingResponse | CancelBookingResponse:
    """What is said where too many ask at once: nothing was taken in."""
    region = clients.region()
    told = not_taken_in(service, region, region.unit(call.logical_address))
    return _RESPONSES[service](result_code=told.result, result_text=told.text)


def _whose(schedule: Schedule, desk: SelfService, call: Call, unit: str, booking: str) -> dict[str, object]:
    """Whose a booking is, where the call does not say; of none that we know of, whoever asks asks for themselves."""
    holder = schedule.holder(unit, booking) or desk.whose(booking)
    return {"patient": holder or identity_of(call.actor.id), "is_named": False}


def _of_somebody(
    schedule: Schedule, desk: SelfService, call: Call, slot: RequestedTimeslot, info: ResidentInfo | None
) -> dict[str, object]:
    """As `_of_time`; where the call does not say for whom, the booking that it names does."""
    wanted = _of_time(call, slot, info)
    if wanted["patient"] is None and slot.booking_id is not None:
        wanted |= _whose(schedule, desk, call, str(wanted["unit"]), slot.booking_id)
    return wanted


def _of_time(call: Call, slot: RequestedTimeslot, info: ResidentInfo | None) -> dict[str, object]:
    """The fields of the request, but for who asks; `patient` None: the call does not say for whom."""
    start, end = times_of(slot.start, slot.end)
    return {
        "unit": addressed_unit(call, slot.unit),
        "patient": None if slot.resident is None else _for_whom(slot.resident),
        "booking": slot.booking_id,
        "start": start,
        "end": end,
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
    if wanted["patient"] is None:
        return _no(service, Reason.NO_SUCH_BOOKING, str(wanted["unit"]))
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


def _for_whom(number: str) -> PatientId:
    """Of whom the time is to be; a reservnummer is for the rule to answer."""
    if known := identity_of(number):
        return known
    if RESERVNUMMER.fullmatch(number) and not number.isdecimal():
        return PatientId(id=number, type=IdentityType.RESERVNUMMER)
    raise Fault("subject_of_care is no identity number")


def _no(service: Service, reason: Reason, unit: str) -> ServiceAnswer:
    region = clients.region()
    told = answer_of(service, Outcome.DECLINED, reason, (), region, region.unit(unit))
    return ServiceAnswer(told.result, told.text, None)
