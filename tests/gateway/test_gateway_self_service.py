"""What residents do by themselves, over raw SOAP: what is a fault, what is a no in words, and what waits for whom."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
import requests
from gateway_driver import OTHER, PROXY, UNIT, Gateway, booking, served, until
from lxml import etree
from sqlalchemy import text
from test_gateway_scheduling import AGENT, SOAP, _actor, _is_fault, _post, _schedule

from engine.base.database import engine
from engine.tables.inbox import Inbox
from gateway.app import create_app
from gateway.callers import Callers
from gateway.scheduling.desk import ServiceDesk
from gateway.scheduling.ports import NoSchedule, ServiceAnswer, ShownBooking, TimesAsked
from gateway.scheduling.schedule import PublishedSchedule
from gateway.scheduling.waiting import NotBegun, Room
from gateway.soap import Fault
from gateway.wake import Waker
from models.identity import PatientId
from models.self_service import ServiceRequest
from models.times import STOCKHOLM
from sandbox.people.numbers import turning
from systems.vas_times import FreeTime, UnitCatalogue

ELSEWHERE = "SE2321000115-E000000000002"
START, END = "21990301090000", "21990301093000"
NOT_CLEAR = "vilken tid som är vald"
AN_ADULT = _actor(OTHER)
EVERY_OTHER = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


@pytest.fixture(scope="module")
def _asked(postgres: None) -> Iterator[Gateway]:
    running = Gateway()
    app = create_app(
        Inbox(),
        {}.get,
        running.readiness,
        running.wake,
        schedule=PublishedSchedule(),
        self_service=ServiceDesk(Waker(running.wake)),
        callers=Callers([PROXY["x-vp-sender-id"]], PROXY["x-vaxel-proxy"]),
    )
    with served(app) as running.url:
        yield running


@pytest.fixture
def gateway(_asked: Gateway, database: Any) -> Gateway:
    """The gateway with everything behind it, on an empty database."""
    return _asked


def _call(operation: str, body: str, actor: str = AN_ADULT, unit: str = UNIT) -> str:
    """`m:` is the operation's namespace, `e:` its extension's, `c:` and `x:` those of all."""
    namespace = f"urn:riv:crm:scheduling:{operation}Responder:1"
    spaces = f'xmlns:m="{namespace}" xmlns:e="{namespace}.1"'
    shared = 'xmlns:c="urn:riv:crm:scheduling:1" xmlns:x="urn:riv:crm:scheduling:1.1"'
    address = f'<r:LogicalAddress xmlns:r="urn:riv:itintegration:registry:1">{unit}</r:LogicalAddress>'
    return (
        f'<s:Envelope xmlns:s="{SOAP}"><s:Header>{address}{actor}</s:Header>'
        f"<s:Body><m:{operation} {spaces} {shared}>{body}</m:{operation}></s:Body></s:Envelope>"
    )


def _fields(prefix: str, **given: str | None) -> str:
    return "".join(f"<{prefix}:{n}>{v}</{prefix}:{n}>" for n, v in given.items() if v is not None)


def _slot(**changes: str | None) -> str:
    given: dict[str, str | None] = {
        "startTimeInclusive": START, "endTimeExclusive": END, "healthcare_facility": UNIT,
        "performer": None, "bookingId": None, "subject_of_care": OTHER, "reason": None,
    }  # fmt: skip
    return f"<m:requestedTimeslot>{_fields('c', **given | changes)}</m:requestedTimeslot>"


def _info(**given: str) -> str:
    names = _fields("x", firstName="Tolvan", lastName="Tolvansson")
    return f"<m:subject_of_care_info>{_fields('c', **given)}{names}</m:subject_of_care_info>"


def _make(slot: str = "", info: str = "", **more: str) -> str:
    sender = _fields("m", healthcare_facility_med=UNIT)
    return _call("MakeBooking", f"{sender}{slot or _slot()}{info or _info()}", **more)


def _update(slot: str = "", **more: str) -> str:
    return _call("UpdateBooking", slot or _slot(bookingId="VAS-1"), **more)


def _cancel(booking_id: str = "VAS-1", message: str | None = None, unit: str = UNIT, **more: str) -> str:
    given = _fields("m", healthcare_facility=unit, bookingId=booking_id, message=message)
    return _call("CancelBooking", given, **more)


def _times(
    operation: str = "GetAvailableTimeslots", first: str = "21990301", last: str = "21990331", **more: str
) -> str:
    days = _fields("m", healthcare_facility=UNIT, startDateInclusive=first, endDateInclusive=last)
    return _call(operation, days + _fields("e", subject_of_care=OTHER), **more)


def _catalogue(operation: str, unit: str = UNIT, **more: str) -> str:
    prefix = "e" if operation == "GetAllTimeTypes" else "m"
    given = _fields("m", healthcare_facility=unit) + _fields(prefix, subject_of_care=OTHER)
    return _call(operation, given, unit=unit, **more)


EVERY: dict[str, str] = {
    "MakeBooking": _make(),
    "UpdateBooking": _update(),
    "CancelBooking": _cancel(),
    "GetAvailableTimeslots": _times(),
    "GetAvailableDates": _times("GetAvailableDates"),
    **{
        operation: _catalogue(operation)
        for operation in (
            "GetAllTimeTypes",
            "GetAllCareTypes",
            "GetAllPerformers",
            "GetAllHealthcareFacilities",
        )
    },
}
TIMED: dict[str, Callable[..., str]] = {"MakeBooking": _make, "UpdateBooking": _update}
TIMES = ["GetAvailableTimeslots", "GetAvailableDates"]


def _said(answer: requests.Response) -> dict[str, str]:
    assert answer.status_code == 200, answer.text
    assert OTHER not in answer.text
    (content,) = etree.fromstring(answer.content).findall(f"{{{SOAP}}}Body/*")
    return {etree.QName(each).localname: each.text or "" for each in content}


def _is_no(answer: requests.Response, text: str = "") -> bool:
    said = _said(answer)
    assert said["resultCode"] == "ERROR"
    assert text in said["resultText"]
    assert "bookingId" not in said
    return True


# --- what is no call


def _body(call: str) -> str:
    """What stands in the operation's element."""
    begin = call.index(">", call.index("<s:Body><m:") + len("<s:Body>")) + 1
    return call[begin : call.rindex("</m:")]


