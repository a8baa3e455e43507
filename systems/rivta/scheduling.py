"""Messages of crm:scheduling 1.1 that 1177 sends to us: GetSubjectOfCareSchedule and GetBookingDetails."""

from __future__ import annotations

from pydantic_xml import BaseXmlModel, element

from systems.rivta.timestamps import Ts

CORE = "urn:riv:crm:scheduling:1"
EXTENSION = "urn:riv:crm:scheduling:1.1"
SCHEDULE = "urn:riv:crm:scheduling:GetSubjectOfCareScheduleResponder:1"
DETAILS = "urn:riv:crm:scheduling:GetBookingDetailsResponder:1"


class Timeslot(
    BaseXmlModel, tag="timeslotDetail", ns="c", nsmap={"c": CORE, "x": EXTENSION}, search_mode="ordered"
):
    """TimeslotType. Times are aware, on the wire Swedish local time; an open call letter has none.

    `purpose` is mandatory for a call letter, and 1177 wants `time_type_id` there, though the XSD does not.
    """

    start: Ts | None = element(tag="startTimeInclusive", ns="c", default=None)
    end: Ts | None = element(tag="endTimeExclusive", ns="c", default=None)
    unit: str = element(tag="healthcare_facility", ns="c")
    performer: str | None = element(ns="c", default=None)
    booking_id: str | None = element(tag="bookingId", ns="c", default=None)
    resident: str | None = element(tag="subject_of_care", ns="c", default=None)
    purpose: str | None = element(ns="c", default=None)
    reason: str | None = element(ns="c", default=None)
    resource_name: str | None = element(tag="resourceName", ns="c", default=None)
    unit_name: str | None = element(tag="healthcare_facility_name", ns="c", default=None)
    performer_name: str | None = element(tag="performerName", ns="c", default=None)
    resource_id: str | None = element(tag="resourceID", ns="c", default=None)
    time_type_name: str | None = element(tag="timeTypeName", ns="c", default=None)
    time_type_id: str | None = element(tag="timeTypeID", ns="c", default=None)
    care_type_name: str | None = element(tag="careTypeName", ns="c", default=None)
    care_type_id: str | None = element(tag="careTypeID", ns="c", default=None)
    cancel_allowed: bool | None = element(tag="cancel_booking_allowed", ns="c", default=None)
    rebooking_allowed: bool | None = element(ns="c", default=None)
    message_allowed: bool | None = element(ns="c", default=None)
    is_invitation: bool | None = element(tag="isInvitation", ns="x", default=None)


class GetSubjectOfCareSchedule(
    BaseXmlModel, tag="GetSubjectOfCareSchedule", ns="s", nsmap={"s": SCHEDULE}, search_mode="ordered"
):
    """A resident's coming times at a unit?"""

    unit: str = element(tag="healthcare_facility", ns="s")
    resident: str = element(tag="subject_of_care", ns="s")


class GetSubjectOfCareScheduleResponse(
    BaseXmlModel,
    tag="GetSubjectOfCareScheduleResponse",
    ns="s",
    nsmap={"s": SCHEDULE, "c": CORE, "x": EXTENSION},
    search_mode="ordered",
):
    """They, without the open call letters, which are asked for one by one."""

    timeslots: list[Timeslot] = element(tag="timeslotDetail", ns="s", default=[])


class GetBookingDetails(
    BaseXmlModel, tag="GetBookingDetails", ns="d", nsmap={"d": DETAILS}, search_mode="ordered"
):
    """What is this booking?"""

    unit: str = element(tag="healthcare_facility", ns="d")
    booking_id: str = element(tag="bookingId", ns="d")


class GetBookingDetailsResponse(
    BaseXmlModel,
    tag="GetBookingDetailsResponse",
    ns="d",
    nsmap={"d": DETAILS, "c": CORE, "x": EXTENSION},
    search_mode="ordered",
):
    """This."""

    timeslot: Timeslot = element(tag="timeslotDetail", ns="d")
