"""Our messages against their XSDs, against themselves, and against the clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import zeep
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree
from pydantic import ValidationError

from systems import soap
from systems.rivta import engagement_index as index
from systems.rivta import from_ts, patientportal, scheduling, ts
from systems.rivta.timestamps import from_dt

STOCKHOLM = ZoneInfo("Europe/Stockholm")
RESIDENT = "191212121212"
UNIT = "SE2321000115-E000000000001"
SPRING = datetime(2026, 3, 29, tzinfo=STOCKHOLM)
AUTUMN = datetime(2026, 10, 25, tzinfo=STOCKHOLM)

IsValid = Callable[[str, Any], bool]

# Without a deadline: the first example loads the XSD.
few = settings(max_examples=50)
many = settings()

text = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"]), min_size=1, max_size=40)
optional = st.none() | text
moments = st.integers(-2_200_000_000, 32_000_000_000)  # 1900 to 2984
seconds = moments.map(lambda moment: datetime.fromtimestamp(moment, UTC))


def _is_repeated(moment: datetime) -> bool:
    """Is this the second time that the clock shows this?"""
    return moment.astimezone(STOCKHOLM).fold == 1


times = st.none() | seconds.filter(lambda moment: not _is_repeated(moment))


def tree(message: Any) -> etree._Element:
    return soap.unwrap(soap.wrap(message)).body


# Times


@many
@given(seconds)
def test_a_time_comes_back_unless_the_clock_shows_it_twice(moment: datetime) -> None:
    there_and_back = from_ts(ts(moment))
    assert there_and_back == moment - timedelta(hours=_is_repeated(moment))


@many
@given(st.sampled_from([SPRING, AUTUMN]), st.integers(0, 26 * 3600))
def test_every_second_of_the_days_of_the_change_comes_back_or_an_hour_early(
    day: datetime, after: int
) -> None:
    moment = day.astimezone(UTC) + timedelta(seconds=after)
    assert from_ts(ts(moment)) == moment - timedelta(hours=_is_repeated(moment))


@many
@given(st.sampled_from([SPRING, AUTUMN]), st.integers(0, 24 * 3600 - 1))
def test_every_wall_clock_time_of_those_days_is_read(day: datetime, after: int) -> None:
    wall = day.replace(tzinfo=None) + timedelta(seconds=after)
    read = from_ts(f"{wall:%Y%m%d%H%M%S}")
    assert read.astimezone(STOCKHOLM).replace(tzinfo=None) - wall in (timedelta(0), timedelta(hours=1))


def test_an_hour_that_comes_twice_is_read_as_the_first() -> None:
    assert from_ts("20261025023000") == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_an_hour_that_never_comes_is_read_as_before_the_change() -> None:
    assert from_ts("20260329023000") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_the_zone_that_a_time_comes_in_does_not_matter() -> None:
    moment = datetime(2026, 12, 1, 8, tzinfo=UTC)
    assert ts(moment) == ts(moment.astimezone(ZoneInfo("Asia/Tokyo"))) == "20261201090000"


def test_a_naive_time_is_refused() -> None:
    with pytest.raises(ValueError, match="naive"):
        ts(datetime(2026, 12, 1))  # noqa: DTZ001


@pytest.mark.parametrize(
    "value",
    [
        "",
        "2026120109000",
        "202612010900000",
        "20261301090000",
        "20260230090000",
        "20261201250000",
        "2026-12-01 09",
        " 0261201090000",
        "00001201090000",
        "٢٠٢٦١٢٠١٠٩٠٠٠٠",
        "20261201090000\n",
    ],
)
def test_what_is_no_timestamp_is_refused(value: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011
        from_ts(value)


def test_a_date_is_eight_digits() -> None:
    assert from_dt("20261201") == date(2026, 12, 1)
    for wrong in ("2026-12-01", "20261301", "2026W491"):
        with pytest.raises(ValueError):  # noqa: PT011
            from_dt(wrong)


# Engagement index

engagements = st.builds(
    index.Engagement,
    resident=st.from_regex(
        r"[0-9]{8}[0-9pPtTfF][0-9]{3}", fullmatch=True, alphabet=st.characters(codec="ascii")
    ),
    service_domain=st.just("riv:crm:scheduling"),
    categorization=st.sampled_from(["Booking", "Invitation"]),
    logical_address=text,
    business_object=text,
    clinical_process_interest=st.just("NA"),
    most_recent_content=times,
    source_system=text,
    creation_time=times,
    update_time=times,
    data_controller=text,
    owner=optional,
)


@few
@given(st.lists(st.tuples(st.booleans(), engagements), min_size=1, max_size=3))
def test_an_update_is_as_its_xsd_says(
    is_valid: IsValid, records: list[tuple[bool, index.Engagement]]
) -> None:
    assert is_valid("UpdateResponder_1.0.xsd", index.update(records))


@many
@given(engagements)
def test_an_engagement_comes_back_as_it_went(record: index.Engagement) -> None:
    sent = index.FindContentResponse(engagements=[record, record])
    assert soap.read_message(tree(sent), index.FindContentResponse) == sent


@many
@given(engagements)
def test_both_ways_to_build_an_engagement_agree(record: index.Engagement) -> None:
    declared = record.to_xml_tree(exclude_none=True)
    by_hand = index.update([(False, record)])[0][1]
    assert [(each.tag, each.text) for each in by_hand] == [(each.tag, each.text) for each in declared]


@few
@given(engagements)
def test_an_answer_of_the_index_is_as_its_xsd_says(is_valid: IsValid, record: index.Engagement) -> None:
    found = index.FindContentResponse(engagements=[record])
    assert is_valid("FindContentResponder_1.0.xsd", tree(found))


@few
@given(optional, optional, optional)
def test_a_search_is_as_its_xsd_says(
    is_valid: IsValid, unit: str | None, booking: str | None, source: str | None
) -> None:
    message = index.FindContent(
        resident=RESIDENT,
        service_domain="riv:crm:scheduling",
        logical_address=unit,
        business_object=booking,
        source_system=source,
    )
    assert is_valid("FindContentResponder_1.0.xsd", tree(message))


def test_the_xsd_would_have_told_a_wrong_order(is_valid: IsValid) -> None:
    message = index.update([(False, engagement())])
    record = message[0][1]
    record.append(record[0])
    assert not is_valid("UpdateResponder_1.0.xsd", message)


def engagement() -> index.Engagement:
    return index.Engagement(
        resident=RESIDENT,
        service_domain="riv:crm:scheduling",
        categorization="Booking",
        logical_address=UNIT,
        business_object="b-873",
        clinical_process_interest="NA",
        most_recent_content=datetime(2026, 12, 1, 8, tzinfo=UTC),
        source_system="SE2321000115-E000000000099",
        data_controller="SE2321000115-1000",
    )


def _fastest(work: Callable[[], Any]) -> float:
    """Seconds of this thread alone, whatever else the machine is doing."""
    durations = []
    for _ in range(5):
        started = time.thread_time()
        work()
        durations.append(time.thread_time() - started)
    return min(durations)


def test_an_update_of_a_thousand_records_is_valid_and_takes_far_less_than_a_tenth_of_a_second(
    is_valid: IsValid,
) -> None:
    records = [(False, engagement().model_copy(update={"business_object": f"b{n}"})) for n in range(1000)]
    assert is_valid("UpdateResponder_1.0.xsd", index.update(records))
    assert _fastest(lambda: soap.wrap(index.update(records), "5565594230")) < 0.1


def test_an_answer_of_the_index_is_read_in_less_than_a_millisecond() -> None:
    raw = soap.wrap(index.FindContentResponse(engagements=[engagement()]))
    assert _fastest(lambda: soap.read_message(soap.unwrap(raw).body, index.FindContentResponse)) < 0.001


# Inbox


@few
@given(st.builds(patientportal.OrganisationUnit, unit_id=text, name=text, telephone=optional), text, optional)
def test_a_message_is_as_its_xsd_says(
    is_valid: IsValid, sender: patientportal.OrganisationUnit, body: str, thread: str | None
) -> None:
    message = patientportal.AddMessage(
        resident=RESIDENT,
        message=patientportal.Message(unit=sender, thread_id=thread, description=body, text=body),
        notify=True,
        source_system="vaxel",
    )
    assert is_valid("AddMessageToPatientPortalInboxResponder_1.0.xsd", tree(message))
    assert soap.read_message(tree(message), patientportal.AddMessage) == message


def test_a_message_of_ten_thousand_characters_in_several_lines_comes_through(is_valid: IsValid) -> None:
    body = "Välkommen!\nTa med <legitimation> & \"kallelse\" – 'åäö' €\n" * 200
    sender = patientportal.OrganisationUnit(unit_id=UNIT, name="Vårdcentralen Halmstad")
    message = patientportal.AddMessage(
        resident=RESIDENT, message=patientportal.Message(unit=sender, text=body)
    )
    assert is_valid("AddMessageToPatientPortalInboxResponder_1.0.xsd", tree(message))
    assert soap.read_message(tree(message), patientportal.AddMessage).message.text == body


def test_the_other_messages_of_the_inbox_are_as_their_xsds_say(is_valid: IsValid) -> None:
    active = patientportal.IsActiveUserResponse(status=True, methods=["SMS", "Email", "Other"])
    added = patientportal.AddMessageResponse(
        thread_id="t", notified=["SMS"], result_code="INFO", result_text="x"
    )
    assert is_valid("IsActiveUserResponder_1.0.xsd", tree(patientportal.IsActiveUser(resident=RESIDENT)))
    assert is_valid("IsActiveUserResponder_1.0.xsd", tree(active))
    assert is_valid("AddMessageToPatientPortalInboxResponder_1.0.xsd", tree(added))


# Scheduling

timeslots = st.fixed_dictionaries(
    {"unit": text},
    optional={
        "start": times,
        "end": times,
        "resident": st.just(RESIDENT),
        "is_invitation": st.booleans(),
        "cancel_allowed": st.booleans(),
        "rebooking_allowed": st.booleans(),
        "message_allowed": st.booleans(),
        **dict.fromkeys(
            [
                "performer",
                "booking_id",
                "purpose",
                "reason",
                "resource_name",
                "unit_name",
                "performer_name",
                "resource_id",
                "time_type_name",
                "time_type_id",
                "care_type_name",
                "care_type_id",
            ],
            text,
        ),
    },
).map(scheduling.Timeslot.model_validate)


@few
@given(st.lists(timeslots, max_size=3))
def test_a_schedule_is_as_its_xsd_says(is_valid: IsValid, slots: list[scheduling.Timeslot]) -> None:
    answer = tree(scheduling.schedule_answer(slots))
    assert is_valid("GetSubjectOfCareScheduleResponder_1.1.xsd", answer)


@few
@given(timeslots)
def test_the_details_of_a_booking_are_as_their_xsd_says_and_come_back(
    is_valid: IsValid, slot: scheduling.Timeslot
) -> None:
    message = scheduling.GetBookingDetailsResponse(timeslot=slot)
    assert is_valid("GetBookingDetailsResponder_1.1.xsd", tree(message))
    assert soap.read_message(tree(message), scheduling.GetBookingDetailsResponse) == message


def test_the_questions_of_1177_are_as_their_xsds_say(is_valid: IsValid) -> None:
    schedule = scheduling.GetSubjectOfCareSchedule(unit=UNIT, resident=RESIDENT)
    details = scheduling.GetBookingDetails(unit=UNIT, booking_id="b-1")
    assert is_valid("GetSubjectOfCareScheduleResponder_1.1.xsd", tree(schedule))
    assert is_valid("GetBookingDetailsResponder_1.1.xsd", tree(details))


def test_an_absent_optional_element_is_left_out() -> None:
    raw = soap.wrap(scheduling.GetBookingDetailsResponse(timeslot=scheduling.Timeslot(unit=UNIT)))
    (slot,) = soap.unwrap(raw).body
    assert [etree.QName(each).localname for each in slot] == ["healthcare_facility"]


def test_an_empty_optional_element_is_read_as_absent() -> None:
    core, details = scheduling.CORE, scheduling.DETAILS
    raw = f"""<d:GetBookingDetailsResponse xmlns:d="{details}" xmlns:c="{core}"><d:timeslotDetail>
        <c:startTimeInclusive/><c:healthcare_facility>{UNIT}</c:healthcare_facility><c:purpose/>
        </d:timeslotDetail></d:GetBookingDetailsResponse>"""
    slot = scheduling.GetBookingDetailsResponse.from_xml(raw).timeslot
    assert (slot.start, slot.purpose) == (None, None)


def test_a_naive_time_has_no_place_in_a_message() -> None:
    with pytest.raises(ValidationError):
        scheduling.Timeslot(unit=UNIT, start=datetime(2026, 12, 1))  # noqa: DTZ001


# An independent peer


@pytest.fixture(scope="module")
def peer_of_1177(material: Path) -> zeep.Client:
    (wsdl,) = material.glob("crm.scheduling_trunk/**/GetBookingDetailsInteraction_1.1_RIVTABP21.wsdl")
    return zeep.Client(str(wsdl))  # type: ignore[no-untyped-call]


def test_we_read_what_another_implementation_asks(peer_of_1177: zeep.Client) -> None:
    asked = peer_of_1177.create_message(  # type: ignore[no-untyped-call]
        peer_of_1177.service,
        "GetBookingDetails",
        healthcare_facility=UNIT,
        bookingId="b-1",
        _soapheaders={"LogicalAddress": UNIT, "actor": {"actorId": RESIDENT, "actorType": "subject_of_care"}},
    )
    got = soap.unwrap(etree.tostring(asked))
    assert (got.logical_address, got.actor_id, got.actor_type) == (UNIT, RESIDENT, "subject_of_care")
    assert soap.action(got.body) == f"{scheduling.DETAILS}:GetBookingDetails"
    assert soap.read_message(got.body, scheduling.GetBookingDetails).booking_id == "b-1"


def test_another_implementation_reads_what_we_answer(peer_of_1177: zeep.Client) -> None:
    slot = scheduling.Timeslot(
        unit=UNIT, start=datetime(2026, 12, 1, 8, tzinfo=UTC), purpose="Återbesök", is_invitation=True
    )
    envelope = etree.fromstring(soap.wrap(scheduling.GetBookingDetailsResponse(timeslot=slot)))
    operation = peer_of_1177.service._binding.get("GetBookingDetails")
    got = operation.process_reply(envelope).timeslotDetail
    assert (got.startTimeInclusive, got.purpose, got.isInvitation) == ("20261201090000", "Återbesök", True)
