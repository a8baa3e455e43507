"""What 1177 asks for is carried out while it waits (besok-3, besok-4): an answer in seconds, whatever happens.

1. the request is a case before anything is done; the same again is the same case
2. it is taken through its step here and now (`engine.running.at_once`); what another has just then, is waited for,
   and so is what the journal system has not told of yet
3. what has no answer in time goes on by its flow, with the same key: 1177 hears that it is in hand

What 1177 is told is kept before it is told. Of what it heard as done nobody tells again; of all else its flow does.
"""

from __future__ import annotations

import time
import uuid
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import BoundedSemaphore

import structlog
from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import OUTAGES, transaction
from engine.running.at_once import take_through
from engine.steps.process import Process
from engine.tables import inbox
from engine.tables.claims import make_due
from models.encryption import Use, ring
from models.events import DERIVED, Arrival, in_json
from models.self_service import REQUESTED, SelfService, ServiceRequest, State
from models.times import in_utc
from routine.reasons import reason_of
from routine.self_service import Outcome, Service
from routine.self_service_text import Told, answer_of, is_of_booking
from tasks import clients
from tasks.booking_publication import changeable
from tasks.self_service import said_beside, stored
from tasks.self_service.ask_vas import ask_vas
from tasks.self_service.events import EVENTS
from tasks.self_service.stored import Standing
from tasks.self_service.who_asks import asker_of

log = structlog.get_logger()
PATIENCE = 7.0
"""Seconds that 1177 is let wait; then it hears that the request is in hand."""
LOOKS_EACH = 0.05
"""Seconds between two looks at how a case stands that another works on."""
AT_ONCE = Process(SelfService, EVENTS, {State.REQUESTED: ask_vas.step})
CARRIERS = ThreadPoolExecutor(16, thread_name_prefix="self_service")
CARRIERS_FOR_CHILDREN = ThreadPoolExecutor(8, thread_name_prefix="self_service_child")
"""So many who act for a child wait for the person register at once, and others in line: while it does not answer all
others are."""
CHILDREN = BoundedSemaphore(32)
"""So many who act for a child are let wait in that line: half of all who may act at once. One more hears that it is
in hand."""


@dataclass(frozen=True)
class Answer:
    """What 1177 is told.

    Args:
        told: result and text.
        booking: what it led to, where it is done.
        is_in_hand: its flow goes on with it.
    """

    told: Told
    booking: str | None
    is_in_hand: bool


def ask(request: ServiceRequest) -> Answer:
    """Have it done, as far as it can be within `PATIENCE`: stored when this returns, and told as it stands."""
    until = time.monotonic() + PATIENCE
    with transaction() as connection:
        key = _store(connection, request)
    if not asker_of(request, request.patient, uuid.uuid4()).is_asked_about:
        return _as_answered(request, _told(key, until, CARRIERS))
    if not CHILDREN.acquire(blocking=False):
        return _as_answered(request, _told(key, until, None))
    try:
        return _as_answered(request, _told(key, until, CARRIERS_FOR_CHILDREN))
    finally:
        CHILDREN.release()


# --- one request is one case


def _store(connection: Connection, request: ServiceRequest) -> str:
    """Keep the request; gives the key of its case, which for a repeat is that of the first."""
    base = ring().keyed(Use.SELF_SERVICE, _what(request)).hex()
    stored.alone_with(connection, base)
    before = stored.asked_before(connection, base)
    if before and _is_same(connection, before[-1], request):
        return before[-1].key
    key = f"{base}:{len(before)}"
    place = (SelfService.PROCESS, key, None, clock.now())
    inbox.put(connection, DERIVED, [Arrival(f"{REQUESTED}:{key}", REQUESTED, *place, in_json(request))])
    make_due(connection, SelfService, [key])
    return key


def _what(request: ServiceRequest) -> str:
    """What is asked for and by whom; what is said beside it makes no other request of it."""
    of = (request.service, request.unit, request.patient.id, request.actor, request.booking)
    wanted = (request.time_type, request.care_type, request.performer, request.resource)
    times = (in_utc(request.start), in_utc(request.end))
    return "\n".join(each or "-" for each in (*of, *times, *wanted))


def _is_same(connection: Connection, before: Standing, request: ServiceRequest) -> bool:
    """Is it still under way, or does what it led to still stand? After a no it is asked for anew."""
    if before.state in (State.REQUESTED, State.UNCLEAR):
        return True
    if before.state != State.DONE or before.answered_at is None:
        return False
    if before.led_to is None:
        return True  # a human has seen to it that it is booked, and nobody has said as which
    if stored.is_changed_since(connection, before):
        return False
    booking = changeable.with_booking_id(connection, request.unit, before.led_to)
    if booking is None:
        return True  # the journal system has not told of it yet
    is_newer = booking.time_at is not None and booking.time_at > before.answered_at
    if request.service == "cancel":
        return booking.cancelled or not is_newer
    return not booking.cancelled and (booking.start == request.start or not is_newer)


# --- until it is answered


def _told(key: str, until: float, carriers: ThreadPoolExecutor | None) -> Standing | None:
    """How it stands when 1177 is answered, which is kept; None: that could not be seen.

    Args:
        carriers: None: it is left to its flow.
    """
    try:
        while carriers and _comes_again(key, until, carriers):
            time.sleep(LOOKS_EACH)
        with transaction() as connection:
            found = stored.settled(connection, key)
            stored.note_told(connection, found.id, found.outcome)
        return found
    except OUTAGES as error:
        log.warning("not_seen_in_time", error=type(error).__name__)
        return None


def _comes_again(key: str, until: float, carriers: ThreadPoolExecutor) -> bool:
    """Have it carried out; gives whether it is to be once more: what it waited for may be there by now."""
    carried = carriers.submit(take_through, AT_ONCE, key)
    try:
        wait([carried], max(0.0, until - time.monotonic()))
        _note_failure(carried)
        while time.monotonic() < until:
            with transaction() as connection:
                found = stored.standing(connection, key)
            if found.state != State.REQUESTED or (carried.done() and found.left):
                return False
            if carried.done() and found.due:
                return carried.exception() is None
            time.sleep(LOOKS_EACH)
        return False
    finally:
        carried.cancel()


def _note_failure(carried: Future[None]) -> None:
    if carried.done() and (error := carried.exception()):
        log.warning("left_to_its_flow", error=type(error).__name__)


def _as_answered(request: ServiceRequest, found: Standing | None) -> Answer:
    outcome = found.outcome if found else Outcome.IN_HAND
    not_saved: tuple[str, ...] = ()
    if found and outcome in stored.TOLD:
        new = [name for name in said_beside.new_in(request, found.said) if name not in found.not_saved]
        not_saved = (*found.not_saved, *new)
        outcome = Outcome.PART_DONE if not_saved else outcome
    reason = reason_of(found.reason) if found and found.reason and outcome is Outcome.DECLINED else None
    region = clients.region()
    unit = region.unit(_unit_of(request) if is_of_booking(reason) else request.unit)
    told = answer_of(Service(request.service), outcome, reason, not_saved, region, unit)
    led_to = found.led_to if found and outcome in stored.TOLD else None
    goes_on = outcome is Outcome.IN_HAND or (found is not None and found.state == State.UNCLEAR)
    return Answer(told, led_to, goes_on)


def _unit_of(request: ServiceRequest) -> str:
    """The unit that has the booking: it may be moved to another."""
    with transaction() as connection:
        found = changeable.with_booking_id(connection, request.unit, request.booking or "")
    return found.unit if found else request.unit
