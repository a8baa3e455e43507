"""Messages of crm:scheduling 1.1 that 1177 sends to us: GetSubjectOfCareSchedule and GetBookingDetails.

The others have files of their own: what is offered (`scheduling_offers`), and the acts (`scheduling_acts`).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any, Self, cast

from lxml import etree
from pydantic_xml import BaseXmlModel, element

from systems.rivta.timestamps import Ts, ts

CORE = "urn:riv:crm:scheduling:1"
EXTENSION = "urn:riv:crm:scheduling:1.1"
SCHEDULE = "urn:riv:crm:scheduling:GetSubjectOfCareScheduleResponder:1"
DETAILS = "urn:riv:crm:scheduling:GetBookingDetailsResponder:1"
INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"
EXTENDED = ("{*}subject_of_care_info",)
"""The parts of a question that may end in elements of other namespaces, as a question itself may."""


class Asked(BaseXmlModel, search_mode="strict", extra="forbid"):
    """A question that is read to the letter: every element is one of the schema's, in its order.

    Read as most are, elements that stand in another order are passed over: of three performers that are not next to
    each other, two would be lost in silence.
    """

    @classmethod
    def as_asked(cls, content: etree._Element) -> Self:
        """The body of a call, which this changes; ValueError or ParsingError for what does not follow the schema.

        What the schema has room for and no words (`xs:any` at the end, `xsi:type` on any element) is left out.
        """
        ours = {f"{{{namespace}}}" for namespace in (cls.__xml_nsmap__ or {}).values()}
        for part in (content, *(found for path in EXTENDED for found in content.iterfind(path))):
            while len(part) and _namespace(part[-1]) not in ours:
                part.remove(part[-1])
        for each in content.iter():
            for name in [name for name in each.attrib if str(name).startswith(INSTANCE)]:
                del each.attrib[name]
        return cls.from_xml_tree(cast("Any", content))


def _namespace(node: etree._Element) -> str:
    return f"{{{etree.QName(node).namespace or ''}}}"


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


# In the order of TimeslotType: (element, attribute of Timeslot).
_ELEMENTS = [
    (f"{{{(Timeslot.__xml_nsmap__ or {})[field.metadata[0].ns]}}}{field.metadata[0].path or name}", name)
    for name, field in Timeslot.model_fields.items()
]


def schedule_answer(timeslots: Iterable[Timeslot]) -> etree._Element:
    """GetSubjectOfCareScheduleResponse: without the open call letters, which are asked for one by one. Built by hand,
    in a quarter of what a declared one takes."""
    answer = etree.Element(
        f"{{{SCHEDULE}}}GetSubjectOfCareScheduleResponse", nsmap={"s": SCHEDULE, "c": CORE, "x": EXTENSION}
    )
    for timeslot in timeslots:
        detail = etree.SubElement(answer, f"{{{SCHEDULE}}}timeslotDetail")
        for name, attribute in _ELEMENTS:
            value = getattr(timeslot, attribute)
            if value is not None:
                etree.SubElement(detail, name).text = _on_the_wire(value)
    return answer


def _on_the_wire(value: datetime | bool | str) -> str:
    if isinstance(value, datetime):
        return ts(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    return value


class GetSubjectOfCareSchedule(
    BaseXmlModel, tag="GetSubjectOfCareSchedule", ns="s", nsmap={"s": SCHEDULE}, search_mode="ordered"
):
    """A resident's coming times at a unit?"""

    unit: str = element(tag="healthcare_facility", ns="s")
    resident: str = element(tag="subject_of_care", ns="s")


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
