"""What 1177 may choose from, and what it may not ask for (besok-3, besok-4), by zeep, with VAS behind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
import zeep
from self_service_town import HALF_AN_HOUR, SelfServiceTown, hours
from stacks_of_1177 import INTERACTIONS, Zeep, at_the_producer
from town import HALMSTAD, in_days, with_deadline

from sandbox.people.numbers import ADULTS
from systems.rivta.timestamps import dt, ts

UNIT = HALMSTAD["hsa_id"]
NINE, TEN, ELEVEN = hours(9, 10, 11)
ANNA, BO = "SE2321000115-P000000000001", "SE2321000115-P000000000002"
OFFERED = {
    "care_types": [{"id": "C1", "name": "Läkare"}, {"id": "C2", "name": "Lab"}],
    "time_types": [
        {"id": "T1", "name": "Återbesök", "care_types": ["C1"]},
        {"id": "T2", "name": "Provtagning", "care_types": ["C2"]},
    ],
    "performers": [
        {"id": ANNA, "first_name": "Anna", "last_name": "Test", "title": "läkare", "time_types": ["T1"]},
        {"id": BO, "first_name": "Bo", "last_name": "Test", "time_types": ["T1", "T2"]},
    ],
}

pytestmark = pytest.mark.skipif(not INTERACTIONS.exists(), reason=f"no WSDLs at {INTERACTIONS}")
Asks = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def town(self_service_town: SelfServiceTown) -> SelfServiceTown:
    """VAS has three times of two kinds, with two people."""
    kinds = [("T1", "C1", ANNA), ("T1", "C1", BO), ("T2", "C2", BO)]
    times = [
        {
            "start": at.isoformat(),
            "end": (at + HALF_AN_HOUR).isoformat(),
            "time_type": kind,
            "care_type": care,
            "performer": who,
            "resource": {"id": "R1", "name": "Rum 1"},
        }
        for at, (kind, care, who) in zip((NINE, TEN, ELEVEN), kinds, strict=True)
    ]
    self_service_town.offers(times=times, **OFFERED)
    return self_service_town


@pytest.fixture
def patient(town: SelfServiceTown) -> str:
    """Someone who may book."""
    return town.resident()


@pytest.fixture
def ask(patient: str) -> Iterator[Asks]:
    """1177 asks, for the patient."""
    with at_the_producer() as seen:
        stack = Zeep(INTERACTIONS, seen.url)

        def asks(operation: str, by: str = patient, **fields: str) -> list[dict[str, Any]]:
            return stack.ask(operation, UNIT, by, **{"subject_of_care": patient} | fields)

        yield asks
        assert seen.invalid() == []


def _days(first: datetime = NINE, last: datetime = NINE) -> dict[str, str]:
    return {"startDateInclusive": dt(first.date()), "endDateInclusive": dt(last.date())}


def _time(start: datetime, end: datetime | None = None) -> dict[str, str]:
    names = {"firstName": "Tolvan", "lastName": "Tolvansson"}
    return names | {"startTimeInclusive": ts(start), "endTimeExclusive": ts(end or start + HALF_AN_HOUR)}


# --- what is offered


def test_a_free_time_tells_when_where_what_and_with_whom(ask: Asks) -> None:
    first, second, _ = ask("GetAvailableTimeslots", **_days())
    assert first == {
        "startTimeInclusive": ts(NINE),
        "endTimeExclusive": ts(NINE + HALF_AN_HOUR),
        "healthcare_facility": UNIT,
        "healthcare_facility_name": HALMSTAD["name"],
        "performer": ANNA,
        "performerName": "läkare Anna Test",
        "resourceID": "R1",
        "resourceName": "Rum 1",
        "timeTypeID": "T1",
        "timeTypeName": "Återbesök",
        "careTypeID": "C1",
        "careTypeName": "Läkare",
    }
    assert second["performerName"] == "Bo Test"


@pytest.mark.parametrize(
    ("narrowed", "starts"),
    [
        ({"performer": BO}, [TEN, ELEVEN]),
        ({"performer": f"{ANNA},{BO}"}, [NINE, TEN, ELEVEN]),
        ({"performer": "SE2321000115-P000000000099"}, []),
        ({"timeTypeID": "T2"}, [ELEVEN]),
        ({"careTypeID": "C1"}, [NINE, TEN]),
        ({"timeTypeName": "Provtagning"}, [ELEVEN]),
        ({"careTypeName": "Läkare", "performer": BO}, [TEN]),
        ({"timeTypeName": "Provtagning", "timeTypeID": "T1"}, [NINE, TEN]),
        ({"timeTypeName": "Något annat"}, []),
    ],
    ids=str,
)
def test_times_and_days_are_narrowed_to_what_is_named(
    ask: Asks, narrowed: dict[str, str], starts: list[datetime]
) -> None:
    found = ask("GetAvailableTimeslots", **_days(), **narrowed)
    assert [each["startTimeInclusive"] for each in found] == [ts(at) for at in starts]
    days = ask("GetAvailableDates", **_days(), **narrowed)
    assert {each["date"] for each in days} == {dt(at.date()) for at in starts}


def test_a_day_is_told_once_for_each_performer_and_kind_of_time(ask: Asks) -> None:
    days = ask("GetAvailableDates", **_days())
    assert [(each["date"], each["performer"], each["timeTypeID"]) for each in days] == [
        (dt(NINE.date()), ANNA, "T1"),
        (dt(NINE.date()), BO, "T1"),
        (dt(NINE.date()), BO, "T2"),
    ]


def test_the_catalogue_is_narrowed_to_what_is_named(ask: Asks) -> None:
    def ids(operation: str, name: str, **narrowed: str) -> list[str]:
        return [each[name] for each in ask(operation, **narrowed)]

    assert ids("GetAllTimeTypes", "timeTypeId") == ["T1", "T2"]
    assert ids("GetAllTimeTypes", "timeTypeId", careTypeIDs="C2,C9") == ["T2"]
    assert ids("GetAllCareTypes", "careTypeId") == ["C1", "C2"]
    assert ids("GetAllCareTypes", "careTypeId", timeTypeIDs="T2") == ["C2"]
    assert ids("GetAllCareTypes", "careTypeId", performer=ANNA.lower()) == ["C1"]
    assert ids("GetAllCareTypes", "careTypeId", performer=ANNA, timeTypeIDs="T2") == []
    assert ids("GetAllPerformers", "perfomer") == [ANNA, BO]
    assert ids("GetAllPerformers", "perfomer", careTypeIDs="C2") == [BO]
    assert ids("GetAllPerformers", "perfomer", timeTypeIDs="T1", careTypeIDs="C2") == []
    assert ids("GetAllHealthcareFacilities", "healthcare_facility") == [UNIT]


def test_of_many_times_the_first_five_thousand_are_answered(town: SelfServiceTown, ask: Asks) -> None:
    with_deadline(6)
    at = in_days(10, 0)
    town.offers(*[at + timedelta(minutes=4 * n) for n in range(5_010)])
    found = ask("GetAvailableTimeslots", **_days(at, at + timedelta(days=20)))
    assert len(found) == 5_000
    assert (found[0]["startTimeInclusive"], found[-1]["startTimeInclusive"]) == (
        ts(at),
        ts(at + timedelta(minutes=4 * 4_999)),
    )


def test_of_many_times_no_day_is_left_out(town: SelfServiceTown, ask: Asks) -> None:
    with_deadline(6)
    at = in_days(10, 0)
    town.offers(*[at + timedelta(minutes=4 * n) for n in range(5_010)], at + timedelta(days=15))
    days = ask("GetAvailableDates", **_days(at, at + timedelta(days=20)))
    assert days[-1]["date"] == dt((at + timedelta(days=15)).date())


def test_while_vas_is_down_what_it_offers_is_a_fault_of_the_servers(town: SelfServiceTown, ask: Asks) -> None:
    town.has_fault("vas", "down")
    for operation, fields in (("GetAvailableTimeslots", _days()), ("GetAllTimeTypes", {})):
        with pytest.raises(zeep.exceptions.Fault, match="VP009") as caught:
            ask(operation, **fields)
        assert caught.value.code == "soap:Server"


def test_times_for_a_stranger_are_not_shown(town: SelfServiceTown, ask: Asks) -> None:
    """barn-1: a guardian of a child, and nobody for another adult."""
    with pytest.raises(zeep.exceptions.Fault, match="Not answered"):
        ask("GetAvailableTimeslots", by=town.resident(ADULTS[3]), **_days())


# --- what may not be asked for


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (_time(in_days(8, 15)), "går inte att boka"),
        (_time(NINE, NINE + timedelta(minutes=10)), "går inte att boka"),
        (_time(NINE) | {"performer": "SE2321000115-P000000000099"}, "hos den som är vald"),
        (_time(NINE) | {"bookingId": "B-of-nobody"}, "hittar inte bokningen"),
    ],
)
def test_what_was_never_offered_is_a_no_in_words(ask: Asks, wanted: dict[str, str], said: str) -> None:
    (answer,) = ask("MakeBooking", **wanted)
    assert answer["resultCode"] == "ERROR"
    assert said in answer["resultText"]
    assert "bookingId" not in answer


async def test_anothers_booking_is_answered_as_one_that_is_not_there(
    town: SelfServiceTown, ask: Asks
) -> None:
    booking = await town.has_visit(town.resident(ADULTS[3]))
    for name in ("CancelBooking", "UpdateBooking"):
        wanted = {} if name == "CancelBooking" else _time(NINE)
        by_id = [ask(name, **wanted, bookingId=id, **_unnamed(name)) for id in (booking["id"], "B-of-nobody")]
        assert by_id[0] == by_id[1]
        assert by_id[0][0]["resultCode"] == "ERROR"


def test_a_phone_number_that_vas_has_no_room_for_is_said_and_the_time_is_booked(
    town: SelfServiceTown, ask: Asks
) -> None:
    town.offers(NINE, saves=["email"])
    (answer,) = ask("MakeBooking", **_time(NINE), phone="0" * 40, email="tolvan@example.org")
    assert answer["resultCode"] == "INFO"
    assert "Telefonnumret kunde inte sparas" in answer["resultText"]
    assert answer["bookingId"]


def _unnamed(operation: str) -> dict[str, str]:
    """CancelBooking has no place to say for whom."""
    return {"subject_of_care": ""} if operation == "CancelBooking" else {}
