"""A risk of suicide: a human is alerted; the alert escalates until one has said that they act (policy-suicid-1)."""

from __future__ import annotations

from engine.prefect.flow import process
from engine.steps.stage import Cases
from models.risk_alert import RiskAlert, State
from tasks.risk_alert.alert_staff import alert_staff
from tasks.risk_alert.call_on_call import call_on_call
from tasks.risk_alert.escalate import escalate
from tasks.risk_alert.events import EVENTS
from tasks.risk_alert.text_on_call import text_on_call


@process(RiskAlert, events=EVENTS)
def risk_alert(cases: Cases[RiskAlert]) -> None:
    """Staff are alerted at once, before and apart from everything else, by a worker of its own.

    1. nobody has acknowledged it in time: it escalates (policy-suicid-1)
    2. whoever is on call is called
    3. and has an SMS, which by itself is no alarm
    4. the staff who have the contact are alerted where it is (suicid-1)
    """
    escalate(cases.at(State.ALERTED, State.ACKNOWLEDGED))
    call_on_call(cases.at(State.ESCALATED))
    text_on_call(cases.at(State.CALLED))
    alert_staff(cases.at(State.FLAGGED))
