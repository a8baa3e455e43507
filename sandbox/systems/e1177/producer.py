"""Our producer as 1177 calls it (crm:scheduling 1.1): every answer is checked as strictly as ours are."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import requests

from sandbox.wire import soap
from sandbox.wire.elements import BOOLEAN, HSA_ID, MANY, RESIDENT_ID, TIMESTAMP, Element, Form, one_of, text
from sandbox.wire.soap import leaf

SCHEDULE = "urn:riv:crm:scheduling:GetSubjectOfCareScheduleResponder:1"
DETAILS = "urn:riv:crm:scheduling:GetBookingDetailsResponder:1"
TIMESLOTS = "urn:riv:crm:scheduling:GetAvailableTimeslotsResponder:1"
MAKE = "urn:riv:crm:scheduling:MakeBookingResponder:1"
UPDATE = "urn:riv:crm:scheduling:UpdateBookingResponder:1"
CANCEL = "urn:riv:crm:scheduling:CancelBookingResponder:1"
CORE = "urn:riv:crm:scheduling:1"
EXTENSION = "urn:riv:crm:scheduling:1.1"
HEADERS = "urn:riv:interoperability:headers:1"
STOCKHOLM = ZoneInfo("Europe/Stockholm")
PATIENCE = 15.0
"""Seconds that 1177 waits for an answer."""

FORMS: dict[str, Form] = {
    "startTimeInclusive": TIMESTAMP, "endTimeExclusive": TIMESTAMP, "healthcare_facility": HSA_ID,
    "performer": HSA_ID, "subject_of_care": RESIDENT_ID, "cancel_booking_allowed": BOOLEAN,
    "rebooking_allowed": BOOLEAN, "message_allowed": BOOLEAN,
}  # fmt: skip
SLOT = (
    "startTimeInclusive", "endTimeExclusive", "healthcare_facility", "performer", "bookingId", "subject_of_care",
    "purpose", "reason", "resourceName", "healthcare_facility_name", "performerName", "resourceID", "timeTypeName",
    "timeTypeID", "careTypeName", "careTypeID", "cancel_booking_allowed", "rebooking_allowed", "message_allowed",
)  # fmt: skip
"""What a timeslot has, in the contract's order."""
TIMESLOT = (
    *(
        Element(CORE, name, least=int(name == "healthcare_facility"), form=FORMS.get(name, text))
        for name in SLOT
    ),
    Element(EXTENSION, "isInvitation", least=0, form=BOOLEAN),
)
SCHEDULE_RESPONSE = Element(SCHEDULE, "GetSubjectOfCareScheduleResponse", open=True, children=(
    Element(SCHEDULE, "timeslotDetail", least=0, most=MANY, children=TIMESLOT),
))  # fmt: skip
DETAILS_RESPONSE = Element(DETAILS, "GetBookingDetailsResponse", open=True, children=(
    Element(DETAILS, "timeslotDetail", children=TIMESLOT),
))  # fmt: skip
TIMESLOTS_RESPONSE = Element(TIMESLOTS, "GetAvailableTimeslotsResponse", open=True, children=(
    Element(TIMESLOTS, "timeslotDetail", least=0, most=MANY, children=TIMESLOT),
))  # fmt: skip

Timeslot = dict[str, Any]


def _result(namespace: str, operation: str, *first: Element) -> Element:
    code = Element(namespace, "resultCode", form=one_of("OK", "INFO", "ERROR"))
    said = (*first, code, Element(namespace, "resultText", least=0))
    return Element(namespace, f"{operation}Response", open=True, children=said)


MAKE_RESPONSE = _result(MAKE, "MakeBooking", Element(MAKE, "bookingId", least=0))
UPDATE_RESPONSE = _result(UPDATE, "UpdateBooking")
CANCEL_RESPONSE = _result(CANCEL, "CancelBooking")


class ProducerError(Exception):
    """Our producer answered with a fault, with what the contract does not allow, or not at all."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is logged in at 1177: a resident, or as an agent a member of 1177's staff (their HSA-id)."""

    id: str
    is_agent: bool = False

    def header(self) -> str:
        """As it stands in a call's header."""
        kind = "subject_of_care_agent" if self.is_agent else "subject_of_care"
        return (
            f'<h:Actor xmlns:h="{HEADERS}">{leaf("h:actorId", self.id)}{leaf("h:actorType", kind)}</h:Actor>'
        )


@dataclass(frozen=True, slots=True)
class Resident:
    """Of whom it is, as 1177 tells of them in a request to book."""

    id: str
    first_name: str
    last_name: str
    phone: str | None = None
    email: str | None = None

    def info(self) -> str:
        """`subject_of_care_info`."""
        how = leaf("c:phone", self.phone) + leaf("c:email", self.email)
        name = leaf("x:firstName", self.first_name) + leaf("x:lastName", self.last_name)
        return f"<subject_of_care_info>{how}{name}</subject_of_care_info>"


