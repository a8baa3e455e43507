"""What the steps that reach the resident share: ask the outer systems, then judge by one rule of the routine."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import transaction
from engine.outer.looks import Ask, Look, Looks
from engine.steps import verdicts
from engine.tables.timeline import Entry
from models.booking_publication import BookingPublication
from routine.decision import Decision
from routine.facts import Facts, Resident
from routine.identity import is_death_disputed
from routine.reasons import Reason
from routine.region import Region
from tasks import clients, resident_lookup
from tasks.booking_publication.facts import Told, booking_of, facts_of, told_of, unit_of, with_answers

Rule = Callable[[Facts, Region], Decision[Any]]
Answers = Mapping[uuid.UUID, Resident]
ASK_AGAIN = timedelta(seconds=20)
"""How soon a system that did not answer is asked again, while a decision waits for it."""


def _facts(connection: Connection, cases: Sequence[BookingPublication]) -> dict[uuid.UUID, Facts]:
    told = told_of(connection, cases)
    units = {case.id: unit_of(case) for case in cases}
    return {case.id: facts_of(case, unit, told[case.id]) for case in cases if (unit := units[case.id])}


def ask_by(rule: Rule) -> Look[BookingPublication, Resident]:
    """Ask the outer systems for what the rule needs to decide these cases."""

    def decide(facts: Facts) -> Decision[Any]:
        return rule(facts, clients.region())

    def look(cases: Sequence[BookingPublication], looks: Looks) -> Answers:
        known = [case for case in cases if unit_of(case)]
        drafts = looks.drafts.read_once(known, _drafts)

        def about(case: BookingPublication, ask: Ask) -> Resident:
            unit = unit_of(case)
            assert unit is not None
            facts = facts_of(case, unit, drafts[case.id])
            return resident_lookup.resident(facts, booking_of(case).patient, decide, ask)

        return looks.each(known, about)

    return look


def _drafts(cases: Sequence[BookingPublication]) -> dict[uuid.UUID, Told]:
    with transaction() as connection:
        return told_of(connection, cases)


def facts_with_answers(
    connection: Connection, cases: Sequence[BookingPublication], answers: Answers
) -> dict[uuid.UUID, Facts | None]:
    """The facts anew, in the transaction that writes *sending*, with what was just answered; None: no such unit."""
    known = _facts(connection, cases)
    return {
        case.id: with_answers(known[case.id], answers.get(case.id)) if case.id in known else None
        for case in cases
    }


def park_if_disputed(facts: Facts) -> verdicts.Park | None:
    """A human settles it where the register contradicts the journal system on whether the person lives."""
    who = facts.resident
    decision = is_death_disputed(declared_alive=who.declared_alive, deceased=who.deceased)
    return verdicts.Park(decision.reason, decision.clause) if decision.allowed else None


def wait_by(decision: Decision[Any], until: datetime) -> verdicts.Wait:
    """Wait as the rule says; for an answer, ask again well before it hands over.

    That the register was waited for is not told: it would show who is handled by hand for another reason
    (policy-skydd-2). Nor that a human comes first, which is asked each half minute: the alert's own timeline has it.
    """
    silent = decision.reason in (Reason.PERSON_UNKNOWN, Reason.GUARDIAN_UNKNOWN, Reason.HUMAN_FIRST)
    told = None if silent else Entry("waits", decision.reason, decision.clause)
    if decision.reason in resident_lookup.QUESTIONS:
        until = min(until, clock.now() + ASK_AGAIN)
    until = max(until, clock.now() + timedelta(seconds=1))
    return verdicts.Wait(until, told, for_answer=decision.reason in resident_lookup.QUESTIONS)


def judged_entry(what: str, facts: Facts, decision: Decision[Any], worked_out: Rule) -> Entry:
    """What is told of a decision; for a unit in shadow, what would have been done and why."""
    if not facts.unit.in_shadow:
        return Entry(what, decision.reason, decision.clause)
    would = worked_out(facts, clients.region())
    detail = {"would": type(would.answer).__name__, "because": str(would.reason), "by": would.clause}
    return Entry(f"{what}_worked_out", decision.reason, decision.clause, detail)
