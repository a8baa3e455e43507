"""What our producer shows 1177 of the bookings that we publish (besok-1)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

import structlog
from pydantic import ValidationError
from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import OUTAGES, transaction
from gateway.scheduling.ports import Schedule, ScheduleAsked, ShownBooking
from models.booking import Booking
from models.booking_publication import BookingPublication
from models.encryption import ring
from models.identity import PatientId
from routine.publication import Category
from routine.region import UnitPolicy
from routine.self_service import Service, ToChange, may_be_done_there
from routine.text import call_letter, how_to_join
from tasks import clients, identities, people
from tasks.booking_publication import as_told, changeable, join_link, same_visit, stored
from tasks.booking_publication.facts import booking_of, shown_on_1177, unit_of, visit_of
from tasks.self_service.choices import may_see_times

log = structlog.get_logger(__name__)


class PublishedSchedule(Schedule):
    """The bookings of units that we publish for; a unit in shadow shows nothing of ours."""

    def of(self, asked: Sequence[ScheduleAsked]) -> list[list[ShownBooking] | None]:
        """The bookings of each who asks, by start, read together; where that fails, each for themselves."""
        try:
            return _of_all(asked)
        except OUTAGES as error:
            log.error("schedule_not_read", error=type(error).__name__)
            return [None for _ in asked]
        except Exception as error:  # noqa: BLE001  # whatever it was, it is one booking's
            log.error("schedule_not_read", error=type(error).__name__)
            return [None] if len(asked) == 1 else [self.of([one])[0] for one in asked]

    def booking(self, unit: str, booking_id: str) -> ShownBooking | None:
        """One booking at the unit."""
        if not _is_published(unit):
            return None
        with transaction() as connection:
            return _first_shown(connection, stored.with_id(connection, unit, booking_id))

    def holder(self, unit: str, booking_id: str) -> PatientId | None:
        """Whose booking it is, though it be cancelled."""
        with transaction() as connection:
            found = changeable.with_booking_id(connection, unit, booking_id)
        return booking_of(found).patient if found else None

    def shows_to(self, actor: str, resident: str) -> bool:
        """Whether one resident may see another's times."""
        patient = people.identity_of(resident)
        return patient is not None and may_see_times(patient, actor).allowed


def _is_published(unit: str) -> bool:
    policy = clients.region().unit(unit)
    return policy is not None and not policy.in_shadow


def _of_all(asked: Sequence[ScheduleAsked]) -> list[list[ShownBooking] | None]:
    places = {one: (one.unit, ring().digest(one.resident)) for one in asked if _is_published(one.unit)}
    if not places:
        return [[] for _ in asked]
    with transaction() as connection:
        found = stored.of_patients(connection, set(places.values()))
        shown = _shown(connection, [case for cases in found.values() for case in cases])
    cases = [found[places[one]] if one in places else [] for one in asked]
    return [[shown[case.id] for case in each if case.id in shown] for each in cases]


def _first_shown(connection: Connection, cases: Sequence[BookingPublication]) -> ShownBooking | None:
    """Two systems may have one id for different visits: one that cannot be read hides no other."""
    unread: ValidationError | None = None
    for case in cases:
        try:
            if shown := _shown(connection, [case]).get(case.id):
                return shown
        except ValidationError as error:
            log.error("schedule_not_read", error=type(error).__name__)
            unread = error
    if unread:
        raise unread
    return None


def _shown(connection: Connection, cases: Sequence[BookingPublication]) -> dict[UUID, ShownBooking]:
    if not cases:  # as of most who look: nothing more to ask our tables
        return {}
    dead = identities.deceased(connection, {case.patient_hash for case in cases})
    same = same_visit.found(connection, cases)
    told = as_told.by_all(connection, cases, same)
    as_found = changeable.to_change(connection, cases, (), same, dead)
    judged = {
        case.id: _as_shown(
            case.patient_hash in dead, case, told[case.id], same.get(case.id), as_found[case.id]
        )
        for case in cases
    }
    return {id: shown for id, shown in judged.items() if shown}


def _as_shown(
    deceased: bool,
    case: BookingPublication,
    booking: Booking,
    same: same_visit.SameVisit | None,
    as_found: ToChange,
) -> ShownBooking | None:
    """As the rule has it, which the engagement index is told by too; its buttons by the rule that judges a press."""
    unit = unit_of(case)
    category = shown_on_1177(case, booking, deceased=deceased, same=same).answer
    if category is None or unit is None:
        return None
    is_invitation, link = category is Category.INVITATION, join_link.address(case, booking)
    joined = how_to_join(booking.form, link) if link else None
    return ShownBooking(
        booking,
        is_invitation,
        _letter(case, booking, unit, link) if is_invitation else "",
        unit.name,
        joined or "",
        may_be_cancelled=_may(Service.CANCEL, as_found),
        may_be_rebooked=_may(Service.REBOOK, as_found),
    )


def _letter(case: BookingPublication, booking: Booking, unit: UnitPolicy, link: str | None) -> str:
    message = booking.call_letter.text if booking.call_letter else None
    there = changeable.done_on_1177(case)
    said = call_letter(visit_of(case, booking), unit, booking.purpose, message, link=link, carried_out=there)
    return said.body


def _may(service: Service, booking: ToChange) -> bool:
    return may_be_done_there(service, booking, clock.now(), clients.region()).allowed
