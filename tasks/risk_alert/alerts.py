"""How high an alert stands and what is left to do there, and the alert to the staff who have the contact.

No step of an alert waits for a system (`urgent`): what comes to nothing is tried again, while the others go on.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import cast

from sqlalchemy import Connection

from engine import clock, effects, incidents
from engine.errors import Refused
from engine.flow import decides, step
from engine.settings import Platform
from engine.timeline import Entry
from engine.verdicts import Done, Finding, Go, NotArrived, Rest, Send, Verdict, Wait
from models.case import Effect, EffectState
from models.risk_alert import RiskAlert, State
from models.times import later
from routine import staff_text
from routine.decision import Decision
from routine.reasons import Reason
from routine.risk import Alert, Risk, how_high, who_is_called
from routine.text import Text
from tasks import clients, conversation, effect_keys, journal_system
from tasks.risk_alert import alert_places
from tasks.risk_alert.alert_places import Place, channel, unit_name, unit_of

BACKOFF = [2]
SOONEST, LATEST, SHARE = timedelta(seconds=1), timedelta(seconds=30), 5
"""What came to nothing is tried again after a fifth of the time that the alert has stood, within these."""
LOOKED_AFTER = timedelta(minutes=1)
"""How often ops hear of an alert that stands, between its climbs."""
UNACKNOWLEDGED, PLACE_UNKNOWN = "unacknowledged", "place_unknown"
"""Incidents: it has climbed, and nobody has it; no channel has told of the contact."""
SETTLED = (EffectState.DONE, EffectState.PARKED)


@dataclass(frozen=True)
class Known:
    """Where the contact is, and how far the alert has come at this height. `found`: its effects, by key."""

    place: Place
    found: Mapping[str, EffectState]

    def is_left(self, key: str) -> bool:
        """Done, or on its way as far as anybody knows."""
        return self.found.get(key, EffectState.NOT_SENT) is not EffectState.NOT_SENT


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


def read(connection: Connection, cases: Sequence[RiskAlert], seen: None) -> Mapping[uuid.UUID, Known]:
    """Where the contacts are, and what has been done at this height; proposals of whom we now know are withdrawn."""
    found = alert_places.places(connection, cases)
    for case in cases:
        if case.patient_hash is None and found[case.key].patient_hash:
            alert_places.withdraw_proposals(connection, case, found[case.key].patient_hash)
    keys = {case.id: _keys(case, found[case.key]) for case in cases}
    states = effects.states_of(connection, [key for each in keys.values() for key in each])
    return {
        case.id: Known(found[case.key], {key: states.get(key, EffectState.NOT_SENT) for key in keys[case.id]})
        for case in cases
    }


def _keys(case: RiskAlert, place: Place) -> list[str]:
    """Of everything that is to be done at this height, the keys."""
    keys = [_staff_key(case, place)]
    if on_call(case, place).answer:
        keys.append(effect_keys.alert(case, "sms", case.step, case.repeats))
        if clients.region().voice:
            keys.append(effect_keys.alert(case, "call", case.step, case.repeats))
    return keys


def on_call(case: RiskAlert, place: Place) -> Decision[str | None]:
    """Whom the alert has climbed to, and why."""
    return who_is_called(case.step, case.repeats, unit_of(place), clients.region())


def _staff_level(case: RiskAlert, place: Place) -> tuple[int, int]:
    """At the bottom the platform's staff are alerted; where nobody is on call they are at each height."""
    nobody = on_call(case, place).reason is Reason.NOBODY_ON_CALL
    return (case.step, case.repeats) if nobody else (0, 0)


def _staff_key(case: RiskAlert, place: Place) -> str:
    return effect_keys.alert(case, "staff", *_staff_level(case, place))


def _risk(case: RiskAlert) -> Risk:
    assert case.flagged_at is not None
    return Risk(case.flagged_at, case.acknowledged_at)


def _height(case: RiskAlert, place: Place) -> Decision[Alert | None]:
    """How high it stands now; where nobody can be alerted with the contact, whoever is on call is, at once."""
    has_staff = place.channel in conversation.PLATFORMS or place.unit is not None
    return how_high(_risk(case), clock.now(), clients.region(), has_staff=has_staff)


