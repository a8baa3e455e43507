"""The gate before a digital visit: what is wrong with a visit that is booked (vard-1, vard-2, system-2)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from engine.base import clock
from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Done, Go, Verdict
from engine.tables.timeline import Entry
from models.booking import Booking
from models.booking_publication import BookingPublication, State
from models.identity import IdentityType
from routine import staff_text
from routine.ages import swedish_day
from routine.decision import Decision
from routine.facts import Facts
from routine.rules import has_begun
from routine.visit_form import Booked, may_be_held_on, what_is_amiss
from tasks import clients
from tasks.booking_publication import effect_keys, resident_facts
from tasks.booking_publication.facts import booking_of
from tasks.journal_system import Posting, ask_of_posting, post, submit

BACKOFF = [2, 10, 60, 300, 1800, 7200]


def booked(booking: Booking) -> Booked:
    """The visit of a snapshot. The holder of a reservnummer can't log in to 1177, with or without one."""
    no_login = booking.patient.type is IdentityType.RESERVNUMMER
    return Booked(
        form=booking.form,
        unit=booking.unit.hsa_id,
        day=swedish_day(booking.start or clock.now()),
        platform=booking.platform,
        video_for=booking.video_for,
        agreed=booking.agreed_with_patient,
        e_id=False if no_login else booking.e_id_confirmed,
        birth=booking.patient.birth_date,
    )


def wrong_with(case: BookingPublication, booking: Booking) -> tuple[Decision[bool], ...]:
    """What staff have to see to; nothing of what is cancelled, or was loaded (policy-avisering-2)."""
    if case.cancelled or case.replayed:
        return ()
    return what_is_amiss(booked(booking), clients.region())


def platform_in_the_way(case: BookingPublication) -> Decision[bool] | None:
    """Why the visit waits for ops: its platform is not approved for it (system-2, policy-okand-1)."""
    if case.cancelled:
        return None
    decision = may_be_held_on(booked(booking_of(case)), clients.region())
    return None if decision.allowed else decision


def form_facts(
    connection: Connection, cases: Sequence[BookingPublication]
) -> Mapping[uuid.UUID, Facts | None]:
    """The facts anew; nobody else is asked."""
    return resident_facts.facts_with_answers(connection, cases, {})


def judge_form_task(case: BookingPublication, facts: Facts | None) -> Verdict[Posting]:
    """One task for all that is wrong; none for what has passed, or in shadow."""
    booking = booking_of(case)
    found = wrong_with(case, booking)
    if not found or facts is None or has_begun(facts.visit, facts.now):
        return Go(State.SHOWN)
    reasons = "+".join(str(each.reason) for each in found)
    told = tuple(Entry("visit_form", each.reason, each.clause) for each in found)
    if facts.unit.in_shadow:
        return Go(
            State.SHOWN, tuple(Entry("visit_form_worked_out", each.reason, each.clause) for each in found)
        )
    body = {
        "patient": booking.patient.model_dump(mode="json"),
        "unit": booking.unit.model_dump(mode="json"),
        "booking": booking.id,
        "reason": str(found[0].reason),
        "text": staff_text.visit_amiss(found).body,
    }
    return submit("staff_task", effect_keys.staff_task(case, reasons), body, Go(State.SHOWN, told))


@step(system="vas", backoff=BACKOFF, facts=from_tables(form_facts), gate=judge_form_task, ask=ask_of_posting)
def tell_staff_of_form(posting: Posting) -> Done:
    """Tell staff at once what stands in the way of a digital visit; the visit is shown all the same (besok-1)."""
    return post(posting)
