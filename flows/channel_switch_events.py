"""How events change a proposed change of channel: the patient's answer, staff's word, a login, the contact's end."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, text

from engine import clock, inbox
from engine.database import columns, load
from engine.inbox import Arrival, Refusal
from engine.process import Applied
from engine.timeline import Entry
from flows import identity_events
from models.case import Event, Outcome
from models.channel_switch import ASKED, AT_REST, CONSENTED, OPEN, ChannelSwitch, State
from models.encryption import ring
from models.identity import PatientId
from models.inbound_contact import InboundContact
from models.participation import Participation
from models.routes import token_hash
from models.staff import Consent, Switch
from models.times import later
from routine.ages import swedish_day
from routine.approved import PHONE
from routine.children import Role
from routine.consent import may_answer
from routine.decision import Decision
from routine.proposal import does_it_stand
from routine.reasons import Reason, reason_of
from routine.reply import CallNumber, is_consent_withdrawn, is_reply_consent
from systems.eid import LoggedIn
from tasks import clients, consents, identities, logins, people, preferences
from tasks.messages import MESSAGE_FAILED, not_reached
from tasks.switchboard import PRESSED

Case = ChannelSwitch
DERIVED = logins.DERIVED
GRACE = timedelta(minutes=10)
"""How long an answer may be ahead of the proposal that it belongs to."""


def apply(
    connection: Connection, cases: Sequence[Case], events: Mapping[str, Sequence[Event]]
) -> Applied[Case]:
    """Apply the waiting events to claimed cases, each case's in the order they came."""
    outcomes: dict[int, Outcome] = {}
    told: list[tuple[Case, Entry]] = []
    for case in cases:
        for event in reversed(events[case.key]):
            case.parked, case.tries = None, 0
            told.append((case, _heard(connection, case, event)))
            outcomes[event.number or 0] = Outcome.APPLIED
        if case.proposed_at is None:
            case.due_at = later(case.created_at, GRACE)
        elif case.state in AT_REST:
            case.due_at = None  # what came has changed nothing
    identities.re_key(connection, cases)
    return Applied(outcomes, told, forget=outcomes.keys())


def _heard(connection: Connection, case: Case, event: Event) -> Entry:
    if event.type == "patient.deceased" and identities.deceased(connection, [case.patient_hash]):
        return _ends(connection, case, event, Reason.DECEASED, "policy-avliden-1")
    if identity_events.is_of_many(event):
        return identity_events.entry(event)
    return _HEARD[event.type](connection, case, event, json.loads(event.data))


def _entry(event: Event, what: str, reason: str, clause: str = "") -> Entry:
    return Entry(what, reason, clause, detail={"type": event.type, "event": str(event.id)})


# --- what staff say


