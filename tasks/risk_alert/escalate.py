"""An alert escalates that nobody has acknowledged in time (policy-suicid-1)."""

from __future__ import annotations

from dataclasses import replace

from engine.steps.stage import decides, from_tables
from engine.steps.verdicts import Go, Rest, Verdict, Wait
from models.risk_alert import RiskAlert, State
from routine.reasons import Reason
from routine.risk import who_is_called
from tasks import clients
from tasks.decided import decided
from tasks.risk_alert.alert_places import unit_of
from tasks.risk_alert.facts import (
    SETTLED,
    UNACKNOWLEDGED,
    AlertFacts,
    asked_of_height,
    height_by,
    next_due,
    tell_ops,
    way_entry,
    withdraw_and_read,
)


@decides(from_tables(withdraw_and_read))
def escalate(case: RiskAlert, known: AlertFacts) -> Verdict:
    """An alert escalates that nobody has acknowledged in time, and what failed is tried again."""
    if case.state == State.ACKNOWLEDGED:
        return Rest(State.ACKNOWLEDGED)
    asked = asked_of_height(case, known.place)
    decision = height_by(asked)
    alert = decision.answer
    if alert is None:
        return Rest(State.ACKNOWLEDGED)
    pending = any(state not in SETTLED for state in known.found.values())
    if alert.step:
        called = who_is_called(alert.step, alert.repeats, unit_of(known.place), clients.region())
        nobody = called.reason is Reason.NOBODY_ON_CALL
        tell_ops(UNACKNOWLEDGED, *([Reason.NOBODY_ON_CALL] if nobody else []))
    if (alert.step, alert.repeats) > (case.step, case.repeats):
        height = {"step": alert.step, "repeats": alert.repeats}
        by = decided("escalation", asked, known.place.unit, decision)
        told = replace(way_entry(decision, "escalated", **height), decided=by)
        return Go(State.ESCALATED, (told,), changes=height)
    if pending:
        return Go(State.ESCALATED if case.step else State.FLAGGED)
    return Wait(next_due(case, known.place, pending=False), for_answer=False)
