"""What is known of a visit when staff are to be told of its form: who is to join it, and if they have logged in."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from engine.base import clock
from engine.outer.looks import Ask, Looks
from engine.tables import effects
from models.booking import BookedBy, Booking
from models.booking_publication import BookingPublication
from models.encryption import ring
from models.identity import IdentityType
from routine.ages import swedish_day
from routine.children import Role
from routine.decision import Decision
from routine.facts import Facts, Form
from routine.visit_form import NEEDS_E_ID, Booked, has_e_id, may_be_held_on, what_is_amiss, who_joins
from tasks import clients, e_identification, resident_lookup
from tasks.booking_publication import resident_facts
from tasks.booking_publication.facts import booking_of

Joining = Mapping[uuid.UUID, frozenset[bytes]]
"""Whoever may join the visit: keyed hashes of their numbers."""


@dataclass(frozen=True)
class FormFacts:
    """What is known.

    Args:
        visit: as it is booked, with the login of whoever is to join it.
        posted: the journal system's id of the task that staff have; None: they have none that is known there.
    """

    facts: Facts
    visit: Booked
    posted: str | None

    @property
    def is_elsewhere(self) -> bool:
        """Another system's booking stands for the visit."""
        return self.facts.event.same_visit is not None


def booked(case: BookingPublication, booking: Booking, logged_in_at: datetime | None = None) -> Booked:
    """The visit of a snapshot. The holder of a reservnummer can't log in to 1177, with or without one."""
    no_login = booking.patient.type is IdentityType.RESERVNUMMER
    return Booked(
        form=Form(booking.form) if booking.form else None,
        unit=booking.unit.hsa_id,
        day=swedish_day(booking.start or clock.now()),
        platform=booking.platform,
        video_for=booking.video_for,
        agreed=booking.agreed_with_patient,
        by_patient=booking.booked_by is BookedBy.PATIENT,
        e_id=False if no_login else booking.e_id_confirmed,
        said_at=case.time_at,
        logged_in_at=logged_in_at,
        birth=booking.patient.birth_date,
        join=booking.join,
    )


def is_amiss(case: BookingPublication, booking: Booking) -> bool:
    """Is there something for staff to see to, as far as the booking itself says?"""
    if case.cancelled or case.replayed:
        return False
    return bool(what_is_amiss(booked(case, booking), clients.region()))


def platform_in_the_way(case: BookingPublication) -> Decision[bool] | None:
    """Why the visit waits for ops: its platform is not approved for it (system-2, policy-okand-1)."""
    if case.cancelled:
        return None
    decision = may_be_held_on(booked(case, booking_of(case)), clients.region())
    return None if decision.allowed else decision


def ask_who_joins(cases: Sequence[BookingPublication], looks: Looks) -> Joining:
    """Ask the register about the guardians of children under 13, whose own login shows nothing (barn-1)."""
    return looks.each(cases, _who_joins)


def _who_joins(case: BookingPublication, ask: Ask) -> frozenset[bytes]:
    booking = booking_of(case)
    visit = booked(case, booking)
    if not is_amiss(case, booking) or visit.form not in NEEDS_E_ID or visit.e_id:
        return frozenset()
    if who_joins(visit.birth, visit.day, clients.region()).answer is Role.SELF:
        return frozenset({ring().digest(booking.patient.id)})
    guardians = resident_lookup.guardians(booking.patient, ask) or ()
    return frozenset(ring().digest(number) for _, number in guardians)


def form_facts_and_waits(
    connection: Connection, cases: Sequence[BookingPublication], joining: Joining
) -> Mapping[uuid.UUID, FormFacts | None]:
    """The facts anew; each visit now waits to hear of a login of whoever is to join it, and of nobody else's."""
    logins = e_identification.newest_logins(connection, joining)
    visits = {case.id: booked(case, booking_of(case), logins.get(case.id)) for case in cases}
    waits: dict[str, frozenset[bytes]] = {
        case.key: frozenset() if has_e_id(visits[case.id]).answer else joining.get(case.id, frozenset())
        for case in cases
    }
    e_identification.have_wait(connection, waits)
    facts = resident_facts.facts_with_answers(connection, cases, {})
    posted = _posted(connection, [case for case in cases if case.form_task])
    return {
        case.id: FormFacts(of_case, visits[case.id], posted.get(case.form_task or ""))
        if (of_case := facts[case.id])
        else None
        for case in cases
    }


def _posted(connection: Connection, cases: Sequence[BookingPublication]) -> dict[str, str | None]:
    """By key, the journal system's id of each task that these cases' staff have been given."""
    gone = effects.gone_of(connection, [case.id for case in cases]) if cases else []
    return {each.key: each.provider_id for each in gone}
