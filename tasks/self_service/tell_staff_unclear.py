"""Where nobody can say what became of a request the unit's staff have a task: what the resident wanted (syfte-3)."""

from __future__ import annotations

from engine.steps.stage import from_case, step
from engine.steps.verdicts import Done, Rest, Verdict
from engine.tables.timeline import Entry
from models.self_service import SelfService, State
from routine.self_service import Service, is_left_to_staff
from routine.staff_text import asked_on_1177
from tasks import clients, journal_system
from tasks.self_service import effect_keys
from tasks.self_service.facts import patient_in, request_of
from tasks.self_service.vas_failures import tried_until_mended

BACKOFF = [2, 10, 60, 300, 1800, 7200]


def judge_task(case: SelfService, known: None) -> Verdict[journal_system.Posting]:
    """One task for a request; then it waits for ops, who try again or settle it (`vaxel retry`, `vaxel settle`)."""
    asked, decision = request_of(case), is_left_to_staff()
    policy = clients.region().unit(case.unit or "")
    said = asked_on_1177(
        Service(asked.service), asked.start, phone=asked.phone, email=asked.email, message=asked.message
    )
    body = {
        "patient": patient_in(case).model_dump(mode="json"),
        "unit": journal_system.unit_in(case.unit or "", policy.name if policy else None),
        "booking": case.booking_id,
        "reason": str(decision.reason),
        "text": said.body,
    }
    entry = Entry("staff_told", decision.reason, decision.clause)
    then = Rest(State.REQUESTED, (entry,), parked=case.reason or str(decision.reason))
    return journal_system.submit("staff_task", effect_keys.task(case), body, then)


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_case(SelfService),
    gate=judge_task,
    ask=journal_system.ask_of_posting,
)
def tell_staff_unclear(posting: journal_system.Posting) -> Done:
    """Give the unit's staff a task: what the resident wanted, and that nobody can say what became of it."""
    with tried_until_mended():
        return journal_system.post(posting)
