"""What a unit offers (besok-3, besok-4): free times, the days that have some, and the catalogue to choose from.

Asked of the journal system at once. Times are written without a zone: of two that would be written alike only the
first is offered, since that is what is booked when 1177 sends it back. These answers have no way to say no in words:
what is not to be answered is a fault. `subject_of_care` says for whom; whether who asks may see what is meant for
them is not decided here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog
from lxml import etree

from engine.base.errors import Refused, VaxelError
from gateway.scheduling.asked import addressed_unit, check_resident, strictly_in
from gateway.scheduling.ports import SelfService, TimesAsked
from gateway.scheduling.reads import Answered, Seen
from gateway.soap import Call, Fault
from models.times import STOCKHOLM
from systems.rivta.scheduling_offers import (
    CareTypeInfo,
    FacilityInfo,
    FreeDay,
    FreeSlot,
    GetAllCareTypes,
    GetAllCareTypesResponse,
    GetAllHealthcareFacilities,
    GetAllHealthcareFacilitiesResponse,
    GetAllPerformers,
    GetAllPerformersResponse,
    GetAllTimeTypes,
    GetAllTimeTypesResponse,
    GetAvailableDates,
    GetAvailableTimeslots,
    PerformerInfo,
    TimesQuestion,
    TimeTypeInfo,
    available_dates,
    available_timeslots,
)
from systems.rivta.timestamps import is_read_as_it_is
from systems.vas_times import Coded, FreeTime, Performer, TimeType, UnitCatalogue
from tasks.people import identity_of

log = structlog.get_logger(__name__)
Found = TypeVar("Found")

MOST_DAYS = 62
"""From the first day asked for to the last."""
MOST_TIMES = 5_000
"""In one answer; the first of them."""


def timeslots_offered(desk: SelfService, call: Call) -> Answered | Seen:
    """GetAvailableTimeslots: the free times."""
    asked = strictly_in(call, GetAvailableTimeslots)
    times = _free_times(desk, call, asked)
    if len(times) > MOST_TIMES:
        log.warning("free_times_cut", unit=call.logical_address, found=len(times))
    return _of_whom(asked, available_timeslots(_free_slot(each) for each in times[:MOST_TIMES]))


def days_offered(desk: SelfService, call: Call) -> Answered | Seen:
    """GetAvailableDates: the days with free times, once for each performer, room and kind of time; all of them."""
    asked = strictly_in(call, GetAvailableDates)
    times = _free_times(desk, call, asked)
    return _of_whom(asked, available_dates(dict.fromkeys(_free_day(each) for each in times)))


def time_types_offered(desk: SelfService, call: Call) -> GetAllTimeTypesResponse:
    """GetAllTimeTypes: those of the care types asked for, or all."""
    asked = strictly_in(call, GetAllTimeTypes)
    kinds = _time_types(_catalogue(desk, call, asked), asked.care_types)
    return GetAllTimeTypesResponse(time_types=[TimeTypeInfo(id=kind.id, name=kind.name) for kind in kinds])


def care_types_offered(desk: SelfService, call: Call) -> GetAllCareTypesResponse:
    """GetAllCareTypes: those of the time types and performers asked for, or all."""
    asked = strictly_in(call, GetAllCareTypes)
    catalogue = _catalogue(desk, call, asked)
    found = catalogue.care_types
    if asked.time_types or asked.performers:
        times = set(asked.time_types) or {kind.id for kind in catalogue.time_types}
        if asked.performers:
            times &= _time_types_of(catalogue, asked.performers)
        care = {care for kind in catalogue.time_types if kind.id in times for care in kind.care_types}
        found = tuple(each for each in found if each.id in care)
    return GetAllCareTypesResponse(care_types=[CareTypeInfo(id=each.id, name=each.name) for each in found])


def performers_offered(desk: SelfService, call: Call) -> GetAllPerformersResponse:
    """GetAllPerformers: those who have times of the time types and care types asked for, or all."""
    asked = strictly_in(call, GetAllPerformers)
    catalogue = _catalogue(desk, call, asked)
    found = [performer for performer, _ in catalogue.performers]
    if asked.time_types or asked.care_types:
        times = {kind.id for kind in _time_types(catalogue, asked.care_types)}
        times &= set(asked.time_types) or times
        found = [performer for performer, kinds in catalogue.performers if times.intersection(kinds)]
    return GetAllPerformersResponse(performers=[_performer(each) for each in found])


def facilities_offered(desk: SelfService, call: Call) -> GetAllHealthcareFacilitiesResponse:
    """GetAllHealthcareFacilities: the units that a time can be booked at instead."""
    catalogue = _catalogue(desk, call, strictly_in(call, GetAllHealthcareFacilities))
    found = [FacilityInfo(unit=unit.id, name=unit.name or None) for unit in catalogue.facilities]
    return GetAllHealthcareFacilitiesResponse(facilities=found)


def is_for_another(call: Call) -> bool:
    """Whether a resident asks for somebody else's sake: of a guardian the register is asked."""
    resident = call.content.findtext("{*}subject_of_care") or ""
    return call.actor.type == "subject_of_care" and resident.strip() != call.actor.id


