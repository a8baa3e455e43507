"""Messages of crm:scheduling 1.1 about what a unit offers: free times, the days that have some, the catalogue.

In three of the questions `subject_of_care` lies in a namespace that the operation has for its own extensions.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import NamedTuple

from lxml import etree
from pydantic_xml import BaseXmlModel, element

from systems.rivta.scheduling import CORE, Asked
from systems.rivta.timestamps import Dt, dt, ts

_DOMAIN = "urn:riv:crm:scheduling:"
TIMESLOTS = f"{_DOMAIN}GetAvailableTimeslotsResponder:1"
DATES = f"{_DOMAIN}GetAvailableDatesResponder:1"
TIME_TYPES = f"{_DOMAIN}GetAllTimeTypesResponder:1"
CARE_TYPES = f"{_DOMAIN}GetAllCareTypesResponder:1"
PERFORMERS = f"{_DOMAIN}GetAllPerformersResponder:1"
FACILITIES = f"{_DOMAIN}GetAllHealthcareFacilitiesResponder:1"


def _extended(operation: str) -> dict[str, str]:
    return {"q": operation, "x": f"{operation}.1"}


class TimesQuestion(Asked, ns="q", nsmap=_extended(TIMESLOTS)):
    """What both questions for times ask. Dates are Swedish days, both included; `booking_id` is to be changed."""

    unit: str = element(tag="healthcare_facility", ns="q")
    booking_id: str | None = element(tag="bookingId", ns="q", default=None)
    first: Dt = element(tag="startDateInclusive", ns="q")
    last: Dt = element(tag="endDateInclusive", ns="q")
    performers: list[str] = element(tag="performer", ns="q", default=[])
    time_type_name: str | None = element(tag="timeTypeName", ns="q", default=None)
    time_type_id: str | None = element(tag="timeTypeID", ns="q", default=None)
    care_type_name: str | None = element(tag="careTypeName", ns="q", default=None)
    care_type_id: str | None = element(tag="careTypeID", ns="q", default=None)
    resident: str = element(tag="subject_of_care", ns="x", repr=False)


class GetAvailableTimeslots(TimesQuestion, tag="GetAvailableTimeslots", ns="q", nsmap=_extended(TIMESLOTS)):
    """Which times are free?"""


class GetAvailableDates(TimesQuestion, tag="GetAvailableDates", ns="q", nsmap=_extended(DATES)):
    """Which days have free times?"""


class FreeSlot(NamedTuple):
    """Of TimeslotType what a free time has, in its order. Times are aware."""

    start: datetime
    end: datetime
    unit: str
    performer: str | None
    resource_name: str | None
    unit_name: str | None
    performer_name: str | None
    resource_id: str | None
    time_type_name: str | None
    time_type_id: str | None
    care_type_name: str | None
    care_type_id: str | None


_OF_SLOT = [f"{{{CORE}}}{name}" for name in (
    "startTimeInclusive", "endTimeExclusive", "healthcare_facility", "performer", "resourceName",
    "healthcare_facility_name", "performerName", "resourceID", "timeTypeName", "timeTypeID",
    "careTypeName", "careTypeID",
)]  # fmt: skip


class FreeDay(NamedTuple):
    """PerformerAvailabilityByDateType: a Swedish day on which the unit has a free time of this kind."""

    unit: str
    performer: str | None
    day: date
    resource_name: str | None
    resource_id: str | None
    time_type_name: str | None
    time_type_id: str | None
    care_type_name: str | None
    care_type_id: str | None


_OF_DAY = [f"{{{DATES}}}{name}" for name in (
    "healthcare_facility", "performer", "date", "resourceName", "resourceID",
    "timeTypeName", "timeTypeID", "careTypeName", "careTypeID",
)]  # fmt: skip


def available_timeslots(slots: Iterable[FreeSlot]) -> etree._Element:
    """GetAvailableTimeslotsResponse: the free times.

    Built by hand, for thousands: see `engagement_index.update`.
    """
    answer = etree.Element(f"{{{TIMESLOTS}}}GetAvailableTimeslotsResponse", nsmap={"q": TIMESLOTS, "c": CORE})
    for slot in slots:
        detail = etree.SubElement(answer, f"{{{TIMESLOTS}}}timeslotDetail")
        for name, value in zip(_OF_SLOT, slot, strict=True):
            if value is not None:
                etree.SubElement(detail, name).text = value if isinstance(value, str) else ts(value)
    return answer


def available_dates(days: Iterable[FreeDay]) -> etree._Element:
    """GetAvailableDatesResponse: the days with free times."""
    answer = etree.Element(f"{{{DATES}}}GetAvailableDatesResponse", nsmap={"q": DATES})
    for day in days:
        found = etree.SubElement(answer, f"{{{DATES}}}performerAvailabilityByDate")
        for name, value in zip(_OF_DAY, day, strict=True):
            if value is not None:
                etree.SubElement(found, name).text = value if isinstance(value, str) else dt(value)
    return answer


class GetAllTimeTypes(Asked, tag="GetAllTimeTypes", ns="q", nsmap=_extended(TIME_TYPES)):
    """Which kinds of times can be booked, of these care types or of all?"""

    unit: str = element(tag="healthcare_facility", ns="q")
    care_types: list[str] = element(tag="careTypeIDs", ns="x", default=[])
    resident: str = element(tag="subject_of_care", ns="x", repr=False)


class TimeTypeInfo(BaseXmlModel, tag="ListOfTimeTypes", ns="c", nsmap={"c": CORE}):
    """TimeTypeType."""

    name: str = element(tag="timeTypeName", ns="c")
    id: str = element(tag="timeTypeId", ns="c")


class GetAllTimeTypesResponse(
    BaseXmlModel, tag="GetAllTimeTypesResponse", ns="q", nsmap={"q": TIME_TYPES, "c": CORE}
):
    """These."""

    time_types: list[TimeTypeInfo] = element(tag="ListOfTimeTypes", ns="q", default=[])


class GetAllCareTypes(Asked, tag="GetAllCareTypes", ns="q", nsmap={"q": CARE_TYPES}):
    """Which kinds of care can be booked, in these time types and with these performers or in all?"""

    unit: str = element(tag="healthcare_facility", ns="q")
    time_types: list[str] = element(tag="timeTypeIDs", ns="q", default=[])
    performers: list[str] = element(tag="performer", ns="q", default=[])
    resident: str = element(tag="subject_of_care", ns="q", repr=False)


class CareTypeInfo(BaseXmlModel, tag="careTypes", ns="c", nsmap={"c": CORE}):
    """CareTypeType."""

    name: str = element(tag="careTypeName", ns="c")
    id: str = element(tag="careTypeId", ns="c")


class GetAllCareTypesResponse(
    BaseXmlModel, tag="GetAllCareTypesResponse", ns="q", nsmap={"q": CARE_TYPES, "c": CORE}
):
    """These."""

    care_types: list[CareTypeInfo] = element(tag="careTypes", ns="q", default=[])


class GetAllPerformers(Asked, tag="GetAllPerformers", ns="q", nsmap={"q": PERFORMERS}):
    """With whom can times be booked, of these time types and care types or of all?"""

    unit: str = element(tag="healthcare_facility", ns="q")
    time_types: list[str] = element(tag="timeTypeIDs", ns="q", default=[])
    care_types: list[str] = element(tag="careTypeIDs", ns="q", default=[])
    resident: str = element(tag="subject_of_care", ns="q", repr=False)


class PerformerInfo(BaseXmlModel, tag="performerInfos", ns="c", nsmap={"c": CORE}):
    """PerformerInfoType; the contract spells `perfomer` so."""

    id: str = element(tag="perfomer", ns="c")
    first_name: str = element(tag="firstName", ns="c")
    last_name: str = element(tag="lastName", ns="c")
    title: str | None = element(ns="c", default=None)


class GetAllPerformersResponse(
    BaseXmlModel, tag="GetAllPerformersResponse", ns="q", nsmap={"q": PERFORMERS, "c": CORE}
):
    """These."""

    performers: list[PerformerInfo] = element(tag="performerInfos", ns="q", default=[])


class GetAllHealthcareFacilities(Asked, tag="GetAllHealthcareFacilities", ns="q", nsmap={"q": FACILITIES}):
    """At which units can a time be booked instead, of this booking or at all?"""

    unit: str = element(tag="healthcare_facility", ns="q")
    resident: str = element(tag="subject_of_care", ns="q", repr=False)
    booking_id: str | None = element(tag="bookingId", ns="q", default=None)


class FacilityInfo(BaseXmlModel, tag="healthcareFacilityInfos", ns="c", nsmap={"c": CORE}):
    """HealthcareFacilityInfoType."""

    unit: str = element(tag="healthcare_facility", ns="c")
    name: str | None = element(tag="healthcare_facility_name", ns="c", default=None)


class GetAllHealthcareFacilitiesResponse(
    BaseXmlModel, tag="GetAllHealthcareFacilitiesResponse", ns="q", nsmap={"q": FACILITIES, "c": CORE}
):
    """These."""

    facilities: list[FacilityInfo] = element(tag="healthcareFacilityInfos", ns="q", default=[])
