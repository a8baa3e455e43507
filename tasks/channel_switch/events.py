"""How events change a proposed change of channel: staff's word, the contact's end. What the patient says of it:
`answers`; what does not name its case by key: `spreading`."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, text

from engine import clock, inbox
from engine.events import Applied
from engine.timeline import Entry
from models.case import Event, Outcome
from models.channel_switch import ASKED, AT_REST, OPEN, ChannelSwitch, State
from models.encryption import ring
from models.events import Arrival
from models.routes import token_hash
from models.staff import Consent, Switch
from models.times import later
from routine.approved import PHONE
from routine.decision import Decision
from routine.proposal import does_it_stand
from routine.reasons import Reason
from tasks import identities, identity_events
from tasks.channel_switch import consents, logins
from tasks.channel_switch.answers import entry, gives_consent, is_called, logged_in, message_came, takes_back
from tasks.channel_switch.phone_menu import PRESSED
from tasks.messages import MESSAGE_FAILED, not_reached

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


# --- what staff say


def _proposed(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """The proposal; told again it changes nothing. The later of two for one contact takes the other's place."""
    if case.proposed_at is not None:
        return entry(event, "event_ignored", "known")
    given = Switch.model_validate(data["switch"] | {"why": None})
    case.contact_id, case.to_channel = given.contact, given.to
    case.service, case.service_id = given.service, given.service_id
    case.staff, case.has_why = given.by.model_dump_json(), bool(data["switch"].get("why"))
    case.proposed_at = event.received_at
    _make_link(connection, case)
    if _replaces_others(connection, case):
        case.state, case.due_at = State.PROPOSED, clock.now()
        return entry(event, "switch_proposed", "applied")
    return _ends(connection, case, event, Reason.REPLACED, "patient-3")


def _pressed(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """A caller asks for a link to another channel (byte-2); told again it changes nothing."""
    if case.proposed_at is not None:
        return entry(event, "event_ignored", "known")
    case.contact_id, case.contact_case = data["call"], case.key
    case.from_channel, case.to_channel, case.unit = PHONE, data["to"], data["unit"]
    case.number, case.caller_hash = data["from"], ring().digest(data["from"])
    case.proposed_at, case.state, case.due_at = event.occurred_at, State.PRESSED, clock.now()
    _make_link(connection, case)
    return entry(event, "key_pressed", Reason.KEY_PRESS, "byte-2")


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
    if not given.given and is_called(case):
        return takes_back(connection, case, event, how)
    if case.state not in ASKED:
        return entry(event, "consent", Reason.NOT_ASKED, "byte-1")
    if not given.given:
        consents.keep(connection, case, event, given=False, how=how, reason=Reason.CONSENT_REFUSED)
        return _ends(connection, case, event, Reason.CONSENT_REFUSED, "byte-6")
    if case.to_channel != PHONE:
        return entry(event, "consent", Reason.LINK_NOT_FOLLOWED, "byte-3")
    gives_consent(connection, case, event, Decision(True, Reason.CONSENT_GIVEN, "byte-1"), how)
    return entry(event, "consent", Reason.CONSENT_GIVEN, "byte-1")


def _overridden(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """Staff go past the gates; a reason is all it takes, and it is recorded that there was one (policy-fara-1)."""
    if not data["override"].get("reason"):
        return entry(event, "override", Reason.OVERRIDE_WITHOUT_REASON, "policy-fara-1")
    case.overridden = True
    if case.asked_at is None and case.state not in (*ASKED, State.CONSENTED, State.DOCUMENTED, State.CHANGED):
        case.state, case.outcome, case.due_at = case.walks_again_from(), None, clock.now()
        if case.proposed_at and case.link is None:  # it has ended, and its link with it
            _make_link(connection, case)
    return entry(event, "override", Reason.OVERRIDDEN, "policy-fara-1")


# --- what ends it


def _ends(connection: Connection, case: Case, event: Event, reason: Reason, clause: str) -> Entry:
    """The contact stays where it is (byte-6); the link leads nowhere any more."""
    if case.state in OPEN or case.state == State.REFUSED:
        case.state, case.due_at, case.outcome, case.link = State.STAYS, None, str(reason), None
        withdraw = text("UPDATE link SET withdrawn_at = :now WHERE case_id = :case AND used_at IS NULL")
        connection.execute(withdraw, {"now": clock.now(), "case": case.id})
    return entry(event, "switch", reason, clause)


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
    "contact.message": message_came,
    "contact.closed": _contact_over,
    "contact.risk_flagged": _risk,
    "link.login_completed": logged_in,
    MESSAGE_FAILED: _not_reached,
}