def _of_whom(asked: TimesQuestion, answer: etree._Element) -> Answered | Seen:
    """What a booking can be exchanged for tells of it; what else is free, of nobody."""
    patient = identity_of(asked.resident) if asked.booking_id else None
    return Seen(answer, patient, asked.booking_id) if patient else answer


def _free_times(desk: SelfService, call: Call, asked: TimesQuestion) -> Sequence[FreeTime]:
    unit = addressed_unit(call, asked.unit)
    check_resident(asked.resident)
    if asked.last < asked.first:
        raise Fault("endDateInclusive is before startDateInclusive")
    if (asked.last - asked.first).days > MOST_DAYS:
        raise Fault(f"More than {MOST_DAYS} days are asked for")
    wanted = TimesAsked(
        unit=unit,
        first=asked.first,
        last=asked.last,
        booking=asked.booking_id,
        patient=asked.resident,
        actor=call.actor.id,
        by_agent=call.actor.type == "subject_of_care_agent",
        time_type=asked.time_type_id,
        care_type=asked.care_type_id,
        performers=tuple(asked.performers),
    )
    found = [each for each in _from_vas(lambda: desk.free_times(wanted)) if _is_named(each, asked)]
    offered = [each for each in found if is_read_as_it_is(each.start, each.end)]
    if len(offered) < len(found):
        log.warning("free_times_left_out", unit=unit, count=len(found) - len(offered), why="shown_twice")
    return offered


def _is_named(free: FreeTime, asked: TimesQuestion) -> bool:
    """Whether it has the names asked for, where a kind is asked for by its name alone."""
    return _has_name(free.time_type, asked.time_type_id, asked.time_type_name) and _has_name(
        free.care_type, asked.care_type_id, asked.care_type_name
    )


def _has_name(kind: Coded | None, id: str | None, name: str | None) -> bool:
    return id is not None or name is None or (kind is not None and kind.name == name)


def _catalogue(
    desk: SelfService,
    call: Call,
    asked: GetAllTimeTypes | GetAllCareTypes | GetAllPerformers | GetAllHealthcareFacilities,
) -> UnitCatalogue:
    unit = addressed_unit(call, asked.unit)
    check_resident(asked.resident)
    return _from_vas(lambda: desk.catalogue(unit))


def _from_vas(ask: Callable[[], Found]) -> Found:
    """What the journal system says; a fault for what it does not."""
    try:
        return ask()
    except Refused as no:
        raise Fault(f"Not answered: {no.reason}") from None
    except VaxelError as error:
        raise Fault(f"VP009 The journal system does not answer: {error.reason}", "Server") from None


def _time_types(catalogue: UnitCatalogue, care_types: Sequence[str]) -> list[TimeType]:
    return [kind for kind in catalogue.time_types if not care_types or set(care_types) & set(kind.care_types)]


def _time_types_of(catalogue: UnitCatalogue, performers: Sequence[str]) -> set[str]:
    wanted = {performer.upper() for performer in performers}
    return {kind for who, kinds in catalogue.performers if who.id.upper() in wanted for kind in kinds}


def _free_slot(free: FreeTime) -> FreeSlot:
    resource_name, resource_id = _named(free.resource)
    who = (free.performer.id, _name_of(free.performer)) if free.performer else (None, None)
    kinds = *_named(free.time_type), *_named(free.care_type)
    at = free.start, free.end, free.unit
    return FreeSlot(*at, who[0], resource_name, free.unit_name or None, who[1], resource_id, *kinds)


def _free_day(free: FreeTime) -> FreeDay:
    performer = free.performer.id if free.performer else None
    day = free.start.astimezone(STOCKHOLM).date()
    kinds = *_named(free.resource), *_named(free.time_type), *_named(free.care_type)
    return FreeDay(free.unit, performer, day, *kinds)


def _named(kind: Coded | None) -> tuple[str | None, str | None]:
    """Its name and its id; an empty name is none, and left out."""
    return (kind.name or None, kind.id) if kind else (None, None)


def _name_of(performer: Performer) -> str | None:
    """Title, first name and last name, with a blank between (TKB)."""
    return " ".join(filter(None, (performer.title, performer.first_name, performer.last_name))) or None


def _performer(each: Performer) -> PerformerInfo:
    return PerformerInfo(
        id=each.id, first_name=each.first_name, last_name=each.last_name, title=each.title or None
    )
