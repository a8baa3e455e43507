"""A booking that cannot be read, whatever the reason, harms no resident but its own on 1177 (besok-1, besok-3)."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import uuid4

import pytest
from self_service_town import SelfServiceTown, hours
from sqlalchemy import text
from town import HALMSTAD, Json, identity

from bench.self_service import calls
from engine.base.database import transaction
from gateway.scheduling.ports import ScheduleAsked
from gateway.scheduling.schedule import PublishedSchedule
from models.booking_publication import BookingPublication
from models.sealed import seal

UNIT = HALMSTAD["hsa_id"]
NINE, TEN = hours(9, 10)
Spoil = Callable[[Any, str], bytes]


def another_rows(case: Any, patient: str) -> bytes:
    """What is sealed for another row does not open in this one."""
    return bytes(seal(BookingPublication, "snapshot", "{}", id=uuid4()))


def another_form(case: Any, patient: str) -> bytes:
    """It opens, and is no booking that we can read."""
    said = json.dumps({"id": case.booking_id, "patient": identity(patient)})
    return bytes(seal(BookingPublication, "snapshot", said, id=case.id))


@pytest.fixture
def town(self_service_town: SelfServiceTown) -> SelfServiceTown:
    """Residents have visits in it."""
    return self_service_town


@pytest.fixture(params=[another_rows, another_form])
def spoil(request: pytest.FixtureRequest) -> Spoil:
    """How a booking comes to be unreadable."""
    made: Spoil = request.param
    return made


def spoiled(town: SelfServiceTown, booking: Json, spoil: Spoil, patient: str, source: str = "vas") -> None:
    case = town.case(booking, source)
    with transaction() as connection:
        query = text("UPDATE booking_publication SET snapshot = :snapshot WHERE id = :id")
        connection.execute(query, {"snapshot": spoil(case, patient), "id": case.id})


async def test_besok_1_whoever_is_read_together_with_an_unreadable_booking_sees_theirs(
    town: SelfServiceTown, spoil: Spoil
) -> None:
    residents = town.residents(5)
    bookings = {each: await town.has_visit(each, start=NINE) for each in residents}
    unlucky, *others = residents
    spoiled(town, bookings[unlucky], spoil, unlucky)
    asked = [ScheduleAsked(UNIT, each) for each in residents]
    first, *rest = PublishedSchedule().of(asked)
    assert not first
    assert [[each.booking.id for each in shown or []] for shown in rest] == [
        [bookings[each]["id"]] for each in others
    ]
    presses = [partial(town.by_soap, calls.schedule(UNIT, each)) for each in residents] * 4
    for who, answer in zip(residents * 4, town.all_press(presses), strict=True):
        assert (bookings[who]["id"] in answer.text) is (who != unlucky), answer.text
        assert answer.ok or who == unlucky


async def test_besok_3_what_one_cannot_read_others_see_by_itself_move_and_cancel(
    town: SelfServiceTown, spoil: Spoil
) -> None:
    town.offers(NINE, TEN)
    unlucky, other = town.residents(2)
    theirs, mine = [await town.has_visit(each, start=NINE) for each in (unlucky, other)]
    spoiled(town, theirs, spoil, unlucky)
    assert mine["id"] in town.by_soap(calls.details(UNIT, mine["id"], other)).text
    assert not town.by_soap(calls.details(UNIT, theirs["id"], unlucky)).ok
    days = {"from": TEN.date().isoformat(), "to": TEN.date().isoformat()}
    assert TEN.isoformat() in [
        each["start"] for each in town.asks_1177("times", other, mine, **days)["times"]
    ]
    assert town.asks_1177("rebook", other, mine, TEN)["result"] == "OK"


async def test_besok_1_an_unreadable_booking_hides_none_of_another_systems_with_the_same_id(
    town: SelfServiceTown, spoil: Spoil
) -> None:
    """Ids are each system's own. The one that is found first is unreadable."""
    holders = dict(zip(("vas", "hope"), town.residents(2), strict=True))
    booking = town.booking()
    for source, holder in holders.items():
        of = booking | {"patient": identity(holder)}
        assert town.tells("booking.created", {"booking": of}, source=source)["status"] == 202
    await town.comes_to_rest()
    first, other = sorted(holders, key=lambda source: town.case(booking, source).id)
    spoiled(town, booking, spoil, holders[first], first)
    assert booking["id"] in town.by_soap(calls.details(UNIT, booking["id"], holders[other])).text
