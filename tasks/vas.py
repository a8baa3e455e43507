"""The journal system: letters on paper, and tasks for staff (onskemal-1, policy-papper-1, policy-skydd-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from engine.errors import Incident
from engine.flow import step
from engine.verdicts import Done, Finding, Go, NotArrived, Park, Send, Verdict
from models.booking import Booking
from models.booking_publication import BookingPublication, State
from models.case import Effect
from routine import text
from routine.call_letter import Post, paper, paper_worked_out
from routine.decision import StaffTask, Wait
from routine.facts import Facts
from routine.reasons import Reason
from tasks import clients, judging, occasions
from tasks.facts import booking_of

BACKOFF = [2, 10, 60, 300, 1800, 7200]


@dataclass(frozen=True)
class Posting:
    """Something for VAS to take: `kind` is `letter` or `staff_task`."""

    kind: str
    key: str
    body: Mapping[str, Any] = field(repr=False)
    then: Go


def staff_task(case: BookingPublication, reason: Reason, then: Go) -> Send:
    """A task for the unit's staff; it says nothing of why a person is handled by hand (policy-skydd-2)."""
    key = occasions.staff_task(case, reason)
    body = _place(booking_of(case)) | {"reason": str(reason), "text": text.staff_task(reason).body}
    return Send(key, then, Posting("staff_task", key, body, then), system="vas")


def _letter(case: BookingPublication, facts: Facts, then: Go) -> Send:
    booking = booking_of(case)
    message = booking.call_letter.text if booking.call_letter else None
    said = text.paper_letter(facts.visit, facts.unit, booking.purpose, message)
    key = occasions.paper_letter(case)
    body = _place(booking) | {"text": said.body}
    return Send(key, then, Posting("letter", key, body, then))


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


def post(posting: Posting) -> Done:
    """Hand it to VAS under its key.

    The key names the occasion: if VAS has it already, perhaps in words that have been corrected since, then
    it is done.
    """
    vas = clients.vas()
    send = vas.post_letter if posting.kind == "letter" else vas.post_staff_task
    try:
        return Done(posting.then, send(posting.key, **posting.body))
    except Incident as incident:
        if incident.reason != "idempotency_conflict":
            raise
        return Done(posting.then)


def ask(effect: Effect) -> Finding:
    """VAS takes a key: whatever became of the first, the same again is harmless."""
    return NotArrived()


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
