"""Whoever an alert has escalated to has an SMS beside the call (policy-suicid-1)."""

from __future__ import annotations

from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Done, Go, Verdict
from models.risk_alert import RiskAlert, State
from routine import staff_text
from tasks import clients, messages
from tasks.risk_alert import effect_keys
from tasks.risk_alert.alert_places import system, unit_name
from tasks.risk_alert.facts import BACKOFF, AlertFacts, on_call, way_entry, withdraw_and_read


def judge_text(case: RiskAlert, known: AlertFacts) -> Verdict[messages.Message]:
    """An SMS beside the call: it is no alarm by itself."""
    whom, key = on_call(case, known.place), effect_keys.alert(case, "sms", case.step, case.repeats)
    if whom.answer is None or known.is_seen_to(key):
        return Go(State.FLAGGED)
    said = staff_text.sms_on_call(system(known.place), unit_name(known.place), clients.region())
    then = Go(State.FLAGGED, (way_entry(whom, "sms", step=case.step, repeats=case.repeats),))
    return messages.by_sms(key, whom.answer, said, then)


@step(
    system="sms",
    backoff=BACKOFF,
    facts=from_tables(withdraw_and_read),
    gate=judge_text,
    ask=messages.ask_of_message,
    exhausted=lambda case, reason: Go(State.FLAGGED),
    urgent=True,
)
def text_on_call(message: messages.Message) -> Done:
    """Tell whoever the alert has escalated to by SMS that it waits, and where; nothing of whom it is about."""
    return Done(message.then, messages.send_text("sms", message.to, message.text, message.token))
