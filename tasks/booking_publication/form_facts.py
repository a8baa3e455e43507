"""What is known of a visit when staff are to be told of its form: who is to join it, and if they have logged in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine.base import clock
from engine.outer.looks import Ask, Looks
from engine.tables import effects
from models.booking import BookedBy, Booking
from models.booking_publication import BookingPublication
from models.encryption import ring
from models.identity import IdentityType
from models.times import later
from routine.ages import swedish_day
from routine.children import Role
from routine.decision import Decision
from routine.facts import Facts, Form
from routine.rules import has_begun
from routine.visit_form import (
    NEEDS_E_ID,
    Booked,
    depends_on_protection,
    is_login_an_answer,
    may_be_held_on,
    what_is_amiss,
    who_joins,
)
from tasks import clients, e_identification, resident_lookup
from tasks.booking_publication import as_told, resident_facts
from tasks.booking_publication.facts import booking_of

UNHEARD = timedelta(hours=1)
"""After which the register is asked again."""
NOBODY = frozenset[bytes]()


@dataclass(frozen=True)
class RegisterAnswer:
    """What the register says.

    Args:
        persons: whoever may join the visit: keyed hashes of their numbers; None: it has not said who a child's
            guardians are.
        protected: the patient has protected identity; None: it has not said, or was not asked.
        is_silent: it was asked of that, and has not said.
    """

    persons: frozenset[bytes] | None = field(default=NOBODY, repr=False)
    protected: bool | None = field(default=None, repr=False)
    is_silent: bool = False


Answers = Mapping[uuid.UUID, RegisterAnswer]


@dataclass(frozen=True)
class FormFacts:
    """What is known.

    Args:
        visit: as it is booked, with the login of whoever is to join it.
        amiss: what staff are to see to.
        posted: the journal system's id of the task that staff have; None: they have none that is known there.
        again_at: when the register is to be asked again; None: it has said, or need not.
    """

    facts: Facts
    visit: Booked
    amiss: tuple[Decision[bool], ...]
    posted: str | None
    again_at: datetime | None = None

    @property
    def is_dead(self) -> bool:
        """The patient has died, as far as the journal system has told."""
        return self.facts.resident.deceased is True

    @property
    def is_elsewhere(self) -> bool:
        """Another system's booking stands for the visit."""
        return self.facts.event.same_visit is not None


def booked(
    case: BookingPublication,
    booking: Booking,
    logged_in_at: datetime | None = None,
    protected: bool | None = None,
) -> Booked:
    """The visit of a snapshot. The holder of a reservnummer can't log in to 1177, with or without one."""
    no_login = booking.patient.type is IdentityType.RESERVNUMMER
    return Booked(
        form=Form(booking.form) if booking.form else None,
        unit=booking.unit.hsa_id,
        day=swedish_day(booking.start or clock.now()),
        platform=booking.platform,
        video_for=booking.video_for,
        agreed=booking.agreed_with_patient,
        by_patient=booking.booked_by is BookedBy.PATIENT and not case.form_by_care,
        e_id=False if no_login else booking.e_id_confirmed,
        said_at=case.e_id_at or case.time_at,
        logged_in_at=logged_in_at,
        birth=booking.patient.birth_date,
        join=booking.join,
        protected=protected,
    )


def is_amiss(case: BookingPublication, booking: Booking) -> bool:
    """Is there something for staff to see to, as far as the booking itself says, or may there be?"""
    if case.cancelled or case.replayed:
        return False
    visit, region = booked(case, booking), clients.region()
    return bool(what_is_amiss(visit, region)) or depends_on_protection(visit, region)


def platform_in_the_way(case: BookingPublication) -> Decision[bool] | None:
    """Why the visit is parked: its platform is not approved for it (system-2, policy-okand-1)."""
    if case.cancelled:
        return None
    decision = may_be_held_on(booked(case, booking_of(case)), clients.region())
    return None if decision.allowed else decision


