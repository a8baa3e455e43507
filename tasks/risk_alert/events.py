"""How a flag and an acknowledgement change an alert, and what else is withdrawn by them (policy-suicid-1)."""

from __future__ import annotations

import json
from datetime import timedelta

from engine.base import clock
from engine.outer import incidents
from engine.tables.events import Batch, EventContext, Events, for_case, handled, no_facts, spread
from engine.tables.timeline import Entry
from models.case import Outcome
from models.contact import RiskFlagged
from models.encryption import ring
from models.events import ACKNOWLEDGED
from models.risk_alert import RiskAlert, State
from models.stored_events import ContactAtRisk, ContactFlagged, MessageFailed, RiskInMessage
from routine.reasons import Reason
from routine.risk import Risk, is_human_needed
from tasks import identities, identity_events
from tasks.messages import MESSAGE_FAILED, not_reached
from tasks.risk_alert import alert_places

SOONER = timedelta(microseconds=1)


# --- flags


def _written_at_risk(case: RiskAlert, said: ContactAtRisk, context: EventContext[None]) -> Entry:
    """A contact has begun with one; it says whose it is, and where."""
    if said.contact.unit:
        case.unit, case.given_unit = said.contact.unit.hsa_id, None
    if said.contact.patient:
        case.given_hash = None
        case.patient = said.contact.patient.model_dump_json()
        case.patient_hash = ring().digest(said.contact.patient.id)
    return _raised(case, context)


def _risk_in_message(case: RiskAlert, said: RiskInMessage, context: EventContext[None]) -> Entry:
    return _raised(case, context)


def _flagged(case: RiskAlert, said: ContactFlagged, context: EventContext[None]) -> Entry:
    return _raised(case, context)


def _raised(case: RiskAlert, context: EventContext[None]) -> Entry:
    """It is raised, from the bottom; one that stands already goes on escalating: no new flag holds it back."""
    _name_contact(case)
    if not (case.flagged_at and Risk(case.flagged_at, case.acknowledged_at).stands):
        case.flagged_at = context.event.received_at
        if case.acknowledged_at and case.acknowledged_at >= case.flagged_at:
            case.flagged_at = case.acknowledged_at + SOONER  # of one batch, but later in it
        case.step, case.repeats = 0, 0
        case.state, case.due_at = State.FLAGGED, clock.now()
    needed = is_human_needed(Risk(case.flagged_at, case.acknowledged_at))
    return context.entry("risk_flagged", needed.reason, needed.clause, source=context.event.source)


def _name_contact(case: RiskAlert) -> None:
    channel, _, case.contact_id = case.key.partition(":")
    if channel != alert_places.NO_CHANNEL:
        case.channel = channel


# --- what else is told of an alert


def _acknowledged(case: RiskAlert, said: RiskFlagged, context: EventContext[None]) -> Entry:
    """A human has it: nothing more is done until somebody flags it anew. Who it is stays sealed."""
    _name_contact(case)
    by, received_at = said.model_dump(mode="json")["by"], context.event.received_at
    case.acknowledged_by = json.dumps(by, ensure_ascii=False) if by else None
    case.acknowledged_at = max(received_at, case.flagged_at or received_at)
    case.state, case.due_at = State.ACKNOWLEDGED, None
    source = context.event.source
    return context.entry("risk_acknowledged", Reason.ACKNOWLEDGED, "policy-suicid-1", source=source)


def _sms_not_reached(case: RiskAlert, said: MessageFailed, context: EventContext[None]) -> Entry:
    """The SMS to whoever is on call has not arrived: ops hear of it, and the alert escalates on as it does."""
    incidents.note(RiskAlert.PROCESS, Reason.NOT_REACHED)
    return not_reached("alert", context.event)


# --- what follows


def _place_and_pass_on(batch: Batch[RiskAlert, None]) -> None:
    """Where the contact is; an acknowledgement goes on to its twin, and open proposals are withdrawn by a flag."""
    alert_places.settle(batch.connection, batch.cases)
    identities.re_key(batch.connection, batch.cases)
    for case, (event, said) in ((each.case, each.events[-1]) for each in batch.waiting):
        if case.state != State.ACKNOWLEDGED:
            for withdrawal in alert_places.withdrawals(batch.connection, case):
                batch.put(withdrawal)
        elif key := alert_places.also_acknowledged(batch.connection, case, event):
            batch.put(for_case(event, key, said), event.source)


# --- a contact that staff have named without its channel


def _flag_where_it_is(said: ContactFlagged, context: EventContext[None]) -> Outcome:
    """A flag goes to every channel that has such a contact."""
    channels = alert_places.channels(context.connection, said.contact, alerts_only=False)
    return _put_for(channels or [alert_places.NO_CHANNEL], said, context)


def _acknowledge_where_it_is(said: RiskFlagged, context: EventContext[None]) -> Outcome:
    """An acknowledgement goes only where it can mean but one: it would silence another's alert.

    Ops hear of one that means several, and the alerts go on.
    """
    channels = alert_places.channels(context.connection, said.contact, alerts_only=True)
    if len(channels) > 1:
        incidents.note(RiskAlert.PROCESS, Reason.SEVERAL_CONTACTS)
        return Outcome.PARKED
    return _put_for(channels or [alert_places.NO_CHANNEL], said, context)


def _put_for(channels: list[str], said: ContactFlagged | RiskFlagged, context: EventContext[None]) -> Outcome:
    for channel in channels:
        context.put(for_case(context.event, f"{channel}:{said.contact}", said), context.event.source)
    return Outcome.SPREAD


EVENTS: Events[RiskAlert, None] = Events(
    RiskAlert,
    [
        handled("contact.received", ContactAtRisk, _written_at_risk),
        handled("contact.message", RiskInMessage, _risk_in_message),
        handled("contact.risk_flagged", ContactFlagged, _flagged),
        handled(ACKNOWLEDGED, RiskFlagged, _acknowledged),
        handled(MESSAGE_FAILED, MessageFailed, _sms_not_reached),
        *identity_events.handled_in_a_case(),
    ],
    load=no_facts,
    then=_place_and_pass_on,
    spread=[
        *identity_events.spread_over(RiskAlert, all_of_a_person=True),
        spread("contact.risk_flagged", ContactFlagged, _flag_where_it_is),
        spread(ACKNOWLEDGED, RiskFlagged, _acknowledge_where_it_is),
    ],
)
