"""We as RIV-TA producer: 1177 asks what is booked (crm:scheduling 1.1), `POST /rivta/scheduling`.

1. A caller who may not ask, a call that is too large or no SOAP: a fault.
2. The logical address and the unit asked about must be one and the same: the platform's right to call is
   given by logical address. HSA-ids compare without regard to case.
3. A resident sees their own only. An agent of care sees any.
4. GetSubjectOfCareSchedule: what is to come; open call letters are asked for one by one.
5. GetBookingDetails: one booking to come. The contract has no way to say *none such* in its answer, so
   that is a fault, and the same whether it is unknown, past or another's.

Who may ask is for `gateway.callers.Callers` to say.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar, cast

import structlog
from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import Response
from lxml import etree
from pydantic import ValidationError
from pydantic_xml import BaseXmlModel, ParsingError

from engine.base import clock
from gateway.bodies import KIB, TooLarge, TooSlow, charset, media_type, read_body
from gateway.callers import Callers
from gateway.ports import Schedule
from gateway.soap import Actor, Call, Fault, envelope_of_fault, read_call
from gateway.timeslots import is_coming, timeslot_of
from models.messages import Booking
from systems.rivta.scheduling import (
    DETAILS,
    SCHEDULE,
    GetBookingDetails,
    GetBookingDetailsResponse,
    GetSubjectOfCareSchedule,
    GetSubjectOfCareScheduleResponse,
)
from systems.soap import wrap

log = structlog.get_logger(__name__)
Question = TypeVar("Question", bound=BaseXmlModel)

LIMIT = 64 * KIB
XML = "text/xml; charset=utf-8"
RESIDENT = re.compile(r"[0-9]{8}[0-9pPtTfF][0-9]{3}")  # SubjectOfCareIdType


def routes(schedule: Schedule, callers: Callers) -> APIRouter:
    """`POST /rivta/scheduling`."""
    router = APIRouter(tags=["rivta"])

    @router.post("/rivta/scheduling", include_in_schema=False)
    async def answer_1177(request: Request) -> Response:
        """GetSubjectOfCareSchedule and GetBookingDetails."""
        try:
            if not callers.lets_in(request):
                raise Fault("VP007 This caller may not ask here")
            call = read_call(await _body(request), charset(request))
            answer = await to_thread.run_sync(_answer, schedule, call, request.headers.get("soapaction", ""))
        except Fault as fault:
            log.info("soap_fault", code=fault.code, text=fault.text)
            return Response(envelope_of_fault(fault), 500, media_type=XML)
        return Response(wrap(answer), media_type=XML)

    return router


async def _body(request: Request) -> bytes:
    if media_type(request) != "text/xml":
        raise Fault("SOAP 1.1 comes as text/xml")
    try:
        return await read_body(request, LIMIT)
    except (TooLarge, TooSlow):
        raise Fault("The call is too large, or did not arrive in time") from None


def _answer(schedule: Schedule, call: Call, soap_action: str) -> etree._Element:
    answer = _OPERATIONS.get(str(call.content.tag))
    if answer is None:
        raise Fault("No such operation here")
    if soap_action.strip('" ') not in ("", _action(str(call.content.tag))):
        raise Fault("SOAPAction and body name different operations")
    try:
        return cast("etree._Element", answer(schedule, call).to_xml_tree(exclude_none=True))
    except Fault:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it was, the caller gets a fault and no more
        log.error("schedule_failed", error=type(error).__name__)
        raise Fault("VP009 The bookings cannot be read now", "Server") from None


def _action(tag: str) -> str:
    """`urn:…:<Op>Responder:1:<Op>` from `{urn:…:<Op>Responder:1}<Op>`."""
    return tag.lstrip("{").replace("}", ":")


def _schedule(schedule: Schedule, call: Call) -> BaseXmlModel:
    asked = _question(GetSubjectOfCareSchedule, call)
    unit = _unit(call, asked.unit)
    if not RESIDENT.fullmatch(asked.resident):
        raise Fault("subject_of_care is no identity number")
    _check_own(call.actor, asked.resident)
    shown = [one for one in schedule.of(unit, asked.resident) if not one.booking.is_open_call_letter]
    now = clock.now()
    coming = [one for one in shown if is_coming(one.booking, now)]
    return GetSubjectOfCareScheduleResponse(timeslots=[timeslot_of(one, now) for one in coming])


def _details(schedule: Schedule, call: Call) -> BaseXmlModel:
    asked = _question(GetBookingDetails, call)
    shown = schedule.booking(_unit(call, asked.unit), asked.booking_id)
    if shown is None or not _may_see(call.actor, shown.booking):
        raise Fault("No such booking")
    return GetBookingDetailsResponse(timeslot=timeslot_of(shown, clock.now()))


def _may_see(actor: Actor, booking: Booking) -> bool:
    own = actor.type == "subject_of_care_agent" or actor.id == booking.patient.id
    return own and RESIDENT.fullmatch(booking.patient.id) is not None and is_coming(booking, clock.now())


_OPERATIONS: dict[str, Callable[[Schedule, Call], BaseXmlModel]] = {
    f"{{{SCHEDULE}}}GetSubjectOfCareSchedule": _schedule,
    f"{{{DETAILS}}}GetBookingDetails": _details,
}


def _question(model: type[Question], call: Call) -> Question:
    try:
        return model.from_xml_tree(cast("Any", call.content))
    except (ValidationError, ParsingError):
        raise Fault("The body does not follow the schema") from None


def _unit(call: Call, asked: str) -> str:
    unit = asked.strip().upper()
    if unit != call.logical_address:
        raise Fault("The logical address and healthcare_facility differ")
    return unit


def _check_own(actor: Actor, resident: str) -> None:
    if actor.type == "subject_of_care" and actor.id != resident:
        raise Fault("A resident may only ask about themselves")
