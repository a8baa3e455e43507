"""The nine messages of crm:scheduling by which residents book, move and cancel: against the XSDs and another stack."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
import zeep
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic_xml import BaseXmlModel, ParsingError, element

from systems import soap
from systems.rivta import scheduling_acts as acts
from systems.rivta import scheduling_offers as offers
from systems.rivta.scheduling import CORE, EXTENSION, SCHEDULE, Asked, Timeslot, schedule_answer
from systems.rivta.timestamps import from_ts, is_read_as_it_is, times_of, ts

UNIT, OTHER_UNIT = "SE2321000115-E000000000001", "SE2321000115-E000000000002"
RESIDENT = "191212121212"
HEADERS = {"LogicalAddress": UNIT, "actor": {"actorId": RESIDENT, "actorType": "subject_of_care"}}
START = datetime(2027, 3, 1, 8, tzinfo=UTC)
TIME = {
    "startTimeInclusive": "20270301090000",
    "endTimeExclusive": "20270301093000",
    "healthcare_facility": UNIT,
    "performer": "SE2321000115-P1",
    "bookingId": "VAS-1",
    "subject_of_care": RESIDENT,
    "reason": "Ont i knät & i foten",
    "resourceID": "R1",
    "timeTypeID": "T1",
    "careTypeID": "C1",
    "cancel_booking_allowed": True,
}
INFO = {"phone": "+46701740605", "email": "tolvan@example.se", "firstName": "Tolvan", "lastName": "T"}
Model = TypeVar("Model", bound=Asked)
IsValid = Callable[[str, Any], bool]
Ask = Callable[..., etree._Element]

few = settings(max_examples=50)
text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=40)


def xsd(operation: str) -> str:
    return f"{operation}Responder_1.1.xsd"


def tree(message: BaseXmlModel | etree._Element) -> etree._Element:
    return soap.unwrap(soap.wrap(message)).body


@pytest.fixture(scope="module")
def peers(material: Path) -> Callable[[str], zeep.Client]:
    """Zeep by the original WSDL of an operation, as strict as it gets."""
    known: dict[str, zeep.Client] = {}

    def peer(operation: str) -> zeep.Client:
        if operation not in known:
            (wsdl,) = material.glob(f"crm.scheduling_trunk/**/{operation}Interaction_1.1_RIVTABP21.wsdl")
            known[operation] = zeep.Client(str(wsdl))  # type: ignore[no-untyped-call]
        return known[operation]

    return peer


@pytest.fixture(scope="module")
def ask(peers: Callable[[str], zeep.Client], is_valid: IsValid) -> Ask:
    """The body of a question that zeep has written, and both validators have read."""

    def asked(operation: str, **fields: Any) -> etree._Element:
        peer = peers(operation)
        written = peer.create_message(peer.service, operation, **fields, _soapheaders=HEADERS)  # type: ignore[no-untyped-call]
        body = soap.unwrap(etree.tostring(written)).body
        assert is_valid(xsd(operation), body)
        return body

    return asked


@pytest.fixture(scope="module")
def heard(peers: Callable[[str], zeep.Client], is_valid: IsValid) -> Callable[..., Any]:
    """What zeep reads in an answer of ours, which both validators have read."""

    def hears(operation: str, message: BaseXmlModel | etree._Element) -> Any:
        assert is_valid(xsd(operation), tree(message))
        envelope = etree.fromstring(soap.wrap(message))
        return peers(operation).service._binding.get(operation).process_reply(envelope)

    return hears


# --- the acts


def test_a_time_that_is_asked_for_is_read_as_another_stack_writes_it(ask: Ask) -> None:
    asked = acts.MakeBooking.as_asked(
        ask(
            "MakeBooking",
            healthcare_facility_med=OTHER_UNIT,
            requestedTimeslot=TIME,
            subject_of_care_info=INFO,
        )
    )
    slot = asked.timeslot
    assert (asked.sender, slot.unit, slot.resident) == (OTHER_UNIT, UNIT, RESIDENT)
    assert (slot.start, slot.end) == ("20270301090000", "20270301093000")
    assert (slot.booking_id, slot.performer, slot.resource_id) == ("VAS-1", "SE2321000115-P1", "R1")
    assert (slot.time_type_id, slot.care_type_id) == ("T1", "C1")
    assert slot.reason == "Ont i knät & i foten"
    assert (asked.info.phone, asked.info.email) == ("+46701740605", "tolvan@example.se")


def test_another_time_that_is_asked_for_is_read_too(ask: Ask) -> None:
    asked = acts.UpdateBooking.as_asked(ask("UpdateBooking", requestedTimeslot=TIME))
    assert (asked.timeslot.booking_id, asked.timeslot.start) == ("VAS-1", "20270301090000")
    assert asked.info is None
    asked = acts.UpdateBooking.as_asked(
        ask("UpdateBooking", requestedTimeslot=TIME, subject_of_care_info=INFO, notification="sms")
    )
    assert asked.info is not None
    assert (asked.info.phone, asked.notification) == ("+46701740605", "sms")


def test_a_cancellation_that_is_asked_for_is_read_too(ask: Ask) -> None:
    body = ask("CancelBooking", healthcare_facility=UNIT, bookingId="VAS-1", message="Jag är frisk")
    asked = acts.CancelBooking.as_asked(body)
    assert (asked.unit, asked.booking_id, asked.message) == (UNIT, "VAS-1", "Jag är frisk")


@few
@given(st.sampled_from(["OK", "INFO", "ERROR"]), st.none() | text, st.none() | text)
def test_what_became_of_it_is_as_the_schemas_say_and_read_by_another_stack(
    heard: Callable[..., Any], code: Any, said: str | None, booking: str | None
) -> None:
    made = acts.MakeBookingResponse(booking_id=booking, result_code=code, result_text=said)
    moved = acts.UpdateBookingResponse(result_code=code, result_text=said)
    cancelled = acts.CancelBookingResponse(result_code=code, result_text=said)
    answers = {"MakeBooking": made, "UpdateBooking": moved, "CancelBooking": cancelled}
    read = {operation: heard(operation, answer) for operation, answer in answers.items()}
    assert {(each.resultCode, each.resultText) for each in read.values()} == {(code, said)}
    assert read["MakeBooking"].bookingId == booking


# --- what is offered


@pytest.mark.parametrize("model", [offers.GetAvailableTimeslots, offers.GetAvailableDates])
def test_a_question_for_times_is_read_whole(ask: Ask, model: type[offers.TimesQuestion]) -> None:
    body = ask(
        model.__name__,
        healthcare_facility=UNIT,
        bookingId="VAS-1",
        startDateInclusive="20270301",
        endDateInclusive="20270331",
        performer=["P1", "P2"],
        timeTypeName="Provtagning",
        timeTypeID="T1",
        careTypeName="Lab",
        careTypeID="C1",
        subject_of_care=RESIDENT,
    )
    asked = model.as_asked(body)
    assert (asked.unit, asked.booking_id, asked.resident) == (UNIT, "VAS-1", RESIDENT)
    assert (asked.first, asked.last) == (date(2027, 3, 1), date(2027, 3, 31))
    assert asked.performers == ["P1", "P2"]
    assert (asked.time_type_name, asked.time_type_id) == ("Provtagning", "T1")
    assert (asked.care_type_name, asked.care_type_id) == ("Lab", "C1")


def test_the_questions_for_the_catalogue_are_read_whole(ask: Ask) -> None:
    common: dict[str, Any] = {"healthcare_facility": UNIT, "subject_of_care": RESIDENT}
    times = offers.GetAllTimeTypes.as_asked(ask("GetAllTimeTypes", careTypeIDs=["C1", "C2"], **common))
    care = offers.GetAllCareTypes.as_asked(
        ask("GetAllCareTypes", timeTypeIDs=["T1", "T2"], performer=["P1", "P2"], **common)
    )
    people = offers.GetAllPerformers.as_asked(
        ask("GetAllPerformers", timeTypeIDs=["T1"], careTypeIDs=["C1", "C2"], **common)
    )
    units = offers.GetAllHealthcareFacilities.as_asked(
        ask("GetAllHealthcareFacilities", bookingId="VAS-1", **common)
    )
    assert {(each.unit, each.resident) for each in (times, care, people, units)} == {(UNIT, RESIDENT)}
    assert times.care_types == people.care_types == ["C1", "C2"]
    assert (care.time_types, care.performers, people.time_types) == (["T1", "T2"], ["P1", "P2"], ["T1"])
    assert units.booking_id == "VAS-1"


def test_free_times_are_read_by_another_stack(heard: Callable[..., Any]) -> None:
    whole = offers.FreeSlot(
        START, START + timedelta(minutes=30), UNIT, "P1", "Rum 1", "Halmstad", "leg. läkare Åsa Ö <3", "R1",
        "Provtagning", "T1", "Lab", "C1",
    )  # fmt: skip
    bare = offers.FreeSlot(START, START + timedelta(minutes=30), UNIT, *[None] * 9)
    first, second = heard("GetAvailableTimeslots", offers.available_timeslots([whole, bare])).timeslotDetail
    assert (first.startTimeInclusive, first.endTimeExclusive) == ("20270301090000", "20270301093000")
    assert (first.healthcare_facility, first.healthcare_facility_name) == (UNIT, "Halmstad")
    assert (first.performer, first.performerName) == ("P1", "leg. läkare Åsa Ö <3")
    assert (first.resourceID, first.resourceName) == ("R1", "Rum 1")
    assert (first.timeTypeID, first.timeTypeName) == ("T1", "Provtagning")
    assert (first.careTypeID, first.careTypeName) == ("C1", "Lab")
    assert (second.startTimeInclusive, second.performer, second.resourceID) == ("20270301090000", None, None)


def test_days_with_free_times_are_read_by_another_stack(heard: Callable[..., Any]) -> None:
    days = [
        offers.FreeDay(UNIT, "P1", date(2027, 3, 1), "Rum 1", "R1", "Prov", "T1", "Lab", "C1"),
        offers.FreeDay(UNIT, None, date(2027, 3, 2), None, None, None, None, None, None),
    ]
    first, second = heard("GetAvailableDates", offers.available_dates(days)).performerAvailabilityByDate
    assert (first.healthcare_facility, first.performer, first.date) == (UNIT, "P1", "20270301")
    assert (first.resourceName, first.resourceID) == ("Rum 1", "R1")
    assert (first.timeTypeName, first.timeTypeID) == ("Prov", "T1")
    assert (first.careTypeName, first.careTypeID) == ("Lab", "C1")
    assert (second.date, second.performer, second.timeTypeID) == ("20270302", None, None)


def test_the_catalogue_is_read_by_another_stack(heard: Callable[..., Any]) -> None:
    times = offers.GetAllTimeTypesResponse(time_types=[offers.TimeTypeInfo(id="T1", name="Prov")])
    care = offers.GetAllCareTypesResponse(care_types=[offers.CareTypeInfo(id="C1", name="Lab")])
    who = offers.PerformerInfo(id="P1", first_name="Åsa", last_name="Ö", title="läkare")
    people = offers.GetAllPerformersResponse(performers=[who, who.model_copy(update={"title": None})])
    facilities = [offers.FacilityInfo(unit=UNIT, name="Halmstad"), offers.FacilityInfo(unit=OTHER_UNIT)]
    units = offers.GetAllHealthcareFacilitiesResponse(facilities=facilities)
    (one,) = heard("GetAllTimeTypes", times).ListOfTimeTypes
    assert (one.timeTypeId, one.timeTypeName) == ("T1", "Prov")
    (one,) = heard("GetAllCareTypes", care).careTypes
    assert (one.careTypeId, one.careTypeName) == ("C1", "Lab")
    first, second = heard("GetAllPerformers", people).performerInfos
    assert (first.perfomer, first.firstName, first.lastName, first.title) == ("P1", "Åsa", "Ö", "läkare")
    assert second.title is None
    first, second = heard("GetAllHealthcareFacilities", units).healthcareFacilityInfos
    assert (first.healthcare_facility, first.healthcare_facility_name) == (UNIT, "Halmstad")
    assert (second.healthcare_facility, second.healthcare_facility_name) == (OTHER_UNIT, None)


@pytest.mark.parametrize(
    ("operation", "answer"),
    [
        ("GetAvailableTimeslots", offers.available_timeslots([])),
        ("GetAvailableDates", offers.available_dates([])),
        ("GetAllTimeTypes", offers.GetAllTimeTypesResponse()),
        ("GetAllCareTypes", offers.GetAllCareTypesResponse()),
        ("GetAllPerformers", offers.GetAllPerformersResponse()),
        ("GetAllHealthcareFacilities", offers.GetAllHealthcareFacilitiesResponse()),
    ],
)
def test_nothing_offered_is_an_answer_too(is_valid: IsValid, operation: str, answer: Any) -> None:
    assert is_valid(xsd(operation), tree(answer))
    assert len(tree(answer)) == 0


texts = st.none() | text
timeslots = st.builds(
    Timeslot,
    start=st.none() | st.just(START),
    unit=text,
    performer=texts,
    booking_id=texts,
    resident=st.none() | st.just(RESIDENT),
    purpose=texts,
    resource_name=texts,
    performer_name=texts,
    time_type_name=texts,
    care_type_id=texts,
    cancel_allowed=st.none() | st.booleans(),
    is_invitation=st.none() | st.booleans(),
)


class Schedule(
    BaseXmlModel,
    tag="GetSubjectOfCareScheduleResponse",
    ns="s",
    nsmap={"s": SCHEDULE, "c": CORE, "x": EXTENSION},
    search_mode="ordered",
):
    """The answer as it would be declared."""

    timeslots: list[Timeslot] = element(tag="timeslotDetail", ns="s", default=[])


@few
@given(st.lists(timeslots, max_size=3))
def test_both_ways_to_build_a_schedule_agree(slots: list[Timeslot]) -> None:
    declared, by_hand = tree(Schedule(timeslots=slots)), tree(schedule_answer(slots))
    assert etree.tostring(by_hand, method="c14n") == etree.tostring(declared, method="c14n")


# --- what does not follow the schema


def _read(model: type[Model], body: etree._Element) -> Model | None:
    try:
        return model.as_asked(deepcopy(body))
    except (ValueError, ParsingError):
        return None


QUESTIONS: list[tuple[type[Asked], dict[str, Any]]] = [
    (
        acts.MakeBooking,
        {"healthcare_facility_med": UNIT, "requestedTimeslot": TIME, "subject_of_care_info": INFO},
    ),
    (acts.UpdateBooking, {"requestedTimeslot": TIME, "notification": "sms"}),
    (acts.CancelBooking, {"healthcare_facility": UNIT, "bookingId": "VAS-1", "message": "m"}),
    (
        offers.GetAvailableDates,
        {
            "healthcare_facility": UNIT,
            "startDateInclusive": "20270301",
            "endDateInclusive": "20270301",
            "performer": ["P1", "P2"],
            "timeTypeID": "T1",
            "subject_of_care": RESIDENT,
        },
    ),
    (
        offers.GetAllTimeTypes,
        {"healthcare_facility": UNIT, "careTypeIDs": ["C1", "C2"], "subject_of_care": RESIDENT},
    ),
    (
        offers.GetAllCareTypes,
        {
            "healthcare_facility": UNIT,
            "timeTypeIDs": ["T1", "T2"],
            "performer": ["P1"],
            "subject_of_care": RESIDENT,
        },
    ),
]
CHANGES = ("swapped", "twice", "gone", "other name", "other namespace", "foreign after", "foreign before")


@settings(max_examples=150)
@given(st.data())
def test_what_is_moved_about_is_read_only_where_the_schema_has_room_for_it(
    ask: Ask, is_valid: IsValid, data: st.DataObject
) -> None:
    model, fields = data.draw(st.sampled_from(QUESTIONS))
    body = ask(model.__name__, **fields)
    part = data.draw(st.sampled_from([each for each in body.iter() if len(each)]))
    at = data.draw(st.integers(0, len(part) - 1))
    is_extension = ":1.1" in str(part[at].tag)
    _changed(part, at, data.draw(st.sampled_from(CHANGES)))
    if _read(model, body) is None:
        # To the schema, an extension once more at the end could be anything. To us it is one too many.
        assert is_extension or not is_valid(xsd(model.__name__), body)
    else:
        assert is_valid(xsd(model.__name__), body) or _is_without_name(body)


def _changed(part: etree._Element, at: int, change: str) -> None:
    child, foreign = part[at], etree.Element("{urn:x:of-others}more")
    foreign.text = "something"  # empty it would be nothing to us
    if change == "swapped":
        part.insert(0, part[-1]) if at == 0 else part.insert(at - 1, child)
    elif change == "twice":
        part.append(deepcopy(child))
    elif change == "gone":
        part.remove(child)
    elif change == "other name":
        child.tag = f"{child.tag!s}s"
    elif change == "other namespace":
        child.tag = f"{{urn:x:of-others}}{etree.QName(child).localname}"
    elif change == "foreign after":
        part.append(foreign)
    else:
        part.insert(at, foreign)


def _is_without_name(body: etree._Element) -> bool:
    """The schema wants a first and a last name, which we have no use for."""
    info = body.find("{*}subject_of_care_info")
    names = (
        [] if info is None else [info.find(f"{{{EXTENSION}}}{name}") for name in ("firstName", "lastName")]
    )
    return None in names


def test_repeated_elements_that_stand_apart_are_refused_not_lost(ask: Ask) -> None:
    model, fields = QUESTIONS[3]
    body = ask(model.__name__, **fields)
    first = body.find("{*}performer")
    assert first is not None
    body.find("{*}timeTypeID").addnext(first)  # type: ignore[union-attr]
    assert _read(model, body) is None


@pytest.mark.parametrize(("model", "fields"), QUESTIONS, ids=lambda each: getattr(each, "__name__", ""))
def test_the_body_of_any_other_question_is_refused(
    ask: Ask, model: type[Asked], fields: dict[str, Any]
) -> None:
    body = ask(model.__name__, **fields)
    assert [each for each, _ in QUESTIONS if _read(each, body) is not None] == [model]


def test_types_that_a_stack_writes_on_its_elements_are_passed_over(ask: Ask) -> None:
    body = ask("CancelBooking", healthcare_facility=UNIT, bookingId="VAS-1")
    for each in body.iter():
        each.set("{http://www.w3.org/2001/XMLSchema-instance}type", "xsd:string")
    assert acts.CancelBooking.as_asked(body).booking_id == "VAS-1"


def test_an_empty_optional_element_of_a_question_is_read_as_absent(ask: Ask) -> None:
    body = ask("UpdateBooking", requestedTimeslot=TIME)
    for name in ("performer", "reason"):
        body[0].find(f"{{{CORE}}}{name}").text = None  # type: ignore[union-attr]
    slot = acts.UpdateBooking.as_asked(body).timeslot
    assert (slot.performer, slot.reason) == (None, None)


# --- times


SPANS = [
    ("20261025015959", "20261025021500", "20261024T235959Z", "20261025T001500Z"),
    ("20261025020000", "20261025023000", "20261025T000000Z", "20261025T003000Z"),
    ("20261025023000", "20261025020000", "20261025T003000Z", "20261025T010000Z"),
    ("20261025023000", "20261025033000", "20261025T003000Z", "20261025T023000Z"),
    ("20261025030000", "20261025033000", "20261025T020000Z", "20261025T023000Z"),
    ("20260329013000", "20260329030000", "20260329T003000Z", "20260329T010000Z"),
    ("20261201090000", "20261201093000", "20261201T080000Z", "20261201T083000Z"),
    ("20261201093000", "20261201090000", "20261201T083000Z", "20261201T080000Z"),
]


@pytest.mark.parametrize(("start", "end", "begins", "ends"), SPANS)
def test_of_the_hour_that_comes_twice_the_first_is_read_and_an_end_after_its_start(
    start: str, end: str, begins: str, ends: str
) -> None:
    assert times_of(start, end) == (datetime.fromisoformat(begins), datetime.fromisoformat(ends))


@pytest.mark.parametrize(
    "written", ["20260329020000", "20260329025959", "2027-03-01", "20270230090000", "", None]
)
def test_a_time_that_the_clock_never_shows_is_none(written: str | None) -> None:
    assert times_of(written, "20270301093000")[0] is None
    assert times_of("20260301093000", written)[1] is None


around_october = st.integers(-4 * 60, 4 * 60).map(
    lambda minutes: datetime(2026, 10, 25, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(around_october, st.integers(1, 240))
def test_a_span_is_offered_just_where_it_would_be_read_as_what_it_is(start: datetime, minutes: int) -> None:
    end = start + timedelta(minutes=minutes)
    assert is_read_as_it_is(start, end) is (times_of(ts(start), ts(end)) == (start, end))


def test_all_but_those_of_the_second_hour_are_offered() -> None:
    start, half = datetime(2026, 10, 24, 22, tzinfo=UTC), timedelta(minutes=30)
    left_out = [at for n in range(12) if not is_read_as_it_is(at := start + n * half, at + half)]
    assert left_out == [datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC)]
    assert [from_ts(ts(at)) for at in left_out] == [at - 2 * half for at in left_out]
