"""What the patient says of a proposed change of channel: a reply, a login, a consent taken back (byte-1, byte-3)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from engine import clock
from engine.database import columns, load
from engine.timeline import Entry
from models.case import Event
from models.channel_switch import ASKED, CONSENTED, OPEN, ChannelSwitch, State
from models.identity import PatientId
from models.inbound_contact import InboundContact
from routine.ages import swedish_day
from routine.approved import PHONE
from routine.children import Role
from routine.consent import may_answer
from routine.decision import Decision
from routine.reasons import Reason, reason_of
from routine.reply import CallNumber, is_consent_withdrawn, is_reply_consent
from tasks import clients, people
from tasks.channel_switch import consents
from tasks.preferences import stored

Case = ChannelSwitch


def entry(event: Event, what: str, reason: str, clause: str = "") -> Entry:
    """What the timeline says of an event."""
    return Entry(what, reason, clause, detail={"type": event.type, "event": str(event.id)})


def message_came(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """A reply to the question is consent to be called if it is surely a yes; else staff read it (byte-1)."""
    message = data["message"]
    if message["from"] != "patient":
        return entry(event, "message", "from_staff")
    if is_called(case) and is_consent_withdrawn(message.get("text") or "", clients.region()).allowed:
        return takes_back(connection, case, event, "reply")
    if case.to_channel != PHONE or case.state not in ASKED:
        return entry(event, "message", "from_patient")
    decision = _reply(connection, case, event, message.get("text") or "")
    if isinstance(decision.answer, CallNumber):
        case.number = decision.answer.number
        gives_consent(connection, case, event, decision, "reply")
    else:
        case.state, case.due_at, case.outcome = State.UNCLEAR, clock.now(), str(decision.reason)
        case.answer = str(event.id)
    return entry(event, "reply", decision.reason, decision.clause)


def _reply(connection: Connection, case: Case, event: Event, said: str) -> Decision[Any]:
    """As the rule reads it; only of one who may answer for the patient, which the asking has found (barn-1)."""
    query = f"SELECT {columns(InboundContact)} FROM inbound_contact WHERE key = :key"
    (contact,) = load(connection, InboundContact, query, {"key": case.contact_case})
    patient = people.patient_of(contact)
    birth = patient.birth_date if patient else None
    role = Role(contact.role) if contact.role else None
    region = clients.region()
    may = may_answer(role, birth, swedish_day(event.received_at), region, protected=False)
    if not may.allowed:
        return may
    own = stored.phones_of(connection, contact.patient_hash) if contact.patient_hash else ()
    return is_reply_consent(said, True, region, own)


def gives_consent(
    connection: Connection, case: Case, event: Event, decision: Decision[Any], how: str, **evidence: Any
) -> None:
    """Keep the consent with its evidence; what it was asked for is done next."""
    consents.keep(connection, case, event, given=True, how=how, reason=decision.reason, **evidence)
    case.state, case.due_at, case.link = State.CONSENTED, clock.now(), None
    case.outcome, case.answered_at = str(decision.reason), event.occurred_at


def is_called(case: Case) -> bool:
    """Whether the patient is to be called, or has been: they can take their consent back."""
    return case.to_channel == PHONE and case.state in CONSENTED


def takes_back(connection: Connection, case: Case, event: Event, how: str) -> Entry:
    """The consent to be called holds no more: what it has left in VAS goes, and staff hear of it (byte-1)."""
    consents.keep(connection, case, event, given=False, how=how, reason=Reason.CONSENT_WITHDRAWN)
    case.state, case.due_at, case.withdrawn_at = State.WITHDRAWN, clock.now(), event.occurred_at
    case.outcome = str(Reason.CONSENT_WITHDRAWN)
    return entry(event, "consent", Reason.CONSENT_WITHDRAWN, "byte-1")


def logged_in(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """Judged when it came about (`logins`): a login by someone else is no consent, and is noted."""
    reason, clause = reason_of(data["reason"]), data["clause"]
    if data["consented"] and case.state in OPEN:
        if patient := data.get("patient"):
            who = PatientId.model_validate(patient)
            case.patient, case.patient_hash, case.given_hash = who.model_dump_json(), people.digest(who), None
        decision = Decision(True, reason, clause)
        gives_consent(connection, case, event, decision, "login", loa=data["loa"])
    vouched_by = data.get("vouched_by", "not_recorded")  # one that was stored before it was kept
    detail = {"type": event.type, "event": str(event.id), "vouched_by": vouched_by}
    return Entry("login", reason, clause, detail=detail)
