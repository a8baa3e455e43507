"""How a flag and an acknowledgement change an alert, and what else is withdrawn by them (policy-suicid-1)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from engine import clock, incidents
from engine.process import Applied
from engine.timeline import Entry
from flows import identity_events
from models.case import Event, Outcome
from models.channel_switch import ChannelSwitch
from models.contact import ContactReceived
from models.encryption import ring
from models.risk_alert import RiskAlert, State
from routine.reasons import Reason
from routine.risk import Risk, is_human_needed
from tasks import alert_places, identities
from tasks.messages import MESSAGE_FAILED, not_reached

Case = RiskAlert
NO_CHANNEL = ("staff", "vaxel")
"""Sources that say nothing of where a contact is."""
SOONER = timedelta(microseconds=1)
spread = identity_events.spread_over(RiskAlert, all_of_a_person=True)


def apply(
    connection: Connection, cases: Sequence[Case], events: Mapping[str, Sequence[Event]]
) -> Applied[Case]:
    """Apply the waiting events to claimed alerts, each alert's in the order they came."""
    outcomes: dict[int, Outcome] = {}
    told: list[tuple[Case, Entry]] = []
    for case in cases:
        for event in reversed(events[case.key]):
            told.append((case, _apply_one(case, event)))
            outcomes[event.number or 0] = Outcome.APPLIED
    alert_places.settle(connection, cases)
    identities.re_key(connection, cases)
    flagged = [case for case in cases if case.state != State.ACKNOWLEDGED]
    withdrawn = sum(alert_places.withdraw_proposals(connection, case) for case in flagged)
    wakes = {ChannelSwitch.PROCESS} if withdrawn else ()
    return Applied(outcomes, told, forget=outcomes.keys(), wakes=wakes)


def _apply_one(case: Case, event: Event) -> Entry:
    case.parked, case.tries = None, 0
    if identity_events.is_of_many(event):
        return identity_events.entry(event)
    if event.type == MESSAGE_FAILED:
        return _not_reached(event)
    if event.source not in NO_CHANNEL:
        case.channel = event.source
    if event.type == "contact.received":
        _received(case, json.loads(event.data))
    if event.type == "contact.risk_acknowledged":
        return _acknowledged(case, event)
    return _flagged(case, event)


def _not_reached(event: Event) -> Entry:
    """The SMS to whoever is on call has not arrived: ops hear of it, and the alert climbs on as it does."""
    incidents.note(RiskAlert.PROCESS, Reason.NOT_REACHED)
    return not_reached("alert", event)


def _received(case: Case, data: dict[str, Any]) -> None:
    contact = ContactReceived.model_validate(data).contact
    case.unit, case.given_unit = contact.unit.hsa_id, None
    if contact.patient:
        case.given_hash = None
        case.patient = contact.patient.model_dump_json()
        case.patient_hash = ring().digest(contact.patient.id)


def _flagged(case: Case, event: Event) -> Entry:
    """It is raised, from the bottom; one that stands already goes on climbing: no new flag holds it back."""
    if not (case.flagged_at and Risk(case.flagged_at, case.acknowledged_at).stands):
        case.flagged_at = event.received_at
        if case.acknowledged_at and case.acknowledged_at >= case.flagged_at:
            case.flagged_at = case.acknowledged_at + SOONER  # of one batch, but later in it
        case.step, case.repeats = 0, 0
        case.state, case.due_at = State.FLAGGED, clock.now()
    needed = is_human_needed(Risk(case.flagged_at, case.acknowledged_at))
    return _entry(event, "risk_flagged", needed.reason, needed.clause)


def _acknowledged(case: Case, event: Event) -> Entry:
    """A human has it: nothing more is done until somebody flags it anew."""
    case.acknowledged_at = max(event.received_at, case.flagged_at or event.received_at)
    case.state, case.due_at = State.ACKNOWLEDGED, None
    return _entry(event, "risk_acknowledged", Reason.ACKNOWLEDGED, "policy-suicid-1")


def _entry(event: Event, what: str, reason: str, clause: str) -> Entry:
    return Entry(what, reason, clause, detail={"type": event.type, "event": str(event.id)})
