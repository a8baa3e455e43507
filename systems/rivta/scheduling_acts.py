"""Messages of crm:scheduling 1.1 by which a resident changes something: MakeBooking, UpdateBooking, CancelBooking."""

from __future__ import annotations

from typing import Literal

from pydantic_xml import BaseXmlModel, element

from systems.rivta.scheduling import CORE, EXTENSION, Asked

MAKE = "urn:riv:crm:scheduling:MakeBookingResponder:1"
UPDATE = "urn:riv:crm:scheduling:UpdateBookingResponder:1"
CANCEL = "urn:riv:crm:scheduling:CancelBookingResponder:1"

ResultCode = Literal["OK", "INFO", "ERROR"]


class RequestedTimeslot(Asked, tag="requestedTimeslot", ns="c", nsmap={"c": CORE, "x": EXTENSION}):
    """TimeslotType as it is asked for. Times are as written, Swedish local time: the clock may show one twice.

    1177 sends back what a free time was answered with; the flags of a booking mean nothing here, and are not read.
    """

    start: str | None = element(tag="startTimeInclusive", ns="c", default=None)
    end: str | None = element(tag="endTimeExclusive", ns="c", default=None)
    unit: str = element(tag="healthcare_facility", ns="c")
    performer: str | None = element(ns="c", default=None)
    booking_id: str | None = element(tag="bookingId", ns="c", default=None)
    resident: str | None = element(tag="subject_of_care", ns="c", default=None, repr=False)
    purpose: str | None = element(ns="c", default=None, repr=False)
    reason: str | None = element(ns="c", default=None, repr=False)
    resource_name: str | None = element(tag="resourceName", ns="c", default=None)
    unit_name: str | None = element(tag="healthcare_facility_name", ns="c", default=None)
    performer_name: str | None = element(tag="performerName", ns="c", default=None)
    resource_id: str | None = element(tag="resourceID", ns="c", default=None)
    time_type_name: str | None = element(tag="timeTypeName", ns="c", default=None)
    time_type_id: str | None = element(tag="timeTypeID", ns="c", default=None)
    care_type_name: str | None = element(tag="careTypeName", ns="c", default=None)
    care_type_id: str | None = element(tag="careTypeID", ns="c", default=None)
    cancel_allowed: str | None = element(tag="cancel_booking_allowed", ns="c", default=None)
    rebooking_allowed: str | None = element(ns="c", default=None)
    message_allowed: str | None = element(ns="c", default=None)
    is_invitation: str | None = element(tag="isInvitation", ns="x", default=None)


class ResidentInfo(Asked, tag="subject_of_care_info", ns="c", nsmap={"c": CORE, "x": EXTENSION}):
    """SubjectOfCareType: how the resident wishes to be reached about this time."""

    phone: str | None = element(ns="c", default=None, repr=False)
    email: str | None = element(ns="c", default=None, repr=False)
    address: str | None = element(ns="c", default=None, repr=False)
    care_of: str | None = element(tag="coaddress", ns="c", default=None, repr=False)
    first_name: str | None = element(tag="firstName", ns="x", default=None, repr=False)
    middle_name: str | None = element(tag="middleName", ns="x", default=None, repr=False)
    last_name: str | None = element(tag="lastName", ns="x", default=None, repr=False)


class MakeBooking(Asked, tag="MakeBooking", ns="m", nsmap={"m": MAKE, "c": CORE, "x": EXTENSION}):
    """This time, please; with the booking id of an open call letter, for that.

    `sender` is the unit that the booking is made from; the time is at `timeslot.unit`.
    """

    sender: str = element(tag="healthcare_facility_med", ns="m")
    timeslot: RequestedTimeslot = element(tag="requestedTimeslot", ns="m")
    info: ResidentInfo = element(tag="subject_of_care_info", ns="m")
    notification: str | None = element(ns="m", default=None, repr=False)


class MakeBookingResponse(BaseXmlModel, tag="MakeBookingResponse", ns="m", nsmap={"m": MAKE}):
    """What became of it. `booking_id` with OK and INFO only; a text of INFO or ERROR is shown to the resident."""

    booking_id: str | None = element(tag="bookingId", ns="m", default=None)
    result_code: ResultCode = element(tag="resultCode", ns="m")
    result_text: str | None = element(tag="resultText", ns="m", default=None)


class UpdateBooking(Asked, tag="UpdateBooking", ns="u", nsmap={"u": UPDATE, "c": CORE, "x": EXTENSION}):
    """This time instead, for the booking that the timeslot names."""

    timeslot: RequestedTimeslot = element(tag="requestedTimeslot", ns="u")
    info: ResidentInfo | None = element(tag="subject_of_care_info", ns="u", default=None)
    notification: str | None = element(ns="u", default=None, repr=False)


class UpdateBookingResponse(BaseXmlModel, tag="UpdateBookingResponse", ns="u", nsmap={"u": UPDATE}):
    """What became of it."""

    result_code: ResultCode = element(tag="resultCode", ns="u")
    result_text: str | None = element(tag="resultText", ns="u", default=None)


class CancelBooking(Asked, tag="CancelBooking", ns="a", nsmap={"a": CANCEL}):
    """Not this time. Whose it is does not stand here."""

    unit: str = element(tag="healthcare_facility", ns="a")
    booking_id: str = element(tag="bookingId", ns="a")
    message: str | None = element(ns="a", default=None, repr=False)


class CancelBookingResponse(BaseXmlModel, tag="CancelBookingResponse", ns="a", nsmap={"a": CANCEL}):
    """What became of it."""

    result_code: ResultCode = element(tag="resultCode", ns="a")
    result_text: str | None = element(tag="resultText", ns="a", default=None)
