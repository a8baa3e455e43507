"""Whoever an alert has escalated to is called (policy-suicid-1)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Arrived, CannotTell, Done, Finding, Go, NotArrived, Send, Verdict
from engine.tables import effects
from models.case import Effect
from models.encryption import Use, ring
from models.risk_alert import RiskAlert, State
from tasks import clients, messages
from tasks.risk_alert import effect_keys
from tasks.risk_alert.facts import BACKOFF, AlertFacts, on_call, way_entry, withdraw_and_read


@dataclass(frozen=True)
class Ring:
    """A call to whoever is on call."""

    to: str = field(repr=False)
    then: Go


def judge_call(case: RiskAlert, known: AlertFacts) -> Verdict[Ring]:
    """Call them, where the region has a number and a sound for it."""
    whom, voice = on_call(case, known.place), clients.region().voice
    key = effect_keys.alert(case, "call", case.step, case.repeats)
    if whom.answer is None or voice is None or known.is_seen_to(key):
        return Go(State.CALLED)
    then = Go(State.CALLED, (way_entry(whom, "call", step=case.step, repeats=case.repeats),))
    likeness = ring().keyed(Use.LIKENESS, f"call\n{whom.answer}")
    request = json.dumps({"to": whom.answer})
    return Send(key, then, Ring(whom.answer, then), "voice", likeness, request)


def ask_of_call(effect: Effect) -> Finding:
    """Whether the provider has a call to that number, of that time, that no other effect owns."""
    first, last = effect.sending_at - messages.CLOCK_MARGIN, effect.deadline_at + messages.CLOCK_MARGIN
    listing = clients.voice().called_between(first, last, json.loads(effect.request or "{}")["to"])
    if found := effects.adopt(effect, list(reversed(listing.ids))):
        return Arrived(found)
    return NotArrived() if listing.complete else CannotTell()


@step(
    system="voice",
    backoff=BACKOFF,
    facts=from_tables(withdraw_and_read),
    gate=judge_call,
    ask=ask_of_call,
    exhausted=lambda case, reason: Go(State.CALLED),
    urgent=True,
)
def call_on_call(call: Ring) -> Done:
    """Call whoever the alert has escalated to; they hear that an alert waits, and nothing of whom it is about."""
    voice = clients.region().voice
    assert voice is not None
    return Done(call.then, clients.voice().call(call.to, voice.number, voice.announcement))
