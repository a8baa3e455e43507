"""1177: the digital call letter, by scheduling or by the inbox (onskemal-3, distans-2)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection
from sqlmodel import col, select

from engine.base.database import among
from engine.base.errors import Refused
from engine.steps.stage import from_answers_and, step
from engine.steps.verdicts import Done, Go, Park, Send, Verdict
from engine.tables import effects
from engine.tables.timeline import Entry
from models.booking import Booking
from models.booking_publication import BookingPublication, State
from routine.call_letter import ByInbox, digital_call_letter, digital_worked_out
from routine.decision import Wait
from routine.facts import Facts
from routine.occasion import Occasion
from routine.reasons import Reason
from routine.text import Text, call_letter
from tasks import clients, residents
from tasks.booking_publication import as_told, effect_keys, join_link, resident_facts
from tasks.booking_publication.changeable import done_on_1177
from tasks.booking_publication.facts import from_our_tables

BACKOFF = [4, 20, 300, 1800]
"""As 1177's own description of the inbox has it (interfaces.md §1.4)."""


@dataclass(frozen=True)
class InboxLetter:
    """A call letter on its way to the inbox."""

    case: uuid.UUID
    resident: str = field(repr=False)
    unit: str
    unit_name: str
    telephone: str
    text: Text
    notify: bool
    then: Go


@dataclass(frozen=True)
class LetterFacts:
    """What is known; of `booking`, where the visit is held as any system tells."""

    facts: Facts
    booking: Booking = field(repr=False)


def judge_call_letter(case: BookingPublication, known: LetterFacts | None) -> Verdict[InboxLetter]:
    """By scheduling nothing more is sent; by the inbox one message for each time; or none, with the reason."""
    if known is None:
        return Park("unit_unknown", "policy-okand-1")
    facts = known.facts
    if disputed := residents.park_if_disputed(facts):
        return disputed
    join_link.note_no_way_in(case, known.booking)
    decision = digital_call_letter(facts, clients.region())
    if isinstance(decision.answer, Wait):
        return residents.wait_by(decision, decision.answer.until)
    told = residents.judged_entry("call_letter", facts, decision, digital_worked_out)
    if not isinstance(decision.answer, ByInbox):
        unreachable = decision.reason is Reason.UNREACHABLE_ON_1177
        return Go(State.CALLED, (told,), changes={"letter_failed": True} if unreachable else {})
    letter = _inbox_letter(case, known, decision.answer.notify, Go(State.CALLED, (told,)))
    return Send(effect_keys.digital_call_letter(case), letter.then, letter)


def call_letter_facts(
    connection: Connection,
    cases: Sequence[BookingPublication],
    answers: resident_facts.Answers,
    ours: resident_facts.Ours,
) -> dict[uuid.UUID, LetterFacts | None]:
    """The facts anew; of a new series only the first letter asks 1177 to tell of it (policy-avisering-1)."""
    facts = resident_facts.facts_with_answers(cases, answers, ours)
    told = _series_with_a_letter(connection, cases)
    for case in cases:
        known = facts[case.id]
        if case.series and case.occasion == Occasion.BOOKED and known is not None:
            event = replace(known.event, series_told=case.series in told)
            facts[case.id] = replace(known, event=event)
            told.add(case.series)
    bookings = as_told.by_all(connection, cases, {id: each.same for id, each in ours.items()})
    return {id: LetterFacts(of_case, bookings[id]) if of_case else None for id, of_case in facts.items()}


def _series_with_a_letter(connection: Connection, cases: Sequence[BookingPublication]) -> set[str]:
    series = {case.series for case in cases if case.series}
    if not series:
        return set()
    query = select(BookingPublication.id, BookingPublication.series).where(
        among(col(BookingPublication.series), series),
        ~among(col(BookingPublication.id), [case.id for case in cases]),
    )
    others: dict[uuid.UUID, str | None] = dict(connection.execute(query).tuples().all())
    sent = (each for each in effects.gone_of(connection, others) if each.step == "send_call_letter")
    return {of for each in sent if (of := others[each.case_id])}


def _inbox_letter(case: BookingPublication, known: LetterFacts, notify: bool, then: Go) -> InboxLetter:
    facts, booking = known.facts, known.booking
    message = booking.call_letter.text if booking.call_letter else None
    unit, link = facts.unit, join_link.address(case, booking)
    said = call_letter(
        facts.visit,
        unit,
        booking.purpose,
        message,
        replaces=facts.event.inbox_stale,
        link=link,
        carried_out=done_on_1177(case),
    )
    return InboxLetter(case.id, booking.patient.id, case.unit, unit.name, unit.turn_to, said, notify, then)


def _unreachable(case: BookingPublication, reason: str) -> Go:
    told = Entry("call_letter", "unreachable_on_1177", "policy-papper-1", {"detail": reason})
    return Go(State.CALLED, (told,), changes={"letter_failed": True})


@step(
    system="e1177",
    backoff=BACKOFF,
    size=16,
    cannot_be_asked=("e1177",),
    facts=from_answers_and(from_our_tables, resident_facts.ask_by(digital_worked_out), call_letter_facts),
    gate=judge_call_letter,
    exhausted=_unreachable,
)
def send_call_letter(letter: InboxLetter) -> Done:
    """Give the resident the digital call letter: unit, purpose and where to turn, read after login."""
    try:
        sent = clients.inbox().add_message(
            letter.resident,
            unit=letter.unit,
            unit_name=letter.unit_name,
            heading=letter.text.subject or letter.unit_name,
            text=letter.text.body,
            notify=letter.notify,
            telephone=letter.telephone,
        )
    except Refused as refused:
        if refused.reason != "not_active_on_1177":
            raise
        told = Entry("call_letter", refused.reason, "policy-papper-1")
        return Done(Go(letter.then.state, (told,), changes={"letter_failed": True}), sent=False)
    return Done(letter.then, sent.thread_id)
