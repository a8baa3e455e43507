"""The staff who have the contact are alerted where they have it (suicid-1)."""

from __future__ import annotations

from dataclasses import dataclass

from engine.base.errors import Refused
from engine.base.settings import Platform
from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Done, Finding, Go, NotArrived, Rest, Send, Verdict
from engine.tables.timeline import Entry
from models.case import Effect
from models.risk_alert import RiskAlert, State
from routine import staff_text
from routine.reasons import Reason
from routine.text import Text
from tasks import clients, conversation, journal_system
from tasks.risk_alert import alert_places
from tasks.risk_alert.alert_places import Place, channel, unit_name
from tasks.risk_alert.facts import (
    BACKOFF,
    PLACE_UNKNOWN,
    SETTLED,
    AlertFacts,
    next_due,
    staff_key,
    staff_level,
    tell_ops,
    withdraw_and_read,
)


@dataclass(frozen=True)
class Alarm:
    """An alert in a platform. `task`: for the unit's staff instead, if the platform does not have the contact."""

    key: str
    platform: Platform
    contact: str
    level: int
    text: Text
    task: journal_system.Posting | None
    then: Go


def judge_staff_alert(case: RiskAlert, known: AlertFacts) -> Verdict[Alarm | journal_system.Posting]:
    """In the platform that the contact is in; of any other channel by an urgent task in the journal system."""
    place, key = known.place, staff_key(case, known.place)
    others = [state for each, state in known.found.items() if each != key]
    due = next_due(case, place, pending=any(state not in SETTLED for state in others))
    changes = {"channel": place.channel, "unit": place.unit, "patient_hash": place.patient_hash}
    if known.is_seen_to(key):
        pending = known.found[key] not in SETTLED
        return Rest(State.ALERTED, (), next_due(case, place, pending=True) if pending else due, changes)
    level, _ = staff_level(case, place)
    entry = Entry("alert", Reason.RISK_OF_SUICIDE, "suicid-1", {"way": "staff", "step": level})
    then = Rest(State.ALERTED, (entry,), due, changes)
    task = _task(case, key, place, then)
    if platform := alert_places.platform(place):
        said = staff_text.alert(channel(place))
        other = task.payload if task else None
        return Send(key, then, Alarm(key, platform, case.contact_id, level, said, other, then), platform)
    if task is None:
        tell_ops(PLACE_UNKNOWN)
        return Rest(State.ALERTED, (), next_due(case, place, pending=True))
    return task


def _task(case: RiskAlert, key: str, place: Place, then: Go) -> Send[journal_system.Posting] | None:
    """An urgent task for the unit's staff; None: nobody has told which unit it is."""
    if place.unit is None:
        return None
    return journal_system.staff_task(
        key,
        patient=alert_places.patient_of(place),
        unit=place.unit,
        unit_name=unit_name(place),
        contact=case.contact_id,
        reason="suicide_risk",
        said=staff_text.alert(channel(place)),
        then=then,
        urgent=True,
    )


def _tried_again(case: RiskAlert, reason: str) -> Rest:
    return Rest(State.ALERTED, (), next_due(case, Place(case.channel, case.unit), pending=True))


def ask_of_alert(effect: Effect) -> Finding:
    """Platforms and VAS take a key: whatever became of the first, the same again is harmless."""
    return NotArrived()


@step(
    system="vas",
    others=conversation.PLATFORMS,
    backoff=BACKOFF,
    facts=from_tables(withdraw_and_read),
    gate=judge_staff_alert,
    ask=ask_of_alert,
    exhausted=_tried_again,
    urgent=True,
    idempotent=True,
)
def alert_staff(what: Alarm | journal_system.Posting) -> Done:
    """Alert the staff who have the contact, where they have it (suicid-1)."""
    if isinstance(what, journal_system.Posting):
        return journal_system.post(what)
    platform = clients.channel(what.platform)
    try:
        reason, said = "suicide_risk", what.text.body
        id = platform.raise_alert(what.key, what.contact, reason=reason, text=said, level=what.level)
    except Refused:
        if what.task is None:
            raise
        return journal_system.post(what.task)  # closed, or not known there: a human hears of it all the same
    return Done(what.then, id)