@pytest.mark.parametrize("operation", EVERY)
def test_the_body_of_another_operation_is_a_fault(gateway: Gateway, operation: str) -> None:
    bodies = {_body(call) for call in EVERY.values()} - {_body(EVERY[operation])}
    assert len(bodies) >= 5
    for body in bodies:
        assert _is_fault(_post(gateway, _call(operation, body)), "schema")


@pytest.mark.parametrize("operation", EVERY)
def test_an_empty_body_is_a_fault(gateway: Gateway, operation: str) -> None:
    assert _is_fault(_post(gateway, _call(operation, "")), "schema")


@pytest.mark.parametrize("operation", EVERY)
def test_the_logical_address_must_be_the_unit_that_is_asked(gateway: Gateway, operation: str) -> None:
    call = EVERY[operation].replace(f':1">{UNIT}<', f':1">{ELSEWHERE}<', 1)
    assert _is_fault(_post(gateway, call), "differ")


def test_a_booking_may_be_made_from_another_unit_than_that_of_the_time(gateway: Gateway) -> None:
    call = _make().replace(f"_med>{UNIT}<", f"_med>{ELSEWHERE}<")
    assert _said(_post(gateway, call))["resultCode"] == "ERROR"


@pytest.mark.parametrize("operation", EVERY)
def test_an_action_of_another_operation_is_a_fault_here_too(gateway: Gateway, operation: str) -> None:
    action = '"urn:riv:crm:scheduling:GetBookingDetailsResponder:1:GetBookingDetails"'
    assert _is_fault(_post(gateway, EVERY[operation], soapaction=action), "SOAPAction")


@pytest.mark.parametrize("resident", ["1", "191212121213", "19121212-1212"])
def test_a_time_for_nobody_is_a_fault(gateway: Gateway, resident: str) -> None:
    for make in TIMED.values():
        slot = _slot(bookingId="VAS-1", subject_of_care=resident)
        assert _is_fault(_post(gateway, make(slot)), "subject_of_care")


