"""How a flag and an acknowledgement change an alert, and what else is withdrawn by them (policy-suicid-1)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection

from engine import clock, inbox, incidents
from engine.events import Applied
from engine.timeline import Entry
from models.case import Event, Outcome
from models.channel_switch import ChannelSwitch
from models.contact import AtRisk, RiskFlagged
from models.encryption import ring
from models.events import ACKNOWLEDGED
from models.risk_alert import RiskAlert, State
from routine.reasons import Reason
from routine.risk import Risk, is_human_needed
from tasks import identities, identity_events
from tasks.messages import MESSAGE_FAILED, not_reached
from tasks.risk_alert import alert_places

Case = RiskAlert
SOONER = timedelta(microseconds=1)
_of_a_person = identity_events.spread_all_over(RiskAlert, all_of_a_person=True)


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
    for case in cases:
        if case.state == State.ACKNOWLEDGED:
            alert_places.pass_on(connection, case, events[case.key][0])
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
    channel, _, case.contact_id = case.key.partition(":")
    if channel != alert_places.NO_CHANNEL:
        case.channel = channel
    if event.type == "contact.received":
        _received(case, json.loads(event.data))
    if event.type == ACKNOWLEDGED:
        return _acknowledged(case, event)
    return _flagged(case, event)


def _not_reached(event: Event) -> Entry:
    """The SMS to whoever is on call has not arrived: ops hear of it, and the alert climbs on as it does."""
    incidents.note(RiskAlert.PROCESS, Reason.NOT_REACHED)
    return not_reached("alert", event)


def _received(case: Case, data: dict[str, Any]) -> None:
    contact = AtRisk.model_validate(data["contact"])
    if contact.unit:
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
    """A human has it: nothing more is done until somebody flags it anew. Who it is stays sealed."""
    by = RiskFlagged.model_validate(json.loads(event.data)).model_dump(mode="json")["by"]
    case.acknowledged_by = json.dumps(by, ensure_ascii=False) if by else None
    case.acknowledged_at = max(event.received_at, case.flagged_at or event.received_at)
    case.state, case.due_at = State.ACKNOWLEDGED, None
    return _entry(event, "risk_acknowledged", Reason.ACKNOWLEDGED, "policy-suicid-1")


def _entry(event: Event, what: str, reason: str, clause: str) -> Entry:
    detail = {"type": event.type, "event": str(event.id), "source": event.source}
    return Entry(what, reason, clause, detail=detail)


def spread(connection: Connection, events: Sequence[Event]) -> None:
    """What is told of a person or a unit; and a contact that staff have named without its channel."""
    for event in events:
        (_of_a_person if identity_events.is_of_many(event) else _of_a_contact)(connection, [event])


def _of_a_contact(connection: Connection, events: Sequence[Event]) -> None:
    """It is where its alert is, or the contact itself.

    A flag goes to every channel that has such a contact. An acknowledgement goes only where it can mean but one:
    it would silence another's alert. Ops hear of one that means several, and the alerts go on.
    """
    for event in events:
        contact = json.loads(event.data)["contact"]
        flag = event.type != ACKNOWLEDGED
        channels = alert_places.channels(connection, contact, alerts_only=not flag)
        outcome = Outcome.SPREAD
        if flag or len(channels) <= 1:
            keys = [f"{channel}:{contact}" for channel in channels or (alert_places.NO_CHANNEL,)]
            inbox.put(connection, event.source, [alert_places.same_for(event, key) for key in keys])
        else:
            outcome = Outcome.PARKED
            incidents.note(Case.PROCESS, Reason.SEVERAL_CONTACTS)
        number = event.number or 0
        inbox.close(connection, {number: outcome}, forget=[number])
