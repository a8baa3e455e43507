"""How the events of a contact change its case, and what of them goes on to a change of channel that is open."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from engine.base import clock
from engine.tables import effects
from engine.tables.events import Batch, EventContext, Events, Waiting, for_case, handled
from engine.tables.timeline import Entry
from models.channel_switch import ChannelSwitch
from models.encryption import ring
from models.events import DERIVED
from models.inbound_contact import InboundContact, State
from models.stored_events import ContactBegun, ContactOver, MessageFailed, MessageWritten, StoredMessage
from routine.ages import swedish_day
from routine.asked import AskedAnswer
from routine.children import Role
from routine.contact import Adherence, StaffAnswer, is_answer_as_routine
from routine.senders import address_of
from tasks import clients, identities, identity_events
from tasks.channel_switch.stored import has_consent, that_hear
from tasks.decided import decided
from tasks.inbound_contact import departures, effect_keys
from tasks.inbound_contact.stored import writer_hash
from tasks.messages import MESSAGE_FAILED, not_reached

WITH_STAFF = (State.OPEN, State.UNANSWERED, State.ANSWERED)
PAST_THE_REFERRAL = (State.REPLIED, State.OPEN, State.UNANSWERED)
OVER = (State.CLOSED, State.REGISTERED)


@dataclass(frozen=True)
class Switches:
    """By contact and type of event, the changes of channel that it may be for."""

    open: Mapping[tuple[str, str], Sequence[str]]


Context = EventContext[Switches]


def _switches_of(connection: Connection, waiting: Sequence[Waiting[InboundContact]]) -> Switches:
    """One to the phone that is done hears what the patient writes: they may take their consent back."""
    found: dict[tuple[str, str], list[str]] = {}
    for contact, key, done in that_hear(connection, [each.case.key for each in waiting]):
        for type in ("contact.message",) if done else ("contact.message", "contact.closed"):
            found.setdefault((contact, type), []).append(key)
    return Switches(found)


def _pass_on(case: InboundContact, said: MessageWritten | ContactOver, context: Context) -> None:
    """The event as a change of channel gets it; ours is forgotten once this is stored."""
    for switch in context.facts.open.get((case.key, context.event.type), ()):
        context.put(for_case(context.event, switch, said, ChannelSwitch.PROCESS))


# --- the contact begins


def _received(case: InboundContact, said: ContactBegun, context: Context) -> Entry:
    """Told again, it changes nothing."""
    _name_contact(case)
    if case.received_at is not None:
        return context.entry("event_ignored", "known")
    given, event = said.contact, context.event
    case.unit, case.unit_name = given.unit.hsa_id, given.unit.name
    case.patient = given.patient.model_dump_json() if given.patient else None
    case.patient_hash = ring().digest(given.patient.id) if given.patient else None
    case.role = _role(given.by, given.by_role)
    case.proxy = given.by
    case.reply_address, case.automatic = given.reply_address or None, given.automatic
    case.says_stop = given.says_stop
    case.reply_hash = _reply_hash(case.channel, given.reply_address)
    case.topic, case.service, case.urgent = given.topic, given.service, given.urgent
    case.received_at = event.occurred_at
    case.message = str(event.id)
    if case.answered_at is None:
        case.awaits_since = event.received_at
    case.state = State.RECEIVED if case.closed_at is None else State.CLOSED
    case.due_at = clock.now()
    return context.entry("contact_received", "applied")


def _name_contact(case: InboundContact) -> None:
    case.channel, _, case.contact_id = case.key.partition(":")


def _reply_hash(channel: str, given: str | None) -> bytes | None:
    """Of the address itself, however it is written: it is referred once a day (policy-hanvisning-1)."""
    return writer_hash(address_of(channel, given) or given) if given else None


def _role(by: str | None, by_role: str | None) -> str | None:
    """In whose right it was written: nobody else is named, so it is the patient; someone is, and it is not said."""
    if by_role:
        return str(by_role)
    return Role.SELF if by is None else None


# --- somebody writes


def _written(case: InboundContact, said: MessageWritten, context: Context) -> Entry:
    _name_contact(case)
    _pass_on(case, said, context)
    if said.message.from_ == "staff":
        return _staff_said(case, said.message, context)
    return _patient_said(case, context)


def _patient_said(case: InboundContact, context: Context) -> Entry:
    """They wait for an answer again; by a way that is not approved staff read it anew."""
    case.message = str(context.event.id)
    case.awaits_since = case.awaits_since or context.event.received_at
    if case.received_at is not None and case.state in (*WITH_STAFF, *OVER):
        case.closed_at = None
        case.state, case.due_at = State.RECEIVED, clock.now()
    return context.entry("message", "from_patient")


def _staff_said(case: InboundContact, message: StoredMessage, context: Context) -> Entry:
    """An answer: where it was given, and whether it suggests to call (patient-1, patient-2)."""
    connection, event = context.connection, context.event
    is_first = case.answered_at is None
    case.answered_at, case.awaits_since = event.occurred_at, None
    if case.received_at is None:
        return context.entry("message", "from_staff")
    if case.state in WITH_STAFF:
        case.state, case.due_at = State.ANSWERED, None
    day, region = swedish_day(event.occurred_at), clients.region()
    given = StaffAnswer(
        channel=event.source if event.source != DERIVED else case.channel,
        suggests_calling=message.suggests_calling,
        has_special_reason=message.reason,
        after_consent=has_consent(connection, case.key),
        may_refer=is_first and not _is_referred(connection, case),
    )
    asked = AskedAnswer(answer=given, chosen=case.channel, unit_id=case.unit, day=day)
    judged = is_answer_as_routine(given, asked.chosen, asked.unit_id, day, region)
    if judged.answer is Adherence.DEPARTS:
        departures.count(connection, case.unit, day, judged.clause, str(judged.reason))
    entry = context.entry("answer", judged.reason, judged.clause, adherence=str(judged.answer))
    return replace(entry, decided=decided("answer", asked, case.unit, judged))


def _is_referred(connection: Connection, case: InboundContact) -> bool:
    """Whether the referral of the day went from us: then no answer by staff is it (patient-4)."""
    return bool(effects.cases_with(connection, [effect_keys.referral(case)]))


# --- a referral has not arrived; it is over


def _referral_not_reached(case: InboundContact, said: MessageFailed, context: Context) -> Entry:
    """Staff offer another way, unless they have answered (policy-hanvisning-1)."""
    _name_contact(case)
    is_referral = said.key == effect_keys.referral(case)
    if is_referral and case.answered_at is None and case.state not in OVER:
        case.state = State.DECLINED if case.state in PAST_THE_REFERRAL else case.state
        case.due_at = clock.now()
    elif case.state == State.ANSWERED:
        case.due_at = None
    return not_reached("referral", context.event)


def _over(case: InboundContact, said: ContactOver, context: Context) -> Entry:
    """Its registration is proposed next."""
    _name_contact(case)
    _pass_on(case, said, context)
    case.closed_at, case.awaits_since = context.event.occurred_at, None
    case.visit = said.visit.model_dump_json() if said.visit else None
    if case.received_at is not None:
        case.state, case.due_at = State.CLOSED, clock.now()
    return context.entry("contact_closed", "applied")


def _stay_registered(batch: Batch[InboundContact, Switches]) -> None:
    for case in batch.cases:
        if case.state == State.REGISTERED:
            case.due_at = None  # what came has changed nothing
    identities.re_key(batch.connection, batch.cases)


EVENTS: Events[InboundContact, Switches] = Events(
    InboundContact,
    [
        handled("contact.received", ContactBegun, _received),
        handled("contact.message", MessageWritten, _written),
        handled("contact.closed", ContactOver, _over),
        handled(MESSAGE_FAILED, MessageFailed, _referral_not_reached),
        *identity_events.handled_in_a_case(),
    ],
    load=_switches_of,
    then=_stay_registered,
    has_begun=lambda case: case.received_at is not None,
    spread=identity_events.spread_over(InboundContact),
)
