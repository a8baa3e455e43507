"""Where nobody can say what became of a request the unit's staff have a task: what the resident wanted (syfte-3).

So they have where a fault of ours has stopped it, and what the resident wanted may not be read.
"""

from __future__ import annotations

from engine.steps.stage import from_case, step
from engine.steps.verdicts import Done, Rest, Verdict
from engine.tables.timeline import Entry
from models.self_service import SelfService, State
from routine.self_service import Service, is_left_to_staff
from routine.staff_text import asked_on_1177, unreadable_on_1177
from routine.text import Text
from tasks import clients, journal_system
from tasks.self_service import effect_keys
from tasks.self_service.facts import patient_if_readable, request_if_readable
from tasks.self_service.vas_failures import tried_until_mended

BACKOFF = [2, 10, 60, 300, 1800, 7200]


def judge_task(case: SelfService, known: None) -> Verdict[journal_system.Posting]:
    """One task for a request; then it waits for ops, who try again or settle it (`vaxel retry`, `vaxel settle`)."""
    decision = is_left_to_staff()
    why = case.parked or case.reason or str(decision.reason)
    if case.unit is None:  # its event was never applied: nobody knows at which unit it is
        return Rest(State.REQUESTED, parked=why)
    policy, patient = clients.region().unit(case.unit), patient_if_readable(case)
    body = {
        "patient": patient.model_dump(mode="json") if patient else None,
        "unit": journal_system.unit_in(case.unit, policy.name if policy else None),
        "booking": case.booking_id,
        "reason": str(decision.reason),
        "text": _what_is_asked(case).body,
    }
    entry = Entry("staff_told", decision.reason, decision.clause)
    then = Rest(State.REQUESTED, (entry,), parked=why)
    return journal_system.submit("staff_task", effect_keys.task(case), body, then)


def _what_is_asked(case: SelfService) -> Text:
    asked = request_if_readable(case)
    if asked is None:
        return unreadable_on_1177(Service(str(case.service)), str(case.id))
    return asked_on_1177(
        Service(asked.service), asked.start, phone=asked.phone, email=asked.email, message=asked.message
    )


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
