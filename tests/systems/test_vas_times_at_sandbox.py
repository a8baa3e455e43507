"""Our client of VAS's timetables at the sandbox, which shares no code with it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from engine.base.errors import NotSent, Refused, SystemDown
from sandbox.server.sandbox import Sandbox
from systems.vas_times import MOST_TIMES, Coded, Performer, TimeType, VasTimes

RESIDENT = {"id": "199202232394", "type": "personnummer"}
UNIT, ANOTHER = "SE2321000115-E000000000001", "SE2321000115-E000000000002"
ANNA = {"id": "SE2321000115-P000000000001", "first_name": "Anna", "last_name": "Test", "title": "läkare"}
NOON = (datetime.now(UTC) + timedelta(days=30)).replace(hour=11, minute=0, second=0, microsecond=0)
DAYS = NOON.date(), NOON.date()


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(0) as sandbox:
        yield sandbox


@pytest.fixture
def town(running: Sandbox) -> Sandbox:
    running.region.clear()
    offers(running, [time_at(0, time_type="NY", performer=ANNA["id"]), time_at(10), time_at(20)])
    return running


def client(town: Sandbox, deadline: float = 5.0) -> VasTimes:
    return VasTimes(f"{town.url}/vas", deadline=deadline)


def post(town: Sandbox, path: str, body: Any) -> None:
    assert requests.post(town.url + path, json=body, timeout=20).status_code == 201


def time_at(minutes: float, **chosen: Any) -> dict[str, Any]:
    start = NOON + timedelta(minutes=minutes)
    return {"start": start.isoformat(), "end": (start + timedelta(minutes=10)).isoformat()} | chosen


def offers(town: Sandbox, times: list[dict[str, Any]]) -> None:
    offered = {
        "unit": {"hsa_id": UNIT, "name": "Vårdcentralen"},
        "care_types": [{"id": "ALLM", "name": "Allmänmedicin"}],
        "time_types": [{"id": "NY", "name": "Nybesök", "care_types": ["ALLM"]}],
        "performers": [ANNA | {"time_types": ["NY"]}],
        "saves": ["email"],
    }
    post(town, "/timetables", offered | {"times": times})


def wanted(minutes: float, **changed: Any) -> dict[str, Any]:
    names = ("time_type", "care_type", "performer", "resource", "phone", "email", "message")
    return {"patient": RESIDENT, "unit": {"hsa_id": UNIT}} | dict.fromkeys(names) | time_at(minutes) | changed


def booked(town: Sandbox, minutes: float, key: str = "k-1") -> str:
    return client(town).book(key, wanted(minutes, invitation=None)).id


def test_the_catalogue_and_the_free_times_are_read_as_they_are(town: Sandbox) -> None:
    catalogue = client(town).catalogue(UNIT)
    assert catalogue.time_types == (TimeType("NY", "Nybesök", ("ALLM",)),)
    assert catalogue.performers == ((Performer(**ANNA), ("NY",)),)
    assert catalogue.facilities == (Coded(UNIT, "Vårdcentralen"),)
    first, second, _ = client(town).timeslots(UNIT, *DAYS)
    assert (first.start, first.end) == (NOON, NOON + timedelta(minutes=10))
    assert (first.time_type, first.performer) == (Coded("NY", "Nybesök"), Performer(**ANNA))
    assert (second.time_type, second.performer, second.resource) == (None, None, None)
    assert client(town).timeslots(UNIT, *DAYS, performers=[ANNA["id"], "SE2321000115-P9"]) == [first]


def test_a_whole_evening(town: Sandbox) -> None:
    vas = client(town)
    kept = vas.book("k-1", wanted(0, invitation=None, phone="+46701740605", email="a@example.com"))
    assert kept.not_saved == ("phone",)
    assert vas.rebook("k-2", kept.id, wanted(10)).id == kept.id
    assert [one.start for one in vas.timeslots(UNIT, *DAYS)] == [NOON, NOON + timedelta(minutes=20)]
    cancel = {"patient": RESIDENT, "unit": {"hsa_id": UNIT}, "message": None}
    assert vas.cancel("k-3", kept.id, cancel).id == kept.id
    assert vas.cancel("k-3", kept.id, cancel).id == kept.id
    with pytest.raises(Refused, match="already_cancelled"):
        vas.cancel("k-4", kept.id, cancel)


def test_one_of_two_who_want_one_time_hears_that_it_is_taken(town: Sandbox) -> None:
    def take(at: int) -> str:
        try:
            return booked(town, 10, f"k-{at}")
        except Refused as no:
            return no.reason

    with ThreadPoolExecutor(4) as many:
        answers = list(many.map(take, range(20)))
    assert answers.count("time_taken") == 19


def test_ten_thousand_free_times_are_read_and_one_more_is_too_many(town: Sandbox) -> None:
    times = [time_at(at / 20) for at in range(MOST_TIMES)]
    offers(town, times)
    assert len(client(town).timeslots(UNIT, *DAYS)) == MOST_TIMES
    offers(town, [*times, time_at(MOST_TIMES / 20)])
    with pytest.raises(Refused, match="too_many_times"):
        client(town).timeslots(UNIT, *DAYS)


def test_what_was_done_before_the_answer_was_lost_is_found_under_the_same_key(town: Sandbox) -> None:
    post(town, "/faults", {"system": "vas", "kind": "timeout_after", "times": 1, "seconds": 2})
    with pytest.raises(NotSent, match="answer_lost"):
        client(town, 0.3).book("k-1", wanted(10, invitation=None))
    id = booked(town, 10)
    assert [one["id"] for one in town.region.vas.bookings.held.values()] == [id]


def test_a_vas_that_is_down_or_slow(town: Sandbox) -> None:
    post(town, "/faults", {"system": "vas", "kind": "down", "times": 1})
    with pytest.raises(SystemDown):
        client(town).catalogue(UNIT)
    post(town, "/faults", {"system": "vas", "kind": "slow", "seconds": 1, "operation": "GET /timeslots"})
    with pytest.raises(NotSent):
        client(town, 0.3).timeslots(UNIT, *DAYS)