def _proposed(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """The proposal; told again it changes nothing. The later of two for one contact takes the other's place."""
    if case.proposed_at is not None:
        return _entry(event, "event_ignored", "known")
    given = Switch.model_validate(data["switch"] | {"why": None})
    case.contact_id, case.to_channel = given.contact, given.to
    case.service, case.service_id = given.service, given.service_id
    case.staff, case.has_why = given.by.model_dump_json(), bool(data["switch"].get("why"))
    case.proposed_at = event.received_at
    _make_link(connection, case)
    if _replaces_others(connection, case):
        case.state, case.due_at = State.PROPOSED, clock.now()
        return _entry(event, "switch_proposed", "applied")
    return _ends(connection, case, event, Reason.REPLACED, "patient-3")


def _pressed(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """A caller asks for a link to another channel (byte-2); told again it changes nothing."""
    if case.proposed_at is not None:
        return _entry(event, "event_ignored", "known")
    case.contact_id, case.contact_case = data["call"], case.key
    case.from_channel, case.to_channel, case.unit = PHONE, data["to"], data["unit"]
    case.number, case.caller_hash = data["from"], ring().digest(data["from"])
    case.proposed_at, case.state, case.due_at = event.occurred_at, State.PRESSED, clock.now()
    _make_link(connection, case)
    return _entry(event, "key_pressed", Reason.KEY_PRESS, "byte-2")


def _make_link(connection: Connection, case: Case) -> None:
    """The link that a digital change is consented to by; its life begins anew when the question is put."""
    if case.to_channel == PHONE:
        return
    case.link = secrets.token_urlsafe()
    put = text("INSERT INTO link (token_hash, case_id, made_at) VALUES (:hash, :case, :now)")
    given = {"hash": token_hash(case.link), "case": case.id, "now": clock.now()}
    connection.execute(put, given)


def _replaces_others(connection: Connection, case: Case) -> bool:
    """Tell the proposals for the same contact that this one takes their place; False: a later one is there."""
    query = text(
        "SELECT key, proposed_at FROM channel_switch"
        " WHERE contact_id = :contact AND id <> :id AND state = ANY(:open) AND proposed_at IS NOT NULL"
    )
    given = {"contact": case.contact_id, "id": case.id, "open": list(OPEN)}
    others = list(connection.execute(query, given))
    assert case.proposed_at is not None
    if not all(does_it_stand(case.proposed_at, other.proposed_at).allowed for other in others):
        return False
    arrivals = [
        Arrival(f"{case.id}:{other.key}", "switch.replaced", Case.PROCESS, other.key, None, clock.now(), {})
        for other in others
    ]
    inbox.put(connection, DERIVED, arrivals)
    return True


def _recorded(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """Staff have heard or read the answer. To a digital change the login is the consent (byte-3), not their word."""
    given = Consent.model_validate(data["consent"])
    how = given.how or "oral"
    if not given.given and _is_called(case):
        return _takes_back(connection, case, event, how)
    if case.state not in ASKED:
        return _entry(event, "consent", Reason.NOT_ASKED, "byte-1")
    if not given.given:
        consents.keep(connection, case, event, given=False, how=how, reason=Reason.CONSENT_REFUSED)
        return _ends(connection, case, event, Reason.CONSENT_REFUSED, "byte-6")
    if case.to_channel != PHONE:
        return _entry(event, "consent", Reason.LINK_NOT_FOLLOWED, "byte-3")
    _consents(connection, case, event, Decision(True, Reason.CONSENT_GIVEN, "byte-1"), how)
    return _entry(event, "consent", Reason.CONSENT_GIVEN, "byte-1")


def _overridden(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """Staff go past the gates; a reason is all it takes, and it is recorded that there was one (policy-fara-1)."""
    if not data["override"].get("reason"):
        return _entry(event, "override", Reason.OVERRIDE_WITHOUT_REASON, "policy-fara-1")
    case.overridden = True
    if case.asked_at is None and case.state not in (*ASKED, State.CONSENTED, State.DOCUMENTED, State.CHANGED):
        case.state, case.outcome, case.due_at = case.walks_again_from(), None, clock.now()
        if case.proposed_at and case.link is None:  # it has ended, and its link with it
            _make_link(connection, case)
    return _entry(event, "override", Reason.OVERRIDDEN, "policy-fara-1")


# --- what the patient says


def _message(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """A reply to the question is consent to be called if it is surely a yes; else staff read it (byte-1)."""
    message = data["message"]
    if message["from"] != "patient":
        return _entry(event, "message", "from_staff")
    if _is_called(case) and is_consent_withdrawn(message.get("text") or "", clients.region()).allowed:
        return _takes_back(connection, case, event, "reply")
    if case.to_channel != PHONE or case.state not in ASKED:
        return _entry(event, "message", "from_patient")
    decision = _reply(connection, case, event, message.get("text") or "")
    if isinstance(decision.answer, CallNumber):
        case.number = decision.answer.number
        _consents(connection, case, event, decision, "reply")
    else:
        case.state, case.due_at, case.outcome = State.UNCLEAR, clock.now(), str(decision.reason)
        case.answer = str(event.id)
    return _entry(event, "reply", decision.reason, decision.clause)


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
    own = preferences.phones_of(connection, contact.patient_hash) if contact.patient_hash else ()
    return is_reply_consent(said, True, region, own)


def _consents(
    connection: Connection, case: Case, event: Event, decision: Decision[Any], how: str, **evidence: Any
) -> None:
    consents.keep(connection, case, event, given=True, how=how, reason=decision.reason, **evidence)
    case.state, case.due_at, case.link = State.CONSENTED, clock.now(), None
    case.outcome, case.answered_at = str(decision.reason), event.occurred_at


def _is_called(case: Case) -> bool:
    """Whether the patient is to be called, or has been: they can take their consent back."""
    return case.to_channel == PHONE and case.state in CONSENTED


def _takes_back(connection: Connection, case: Case, event: Event, how: str) -> Entry:
    """The consent to be called holds no more: what it has left in VAS goes, and staff hear of it (byte-1)."""
    consents.keep(connection, case, event, given=False, how=how, reason=Reason.CONSENT_WITHDRAWN)
    case.state, case.due_at, case.withdrawn_at = State.WITHDRAWN, clock.now(), event.occurred_at
    case.outcome = str(Reason.CONSENT_WITHDRAWN)
    return _entry(event, "consent", Reason.CONSENT_WITHDRAWN, "byte-1")


def _logged_in(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """Judged when it came about (`tasks.logins`): a login by someone else is no consent, and is noted."""
    reason, clause = reason_of(data["reason"]), data["clause"]
    if data["consented"] and case.state in OPEN:
        if patient := data.get("patient"):
            who = PatientId.model_validate(patient)
            case.patient, case.patient_hash, case.given_hash = who.model_dump_json(), people.digest(who), None
        decision = Decision(True, reason, clause)
        _consents(connection, case, event, decision, "login", loa=data["loa"])
    vouched_by = data.get("vouched_by", "not_recorded")  # one that was stored before it was kept
    detail = {"type": event.type, "event": str(event.id), "vouched_by": vouched_by}
    return Entry("login", reason, clause, detail=detail)


# --- what ends it


def _ends(connection: Connection, case: Case, event: Event, reason: Reason, clause: str) -> Entry:
    """The contact stays where it is (byte-6); the link leads nowhere any more."""
    if case.state in OPEN or case.state == State.REFUSED:
        case.state, case.due_at, case.outcome, case.link = State.STAYS, None, str(reason), None
        withdraw = text("UPDATE link SET withdrawn_at = :now WHERE case_id = :case AND used_at IS NULL")
        connection.execute(withdraw, {"now": clock.now(), "case": case.id})
    return _entry(event, "switch", reason, clause)


def _replaced(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    return _ends(connection, case, event, Reason.REPLACED, "patient-3")


def _contact_over(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    return _ends(connection, case, event, Reason.CONTACT_OVER, "byte-6")


def _risk(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    return _ends(connection, case, event, Reason.HUMAN_FIRST, "policy-suicid-1")


def _not_reached(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """The SMS with the link has not arrived: the unit calls the caller back (syfte-3); the link stays good."""
    if case.state in ASKED:
        case.state, case.due_at = State.UNCLEAR, clock.now()
        case.outcome, case.answer = str(Reason.NOT_REACHED), str(event.id)
    return not_reached("switch", event)


_HEARD: Mapping[str, Callable[[Connection, Case, Event, dict[str, Any]], Entry]] = {
    "switch.proposed": _proposed,
    "switch.replaced": _replaced,
    PRESSED: _pressed,
    "consent.recorded": _recorded,
    "gate.overridden": _overridden,
    "contact.message": _message,
    "contact.closed": _contact_over,
    "contact.risk_flagged": _risk,
    "link.login_completed": _logged_in,
    MESSAGE_FAILED: _not_reached,
}


# --- events that do not name the case by its key


_spread_over = identity_events.spread_over(ChannelSwitch)


def spread(connection: Connection, events: Sequence[Event]) -> Collection[str]:
    """What is told of persons and units, and what staff and targets say without the case's key."""
    of_many = [event for event in events if identity_events.is_of_many(event)]
    _spread_over(connection, of_many)
    return _spread_named(connection, [event for event in events if event not in of_many])


def _spread_named(connection: Connection, events: Sequence[Event]) -> Collection[str]:
    """An override names a proposal or a case of ours, a login a link: made into one for the case that it means.

    Raises:
        LookupError: there is none.
    """
    wakes: set[str] = set()
    for event in events:
        data = json.loads(event.data)
        if event.type == "link.login_completed":
            _reported(connection, event, data)
        else:
            process, key = _meant(connection, data["override"]["case"])
            arrival = Arrival(f"{event.id}:{key}", event.type, process, key, None, event.occurred_at, data)
            inbox.put(connection, DERIVED, [arrival])
            wakes |= {process} - {Case.PROCESS}
    inbox.close(
        connection,
        {event.number or 0: Outcome.SPREAD for event in events},
        forget=[event.number or 0 for event in events],
    )
    return wakes


def _reported(connection: Connection, event: Event, data: dict[str, Any]) -> None:
    """A channel says that a patient has logged in there; ops are shown what it could not vouch for."""
    who = LoggedIn(data["patient"]["id"], data["loa"], datetime.fromisoformat(data["at"]))
    try:
        decision, _ = logins.judge(connection, data["link"], who, str(event.id), by=event.source)
    except LookupError:
        wrong = "data.link: no such link"
    else:
        wrong = "" if decision.reason != Reason.LOGIN_NOT_VOUCHED else f"data.link: {decision.reason}"
    if wrong:
        inbox.refuse(connection, event.source, [Refusal(event.webhook_id, event.type, (wrong,))])


def _meant(connection: Connection, id: str) -> tuple[str, str]:
    """The process and the key of the case that staff name: by the sender's id, or by ours."""
    for process in (Case.PROCESS, Participation.PROCESS):
        query = text(f"SELECT key FROM {process} WHERE key = :id OR CAST(id AS text) = :id")
        if key := connection.execute(query, {"id": id}).scalar():
            return process, key
    raise LookupError("case")
