"""A direct link to a ready service on 1177, or a form put before the patient (byte-5); the dialogue stays open."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import Connection

from engine.base import clock
from engine.outer.looks import Ask, Looks
from engine.steps.stage import from_answers, step
from engine.steps.verdicts import Arrived, CannotTell, Done, Finding, Go, NotArrived, Send, Verdict
from engine.tables.timeline import Entry
from models.case import Effect
from models.contact import Topic
from models.inbound_contact import InboundContact
from routine.ages import swedish_day
from routine.approved import E1177, Use
from routine.asked import AskedGuidance
from routine.contact import Guide
from routine.conversation import guidance
from routine.gate import Addressee, may_leave
from routine.printable import as_name
from routine.protected import Passage
from routine.reasons import Reason
from routine.rules_by_name import guided
from routine.self_service import carried_out
from systems.catalogue import Service
from systems.channel import Link
from tasks import clients, conversation, messages, people, ready_services
from tasks.decided import decided, entry_of
from tasks.inbound_contact import effect_keys
from tasks.inbound_contact.facts import unit_of
from tasks.inbound_contact.keep_watch import at_rest

BACKOFF = [2, 10, 60, 300, 1800]
READY = "Till tjänsten"
"""On a link to a service whose name cannot be shown."""


@dataclass(frozen=True)
class GuidanceFacts:
    """To whom a link would go, and what the unit offers; None: the catalogue has not answered."""

    to: Addressee
    offered: Sequence[Service] | None


@dataclass(frozen=True)
class Form:
    """A form that 1177 is to put before the patient."""

    resident: str = field(repr=False)
    unit: str
    template: str
    reference: str
    then: Go


def ask_register_and_catalogue(
    cases: Sequence[InboundContact], looks: Looks
) -> Mapping[uuid.UUID, ready_services.Seen]:
    """Ask the register, and the catalogue about the units of those who want something that may be ready."""
    return looks.each([case for case in cases if case.topic not in (None, Topic.DIALOGUE)], _see)


def _see(case: InboundContact, ask: Ask) -> ready_services.Seen:
    ask.soon(ready_services.OFFERED, [case.unit])
    return ready_services.Seen(people.hear(case, ask), ask(ready_services.OFFERED, case.unit))


def guidance_facts(
    connection: Connection, cases: Sequence[InboundContact], seen: Mapping[uuid.UUID, ready_services.Seen]
) -> Mapping[uuid.UUID, GuidanceFacts]:
    """The same with what our own tables know."""
    found = people.addressees(connection, cases, {id: each.heard for id, each in seen.items()})
    unseen = ready_services.Seen(people.Heard())
    return {case.id: GuidanceFacts(found[case.id], seen.get(case.id, unseen).offered) for case in cases}


def judge_guidance(case: InboundContact, known: GuidanceFacts) -> Verdict[conversation.Saying | Form]:
    """Guided, or not, with the reason; a human is there in any case (syfte-3)."""
    day, region, topic = swedish_day(clock.now()), clients.region(), Topic(case.topic) if case.topic else None
    service = _service(case, known, region.services.of(topic))
    leads = ready_services.may_be_led_to(service, known.to.birth, day)
    asked = AskedGuidance(
        topic=topic,
        role=known.to.role,
        birth=known.to.birth,
        day=day,
        is_there=None if known.offered is None else leads.allowed,
        protected=known.to.protected,
    )
    decision = guided(asked, region)
    rested = decided("guidance", asked, case.unit, decision)
    why = leads if decision.reason is Reason.NO_SUCH_SERVICE else decision
    told = at_rest(case, entry_of("guidance", why, rested))
    if case.answered_at is not None and isinstance(decision.answer, Guide):
        return at_rest(case, Entry("guidance", Reason.ALREADY_ANSWERED, "syfte-3"))
    if decision.reason in (Reason.SERVICE_UNKNOWN, Reason.PERSON_UNKNOWN):
        return people.wait_for_answer(case) or told
    patient, unit = people.patient_of(case), unit_of(case)
    if not isinstance(decision.answer, Guide) or patient is None or unit is None or service is None:
        return told
    channel = case.channel
    if unit.in_shadow or not conversation.can_write_in(channel):
        return at_rest(case, entry_of("guidance_worked_out", decision, rested))
    by = E1177 if topic is Topic.FORM else case.channel
    passage = may_leave(known.to, by, Use.TEXT, case.unit, day, region)
    if passage.answer is Passage.WAIT:
        return people.wait_for_answer(case) or at_rest(case)
    if passage.answer is not Passage.SEND:
        return at_rest(case, Entry("guidance", passage.reason, passage.clause))
    if topic is Topic.FORM:
        return _form(case, patient.id, told)
    said = guidance(decision.answer.topic, region, carried_out(region))
    link = Link(as_name(service.name) or READY, service.link or region.login.link)
    key = effect_keys.guidance(case)
    return conversation.send_saying(
        conversation.Saying(key, channel, case.contact_id, patient, case.unit, said, told, links=[link])
    )


def _service(case: InboundContact, known: GuidanceFacts, usual: str | None) -> Service | None:
    """The service that was named, else the region's own for what the patient wants."""
    wanted = usual if case.topic == Topic.FORM else case.service or usual
    offered = {service.id: service for service in known.offered or ()}
    return offered.get(wanted or "")


def _form(case: InboundContact, resident: str, then: Go) -> Send[Form]:
    key = effect_keys.guidance(case)
    template = case.service or "form"
    form = Form(resident, case.unit, template, str(case.id), then)
    request = {"resident": resident, "unit": case.unit, "template": template, "reference": str(case.id)}
    return Send(key, then, form, E1177, request=json.dumps(request))


def ask_of_guidance(effect: Effect) -> Finding:
    """A link by 1177's inbox can't be asked about, one by a platform is harmless; a form bears our reference."""
    if effect.system != E1177 or effect.request is None:
        return conversation.ask_of_saying(effect)
    asked = json.loads(effect.request)
    since = effect.sending_at - messages.CLOCK_MARGIN
    forms = clients.form_engine().requested(
        asked["resident"],
        unit=asked["unit"],
        template=asked["template"],
        reference=asked["reference"],
        since=since,
    )
    if forms.ids:
        return Arrived(forms.ids[0])
    return NotArrived() if forms.complete else CannotTell()


@step(
    system="e1177",
    others=conversation.PLATFORMS,
    backoff=BACKOFF,
    size=16,
    cannot_be_asked=conversation.CANNOT_BE_ASKED,
    facts=from_answers(ask_register_and_catalogue, guidance_facts),
    gate=judge_guidance,
    ask=ask_of_guidance,
)
def guide_to_service(what: conversation.Saying | Form) -> Done:
    """Lead the patient to the ready service on 1177 for their errand (byte-5)."""
    if isinstance(what, conversation.Saying):
        return conversation.say(what)
    today = swedish_day(clock.now())
    days = timedelta(days=clients.region().services.form_days)
    made = clients.form_engine().request(
        what.resident,
        unit=what.unit,
        template=what.template,
        reference=what.reference,
        expires=today + days,
        keep_until=today + 2 * days,
    )
    return Done(what.then, made)
