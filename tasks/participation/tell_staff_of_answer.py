"""Staff hear whether a handing-over, or one more who takes part, may be carried out (samtycke-1, samtycke-2)."""

from __future__ import annotations

from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Done, Park, Rest, Verdict
from engine.tables.timeline import Entry
from models.participation import Participation, State
from routine import staff_text
from routine.decision import Decision
from routine.participation import How, Joining, may_be_carried_out, may_it_stand
from routine.reasons import Reason
from tasks import clients, journal_system, people
from tasks.contacts_by_id import Found, place_of
from tasks.participation import effect_keys
from tasks.participation.find_contact_of_proposal import contacts_named, wrong_with

BACKOFF = [2, 10, 60, 300, 1800, 7200]
GIVEN = "given"
"""In place of the reason of an override, of which only is kept that there was one."""


def judge_answer(case: Participation, contacts: Found) -> Verdict[journal_system.Posting]:
    """A task for the unit of the contact; in shadow none."""
    missing = wrong_with(case, contacts)
    if missing is not None:
        return missing
    what, decision = Joining(case.what or ""), decide(case)
    contact, unit = contacts[0], clients.region().unit(contacts[0].unit)
    if unit is None:
        return Park("unit_unknown", "policy-okand-1")
    if case.state == State.CARRIED_OUT and decision.allowed:
        return Rest(State.CARRIED_OUT)
    entry = Entry(
        "participation_worked_out" if unit.in_shadow else "participation", decision.reason, decision.clause
    )
    then = Rest(_state_after(decision), (entry,), changes=place_of(contact))
    if unit.in_shadow:
        return then
    return journal_system.staff_task(
        effect_keys.participation_task(case, decision.reason),
        patient=people.patient_of(contact),
        unit=contact.unit,
        unit_name=contact.unit_name,
        contact=contact.contact_id,
        reason=str(decision.reason),
        said=staff_text.participation(what, decision.reason),
        then=then,
    )


def decide(case: Participation) -> Decision[bool]:
    """May it be carried out, or stand?"""
    rule = may_it_stand if case.state == State.CARRIED_OUT else may_be_carried_out
    how = How(case.how) if case.how else None
    return rule(Joining(case.what or ""), case.given, how, GIVEN if case.overridden else None)


def _state_after(decision: Decision[bool]) -> State:
    if decision.allowed:
        return State.CARRIED_OUT
    return State.PROPOSED if decision.reason is Reason.CONSENT_UNKNOWN else State.DECLINED


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_tables(contacts_named),
    gate=judge_answer,
    ask=journal_system.ask_of_posting,
)
def tell_staff_of_answer(task: journal_system.Posting) -> Done:
    """Tell the staff of the unit whether it may be carried out (samtycke-1, samtycke-2)."""
    return journal_system.post(task)
