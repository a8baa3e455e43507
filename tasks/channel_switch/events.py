"""How events change a proposed change of channel: staff's word, the contact's end. What the patient says of it:
`answers`; what does not name its case by key: `spreading`."""

from __future__ import annotations

import secrets

from engine.base import clock
from engine.tables.events import Batch, EventContext, Events, handled, no_facts, spread
from engine.tables.timeline import Entry
from models.channel_switch import ASKED, AT_REST, OPEN, ChannelSwitch, State
from models.encryption import ring
from models.events import Arrival
from models.staff import ConsentRecorded
from models.stored_events import (
    ChangeProposed,
    ContactOver,
    GatePassed,
    KeyPressed,
    LoginJudged,
    LoginReported,
    MessageFailed,
    MessageWritten,
    Nothing,
)
from routine.approved import PHONE
from routine.decision import Decision
from routine.proposal import does_it_stand
from routine.reasons import Reason
from tasks import identities, identity_events
from tasks.channel_switch import consents, link_life
from tasks.channel_switch.answers import gives_consent, is_called, logged_in, message_came, takes_back
from tasks.channel_switch.phone_menu import PRESSED
from tasks.channel_switch.spreading import login_reported, overridden_by_id
from tasks.channel_switch.stored import open_besides
from tasks.messages import MESSAGE_FAILED, not_reached

Context = EventContext[None]


# --- what staff say


def _proposed(case: ChannelSwitch, said: ChangeProposed, context: Context) -> Entry:
    """The proposal; told again it changes nothing. The later of two for one contact takes the other's place."""
    if case.proposed_at is not None:
        return context.entry("event_ignored", "known")
    given = said.switch
    case.contact_id, case.to_channel = given.contact, given.to
    case.service, case.service_id = given.service, given.service_id
    case.staff, case.has_why = given.by.model_dump_json(), given.why
    case.proposed_at = context.event.received_at
    _make_link(case, context)
    if _replaces_others(case, context):
        case.state, case.due_at = State.PROPOSED, clock.now()
        return context.entry("switch_proposed", "applied")
    return _ends(case, context, Reason.REPLACED, "patient-3")


def _pressed(case: ChannelSwitch, said: KeyPressed, context: Context) -> Entry:
    """A caller asks for a link to another channel (byte-2); told again it changes nothing."""
    if case.proposed_at is not None:
        return context.entry("event_ignored", "known")
    case.contact_id, case.contact_case = said.call, case.key
    case.from_channel, case.to_channel, case.unit = PHONE, said.to, said.unit
    case.number, case.caller_hash = said.from_, ring().digest(said.from_)
    case.proposed_at, case.state, case.due_at = context.event.occurred_at, State.PRESSED, clock.now()
    _make_link(case, context)
    return context.entry("key_pressed", Reason.KEY_PRESS, "byte-2")


def _make_link(case: ChannelSwitch, context: Context) -> None:
    """The link that a digital change is consented to by; its life begins anew when the question is put."""
    if case.to_channel == PHONE:
        return
    case.link = secrets.token_urlsafe()
    link_life.make(context.connection, case, case.link)


def _replaces_others(case: ChannelSwitch, context: Context) -> bool:
    """Tell the proposals for the same contact that this one takes their place; False: a later one is there."""
    others = open_besides(context.connection, case.contact_id, case.id)
    assert case.proposed_at is not None
    if not all(does_it_stand(case.proposed_at, at).allowed for _, at in others):
        return False
    for key, _ in others:
        name, place = f"{case.id}:{key}", (case.PROCESS, key, None, clock.now())
        context.put(Arrival(name, "switch.replaced", *place, {}))
    return True


def _recorded(case: ChannelSwitch, said: ConsentRecorded, context: Context) -> Entry:
    """Staff have heard or read the answer. To a digital change the login is the consent (byte-3), not their word."""
    given, connection, event = said.consent, context.connection, context.event
    how = given.how or "oral"
    if not given.given and is_called(case):
        return takes_back(case, context, how)
    if case.state not in ASKED:
        return context.entry("consent", Reason.NOT_ASKED, "byte-1")
    if not given.given:
        consents.keep(connection, case, event, given=False, how=how, reason=Reason.CONSENT_REFUSED)
        return _ends(case, context, Reason.CONSENT_REFUSED, "byte-6")
    if case.to_channel != PHONE:
        return context.entry("consent", Reason.LINK_NOT_FOLLOWED, "byte-3")
    gives_consent(case, context, Decision(True, Reason.CONSENT_GIVEN, "byte-1"), how)
    return context.entry("consent", Reason.CONSENT_GIVEN, "byte-1")


