"""Whoever has logged in at a unit's code: the visits that they may check in to, and the press (barn-1, barn-2)."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import Connection
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among, transaction
from engine.outer.looks import Ask, Looks, answered
from engine.outer.questions import Questions
from engine.tables import inbox
from models.check_in import PRESSED, CheckedIn, CheckIn, State
from models.events import DERIVED, Arrival, in_json
from models.identity import PatientId
from models.times import in_utc
from routine.ages import swedish_day
from routine.check_in import BookedHere, Offer, may_person_check_in, what_is_offered
from routine.children import Role, WhoActs, does_guardian_act
from routine.decision import Decision
from routine.facts import Form
from systems.eid import LoggedIn
from systems.person import Person
from tasks import clients, people, resident_lookup
from tasks.booking_publication import visits
from tasks.booking_publication.visits import KnownVisit

JOURNAL = "vas"
"""The source of the bookings that the journal system has itself."""


class CheckInStatus(StrEnum):
    """How a visit stands to whoever looks at it."""

    OPEN = "open"
    """They can press."""
    RECEIVED = "received"
    """They have pressed, and the journal system has not taken it yet."""
    ARRIVED = "arrived"
    """The journal system knows."""
    DESK = "desk"
    """They go to the desk."""


@dataclass(frozen=True)
class VisitHere:
    """A visit as it is shown.

    Args:
        child: when it is a child's, when the child was born.
    """

    case: uuid.UUID
    start: datetime
    status: CheckInStatus
    child: date | None = field(default=None, repr=False)


@dataclass(frozen=True)
class AtTheCode:
    """What somebody is shown who has logged in.

    Args:
        may: whether they are shown visits at all; if not, they go to the desk.
    """

    may: Decision[bool]
    visits: tuple[VisitHere, ...] = ()


@dataclass(frozen=True)
class Child:
    """A child under 13 whose guardian has logged in.

    Args:
        protected: the child; None: the register has not answered.
    """

    patient: PatientId = field(repr=False)
    protected: bool | None = field(repr=False)


@dataclass(frozen=True)
class Household:
    """Whoever has logged in, as the register has them.

    Args:
        protected: None: it has not answered.
    """

    protected: bool | None = field(default=None, repr=False)
    children: tuple[Child, ...] = field(default=(), repr=False)


@dataclass
class Asked:
    """One whom the register is asked about: whoever has logged in, with the numbers that they have had."""

    patient: PatientId = field(repr=False)
    numbers: frozenset[str] = field(repr=False)
    id: uuid.UUID = field(default_factory=uuid.uuid4)


@dataclass(frozen=True)
class Offered:
    """A visit, and what is offered for it."""

    visit: KnownVisit
    offer: Offer
    role: Role


def at_the_code(unit: str, who: LoggedIn) -> AtTheCode:
    """The visits of today at a unit of whoever has logged in, and of the children for whom they act.

    Args:
        unit: HSA-id of one that the region has, in upper case.
    """
    household = _household(who)
    may = _may(unit, household)
    if not may.allowed:
        return AtTheCode(may)
    with transaction() as connection:
        offered = _offered(connection, unit, who, household)
        statuses = _statuses(connection, [key_of(each.visit) for each in offered])
    return AtTheCode(may, tuple(_as_shown(each, statuses.get(key_of(each.visit))) for each in offered))


def press(unit: str, who: LoggedIn, case: uuid.UUID) -> str | None:
    """Check in to a visit, if that is offered: kept when this returns, and carried out by the process.

    Args:
        case: of the booking, as `VisitHere` has it.

    Returns: its key (`is_under_way`); None: it was not offered.
    """
    household = _household(who)
    if not _may(unit, household).allowed:
        return None
    with transaction() as connection:
        offered = _offered(connection, unit, who, household)
        pressed = [each.visit for each in offered if each.visit.case == case and each.offer is Offer.PRESS]
        inbox.put(connection, DERIVED, [_pressed(visit) for visit in pressed])
    return key_of(pressed[0]) if pressed else None


def is_under_way(key: str) -> bool:
    """Is it still to be seen what becomes of a press?"""
    with transaction() as connection:
        return _statuses(connection, [key]).get(key) is CheckInStatus.RECEIVED


def key_of(visit: KnownVisit) -> str:
    """The key of a check-in to it: a visit that is moved is checked in to anew."""
    return f"{visit.case}:{in_utc(visit.start)}"


def as_booked(visit: KnownVisit) -> BookedHere:
    """The visit as the rules see it."""
    return BookedHere(
        stands=visit.stands,
        start=visit.start,
        over_at=visit.over_at,
        form=Form(visit.form) if visit.form else None,
        by_themselves=visit.check_in,
        in_journal=visit.source == JOURNAL,
    )


# --- who they are


def _may(unit: str, household: Household) -> Decision[bool]:
    policy = clients.region().unit(unit)
    return may_person_check_in(household.protected, in_shadow=policy is None or policy.in_shadow)


def _household(who: LoggedIn) -> Household:
    patient = people.identity_of(who.number)
    if patient is None:
        return Household()
    numbers = frozenset(number for number in (who.number, who.previous) if number)
    asked = Asked(patient, numbers)
    return answered(_ask_register, [asked], Questions())[asked.id]


def _ask_register(asked: Sequence[Asked], looks: Looks) -> Mapping[uuid.UUID, Household]:
    return looks.each(asked, _hear)


def _hear(asked: Asked, ask: Ask) -> Household:
    """The register's word on them, and on the children that it says they have the custody of.

    A child counts where its own record says the same: of one who is protected that says nothing.
    """
    found = resident_lookup.relations(asked.patient, ask)
    if found is None:
        return Household()
    wards = [each for each in found.wards or () if _does_guardian_act(each[1])]
    heard = ask.all(resident_lookup.RELATIONS, wards)
    children = [
        Child(patient, record.protected if record else None)
        for number, record in heard.items()
        if (patient := people.identity_of(number[1])) and _is_guardian(asked, record)
    ]
    return Household(found.protected, tuple(children))


def _is_guardian(asked: Asked, record: Person | None) -> bool:
    return record is not None and any(number in asked.numbers for _, number in record.guardians or ())


def _does_guardian_act(number: str) -> bool:
    """Is it somebody for whom a guardian acts (barn-1)? Nobody else is asked about."""
    patient, day = people.identity_of(number), swedish_day(clock.now())
    birth = patient.birth_date if patient else None
    return does_guardian_act(birth, day, clients.region().ages).allowed


# --- what they are offered


def _offered(connection: Connection, unit: str, who: LoggedIn, household: Household) -> list[Offered]:
    """What is offered for each visit; one for which nothing is, is left out."""
    now = clock.now()
    them = [
        patient for number in (who.number, who.previous) if number and (patient := people.identity_of(number))
    ]
    acting = {people.digest(patient): (Role.SELF, household.protected) for patient in them}
    acting |= {people.digest(each.patient): (Role.GUARDIAN, each.protected) for each in household.children}
    found = visits.of_day(connection, unit, acting, swedish_day(now))
    offered = []
    for whose, visit in found:
        role, protected = acting[whose]
        person = WhoActs(role=role, birth=visit.patient.birth_date, protected=protected)
        offer = what_is_offered(as_booked(visit), person, now, clients.region()).answer
        if offer is not Offer.NOTHING:
            offered.append(Offered(visit, offer, role))
    return offered


def _pressed(visit: KnownVisit) -> Arrival:
    """The event of a press: the same for a visit and its time, however often and by whomever it is pressed."""
    key = key_of(visit)
    said = CheckedIn(
        case=visit.case, booking=visit.booking, patient=visit.patient, unit=visit.unit, start=visit.start
    )
    return Arrival(f"{PRESSED}:{key}", PRESSED, CheckIn.PROCESS, key, None, clock.now(), in_json(said))


def _statuses(connection: Connection, keys: Collection[str]) -> dict[str, CheckInStatus]:
    """By key, how those stand that have been pressed."""
    waiting = inbox.keys_with_new_events(connection, CheckIn.PROCESS, list(keys))
    rows = connection.execute(
        select(col(CheckIn.key), col(CheckIn.state), col(CheckIn.parked)).where(among(col(CheckIn.key), keys))
    )
    known = {
        key: STATUSES[State(state)] if parked is None else CheckInStatus.DESK for key, state, parked in rows
    }
    return dict.fromkeys(waiting, CheckInStatus.RECEIVED) | known


STATUSES = {
    State.PRESSED: CheckInStatus.RECEIVED,
    State.ARRIVED: CheckInStatus.ARRIVED,
    State.AT_DESK: CheckInStatus.DESK,
}


def _as_shown(offered: Offered, status: CheckInStatus | None) -> VisitHere:
    visit = offered.visit
    if visit.start is None:
        raise ValueError("a visit without a time is offered to nobody")
    is_open = CheckInStatus.OPEN if offered.offer is Offer.PRESS else CheckInStatus.DESK
    child = visit.patient.birth_date if offered.role is Role.GUARDIAN else None
    return VisitHere(visit.case, visit.start, status or is_open, child)