@pytest.mark.parametrize("resident", ["19121212P121", "98240301AA06"])
def test_policy_reserv_1_a_time_for_a_reservnummer_is_a_no_in_words(gateway: Gateway, resident: str) -> None:
    for make in TIMED.values():
        slot = _slot(bookingId="VAS-1", subject_of_care=resident)
        assert _is_no(_post(gateway, make(slot)), "på 1177.se. Kontakta")


@pytest.mark.parametrize("resident", [None, ""])
def test_a_new_time_for_nobody_is_a_fault_and_what_is_booked_is_for_whose_it_is(
    gateway: Gateway, resident: str | None
) -> None:
    """TimeslotType: `subject_of_care` is optional, and a booking is somebody's, an open call letter too."""
    assert _is_fault(_post(gateway, _make(_slot(subject_of_care=resident))), "subject_of_care is missing")
    for make in TIMED.values():
        slot = _slot(bookingId="VAS-1", subject_of_care=resident)
        assert _is_no(_post(gateway, make(slot)), "hittar inte bokningen")


def test_a_change_of_no_booking_is_a_fault(gateway: Gateway) -> None:
    assert _is_fault(_post(gateway, _update(_slot())), "bookingId")


@pytest.mark.parametrize("field", ["bookingId", "performer"])
def test_a_value_that_cannot_be_one_of_ours_is_a_fault(gateway: Gateway, field: str) -> None:
    slot = _slot(**{"bookingId": "VAS-1", field: "x" * 300})
    assert _is_fault(_post(gateway, _update(slot)), "cannot be one of ours")


def test_ten_thousand_timeslots_are_too_large_a_call(gateway: Gateway) -> None:
    assert _is_fault(_post(gateway, _make(_slot() * 10_000)), "too large")
    assert _is_fault(_post(gateway, _make(_slot() * 2)), "schema")


def test_an_actor_that_is_no_resident_is_a_fault(gateway: Gateway) -> None:
    assert _is_fault(_post(gateway, _make(actor=_actor("Tolvan"))), "Actor")


# --- what is a no in words


@pytest.mark.parametrize(
    "changes",
    [
        {"startTimeInclusive": END, "endTimeExclusive": START},
        {"endTimeExclusive": START},
        {"startTimeInclusive": None},
        {"endTimeExclusive": None},
        {"startTimeInclusive": "21990230090000"},
        {"startTimeInclusive": "2199-03-01"},
        {"startTimeInclusive": "20280326023000", "endTimeExclusive": "20280326033000"},
    ],
    ids=str,
)
def test_a_time_that_is_not_clear_is_never_guessed_at(
    gateway: Gateway, changes: dict[str, str | None]
) -> None:
    """The last: the clock never shows it."""
    assert _is_no(_post(gateway, _make(_slot(**changes))), NOT_CLEAR)


def test_a_time_that_the_clock_shows_twice_is_read_as_the_first(gateway: Gateway) -> None:
    slot = _slot(startTimeInclusive="20201025023000", endTimeExclusive="20201025020000")
    assert _is_no(_post(gateway, _make(slot)), "har redan passerat")


def test_a_time_of_yesterday_is_a_no(gateway: Gateway) -> None:
    slot = _slot(startTimeInclusive="20200301090000", endTimeExclusive="20200301093000")
    assert _is_no(_post(gateway, _make(slot)), "har redan passerat")


@pytest.mark.parametrize("call", [_update(), _cancel(), _make(_slot(bookingId="VAS-1"))])
def test_an_unknown_booking_is_a_no(gateway: Gateway, call: str) -> None:
    assert _is_no(_post(gateway, call), "hittar inte bokningen")


def test_to_cancel_an_unknown_booking_is_a_no_for_an_agent_too(gateway: Gateway) -> None:
    assert _is_no(_post(gateway, _cancel(actor=AGENT)), "hittar inte bokningen")


def test_what_is_asked_for_another_adult_is_a_no_not_a_fault(gateway: Gateway) -> None:
    for make in TIMED.values():
        answer = _post(gateway, make(_slot(bookingId="VAS-1"), actor=_actor("198001019297")))
        assert _is_no(answer)