def _overridden(case: ChannelSwitch, said: GatePassed, context: Context) -> Entry:
    """Staff go past the gates; a reason is all it takes, and it is recorded that there was one (policy-fara-1)."""
    if not said.override.reason:
        return context.entry("override", Reason.OVERRIDE_WITHOUT_REASON, "policy-fara-1")
    case.overridden = True
    if case.asked_at is None and case.state not in (*ASKED, State.CONSENTED, State.DOCUMENTED, State.CHANGED):
        case.state, case.outcome, case.due_at = case.walks_again_from(), None, clock.now()
        if case.proposed_at and case.link is None:  # it has ended, and its link with it
            _make_link(case, context)
    return context.entry("override", Reason.OVERRIDDEN, "policy-fara-1")


# --- what ends it


def _ends(case: ChannelSwitch, context: Context, reason: Reason, clause: str) -> Entry:
    """The contact stays where it is (byte-6); the link leads nowhere any more."""
    if case.state in OPEN or case.state == State.REFUSED:
        case.state, case.due_at, case.outcome, case.link = State.STAYS, None, str(reason), None
        link_life.withdraw(context.connection, case)
    return context.entry("switch", reason, clause)


def _replaced(case: ChannelSwitch, said: Nothing, context: Context) -> Entry:
    return _ends(case, context, Reason.REPLACED, "patient-3")


def _contact_over(case: ChannelSwitch, said: ContactOver, context: Context) -> Entry:
    return _ends(case, context, Reason.CONTACT_OVER, "byte-6")


def _patient_at_risk(case: ChannelSwitch, said: Nothing, context: Context) -> Entry:
    return _ends(case, context, Reason.HUMAN_FIRST, "policy-suicid-1")


def _patient_dead(case: ChannelSwitch, said: Nothing, context: Context) -> Entry:
    """Unless a newer word says that they live."""
    if identities.deceased(context.connection, [case.patient_hash]):
        return _ends(case, context, Reason.DECEASED, "policy-avliden-1")
    return identity_events.noted(case, said, context)


def _link_not_reached(case: ChannelSwitch, said: MessageFailed, context: Context) -> Entry:
    """The SMS with the link has not arrived: the unit calls the caller back (syfte-3); the link stays good."""
    if case.state in ASKED:
        case.state, case.due_at = State.UNCLEAR, clock.now()
        case.outcome, case.answer = str(Reason.NOT_REACHED), str(context.event.id)
    return not_reached("switch", context.event)


def _stay_at_rest(batch: Batch[ChannelSwitch, None]) -> None:
    for case in batch.cases:
        if case.state in AT_REST:
            case.due_at = None  # what came has changed nothing
    identities.re_key(batch.connection, batch.cases)


EVENTS: Events[ChannelSwitch, None] = Events(
    ChannelSwitch,
    [
        handled("switch.proposed", ChangeProposed, _proposed),
        handled("switch.replaced", Nothing, _replaced),
        handled(PRESSED, KeyPressed, _pressed),
        handled("consent.recorded", ConsentRecorded, _recorded),
        handled("gate.overridden", GatePassed, _overridden),
        handled("contact.message", MessageWritten, message_came),
        handled("contact.closed", ContactOver, _contact_over),
        handled("contact.risk_flagged", Nothing, _patient_at_risk),
        handled("link.login_completed", LoginJudged, logged_in),
        handled("patient.deceased", Nothing, _patient_dead),
        handled(MESSAGE_FAILED, MessageFailed, _link_not_reached),
        *identity_events.handled_in_a_case(but=("patient.deceased",)),
    ],
    load=no_facts,
    then=_stay_at_rest,
    has_begun=lambda case: case.proposed_at is not None,
    spread=[
        *identity_events.spread_over(ChannelSwitch),
        spread("gate.overridden", GatePassed, overridden_by_id),
        spread("link.login_completed", LoginReported, login_reported),
    ],
)
