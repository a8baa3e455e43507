"""What the steps that reach the resident share: ask the outer systems what one rule of the routine needs to know."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from engine.outer.looks import Ask, Look, Looks
from models.booking_publication import BookingPublication
from routine.decision import Decision
from routine.facts import Facts, Resident
from tasks import clients, resident_lookup
from tasks.booking_publication.facts import FromTables, booking_of, facts_of, from_our_tables, unit_of
from tasks.residents import Rule, with_answers

Answers = Mapping[uuid.UUID, Resident]
Ours = Mapping[uuid.UUID, FromTables]


def ask_by(rule: Rule[Facts]) -> Look[BookingPublication, Resident]:
    """Ask the outer systems for what the rule needs to decide these cases."""

    def decide(facts: Facts) -> Decision[Any]:
        return rule(facts, clients.region())

    def look(cases: Sequence[BookingPublication], looks: Looks) -> Answers:
        known = [case for case in cases if unit_of(case)]
        drafts = looks.drafts.read_once(known, from_our_tables)

        def about(case: BookingPublication, ask: Ask) -> Resident:
            unit = unit_of(case)
            assert unit is not None
            facts = facts_of(case, unit, drafts[case.id])
            return resident_lookup.resident(facts, booking_of(case).patient, decide, ask)

        return looks.each(known, about)

    return look


def facts_with_answers(
    cases: Sequence[BookingPublication], answers: Answers, ours: Ours
) -> dict[uuid.UUID, Facts | None]:
    """The facts with what was just answered, and what our tables have of the cases; None: no such unit."""
    return {
        case.id: with_answers(facts_of(case, unit, ours[case.id]), answers.get(case.id)) if unit else None
        for case in cases
        for unit in [unit_of(case)]
    }