def _due(case: RiskAlert, place: Place, *, pending: bool) -> datetime:
    """When the alert is taken up again: to climb, to try again what is pending, to tell ops that it stands."""
    now, alert = clock.now(), _height(case, place).answer
    if alert is None or (alert.step, alert.repeats) > (case.step, case.repeats):
        return now
    again = min(max((now - _risk(case).flagged_at) / SHARE, SOONEST), LATEST)
    if not (pending or alert.step):
        return alert.next_at
    return min(alert.next_at, later(now, again if pending else LOOKED_AFTER))


def _tell_ops(*reasons: str) -> None:
    for reason in reasons:
        incidents.note(RiskAlert.PROCESS, reason)


# --- it climbs


@decides(read=read)
def climb(case: RiskAlert, known: Known) -> Verdict:
    """An alert climbs that nobody has acknowledged in time, and what came to nothing is tried again."""
    if case.state == State.ACKNOWLEDGED:
        return Rest(State.ACKNOWLEDGED)
    decision = _height(case, known.place)
    alert = decision.answer
    if alert is None:
        return Rest(State.ACKNOWLEDGED)
    pending = any(state not in SETTLED for state in known.found.values())
    if alert.step:
        called = who_is_called(alert.step, alert.repeats, unit_of(known.place), clients.region())
        nobody = called.reason is Reason.NOBODY_ON_CALL
        _tell_ops(UNACKNOWLEDGED, *([Reason.NOBODY_ON_CALL] if nobody else []))
    if (alert.step, alert.repeats) > (case.step, case.repeats):
        height = {"step": alert.step, "repeats": alert.repeats}
        return Go(State.CLIMBED, (told(decision, "climbs", **height),), changes=height)
    if pending:
        return Go(State.CLIMBED if case.step else State.FLAGGED)
    return Wait(_due(case, known.place, pending=False), for_answer=False)


def told(decision: Decision[object], way: str, **height: int) -> Entry:
    """What the timeline says of a way that has been gone."""
    return Entry("alert", decision.reason, decision.clause, {"way": way, **height})


# --- the staff who have the contact


def raise_alert(case: RiskAlert, known: Known) -> Verdict:
    """In the platform that the contact is in; of any other channel by an urgent task in the journal system."""
    place, key = known.place, _staff_key(case, known.place)
    others = [state for each, state in known.found.items() if each != key]
    due = _due(case, place, pending=any(state not in SETTLED for state in others))
    changes = {"channel": place.channel, "unit": place.unit, "patient_hash": place.patient_hash}
    if known.is_left(key):
        pending = known.found[key] not in SETTLED
        return Rest(State.ALERTED, (), _due(case, place, pending=True) if pending else due, changes)
    level, _ = _staff_level(case, place)
    told = Entry("alert", Reason.RISK_OF_SUICIDE, "suicid-1", {"way": "staff", "step": level})
    then = Rest(State.ALERTED, (told,), due, changes)
    task = _task(case, key, place, then)
    if place.channel in conversation.PLATFORMS:
        said = staff_text.alert(channel(place))
        platform: Platform = place.channel
        other = cast(journal_system.Posting, task.payload) if task else None
        return Send(key, then, Alarm(key, platform, case.contact_id, level, said, other, then), platform)
    if task is None:
        _tell_ops(PLACE_UNKNOWN)
        return Rest(State.ALERTED, (), _due(case, place, pending=True))
    return task


def _task(case: RiskAlert, key: str, place: Place, then: Go) -> Send | None:
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
    return Rest(State.ALERTED, (), _due(case, Place(case.channel, case.unit), pending=True))


def ask_again(effect: Effect) -> Finding:
    """Platforms and VAS take a key: whatever became of the first, the same again is harmless."""
    return NotArrived()


@step(
    system="vas",
    others=conversation.PLATFORMS,
    backoff=BACKOFF,
    read=read,
    gate=raise_alert,
    ask=ask_again,
    exhausted=_tried_again,
    urgent=True,
    keyed=True,
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
