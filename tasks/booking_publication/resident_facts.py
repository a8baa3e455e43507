"""What the steps that reach the resident share: ask the outer systems what one rule of the routine needs to know."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from engine.base.database import transaction
from engine.outer.looks import Ask, Look, Looks
from models.booking_publication import BookingPublication
from routine.decision import Decision
from routine.facts import Facts, Resident
from tasks import clients, resident_lookup
from tasks.booking_publication.facts import FromTables, booking_of, facts_of, from_our_tables, unit_of
from tasks.residents import Rule, with_answers

Answers = Mapping[uuid.UUID, Resident]


def _facts(connection: Connection, cases: Sequence[BookingPublication]) -> dict[uuid.UUID, Facts]:
    ours = from_our_tables(connection, cases)
    units = {case.id: unit_of(case) for case in cases}
    return {case.id: facts_of(case, unit, ours[case.id]) for case in cases if (unit := units[case.id])}


def ask_by(rule: Rule[Facts]) -> Look[BookingPublication, Resident]:
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


def _drafts(cases: Sequence[BookingPublication]) -> dict[uuid.UUID, FromTables]:
    with transaction() as connection:
        return from_our_tables(connection, cases)


def facts_with_answers(
    connection: Connection, cases: Sequence[BookingPublication], answers: Answers
) -> dict[uuid.UUID, Facts | None]:
    """The facts anew, in the transaction that writes *sending*, with what was just answered; None: no such unit."""
    known = _facts(connection, cases)
    return {
        case.id: with_answers(known[case.id], answers.get(case.id)) if case.id in known else None
        for case in cases
    }
