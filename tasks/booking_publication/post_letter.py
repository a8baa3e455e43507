"""The journal system: letters on paper, and tasks for staff (onskemal-1, policy-papper-1, policy-skydd-1)."""

from __future__ import annotations

from typing import Any

from engine.flow import step
from engine.verdicts import Done, Go, Park, Send, Verdict
from models.booking import Booking
from models.booking_publication import BookingPublication, State
from routine import text
from routine.call_letter import Post, paper, paper_worked_out
from routine.decision import StaffTask, Wait
from routine.facts import Facts
from routine.reasons import Reason
from tasks import clients, effect_keys
from tasks.booking_publication import judging
from tasks.booking_publication.facts import booking_of
from tasks.journal_system import Posting, ask, hand, post

BACKOFF = [2, 10, 60, 300, 1800, 7200]


def staff_task(case: BookingPublication, reason: Reason, then: Go) -> Send:
    """A task for the unit's staff; it says nothing of why a person is handled by hand (policy-skydd-2)."""
    key = effect_keys.staff_task(case, reason)
    body = _place(booking_of(case)) | {"reason": str(reason), "text": text.staff_task(reason).body}
    return hand("staff_task", key, body, then)


def _letter(case: BookingPublication, facts: Facts, then: Go) -> Send:
    booking = booking_of(case)
    message = booking.call_letter.text if booking.call_letter else None
    said = text.paper_letter(
        facts.visit, facts.unit, booking.purpose, message, replaces=facts.event.paper_stale
    )
    key = effect_keys.paper_letter(case)
    body = _place(booking) | {"text": said.body}
    return hand("letter", key, body, then)


def _place(booking: Booking) -> dict[str, Any]:
    return {
        "patient": booking.patient.model_dump(mode="json"),
        "unit": booking.unit.model_dump(mode="json"),
        "booking": booking.id,
    }


def gate(case: BookingPublication, facts: Facts | None) -> Verdict:
    """A letter, a task for staff, or neither, with the reason."""
    if facts is None:
        return Park("unit_unknown", "policy-okand-1")
    if disputed := judging.disputed(facts):
        return disputed
    decision = paper(facts, clients.region())
    if isinstance(decision.answer, Wait):
        return judging.wait(decision, decision.answer.until)
    then = Go(State.LETTERED, (judging.told("paper", facts, decision, paper_worked_out),))
    match decision.answer:
        case Post():
            return _letter(case, facts, then)
        case StaffTask():
            return staff_task(case, decision.reason, then)
        case _:
            return then


@step(
    system="vas",
    backoff=BACKOFF,
    look=judging.look_by(paper_worked_out),
    read=judging.read,
    gate=gate,
    ask=ask,
)
def post_letter(posting: Posting) -> Done:
    """Send paper where it is needed: a letter through VAS, or a task for staff."""
    return post(posting)
