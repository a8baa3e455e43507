"""What the patient says of a proposed change of channel: a reply, a login, a consent taken back (byte-1, byte-3)."""

from __future__ import annotations

from typing import Any

from engine.base import clock
from engine.tables.events import EventContext
from engine.tables.timeline import Entry
from models.channel_switch import ASKED, CONSENTED, OPEN, ChannelSwitch, State
from models.stored_events import LoginJudged, MessageWritten
from routine.ages import swedish_day
from routine.approved import PHONE
from routine.children import Role
from routine.consent import may_answer
from routine.decision import Decision
from routine.reasons import Reason, reason_of
from routine.reply import CallNumber, is_consent_withdrawn, is_reply_consent
from tasks import clients, people
from tasks.channel_switch import consents
from tasks.inbound_contact.stored import with_keys
from tasks.preferences import wishes

Context = EventContext[None]


def message_came(case: ChannelSwitch, said: MessageWritten, context: Context) -> Entry:
    """A reply to the question is consent to be called if it is surely a yes; else staff read it (byte-1)."""
    words = said.message.text or ""
    if said.message.from_ != "patient":
        return context.entry("message", "from_staff")
    if is_called(case) and is_consent_withdrawn(words, clients.region()).allowed:
        return takes_back(case, context, "reply")
    if case.to_channel != PHONE or case.state not in ASKED:
        return context.entry("message", "from_patient")
    decision = _reply(case, words, context)
    if isinstance(decision.answer, CallNumber):
        case.number = decision.answer.number
        gives_consent(case, context, decision, "reply")
    else:
        case.state, case.due_at, case.outcome = State.UNCLEAR, clock.now(), str(decision.reason)
        case.answer = str(context.event.id)
    return context.entry("reply", decision.reason, decision.clause)


def _reply(case: ChannelSwitch, words: str, context: Context) -> Decision[Any]:
    """As the rule reads it; only of one who may answer for the patient, which the asking has found (barn-1)."""
    (contact,) = with_keys(context.connection, [case.contact_case or ""])
    patient = people.patient_of(contact)
    birth = patient.birth_date if patient else None
    role = Role(contact.role) if contact.role else None
    region = clients.region()
    may = may_answer(role, birth, swedish_day(context.event.received_at), region, protected=False)
    if not may.allowed:
        return may
    number = contact.patient_hash
    own = wishes.phones_of(context.connection, number) if number else ()
    return is_reply_consent(words, True, region, own)


def gives_consent(
    case: ChannelSwitch, context: Context, decision: Decision[Any], how: str, **evidence: Any
) -> None:
    """Keep the consent with its evidence; what it was asked for is done next."""
    event = context.event
    consents.keep(context.connection, case, event, given=True, how=how, reason=decision.reason, **evidence)
    case.state, case.due_at, case.link = State.CONSENTED, clock.now(), None
    case.outcome, case.answered_at = str(decision.reason), event.occurred_at


def is_called(case: ChannelSwitch) -> bool:
    """Whether the patient is to be called, or has been: they can take their consent back."""
    return case.to_channel == PHONE and case.state in CONSENTED


def takes_back(case: ChannelSwitch, context: Context, how: str) -> Entry:
    """The consent to be called holds no more: what it has left in VAS goes, and staff hear of it (byte-1)."""
    event = context.event
    consents.keep(context.connection, case, event, given=False, how=how, reason=Reason.CONSENT_WITHDRAWN)
    case.state, case.due_at, case.withdrawn_at = State.WITHDRAWN, clock.now(), event.occurred_at
    case.outcome = str(Reason.CONSENT_WITHDRAWN)
    return context.entry("consent", Reason.CONSENT_WITHDRAWN, "byte-1")


def logged_in(case: ChannelSwitch, said: LoginJudged, context: Context) -> Entry:
    """Judged when it came about (`logins`): a login by someone else is no consent, and is noted."""
    reason = reason_of(said.reason)
    if said.consented and case.state in OPEN:
        if who := said.patient:
            case.patient, case.patient_hash, case.given_hash = who.model_dump_json(), people.digest(who), None
        gives_consent(case, context, Decision(True, reason, said.clause), "login", loa=said.loa)
    return context.entry("login", reason, said.clause, vouched_by=said.vouched_by)
