"""A resident's whole evening on 1177 (besok-3, besok-4), by other people's SOAP stacks from the national WSDLs.

By zeep always; by gSOAP where Debian's is installed (bench/peers).
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import pytest
from self_service_town import HALF_AN_HOUR, SelfServiceTown, hours
from stacks_of_1177 import INTERACTIONS, Make, Stack, Watched, Zeep, at_the_producer
from town import HALMSTAD, open_letter

from bench.peers import gsoap
from systems.rivta.timestamps import dt, ts

UNIT = HALMSTAD["hsa_id"]
NINE, TEN, ELEVEN = hours(9, 10, 11)
PERFORMER = {"id": "SE2321000115-P000000000001", "first_name": "Anna", "last_name": "Test", "title": "läkare"}
OFFERED = {
    "care_types": [{"id": "C1", "name": "Läkarbesök"}],
    "time_types": [{"id": "T1", "name": "Återbesök", "care_types": ["C1"]}],
    "performers": [PERFORMER | {"time_types": ["T1"]}],
}

pytestmark = pytest.mark.skipif(not INTERACTIONS.exists(), reason=f"no WSDLs at {INTERACTIONS}")


@pytest.fixture(scope="session")
def _built(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Callable[[], Path]:
    """Built once, and kept in pytest's cache for as long as what it is made of stays the same."""

    def program() -> Path:
        sources = [*INTERACTIONS.parent.rglob("*.*sd*"), *gsoap.HERE.glob("gsoap*"), gsoap.HEADER]
        made_of = b"".join(each.read_bytes() for each in sorted(sources) if each.is_file())
        cache = getattr(request.config, "cache", None)  # `-p no:cacheprovider` has none
        folder: Path = cache.mkdir("gsoap") if cache else tmp_path_factory.mktemp("built")
        kept = folder / hashlib.sha256(made_of).hexdigest()
        if not kept.exists():
            shutil.move(gsoap.build(INTERACTIONS, tmp_path_factory.mktemp("gsoap")), kept)
        return kept

    return program


@pytest.fixture(params=["zeep", "gsoap"])
def make(request: pytest.FixtureRequest, _built: Callable[[], Path]) -> Make:
    """A stack, for an address."""
    if request.param == "zeep":
        return lambda url: Zeep(INTERACTIONS, url)
    try:
        program = _built()
    except gsoap.NotThere as missing:
        pytest.skip(f"not there: {missing}")
    return lambda url: gsoap.GSoap(program, url)


@pytest.fixture
def seen(self_service_town: SelfServiceTown) -> Iterator[Watched]:
    """What passes."""
    with at_the_producer() as passing:
        yield passing


async def test_a_resident_sees_books_from_an_open_call_letter_rebooks_and_cancels(
    self_service_town: SelfServiceTown, make: Make, seen: Watched
) -> None:
    town, stack = self_service_town, make(seen.url)
    town.offers(NINE, TEN, ELEVEN, **OFFERED)
    patient = town.resident()
    letter = await town.has_visit(patient, start=None, call_letter=open_letter())
    _looks(stack, patient, letter["id"])
    _chooses(stack, patient, letter["id"])
    booking = _books(stack, patient, letter["id"])
    await town.hears_from_vas()
    assert _starts(stack, patient) == [ts(NINE)]
    _moves(stack, patient, booking)
    await town.hears_from_vas(2)
    (slot,) = stack.ask("GetSubjectOfCareSchedule", UNIT, patient, subject_of_care=patient)
    assert slot["startTimeInclusive"] == ts(TEN)
    _cancels(stack, patient, slot["bookingId"])
    await town.hears_from_vas(3)
    assert _starts(stack, patient) == []
    assert seen.invalid() == []
    assert len(set(seen.operations())) == 11


def _looks(stack: Stack, patient: str, letter: str) -> None:
    """The open call letter is in no schedule, and is asked for by itself."""
    assert _starts(stack, patient) == []
    (slot,) = stack.ask("GetBookingDetails", UNIT, patient, bookingId=letter)
    assert (slot["bookingId"], slot["isInvitation"], slot["subject_of_care"]) == (letter, "true", patient)
    assert "Boka en tid" in slot["purpose"]
    assert "startTimeInclusive" not in slot


def _chooses(stack: Stack, patient: str, letter: str) -> None:
    """Where, what kind, with whom, when."""
    who = {"subject_of_care": patient}
    (unit,) = stack.ask("GetAllHealthcareFacilities", UNIT, patient, **who, bookingId=letter)
    assert unit == {"healthcare_facility": UNIT, "healthcare_facility_name": HALMSTAD["name"]}
    (care,) = stack.ask("GetAllCareTypes", UNIT, patient, **who, timeTypeIDs="T1,T2")
    assert care == {"careTypeName": "Läkarbesök", "careTypeId": "C1"}
    (kind,) = stack.ask("GetAllTimeTypes", UNIT, patient, **who, careTypeIDs="C1")
    assert kind == {"timeTypeName": "Återbesök", "timeTypeId": "T1"}
    (person,) = stack.ask("GetAllPerformers", UNIT, patient, **who, timeTypeIDs="T1")
    assert (person["perfomer"], person["firstName"], person["title"]) == (PERFORMER["id"], "Anna", "läkare")
    days = {"startDateInclusive": dt(NINE.date()), "endDateInclusive": dt(NINE.date()), "bookingId": letter}
    (day,) = stack.ask("GetAvailableDates", UNIT, patient, **who, **days)
    assert (day["healthcare_facility"], day["date"]) == (UNIT, dt(NINE.date()))
    free = stack.ask("GetAvailableTimeslots", UNIT, patient, **who, **days)
    assert [each["startTimeInclusive"] for each in free] == [ts(NINE), ts(TEN), ts(ELEVEN)]


def _books(stack: Stack, patient: str, letter: str) -> str:
    """Once: a call letter that is answered is no more."""
    wanted = _time(patient, NINE) | {"bookingId": letter, "firstName": "Tolvan", "lastName": "Tolvansson"}
    (made,) = stack.ask("MakeBooking", UNIT, patient, **wanted, phone="+46701740605")
    assert made["resultCode"] == "OK"
    (again,) = stack.ask("MakeBooking", UNIT, patient, **wanted | _time(patient, ELEVEN))
    assert again["resultCode"] == "ERROR"
    assert again["resultText"]
    assert "bookingId" not in again
    return str(made["bookingId"])


def _moves(stack: Stack, patient: str, booking: str) -> None:
    (moved,) = stack.ask("UpdateBooking", UNIT, patient, **_time(patient, TEN), bookingId=booking)
    assert moved == {"resultCode": "OK"}


def _cancels(stack: Stack, patient: str, booking: str) -> None:
    (slot,) = stack.ask("GetBookingDetails", UNIT, patient, bookingId=booking)
    assert (slot.get("isInvitation", "false"), slot["cancel_booking_allowed"]) == ("false", "true")
    (done,) = stack.ask("CancelBooking", UNIT, patient, bookingId=booking, message="Jag är frisk igen.")
    assert done == {"resultCode": "OK"}


def _time(patient: str, start: datetime) -> dict[str, str]:
    times = {"startTimeInclusive": ts(start), "endTimeExclusive": ts(start + HALF_AN_HOUR)}
    return times | {"subject_of_care": patient}


def _starts(stack: Stack, patient: str) -> list[str]:
    found = stack.ask("GetSubjectOfCareSchedule", UNIT, patient, subject_of_care=patient)
    return [each["startTimeInclusive"] for each in found]