def ask_who_joins(cases: Sequence[BookingPublication], looks: Looks) -> Answers:
    """Ask the register whether patients are protected, where that is in the way (skyddade-1), and about the guardians
    of children under 13, whose own login shows nothing (barn-1)."""
    return looks.each(cases, _heard_of_visit)


def _heard_of_visit(case: BookingPublication, ask: Ask) -> RegisterAnswer:
    booking = booking_of(case)
    visit = booked(case, booking)
    if not is_amiss(case, booking) or visit.form not in NEEDS_E_ID:
        return RegisterAnswer()
    is_asked = depends_on_protection(visit, clients.region()) and resident_lookup.number_of(booking.patient)
    marks = resident_lookup.marks(booking.patient, ask) if is_asked else None
    protected = marks.protected if marks else None
    return RegisterAnswer(_who_joins(visit, booking, ask), protected, bool(is_asked) and protected is None)


def _who_joins(visit: Booked, booking: Booking, ask: Ask) -> frozenset[bytes] | None:
    if not is_login_an_answer(what_is_amiss(visit, clients.region())):
        return NOBODY
    if who_joins(visit.birth, visit.day, clients.region()).answer is Role.SELF:
        return frozenset({ring().digest(booking.patient.id)})
    guardians = resident_lookup.guardians(booking.patient, ask)
    return None if guardians is None else frozenset(ring().digest(number) for _, number in guardians)


def form_facts_and_waits(
    connection: Connection,
    cases: Sequence[BookingPublication],
    joining: Answers,
    ours: resident_facts.Ours,
) -> Mapping[uuid.UUID, FormFacts | None]:
    """The facts anew; a visit that a login would answer for now waits for one of whoever is to join it, and of nobody
    else; any other waits for none. While the register is silent it waits for those whom it waited for."""
    heard = {case.id: joining.get(case.id, RegisterAnswer()) for case in cases}
    persons = {id: each.persons for id, each in heard.items()}
    told = {id: of_case for id, of_case in persons.items() if of_case is not None}
    e_identification.hold(connection, NOBODY.union(*told.values()))
    logins = e_identification.newest_logins(connection, told)
    facts = resident_facts.facts_with_answers(cases, {}, ours)
    posted = _posted(connection, [case for case in cases if case.form_task])
    bookings = as_told.by_all(connection, cases, {id: each.same for id, each in ours.items()})
    visits = {
        case.id: booked(case, bookings[case.id], logins.get(case.id), heard[case.id].protected)
        for case in cases
    }
    known = {
        case.id: _facts_of_form(case, of_case, heard[case.id], visits[case.id], posted)
        if (of_case := facts[case.id])
        else None
        for case in cases
    }
    waits = {case.key: persons[case.id] if _waits(case, known[case.id]) else NOBODY for case in cases}
    e_identification.have_wait(connection, {key: each for key, each in waits.items() if each is not None})
    return known


def _facts_of_form(
    case: BookingPublication,
    facts: Facts,
    heard: RegisterAnswer,
    visit: Booked,
    posted: Mapping[str, str | None],
) -> FormFacts:
    over = case.cancelled or facts.event.same_visit is not None or facts.resident.deceased
    amiss = () if over else what_is_amiss(visit, clients.region())
    is_to_hear = heard.is_silent or (heard.persons is None and is_login_an_answer(amiss))
    again_at = later(clock.now(), UNHEARD) if is_to_hear and not over else None
    return FormFacts(facts, visit, amiss, posted.get(case.form_task or ""), again_at)


def _waits(case: BookingPublication, known: FormFacts | None) -> bool:
    """Do staff have a task, or are they to get one, that a login would answer?"""
    if known is None or case.replayed or known.facts.unit.in_shadow:
        return False
    return is_login_an_answer(known.amiss) and not has_begun(known.facts.visit, clock.now())


def _posted(connection: Connection, cases: Sequence[BookingPublication]) -> dict[str, str | None]:
    """By key, the journal system's id of each task that these cases' staff have been given."""
    gone = effects.gone_of(connection, [case.id for case in cases]) if cases else []
    return {each.key: each.provider_id for each in gone}
