"""How the events of a contact change its case, and what of them goes on to a change of channel that is open."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text

from engine import clock, inbox
from engine.events import Applied
from engine.timeline import Entry
from models.case import Event, Outcome
from models.channel_switch import AT_REST, ChannelSwitch
from models.channel_switch import State as SwitchState
from models.contact import ContactClosed, ContactReceived, Message
from models.encryption import ring
from models.events import Arrival
from models.inbound_contact import InboundContact, State
from models.times import later
from routine.ages import swedish_day
from routine.approved import PHONE
from routine.children import Role
from routine.contact import Adherence, StaffAnswer, is_answer_as_routine
from routine.senders import address_of
from tasks import clients, effect_keys, identities, identity_events
from tasks.messages import MESSAGE_FAILED, failed_key, not_reached

Case = InboundContact
DERIVED = "vaxel"
"""The source of events that we make of others."""
GRACE = timedelta(minutes=10)
"""How long a message may be ahead of the contact that it belongs to."""
WITH_STAFF = (State.OPEN, State.UNANSWERED, State.ANSWERED)
PAST_THE_REFERRAL = (State.REPLIED, State.OPEN, State.UNANSWERED)
OVER = (State.CLOSED, State.REGISTERED)

spread = identity_events.spread_all_over(InboundContact)


def apply(
    connection: Connection, cases: Sequence[Case], events: Mapping[str, Sequence[Event]]
) -> Applied[Case]:
    """Apply the waiting events to claimed contacts, each contact's in the order they came."""
    outcomes: dict[int, Outcome] = {}
    told: list[tuple[Case, Entry]] = []
    switches = _open_switches(connection, list(events))
    arrivals: list[Arrival] = []
    for case in cases:
        for event in reversed(events[case.key]):
            entry = _apply_one(connection, case, event)
            outcomes[event.number or 0] = Outcome.APPLIED
            told.append((case, entry))
            if case.state == State.REGISTERED:
                case.due_at = None  # what came has changed nothing
            arrivals += [_onward(event, switch) for switch in switches.get((case.key, event.type), ())]
    identities.re_key(connection, cases)
    inbox.put(connection, DERIVED, arrivals)
    return Applied(outcomes, told, forget=outcomes.keys(), wakes={ChannelSwitch.PROCESS} if arrivals else ())


def _open_switches(connection: Connection, contacts: Sequence[str]) -> dict[tuple[str, str], list[str]]:
    """By contact and type of event, the changes of channel that it may be for.

    One to the phone that is done hears what the patient writes: they may take their consent back.
    """
    query = text(
        "SELECT contact_case, key, state = ANY(:over) AS done FROM channel_switch"
        " WHERE contact_case = ANY(:contacts)"
        " AND (state <> ALL(:over) OR (state = :changed AND to_channel = :phone))"
    )
    given = {"contacts": contacts, "over": list(AT_REST), "changed": SwitchState.CHANGED, "phone": PHONE}
    found: dict[tuple[str, str], list[str]] = {}
    for contact, key, done in connection.execute(query, given):
        for type in ("contact.message",) if done else ("contact.message", "contact.closed"):
            found.setdefault((contact, type), []).append(key)
    return found


def _onward(event: Event, switch: str) -> Arrival:
    """The event as a change of channel gets it; ours is forgotten once this is stored."""
    data = json.loads(event.data)
    return Arrival(
        f"{event.id}:{switch}", event.type, ChannelSwitch.PROCESS, switch, None, event.occurred_at, data
    )


def _apply_one(connection: Connection, case: Case, event: Event) -> Entry:
    data = json.loads(event.data)
    case.channel, _, case.contact_id = case.key.partition(":")
    case.parked, case.tries = None, 0
    if identity_events.is_of_many(event):
        return identity_events.entry(event)
    if event.type == MESSAGE_FAILED:
        return _not_reached(case, event)
    match event.type:
        case "contact.received":
            return _received(case, event, data)
        case "contact.message":
            message = Message.model_validate(data["message"] | {"reason": None})
            said = _staff_said if message.from_ == "staff" else _patient_said
            return said(connection, case, event, data["message"])
        case _:
            return _closed(case, event, data)


def _entry(event: Event, what: str, reason: str, clause: str = "") -> Entry:
    return Entry(what, reason, clause, detail={"type": event.type, "event": str(event.id)})


