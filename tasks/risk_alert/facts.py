"""How high an alert stands, and what is left to do there.

No step of an alert waits for a system (`urgent`): what fails is tried again, while the others go on.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from engine.base import clock
from engine.outer import incidents
from engine.tables import effects, inbox
from engine.tables.timeline import Entry
from models.case import EffectState
from models.events import DERIVED
from models.risk_alert import RiskAlert
from models.times import later
from routine.asked import AskedHeight
from routine.decision import Decision
from routine.reasons import Reason
from routine.risk import Alert, Risk, how_high, who_is_called
from tasks import clients
from tasks.risk_alert import alert_places, effect_keys
from tasks.risk_alert.alert_places import Place, unit_of

UNACKNOWLEDGED, PLACE_UNKNOWN = "unacknowledged", "place_unknown"
"""Incidents: it has escalated, and nobody has it; no channel has told of the contact."""
BACKOFF = [2]
SOONEST, LATEST, SHARE = timedelta(seconds=1), timedelta(seconds=30), 5
"""What came to nothing is tried again after a fifth of the time that the alert has stood, within these."""
LOOKED_AFTER = timedelta(minutes=1)
"""How often ops hear of an alert that stands, between its escalations."""
SETTLED = (EffectState.DONE, EffectState.PARKED)


@dataclass(frozen=True)
class AlertFacts:
    """Where the contact is, and how far the alert has come at this height. `found`: its effects, by key."""

    place: Place
    found: Mapping[str, EffectState]

    def is_seen_to(self, key: str) -> bool:
        """Done, or on its way as far as anybody knows."""
        return self.found.get(key, EffectState.NOT_SENT) is not EffectState.NOT_SENT


def withdraw_and_read(connection: Connection, cases: Sequence[RiskAlert]) -> Mapping[uuid.UUID, AlertFacts]:
    """Where the contacts are, and what has been done at this height; proposals of whom we now know are withdrawn."""
    found = alert_places.places(connection, cases)
    for case in cases:
        if case.patient_hash is None and found[case.key].patient_hash:
            withdrawals = alert_places.withdrawals(connection, case, found[case.key].patient_hash)
            inbox.put(connection, DERIVED, withdrawals)
    keys = {case.id: _keys(case, found[case.key]) for case in cases}
    states = effects.states_of(connection, [key for each in keys.values() for key in each])
    return {
        case.id: AlertFacts(
            found[case.key], {key: states.get(key, EffectState.NOT_SENT) for key in keys[case.id]}
        )
        for case in cases
    }


def _keys(case: RiskAlert, place: Place) -> list[str]:
    """Of everything that is to be done at this height, the keys."""
    keys = [staff_key(case, place)]
    if on_call(case, place).answer:
        keys.append(effect_keys.alert(case, "sms", case.step, case.repeats))
        if clients.region().voice:
            keys.append(effect_keys.alert(case, "call", case.step, case.repeats))
    return keys


def on_call(case: RiskAlert, place: Place) -> Decision[str | None]:
    """Whom the alert has escalated to, and why."""
    return who_is_called(case.step, case.repeats, unit_of(place), clients.region())


def staff_level(case: RiskAlert, place: Place) -> tuple[int, int]:
    """At the bottom the platform's staff are alerted; where nobody is on call they are at each height."""
    nobody = on_call(case, place).reason is Reason.NOBODY_ON_CALL
    return (case.step, case.repeats) if nobody else (0, 0)


def staff_key(case: RiskAlert, place: Place) -> str:
    """The key of the alert to the staff who have the contact."""
    return effect_keys.alert(case, "staff", *staff_level(case, place))


def _risk(case: RiskAlert) -> Risk:
    assert case.flagged_at is not None
    return Risk(case.flagged_at, case.acknowledged_at)


def asked_of_height(case: RiskAlert, place: Place) -> AskedHeight:
    """What its height is worked out from."""
    has_staff = alert_places.platform(place) is not None or place.unit is not None
    return AskedHeight(risk=_risk(case), now=clock.now(), has_staff=has_staff)


def height_of(case: RiskAlert, place: Place) -> Decision[Alert | None]:
    """How high it stands now; where nobody can be alerted with the contact, whoever is on call is, at once."""
    return height_by(asked_of_height(case, place))


def height_by(asked: AskedHeight) -> Decision[Alert | None]:
    """How high it stood then."""
    return how_high(asked.risk, asked.now, clients.region(), has_staff=asked.has_staff)


def next_due(case: RiskAlert, place: Place, *, pending: bool) -> datetime:
    """When the alert is taken up again: to escalate, to try again what is pending, to tell ops that it stands."""
    now, alert = clock.now(), height_of(case, place).answer
    if alert is None or (alert.step, alert.repeats) > (case.step, case.repeats):
        return now
    again = min(max((now - _risk(case).flagged_at) / SHARE, SOONEST), LATEST)
    if not (pending or alert.step):
        return alert.next_at
    return min(alert.next_at, later(now, again if pending else LOOKED_AFTER))


def tell_ops(*reasons: str) -> None:
    """Note incidents of an alert."""
    for reason in reasons:
        incidents.note(RiskAlert.PROCESS, reason)


def way_entry(decision: Decision[object], way: str, **height: int) -> Entry:
    """What the timeline says of a way that has been gone."""
    return Entry("alert", decision.reason, decision.clause, {"way": way, **height})