@dataclass(frozen=True, slots=True)
class Producer:
    """Our gateway, as 1177 knows it."""

    url: str
    session: requests.Session

    def schedule(self, unit: str, resident: str) -> list[Timeslot]:
        """GetSubjectOfCareSchedule."""
        fields = leaf("healthcare_facility", unit) + leaf("subject_of_care", resident)
        return _slots(self._call_producer(unit, Actor(resident), fields, SCHEDULE_RESPONSE))

    def details(self, unit: str, resident: str, booking: str) -> list[Timeslot]:
        """GetBookingDetails."""
        fields = leaf("healthcare_facility", unit) + leaf("bookingId", booking)
        return [self._call_producer(unit, Actor(resident), fields, DETAILS_RESPONSE)["timeslotDetail"]]

    def available(
        self, actor: Actor, unit: str, resident: str, days: tuple[str, str], wanted: Timeslot
    ) -> list[Timeslot]:
        """GetAvailableTimeslots, from the first to the last day (`20261201`)."""
        fields = leaf("healthcare_facility", unit) + leaf("bookingId", wanted.get("bookingId"))
        fields += leaf("startDateInclusive", days[0]) + leaf("endDateInclusive", days[1])
        fields += _leaves(wanted, ("performer", "timeTypeID", "careTypeID"))
        fields += f'<subject_of_care xmlns="{TIMESLOTS}.1">{resident}</subject_of_care>'
        return _slots(self._call_producer(unit, actor, fields, TIMESLOTS_RESPONSE))

    def make_booking(self, actor: Actor, unit: str, slot: Timeslot, resident: Resident) -> dict[str, Any]:
        """MakeBooking; with a `bookingId` the open call letter of that id is answered."""
        fields = leaf("healthcare_facility_med", unit) + _slot_wanted(slot) + resident.info()
        return self._call_producer(unit, actor, fields, MAKE_RESPONSE)

    def update_booking(self, actor: Actor, unit: str, slot: Timeslot, resident: Resident) -> dict[str, Any]:
        """UpdateBooking: that of the slot's `bookingId`, to the slot's time."""
        return self._call_producer(unit, actor, _slot_wanted(slot) + resident.info(), UPDATE_RESPONSE)

    def cancel_booking(self, actor: Actor, unit: str, booking: str, message: str | None) -> dict[str, Any]:
        """CancelBooking."""
        fields = leaf("healthcare_facility", unit) + leaf("bookingId", booking) + leaf("message", message)
        return self._call_producer(unit, actor, fields, CANCEL_RESPONSE)

    def _call_producer(self, unit: str, actor: Actor, fields: str, expected: Element) -> dict[str, Any]:
        namespace, operation = expected.namespace, expected.name.removesuffix("Response")
        spaces = f'xmlns="{namespace}" xmlns:c="{CORE}" xmlns:x="{EXTENSION}"'
        body = _request(f"<{operation} {spaces}>{fields}</{operation}>", unit, actor)
        headers = {"content-type": soap.CONTENT_TYPE, "soapaction": f'"{namespace}:{operation}"'}
        try:
            answer = self.session.post(self.url, data=body, headers=headers, timeout=PATIENCE)
        except requests.RequestException as error:
            raise ProducerError(f"{operation}: {type(error).__name__}") from None
        if answer.status_code != 200:
            raise ProducerError(f"{operation}: HTTP {answer.status_code} {_faultstring(answer.content)}")
        return _answer_in(answer.content, expected, operation)


def in_stockholm(stamp: str | None) -> str | None:
    """A time of the contract's, which is Swedish without saying so, as others write it."""
    if stamp is None:
        return None
    return datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=STOCKHOLM).isoformat()


def _request(body: str, unit: str, actor: Actor) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="{soap.ENVELOPE}"><soap:Header>'
        f'<r:LogicalAddress xmlns:r="{soap.REGISTRY}">{unit}</r:LogicalAddress>{actor.header()}</soap:Header>'
        f"<soap:Body>{body}</soap:Body></soap:Envelope>"
    ).encode()


def _slots(found: dict[str, Any]) -> list[Timeslot]:
    slots: list[Timeslot] = found.get("timeslotDetail", [])
    return slots


def _slot_wanted(slot: Timeslot) -> str:
    inner = "".join(leaf(f"c:{name}", slot.get(name)) for name in SLOT)
    return f"<requestedTimeslot>{inner}</requestedTimeslot>"


def _leaves(values: Timeslot, names: Iterable[str]) -> str:
    return "".join(leaf(name, values.get(name)) for name in names)


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