def _received(case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """The contact begins. Told again, it changes nothing."""
    if case.received_at is not None:
        return _entry(event, "event_ignored", "known")
    given = ContactReceived.model_validate(data).contact
    case.unit, case.unit_name = given.unit.hsa_id, given.unit.name
    case.patient = given.patient.model_dump_json() if given.patient else None
    case.patient_hash = ring().digest(given.patient.id) if given.patient else None
    case.role = _role(given.by, given.by_role)
    case.proxy = given.by
    case.reply_address, case.automatic = given.reply_address or None, given.automatic
    case.says_stop = bool(data["contact"].get("says_stop"))
    case.reply_hash = _reply_hash(case.channel, given.reply_address)
    case.topic, case.service, case.urgent = given.topic, given.service, given.urgent
    case.received_at = case.received_at or event.occurred_at
    case.message = str(event.id)
    if case.answered_at is None:
        case.awaits_since = event.received_at
    case.state = State.RECEIVED if case.closed_at is None else State.CLOSED
    case.due_at = clock.now()
    return _entry(event, "contact_received", "applied")


def _reply_hash(channel: str, given: str | None) -> bytes | None:
    """Of the address itself, however it is written: it is referred once a day (policy-hanvisning-1)."""
    return ring().digest((address_of(channel, given) or given).casefold()) if given else None


def _role(by: str | None, by_role: str | None) -> str | None:
    """In whose right it was written: nobody else is named, so it is the patient; someone is, and it is not said."""
    if by_role:
        return str(by_role)
    return Role.SELF if by is None else None


def _patient_said(connection: Connection, case: Case, event: Event, message: dict[str, Any]) -> Entry:
    """They wait for an answer again; by a way that is not approved staff read it anew."""
    case.message = str(event.id)
    case.awaits_since = case.awaits_since or event.received_at
    if case.received_at is None:
        case.due_at = later(case.created_at, GRACE)
    elif case.state in (*WITH_STAFF, *OVER):
        case.closed_at = None
        case.state, case.due_at = State.RECEIVED, clock.now()
    return _entry(event, "message", "from_patient")


def _staff_said(connection: Connection, case: Case, event: Event, message: dict[str, Any]) -> Entry:
    """An answer: where it was given, and whether it suggests to call (patient-1, patient-2)."""
    is_first = case.answered_at is None
    case.answered_at, case.awaits_since = event.occurred_at, None
    if case.received_at is None:
        case.due_at = later(case.created_at, GRACE)
        return _entry(event, "message", "from_staff")
    if case.state in WITH_STAFF:
        case.state, case.due_at = State.ANSWERED, None
    day, region = swedish_day(event.occurred_at), clients.region()
    given = StaffAnswer(
        channel=event.source if event.source != DERIVED else case.channel,
        suggests_calling=message.get("suggests_calling"),
        has_special_reason=bool(message.get("reason")),
        after_consent=_has_changed(connection, case),
        may_refer=is_first and not _is_referred(connection, case),
    )
    judged = is_answer_as_routine(given, case.channel, case.unit, day, region)
    if judged.answer is Adherence.DEPARTS:
        _count(connection, case.unit, day, judged.clause, str(judged.reason))
    return _entry(event, "answer", judged.reason, judged.clause)


def _has_changed(connection: Connection, case: Case) -> bool:
    """Whether the patient has consented to go on elsewhere."""
    query = text(
        "SELECT EXISTS (SELECT FROM channel_switch WHERE contact_case = :key"
        " AND state IN ('consented', 'documented', 'changed'))"
    )
    return bool(connection.execute(query, {"key": case.key}).scalar())


def _is_referred(connection: Connection, case: Case) -> bool:
    """Whether the referral of the day went from us: then no answer by staff is it (patient-4)."""
    query = text("SELECT EXISTS (SELECT FROM effect WHERE key = :key AND state <> 'not_sent')")
    return bool(connection.execute(query, {"key": effect_keys.referral(case)}).scalar())


def _count(connection: Connection, unit: str, day: object, clause: str, reason: str) -> None:
    """One more departure at the unit that day; never by person (patient-1, uppfoljning-1)."""
    add = text(
        "INSERT INTO departure (unit, day, clause, reason, answers) VALUES (:unit, :day, :clause, :reason, 1)"
        " ON CONFLICT (unit, day, clause, reason) DO UPDATE SET answers = departure.answers + 1"
    )
    connection.execute(add, {"unit": unit, "day": day, "clause": clause, "reason": reason})


def _not_reached(case: Case, event: Event) -> Entry:
    """The referral has not arrived: staff offer another way, unless they have answered (policy-hanvisning-1)."""
    is_referral = failed_key(event) == effect_keys.referral(case)
    if is_referral and case.answered_at is None and case.state not in OVER:
        case.state = State.DECLINED if case.state in PAST_THE_REFERRAL else case.state
        case.due_at = clock.now()
    elif case.state == State.ANSWERED:
        case.due_at = None
    return not_reached("referral", event)


def _closed(case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """Over: its registration is proposed next."""
    visit = ContactClosed.model_validate(data).visit
    case.closed_at, case.awaits_since = event.occurred_at, None
    case.visit = visit.model_dump_json() if visit else None
    if case.received_at is None:
        case.due_at = later(case.created_at, GRACE)
    else:
        case.state, case.due_at = State.CLOSED, clock.now()
    return _entry(event, "contact_closed", "applied")