def test_a_child_who_asks_alone_is_told_who_may(gateway: Gateway) -> None:
    """barn-2."""
    child = turning(8, datetime.now(STOCKHOLM).date() + timedelta(days=2))
    answer = _post(gateway, _make(_slot(subject_of_care=child), actor=_actor(child)))
    assert _is_no(answer, "vårdnadshavare")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (_make(info=_info(phone="0" * 201)), "Telefonnumret är för långt"),
        (_make(info=_info(email="a" * 201)), "E-postadressen är för lång"),
        (_make(_slot(reason="a" * 10_001)), "Meddelandet är för långt"),
        (_cancel(message="a" * 10_001), "Meddelandet är för långt"),
    ],
)
def test_what_has_no_room_is_said_not_cut(gateway: Gateway, call: str, said: str) -> None:
    assert _is_no(_post(gateway, call), said)


def test_a_phone_number_of_forty_characters_is_no_hindrance_of_ours(gateway: Gateway) -> None:
    slot = _slot(startTimeInclusive="20200301090000", endTimeExclusive="20200301093000")
    assert _is_no(_post(gateway, _make(slot, _info(phone="0" * 40))), "har redan passerat")


# --- questions that have no words for a no


@pytest.mark.parametrize("operation", TIMES)
def test_days_that_are_not_to_be_asked_for_are_a_fault(gateway: Gateway, operation: str) -> None:
    backwards = _times(operation, "21990301", "21990228")
    too_many = _times(operation, "21990301", "21990503")
    no_day = _times(operation, "21990230", "21990301")
    assert _is_fault(_post(gateway, backwards), "before startDateInclusive")
    assert _is_fault(_post(gateway, too_many), "More than 62 days")
    assert _is_fault(_post(gateway, no_day), "schema")


@pytest.mark.parametrize("operation", TIMES)
def test_an_agent_gets_no_times_by_a_booking(gateway: Gateway, operation: str) -> None:
    call = _times(operation, actor=AGENT).replace(
        "<m:startDate", "<m:bookingId>VAS-1</m:bookingId><m:startDate"
    )
    assert _is_fault(_post(gateway, call), "Not answered: not_by_patient")


def test_a_unit_that_nobody_has_listed_offers_nothing(gateway: Gateway) -> None:
    call = _catalogue("GetAllTimeTypes", unit="SE2321000115-E000000000098")
    assert _is_fault(_post(gateway, call), "Not answered: unit_unknown")


@pytest.mark.parametrize("resident", ["1", "20131201238x"])
def test_what_is_offered_to_nobody_is_a_fault(gateway: Gateway, resident: str) -> None:
    for operation in [each for each in EVERY if each.startswith("Get")]:
        call = (
            EVERY[operation].replace(f">{OTHER}<", f">{resident}<").replace(f"Id>{resident}", f"Id>{OTHER}")
        )
        assert _is_fault(_post(gateway, call), "subject_of_care")


# --- what can't be kept, and what waits


@pytest.fixture
def read_only(database: Any) -> Iterator[None]:
    name = engine().url.database
    with engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'))
        connection.execute(text(EVERY_OTHER))  # as when a standby takes over: nobody keeps a connection
        engine().dispose()
        yield
        connection.execute(text("SET default_transaction_read_only = off"))
        connection.execute(text(f'ALTER DATABASE "{name}" RESET default_transaction_read_only'))
        connection.execute(text(EVERY_OTHER))
    engine().dispose()


def test_while_the_database_is_read_only_nothing_is_taken_in(
    gateway: Gateway, read_only: None, rows: Callable[[str], list[Any]]
) -> None:
    for call in (_make(), _update(), _cancel()):
        assert _is_fault(_post(gateway, call), "VP009", "Server")
    assert rows("SELECT 1 FROM event") == []


def test_while_the_database_is_read_only_no_read_can_be_logged_and_none_is_answered(
    gateway: Gateway, read_only: None, rows: Callable[[str], list[Any]]
) -> None:
    """HSLF-FS 2016:40, 4 kap. 9 §"""
    assert _is_fault(_post(gateway, _schedule(OTHER, actor=AN_ADULT)), "VP009", "Server")
    assert rows("SELECT 1 FROM access_log") == []


