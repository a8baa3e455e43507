"""1177 calls us (crm:scheduling 1.1), `POST /rivta/scheduling`.

1. A caller who may not ask, a call that is too large or no SOAP: a fault.
2. The logical address and the unit asked about must be one and the same: the platform's right to call is
   given by logical address. HSA-ids compare without regard to case.
3. The operation answers, or says by a fault what is wrong with the call. What is booked is in our own tables
   (`booked`); for the rest the journal system is waited for, in threads apart (`offers`, `acts`).
4. What tells of a patient stands in the access log before it is answered (`reading`).

Who may ask is for `gateway.callers.Callers` to say.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

import structlog
from anyio import CapacityLimiter
from fastapi import APIRouter, Request
from fastapi.responses import Response
from lxml import etree

from engine.ops.access_log import Access
from gateway.bodies import KIB, TooLarge, TooSlow, charset, media_type, read_body
from gateway.callers import Callers
from gateway.scheduling import acts, offers
from gateway.scheduling.ports import Schedule, SelfService
from gateway.scheduling.reading import Reads
from gateway.scheduling.reads import Answered, Seen, read_by
from gateway.scheduling.waiting import NotBegun, Room
from gateway.soap import Call, Fault, envelope_of_fault, read_call
from routine.self_service import Service
from systems.rivta import scheduling, scheduling_acts, scheduling_offers
from systems.soap import wrap

log = structlog.get_logger(__name__)

LIMIT = 64 * KIB
XML = "text/xml; charset=utf-8"
READING = 12
"""How many read one booking at once, the others in line: no more than connections are kept for (`POOL`), since to
make one takes longer than to answer."""
ACTING = 64
"""How many may act at once; one more reads that nothing was done."""
CHOOSING, FOR_ANOTHER, GUARDIANS, IN_LINE = 10, 6, 4, 32
"""How many may look at what is offered at once, at times for another, such as a child, and at what another has
booked; and how many more of each wait for their turn. An answer of 5,000 times takes 25 MB; and while the person
register, which is asked about guardians, does not answer, whoever asks for themselves is answered."""


Answer = Callable[[Call], Answered | Seen]
Told = tuple[bytes, Access | None]
"""The envelope that answers a call, and what the log has to say of it before; None: it tells of no patient."""
Operation = Callable[[Call], Awaitable[bytes]]
"""One of the contract: from the call to the envelope that answers it; a `Fault` for anything else."""


def routes(schedule: Schedule, callers: Callers, self_service: SelfService | None = None) -> APIRouter:
    """`POST /rivta/scheduling`; without `self_service` the operations of what is booked alone."""
    router = APIRouter(tags=["rivta"])
    reads = Reads(schedule, CapacityLimiter(READING), Room(GUARDIANS, IN_LINE))
    operations = _what_is_booked(reads)
    if self_service is not None:
        operations |= _by_themselves(schedule, self_service, reads)

    @router.post("/rivta/scheduling", include_in_schema=False)
    async def answer_1177(request: Request) -> Response:
        """All operations of crm:scheduling 1.1."""
        try:
            caller = callers.caller(request)
            if caller is None:
                raise Fault("VP007 This caller may not ask here")
            call = read_call(await _body(request), charset(request), caller)
            operation = _operation(operations, call, request.headers.get("soapaction", ""))
            answer = await operation(call)
        except Fault as fault:
            log.info("soap_fault", code=fault.code, text=fault.text)
            return Response(envelope_of_fault(fault), 500, media_type=XML)
        return Response(answer, media_type=XML)

    return router


def _what_is_booked(reads: Reads) -> dict[str, Operation]:
    return {
        f"{{{scheduling.SCHEDULE}}}GetSubjectOfCareSchedule": _read(reads.times_to_come),
        f"{{{scheduling.DETAILS}}}GetBookingDetails": _read(reads.details),
    }


def _by_themselves(schedule: Schedule, desk: SelfService, reads: Reads) -> dict[str, Operation]:
    acting, choosing, for_another = Room(ACTING), Room(CHOOSING, IN_LINE), Room(FOR_ANOTHER, IN_LINE)
    changes: dict[str, tuple[Service, Callable[[SelfService, Call], Answered | Seen]]] = {
        f"{{{scheduling_acts.MAKE}}}MakeBooking": (Service.BOOK, partial(acts.made, schedule)),
        f"{{{scheduling_acts.UPDATE}}}UpdateBooking": (Service.REBOOK, partial(acts.moved, schedule)),
        f"{{{scheduling_acts.CANCEL}}}CancelBooking": (Service.CANCEL, partial(acts.cancelled, schedule)),
    }
    times: dict[str, Callable[[SelfService, Call], Answered | Seen]] = {
        f"{{{scheduling_offers.TIMESLOTS}}}GetAvailableTimeslots": offers.timeslots_offered,
        f"{{{scheduling_offers.DATES}}}GetAvailableDates": offers.days_offered,
    }
    catalogue: dict[str, Callable[[SelfService, Call], Answered | Seen]] = {
        f"{{{scheduling_offers.TIME_TYPES}}}GetAllTimeTypes": offers.time_types_offered,
        f"{{{scheduling_offers.CARE_TYPES}}}GetAllCareTypes": offers.care_types_offered,
        f"{{{scheduling_offers.PERFORMERS}}}GetAllPerformers": offers.performers_offered,
        f"{{{scheduling_offers.FACILITIES}}}GetAllHealthcareFacilities": offers.facilities_offered,
    }

    def room_for_times(call: Call) -> Room:
        return for_another if offers.is_for_another(call) else choosing

    pressed = {
        tag: _in_words(
            _in_time(partial(answer, desk), lambda _: acting, reads), partial(acts.not_begun, service)
        )
        for tag, (service, answer) in changes.items()
    }
    shown = {tag: _in_time(partial(answer, desk), room_for_times, reads) for tag, answer in times.items()}
    listed = {
        tag: _in_time(partial(answer, desk), lambda _: choosing, reads) for tag, answer in catalogue.items()
    }
    return pressed | shown | listed


def _read(answer: Callable[[Call], Awaitable[Answered]]) -> Operation:
    async def answer_in_xml(call: Call) -> bytes:
        with _faults_only(call):
            return wrap(await answer(call))

    return answer_in_xml


def _in_time(answer: Answer, room: Callable[[Call], Room], reads: Reads) -> Operation:
    return lambda call: _once_logged(reads, room(call).in_time(partial(_worked_out, answer, call)))


async def _once_logged(reads: Reads, telling: Awaitable[Told]) -> bytes:
    envelope, read = await telling
    if read:
        await reads.log(read)
    return envelope


def _in_words(operation: Operation, no: Callable[[Call], Answered]) -> Operation:
    """What is not even begun the resident reads too: a fault is shown to nobody."""

    async def answer(call: Call) -> bytes:
        try:
            return await operation(call)
        except NotBegun:
            log.warning("request_not_begun", operation=etree.QName(call.content).localname)
            return wrap(no(call))

    return answer


async def _body(request: Request) -> bytes:
    if media_type(request) != "text/xml":
        raise Fault("SOAP 1.1 comes as text/xml")
    try:
        return await read_body(request, LIMIT)
    except (TooLarge, TooSlow):
        raise Fault("The call is too large, or did not arrive in time") from None


def _operation(operations: Mapping[str, Operation], call: Call, soap_action: str) -> Operation:
    tag = str(call.content.tag)
    if tag not in operations:
        raise Fault("No such operation here")
    if soap_action.strip('" ') not in ("", _action(tag)):
        raise Fault("SOAPAction and body name different operations")
    return operations[tag]


def _worked_out(answer: Answer, call: Call) -> Told:
    with _faults_only(call):
        answered = answer(call)
        if isinstance(answered, Seen):
            return wrap(answered.answer), read_by(call, answered.patient, answered.booking)
        return wrap(answered), None


@contextmanager
def _faults_only(call: Call) -> Iterator[None]:
    try:
        yield
    except Fault:
        raise
    except Exception as error:  # noqa: BLE001  # whatever it was, the caller gets a fault and no more
        name = etree.QName(call.content).localname
        log.error("schedule_failed", error=type(error).__name__, operation=name)
        raise Fault("VP009 This cannot be answered now", "Server") from None


def _action(tag: str) -> str:
    """`urn:…:<Op>Responder:1:<Op>` from `{urn:…:<Op>Responder:1}<Op>`."""
    return tag.lstrip("{").replace("}", ":")
