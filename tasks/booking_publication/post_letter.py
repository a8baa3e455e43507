"""The journal system: letters on paper, and tasks for staff (onskemal-1, policy-papper-1, policy-skydd-1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from engine.steps.stage import from_answers_and, step
from engine.steps.verdicts import Done, Go, Park, Send, Verdict
from models.booking import Booking
from models.booking_publication import BookingPublication, State
from routine import text
from routine.call_letter import Post, paper, paper_worked_out
from routine.decision import StaffTask, Wait
from routine.facts import Facts
from routine.reasons import Reason
from tasks import clients, residents
from tasks.booking_publication import effect_keys, resident_facts
from tasks.booking_publication.changeable import done_on_1177
from tasks.booking_publication.facts import booking_of, from_our_tables
from tasks.journal_system import Posting, ask_of_posting, post, submit

BACKOFF = [2, 10, 60, 300, 1800, 7200]


def booking_task(case: BookingPublication, reason: Reason, then: Go) -> Send[Posting]:
    """A task for the unit's staff; it says nothing of why a person is handled by hand (policy-skydd-2)."""
    key = effect_keys.staff_task(case, reason)
    body = _about(booking_of(case)) | {"reason": str(reason), "text": text.staff_task(reason).body}
    return submit("staff_task", key, body, then)


def _paper_letter(case: BookingPublication, facts: Facts, then: Go) -> Send[Posting]:
    booking = booking_of(case)
    message = booking.call_letter.text if booking.call_letter else None
    said = text.paper_letter(
        facts.visit,
        facts.unit,
        booking.purpose,
        message,
        replaces=facts.event.paper_stale,
        carried_out=done_on_1177(case),
    )
    key = effect_keys.paper_letter(case)
    body = _about(booking) | {"text": said.body}
    return submit("letter", key, body, then)


def _about(booking: Booking) -> dict[str, Any]:
    return {
        "patient": booking.patient.model_dump(mode="json"),
        "unit": booking.unit.model_dump(mode="json"),
        "booking": booking.id,
    }


def judge_paper(case: BookingPublication, facts: Facts | None) -> Verdict[Posting]:
    """A letter, a task for staff, or neither, with the reason."""
    if facts is None:
        return Park("unit_unknown", "policy-okand-1")
    if disputed := residents.park_if_disputed(facts):
        return disputed
    decision = paper(facts, clients.region())
    if isinstance(decision.answer, Wait):
        return residents.wait_by(decision, decision.answer.until)
    then = Go(State.LETTERED, (residents.judged_entry("paper", facts, decision, paper_worked_out),))
    match decision.answer:
        case Post():
            return _paper_letter(case, facts, then)
        case StaffTask():
            return booking_task(case, decision.reason, then)
        case _:
            return then


def paper_facts(
    connection: Connection,
    cases: Sequence[BookingPublication],
    answers: resident_facts.Answers,
    ours: resident_facts.Ours,
) -> Mapping[uuid.UUID, Facts | None]:
    """The facts anew."""
    return resident_facts.facts_with_answers(cases, answers, ours)


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_answers_and(from_our_tables, resident_facts.ask_by(paper_worked_out), paper_facts),
    gate=judge_paper,
    ask=ask_of_posting,
)
def post_letter(posting: Posting) -> Done:
    """Send paper where it is needed: a letter through VAS, or a task for staff."""
    return post(posting)
