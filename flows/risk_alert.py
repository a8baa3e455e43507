"""A risk of suicide: a human is alerted, and the alert climbs until one has said that they act (policy-suicid-1)."""

from __future__ import annotations

from engine.flow import Batch, process
from flows.risk_alert_events import apply, spread
from models.risk_alert import RiskAlert, State
from tasks.alerts import alert_staff, climb
from tasks.on_call import call_on_call, text_on_call


@process(RiskAlert, apply=apply, spread=spread)
async def risk_alert(cases: Batch[RiskAlert]) -> None:
    """Staff are alerted at once, before and apart from everything else, by a worker of its own.

    1. nobody has acknowledged it in time: it climbs (policy-suicid-1)
    2. whoever is on call is called
    3. and has an SMS, which by itself is no alarm
    4. the staff who have the contact are alerted where it is (suicid-1)
    """
    await climb(cases.at(State.ALERTED, State.ACKNOWLEDGED))
    await call_on_call(cases.at(State.CLIMBED))
    await text_on_call(cases.at(State.CALLED))
    await alert_staff(cases.at(State.FLAGGED))
