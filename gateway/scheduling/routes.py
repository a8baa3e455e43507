"""1177 calls us (crm:scheduling 1.1), `POST /rivta/scheduling`.

1. A caller who may not ask, a call that is too large or no SOAP: a fault.
2. The logical address and the unit asked about must be one and the same: the platform's right to call is
   given by logical address. HSA-ids compare without regard to case.
3. The operation answers, or says by a fault what is wrong with the call.

Who may ask is for `gateway.callers.Callers` to say.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import structlog
from anyio import to_thread
from fastapi import APIRouter, Request
from fastapi.responses import Response
from lxml import etree
from pydantic_xml import BaseXmlModel

from gateway.bodies import KIB, TooLarge, TooSlow, charset, media_type, read_body
from gateway.callers import Callers
from gateway.scheduling.booked import details_of, schedule_of
from gateway.scheduling.ports import Schedule
from gateway.soap import Call, Fault, envelope_of_fault, read_call
from systems.rivta.scheduling import DETAILS, SCHEDULE
from systems.soap import wrap

log = structlog.get_logger(__name__)

LIMIT = 64 * KIB
XML = "text/xml; charset=utf-8"


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


_OPERATIONS: dict[str, Callable[[Schedule, Call], BaseXmlModel]] = {
    f"{{{SCHEDULE}}}GetSubjectOfCareSchedule": schedule_of,
    f"{{{DETAILS}}}GetBookingDetails": details_of,
}