def test_the_flags_of_a_booking_are_those_that_it_is_shown_with() -> None:
    from gateway.scheduling.timeslots import timeslot_of

    slot = timeslot_of(ShownBooking(booking(), False, may_be_cancelled=True))
    assert (slot.cancel_allowed, slot.rebooking_allowed, slot.message_allowed) == (True, False, True)
    slot = timeslot_of(ShownBooking(booking(), False, may_be_rebooked=True))
    assert (slot.cancel_allowed, slot.rebooking_allowed, slot.message_allowed) == (False, True, False)


async def test_more_calls_than_may_wait_are_turned_away_at_once() -> None:
    room, held = Room(1), threading.Event()
    first = asyncio.create_task(room.in_time(held.wait))
    await asyncio.sleep(0.05)
    with pytest.raises(Fault, match="Too many calls"):
        await room.in_time(held.wait)
    held.set()
    assert await first is True
    assert await room.in_time(lambda: 7) == 7


@dataclass
class Busy:
    """A desk at which one asks, and holds up whoever comes after."""

    asked: int = 0
    held: threading.Event = field(default_factory=threading.Event)

    def ask(self, request: ServiceRequest) -> ServiceAnswer:
        self.asked += 1
        assert self.held.wait(10)
        return ServiceAnswer("OK", None, None)

    def whose(self, booking: str) -> PatientId | None:
        return None

    def free_times(self, asked: TimesAsked) -> Sequence[FreeTime]:
        return []

    def catalogue(self, unit: str) -> UnitCatalogue:
        return UnitCatalogue((), (), (), ())


def test_syfte_3_one_who_presses_while_too_many_do_reads_that_nothing_came_of_it(
    database: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gateway.scheduling.routes.ACTING", 1)
    running, desk = Gateway(), Busy()
    callers = Callers([PROXY["x-vp-sender-id"]], PROXY["x-vaxel-proxy"])
    shown = {"schedule": NoSchedule(), "self_service": desk, "callers": callers}
    app = create_app(Inbox(), {}.get, running.readiness, running.wake, **shown)
    with served(app) as running.url, ThreadPoolExecutor(1) as threads:
        first = threads.submit(_post, running, _make())
        until(lambda: desk.asked == 1)
        for call, to_do in ((_make(), "boka"), (_update(), "omboka"), (_cancel(), "avboka")):
            assert _is_no(_post(running, call), f"Det gick inte att {to_do} just nu")
        desk.held.set()
        assert _said(first.result())["resultCode"] == "OK"
    assert desk.asked == 1


async def test_who_finds_all_places_taken_waits_for_their_turn() -> None:
    room, held = Room(1, line=1), threading.Event()
    first = asyncio.create_task(room.in_time(held.wait))
    second = asyncio.create_task(room.in_time(lambda: 7))
    await asyncio.sleep(0.05)
    with pytest.raises(NotBegun):
        await room.in_time(lambda: 8)
    assert not second.done()
    held.set()
    assert (await first, await second) == (True, 7)


async def test_what_did_not_get_its_turn_in_time_is_not_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.scheduling.waiting.PATIENCE", 0.2)
    room, held, begun = Room(1, line=1), threading.Event(), threading.Event()
    first = asyncio.create_task(room.in_time(held.wait))
    await asyncio.sleep(0.05)
    with pytest.raises(NotBegun):
        await room.in_time(begun.set)
    with pytest.raises(Fault, match="did not come in time"):
        await first
    held.set()
    await asyncio.sleep(0.05)
    assert not begun.is_set()
    assert await room.in_time(lambda: 7) == 7


async def test_an_answer_is_waited_for_no_longer_than_1177_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gateway.scheduling.waiting.PATIENCE", 0.05)
    room, held = Room(1), threading.Event()
    with pytest.raises(Fault, match="did not come in time"):
        await room.in_time(held.wait)
    held.set()


async def test_what_goes_wrong_in_a_thread_is_the_callers_to_hear() -> None:
    def wrong() -> None:
        raise Fault("No such booking")

    with pytest.raises(Fault, match="No such booking"):
        await Room(1).in_time(wrong)
