"""The question of a change of channel, put to the patient where they wrote (byte-1, byte-3, patient-3)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sqlalchemy import Connection

from engine.base import clock
from engine.base.settings import settings
from engine.outer.looks import Ask, Looks
from engine.steps.stage import from_answers, step
from engine.steps.verdicts import Done, Park, Rest, Send, Verdict
from engine.tables.timeline import Entry
from models.channel_switch import ChannelSwitch, State
from models.contact import Topic
from models.identity import IdentityType, PatientId, Staff
from routine.ages import swedish_day
from routine.approved import E1177, PHONE
from routine.asked import AskedSwitch
from routine.channel_switch import Proposal, where_is_it_asked
from routine.conversation import question
from routine.decision import Decision
from routine.proposal import can_be_asked_by_us, is_contact_open
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import UnitPolicy
from routine.rules_by_name import may_be_asked
from systems.channel import Link
from tasks import clients, conversation, people, ready_services
from tasks.channel_switch import effect_keys, facts
from tasks.channel_switch.facts import BACKOFF, SwitchFacts
from tasks.channel_switch.link_life import begin_life, expires
from tasks.channel_switch.refusal import by_hand, no
from tasks.decided import decided, entry_of

ON_THE_LINK = "Logga in och fortsätt"


def ask_register_and_catalogue(
    cases: Sequence[ChannelSwitch], looks: Looks
) -> Mapping[uuid.UUID, ready_services.Seen]:
    """Ask the register, and the catalogue about the units of those who are to be led to a service."""
    contacts = looks.drafts.read_once(cases, facts.contacts_of_switches)

    def about(case: ChannelSwitch, ask: Ask) -> ready_services.Seen:
        if not _is_to_a_service(case):
            return ready_services.Seen(people.hear(contacts[case.id], ask))
        ask.soon(ready_services.OFFERED, [case.unit])
        return ready_services.Seen(
            people.hear(contacts[case.id], ask), ask(ready_services.OFFERED, case.unit)
        )

    return looks.each([case for case in cases if case.id in contacts], about)


def question_facts(
    connection: Connection, cases: Sequence[ChannelSwitch], seen: Mapping[uuid.UUID, ready_services.Seen]
) -> Mapping[uuid.UUID, SwitchFacts | None]:
    """The same with what our own tables know."""
    found = facts.switch_facts(connection, cases, {id: each.heard for id, each in seen.items()})
    return {
        id: replace(known, offered=seen[id].offered) if known and id in seen else known
        for id, known in found.items()
    }


def _is_to_a_service(case: ChannelSwitch) -> bool:
    return case.to_channel == E1177 and bool(case.service_id or case.service)


def _asked(case: ChannelSwitch, known: SwitchFacts, unit: UnitPolicy) -> AskedSwitch:
    patient = people.patient_of(known.contact)
    proposal = Proposal(
        from_=case.from_channel,
        to=case.to_channel,
        unit=unit,
        unit_id=case.unit,
        safer_assessment=case.has_why,
        adds_value=case.has_why,
        e_id=False if patient and patient.type is IdentityType.RESERVNUMMER else None,
        role=known.to.role,
        birth=known.to.birth,
        deceased=known.to.deceased,
        protected=known.to.protected,
        human_first=known.to.human_first,
    )
    return AskedSwitch(proposal=proposal, day=swedish_day(clock.now()), overridden=case.overridden)


def judge_question(case: ChannelSwitch, known: SwitchFacts | None) -> Verdict[conversation.Saying]:
    """Put the question in the patient's own channel, refuse the proposal with the clause, or wait for an answer."""
    unit = clients.region().unit(case.unit)
    if unit is None:
        return Park("unit_unknown", "policy-okand-1")
    if known is None:
        return Park("contact_unknown", "policy-okand-1")
    still = is_contact_open(known.contact.closed_at)
    if not still.allowed:
        return no(still)
    asked = _asked(case, known, unit)
    decision = may_be_asked(asked, clients.region())
    by = decided("switch", asked, case.unit, decision)
    patient = people.patient_of(known.contact)
    if decision.answer is Passage.WAIT:
        return people.wait_for_answer(case) or no(by_hand())
    if decision.answer is not Passage.SEND:
        return no(decision, by)
    where = where_is_it_asked(case.from_channel, case.to_channel).answer
    ours = can_be_asked_by_us(patient is not None and conversation.can_write_in(where))
    if patient is None or not ours.allowed:
        return no(ours)
    leads, entry = _service(case, known)
    if leads.reason is Reason.SERVICE_UNKNOWN:
        return people.wait_for_answer(case) or no(leads)
    if not leads.allowed:
        return no(leads)
    return _question(case, known, patient, entry_of("switch", decision, by), entry)


def _service(case: ChannelSwitch, known: SwitchFacts) -> tuple[Decision[bool], str | None]:
    """May the patient be led to the service that staff have named, and its address; None: the channel's own entry."""
    if not _is_to_a_service(case):
        return Decision(True, Reason.ADDED_VALUE, "byte-3"), None
    if known.offered is None:
        return Decision(False, Reason.SERVICE_UNKNOWN, "byte-5"), None
    wanted = case.service_id or clients.region().services.of(Topic(case.service or Topic.FORM))
    found = next((each for each in known.offered if each.id == wanted), None)
    leads = ready_services.may_be_led_to(found, known.to.birth, swedish_day(clock.now()))
    return leads, found.link if found and leads.allowed else None


def _question(
    case: ChannelSwitch,
    known: SwitchFacts,
    patient: PatientId,
    told: Entry,
    entry: str | None,
) -> Send[conversation.Saying] | Park:
    by = Staff.model_validate_json(case.staff or "")
    unit = clients.region().unit(case.unit)
    assert unit is not None
    said = question(case.from_channel, case.to_channel, by.name, by.title, unit.name)
    now = clock.now()
    asked = {"asked_at": now, "template": said.template, "template_version": said.version, "entry": entry}
    token = case.link if case.to_channel != PHONE else None
    links = [Link(ON_THE_LINK, f"{settings().gateway_url}/l/{token}")] if token else []
    where = case.from_channel
    assert conversation.can_write_in(where)
    return conversation.send_saying(
        conversation.Saying(
            effect_keys.question(case),
            where,
            known.contact.contact_id,
            patient,
            case.unit,
            said,
            Rest(State.ASKED, (told,), expires(now), asked),
            links=links,
            sso=token,
            notify=True,
        )
    )


@step(
    system="e1177",
    others=conversation.PLATFORMS,
    backoff=BACKOFF,
    size=16,
    cannot_be_asked=conversation.CANNOT_BE_ASKED,
    facts=from_answers(ask_register_and_catalogue, question_facts),
    gate=judge_question,
    ask=conversation.ask_of_saying,
    record=begin_life,
)
def ask_patient(what: conversation.Saying) -> Done:
    """Ask the patient, where they wrote, in the routine's words (byte-1, byte-3, patient-3)."""
    return conversation.say(what)
