"""A resident whom something is to reach: what our own tables have of them, joined with what was answered, and judged.

What outer systems are asked of a resident is in `tasks.resident_lookup`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import Connection

from engine.base import clock
from engine.steps import verdicts
from engine.tables.decisions import Decided
from engine.tables.timeline import Entry
from models.identity import IdentityType, PatientId
from routine.decision import Decision
from routine.facts import Resident, Situation, Wishes
from routine.identity import Life, is_death_disputed
from routine.reasons import Reason
from routine.region import Region
from tasks import clients, identities, resident_lookup
from tasks.decided import decided, entry_of
from tasks.preferences import wishes
from tasks.risk_alert import standing_risks

S = TypeVar("S", bound=Situation)
Rule = Callable[[S, Region], Decision[Any]]
ASK_AGAIN = timedelta(seconds=20)
"""How soon a system that did not answer is asked again, while a decision waits for it."""


@dataclass(frozen=True)
class Recorded:
    """What our own tables say of a patient at a unit.

    Args:
        life: None: nothing was told.
        human_first: a risk stands that no human has acted on.
    """

    life: Life | None = None
    human_first: bool = False
    wishes: Wishes = field(default=Wishes(), repr=False)


def recorded(
    connection: Connection, asked: Iterable[tuple[bytes, str]], who: identities.Known | None = None
) -> dict[tuple[bytes, str], Recorded]:
    """What is recorded of these patients (keyed hashes), each at a unit (HSA-id).

    Args:
        who: the patients are now, where that is known already.
    """
    wanted = list(asked)
    patients = [patient for patient, _ in wanted]
    known = who or identities.known(connection, patients)
    lives = identities.lives(connection, patients, known)
    at_risk = standing_risks.risks_that_stand(connection, patients, who=known)
    wished = wishes.at_units(connection, wanted, known)
    return {
        each: Recorded(lives.get(each[0]), at_risk.concerns(each[0]), wished[each])
        for each in dict.fromkeys(wanted)
    }


def resident_by(patient: PatientId, known: Recorded) -> Resident:
    """The person as our tables know them, before any outer system has been asked."""
    return Resident(
        reservnummer=patient.type is IdentityType.RESERVNUMMER,
        birth=patient.birth_date,
        deceased=known.life is Life.DECEASED or None,
        human_first=known.human_first,
        declared_alive=known.life is Life.ALIVE,
        wishes=known.wishes,
    )


def with_answers(facts: S, answers: Resident | None) -> S:
    """The facts with what the outer systems have answered; a death that we were told of stays one."""
    if answers is None:
        return facts
    known = facts.resident
    learnt = replace(
        answers,
        deceased=known.deceased or answers.deceased,
        inbox_exhausted=known.inbox_exhausted,
        human_first=known.human_first,
        declared_alive=known.declared_alive,
        wishes=known.wishes,
    )
    return replace(facts, resident=learnt)


def park_if_disputed(facts: Situation) -> verdicts.Park | None:
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


def judged_entry(
    what: str, facts: S, decision: Decision[Any], worked_out: Rule[S], by: Decided | None = None
) -> Entry:
    """What is told of a decision; for a unit in shadow, what would have been done and why.

    Args:
        by: what it rested on; None: the facts, by the rule that is called as the entry is.
    """
    by = by or decided(what, facts, facts.unit_id, decision)
    if not facts.unit.in_shadow:
        return entry_of(what, decision, by)
    would = worked_out(facts, clients.region())
    detail = {"would": type(would.answer).__name__, "because": str(would.reason), "by": would.clause}
    return entry_of(f"{what}_worked_out", decision, by, detail)
