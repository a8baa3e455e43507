"""What a resident sees under "Bokade tider" on 1177, after 1177 has asked our producer (crm:scheduling 1.1).

1177 looks in the index for the units, asks each for the resident's schedule, and asks for the details of
each call letter. It shows what lies in the future. What it could not read is listed as an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

import requests

from sandbox.systems.engagement_index import Engagement
from sandbox.wire import soap
from sandbox.wire.elements import BOOLEAN, HSA_ID, MANY, RESIDENT_ID, TIMESTAMP, Element, Form, text

SCHEDULE = "urn:riv:crm:scheduling:GetSubjectOfCareScheduleResponder:1"
DETAILS = "urn:riv:crm:scheduling:GetBookingDetailsResponder:1"
CORE = "urn:riv:crm:scheduling:1"
EXTENSION = "urn:riv:crm:scheduling:1.1"
HEADERS = "urn:riv:interoperability:headers:1"
STOCKHOLM = ZoneInfo("Europe/Stockholm")

FORMS: dict[str, Form] = {
    "startTimeInclusive": TIMESTAMP, "endTimeExclusive": TIMESTAMP, "healthcare_facility": HSA_ID,
    "performer": HSA_ID, "subject_of_care": RESIDENT_ID, "cancel_booking_allowed": BOOLEAN,
    "rebooking_allowed": BOOLEAN, "message_allowed": BOOLEAN,
}  # fmt: skip
TIMESLOT = (
    *(
        Element(CORE, name, least=int(name == "healthcare_facility"), form=FORMS.get(name, text))
        for name in (
            "startTimeInclusive", "endTimeExclusive", "healthcare_facility", "performer", "bookingId",
            "subject_of_care", "purpose", "reason", "resourceName", "healthcare_facility_name",
            "performerName", "resourceID", "timeTypeName", "timeTypeID", "careTypeName", "careTypeID",
            "cancel_booking_allowed", "rebooking_allowed", "message_allowed",
        )
    ),
    Element(EXTENSION, "isInvitation", least=0, form=BOOLEAN),
)  # fmt: skip
SCHEDULE_RESPONSE = Element(SCHEDULE, "GetSubjectOfCareScheduleResponse", open=True, children=(
    Element(SCHEDULE, "timeslotDetail", least=0, most=MANY, children=TIMESLOT),
))  # fmt: skip
DETAILS_RESPONSE = Element(DETAILS, "GetBookingDetailsResponse", open=True, children=(
    Element(DETAILS, "timeslotDetail", children=TIMESLOT),
))  # fmt: skip

Timeslot = dict[str, Any]


class ProducerError(Exception):
    """Our producer answered with a fault, with what the contract does not allow, or not at all."""


@dataclass(frozen=True, slots=True)
class Producer:
    """Our gateway, as 1177 knows it."""

    url: str
    session: requests.Session

    def schedule(self, unit: str, resident: str) -> list[Timeslot]:
        """GetSubjectOfCareSchedule."""
        fields = soap.leaf("healthcare_facility", unit) + soap.leaf("subject_of_care", resident)
        body = f'<GetSubjectOfCareSchedule xmlns="{SCHEDULE}">{fields}</GetSubjectOfCareSchedule>'
        found = self._call_producer(_request(body, unit, resident), SCHEDULE_RESPONSE)
        slots: list[Timeslot] = found.get("timeslotDetail", [])
        return slots

    def details(self, unit: str, resident: str, booking: str) -> list[Timeslot]:
        """GetBookingDetails."""
        fields = soap.leaf("healthcare_facility", unit) + soap.leaf("bookingId", booking)
        body = f'<GetBookingDetails xmlns="{DETAILS}">{fields}</GetBookingDetails>'
        found = self._call_producer(_request(body, unit, resident), DETAILS_RESPONSE)
        return [found["timeslotDetail"]]

    def _call_producer(self, body: bytes, expected: Element) -> dict[str, Any]:
        operation = expected.name.removesuffix("Response")
        headers = {"content-type": soap.CONTENT_TYPE, "soapaction": f'"{expected.namespace}:{operation}"'}
        try:
            answer = self.session.post(self.url, data=body, headers=headers, timeout=15)
        except requests.RequestException as error:
            raise ProducerError(f"{operation}: {type(error).__name__}") from None
        if answer.status_code != 200:
            raise ProducerError(f"{operation}: HTTP {answer.status_code} {_faultstring(answer.content)}")
        return _answer_in(answer.content, expected, operation)


def bookings_seen(engagements: list[Engagement], resident: str, producer: Producer) -> dict[str, Any]:
    """`{"bookings": [...], "errors": [...]}` of one resident, by start; open call letters last."""
    seen: dict[tuple[str, str], dict[str, Any]] = {}
    errors: list[str] = []
    for how, unit, ask in _questions(engagements, resident, producer):
        try:
            slots = ask()
        except ProducerError as error:
            errors.append(str(error))
            continue
        for slot in slots:
            key = unit.upper(), slot.get("bookingId", "")
            seen.setdefault(key, _shown(slot))["seen_by"].append(how)
    now = datetime.now(UTC)
    future = [one for one in seen.values() if not one["end"] or datetime.fromisoformat(one["end"]) > now]
    future.sort(key=lambda one: (one["start"] or "9", one["booking"]))
    return {"bookings": future, "errors": errors}


def _questions(
    engagements: list[Engagement], resident: str, producer: Producer
) -> Iterator[tuple[str, str, Callable[[], list[Timeslot]]]]:
    units = dict.fromkeys(engagement["logicalAddress"] for engagement in engagements)
    for unit in units:
        yield "schedule", unit, partial(producer.schedule, unit, resident)
    for one in engagements:
        if one["categorization"] == "Invitation":
            unit, booking = one["logicalAddress"], one["businessObjectInstanceIdentifier"]
            yield "details", unit, partial(producer.details, unit, resident, booking)


def _request(body: str, unit: str, resident: str) -> bytes:
    actor = soap.leaf("h:actorId", resident) + soap.leaf("h:actorType", "subject_of_care")
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{soap.ENVELOPE}"><soap:Header>'
        f'<r:LogicalAddress xmlns:r="{soap.REGISTRY}">{unit}</r:LogicalAddress>'
        f'<h:Actor xmlns:h="{HEADERS}">{actor}</h:Actor></soap:Header>'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def _answer_in(content: bytes, expected: Element, operation: str) -> dict[str, Any]:
    try:
        values, wrong = soap.read_answer(content, expected)
    except soap.Fault as error:
        raise ProducerError(f"{operation}: {error}") from None
    if wrong:
        raise ProducerError(f"{operation}: wrong value: {', '.join(wrong)}")
    return values


def _faultstring(content: bytes) -> str:
    text = content.decode(errors="replace")
    return text.partition("<faultstring>")[2].partition("</faultstring>")[0][:200]


def _shown(slot: Timeslot) -> dict[str, Any]:
    return {
        "booking": slot.get("bookingId", ""),
        "unit": slot["healthcare_facility"],
        "unit_name": slot.get("healthcare_facility_name"),
        "patient": slot.get("subject_of_care"),
        "start": _time(slot.get("startTimeInclusive")),
        "end": _time(slot.get("endTimeExclusive") or slot.get("startTimeInclusive")),
        "purpose": slot.get("purpose"),
        "reason": slot.get("reason"),
        "time_type": slot.get("timeTypeID"),
        "time_type_name": slot.get("timeTypeName"),
        "is_invitation": slot.get("isInvitation", False),
        "cancel_allowed": slot.get("cancel_booking_allowed", False),
        "rebook_allowed": slot.get("rebooking_allowed", False),
        "seen_by": [],
    }


def _time(stamp: str | None) -> str | None:
    if stamp is None:
        return None
    return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=STOCKHOLM).isoformat()
