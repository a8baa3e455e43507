"""The bench of residents on 1177 asks what our producer reads, of as many as it says, and tells what is reached."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from bench.journey import mix
from bench.self_service import calls
from bench.self_service.__main__ import WANTED, as_page
from bench.self_service.asker import UNIT, at_the_unit, request
from bench.self_service.parts import PARTS, QUICK, Size, _timetable
from gateway.soap import read_call
from systems.rivta.scheduling import GetBookingDetails, GetSubjectOfCareSchedule
from systems.rivta.scheduling_acts import CancelBooking
from systems.rivta.scheduling_offers import GetAvailableTimeslots

RESIDENT, OTHER = "191212121212", "198001019297"
FIRST, LAST = date(2027, 3, 1), date(2027, 3, 28)
ON = {
    "cores": 2,
    "cpu": "a core",
    "memory_gib": 8.0,
    "system": "Linux",
    "python": "3.11",
    "load_before": [0.1],
}
VALUES = {name: wanted for name, (_, wanted) in WANTED.items()}


def test_a_schedule_is_asked_for_by_its_resident_or_by_another() -> None:
    for actor in (None, OTHER):
        call = read_call(calls.schedule(UNIT, RESIDENT, actor).encode(), "utf-8")
        asked = GetSubjectOfCareSchedule.from_xml_tree(call.content)  # type: ignore[arg-type]
        assert (call.logical_address, call.actor.id) == (UNIT, actor or RESIDENT)
        assert (asked.unit, asked.resident) == (UNIT, RESIDENT)


def test_all_other_calls_are_read_to_the_letter() -> None:
    cancelled = CancelBooking.as_asked(read_call(calls.cancellation(UNIT, RESIDENT, "b-1").encode()).content)
    assert (cancelled.unit, cancelled.booking_id) == (UNIT, "b-1")
    call = read_call(calls.free_times(UNIT, RESIDENT, FIRST, LAST).encode())
    times = GetAvailableTimeslots.as_asked(call.content)
    assert (times.first, times.last, times.resident) == (FIRST, LAST, RESIDENT)
    details = read_call(calls.details(UNIT, "b-1", "SE2321000115-P1").encode())
    assert details.actor.type == "subject_of_care_agent"
    assert GetBookingDetails.from_xml_tree(details.content).booking_id == "b-1"  # type: ignore[arg-type]


def test_what_goes_over_the_wire_is_as_long_as_it_says() -> None:
    head, _, body = request(8080, "old new", RESIDENT).partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert (lines[0], f"content-length: {len(body)}" in lines) == (f"POST {calls.PATH} HTTP/1.1", True)
    assert "x-vaxel-proxy: old" in lines


def test_only_residents_of_one_unit_are_asked_for_each_once() -> None:
    numbers = at_the_unit(60)
    people = mix.identities()
    assert len({people[number] for number in numbers}) == 60
    made = [mix.booking("s", number, people, FIRST) for number in numbers]
    assert {each["unit"]["hsa_id"] for each in made} == {UNIT}


@pytest.mark.parametrize("size", [Size(), QUICK])
def test_a_timetable_has_as_many_times_as_are_asked_for_each_of_its_own(size: Size) -> None:
    times = _timetable(FIRST, size.times)["times"]
    assert len({(each["start"], each["performer"]) for each in times}) == size.times
    assert all(each["start"] < each["end"] for each in times)


def test_the_page_says_of_each_figure_whether_it_is_reached() -> None:
    told: dict[str, Any] = {"at": "2026-11-29T09:00:00+00:00", "machine": ON}
    page = as_page(told | {"values": VALUES, "rounds": [VALUES]})
    assert (page.count("| yes |"), page.count("**no**")) == (len(WANTED), 0)
    worse = {name: wanted * 1.01 for name, wanted in VALUES.items()}
    assert as_page(told | {"values": worse, "rounds": [worse]}).count("**no**") == len(WANTED)
    assert len(PARTS) == 3
