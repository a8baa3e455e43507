"""What follows from a consent: the journal's draft, or the contact that goes on elsewhere (byte-1, byte-3)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

from engine.base import clock
from engine.base.settings import Platform
from engine.steps.stage import from_answers, step
from engine.steps.verdicts import Done, Finding, Go, Park, Send, Verdict
from engine.tables.timeline import Entry
from models.case import Effect
from models.channel_switch import ChannelSwitch, State
from models.identity import PatientId, Staff
from routine.ages import swedish_day
from routine.approved import E1177, Use
from routine.asked import AskedPassage
from routine.channel_switch import kind_of_change
from routine.consent import journal_sentence
from routine.conversation import continued
from routine.gate import may_leave
from routine.proposal import may_it_go_on
from routine.protected import Passage
from tasks import clients, conversation, journal_system, people
from tasks.channel_switch import effect_keys
from tasks.channel_switch.facts import BACKOFF, SwitchFacts, ask_register, switch_facts
from tasks.channel_switch.refusal import by_hand, no
from tasks.decided import decided


@dataclass(frozen=True)
class Opening:
    """A contact that goes on in another channel."""

    key: str
    to: str
    patient: PatientId
    unit: str
    unit_name: str
    after: Mapping[str, str]
    then: Go


def judge_consent(
    case: ChannelSwitch, known: SwitchFacts | None
) -> Verdict[journal_system.Posting | Opening]:
    """To phone: the routine's sentence, as a draft. Digital: the new contact, and nothing in the journal."""
    patient = people.patient_of(known.contact) if known else None
    unit = clients.region().unit(case.unit)
    if known is None or patient is None:
        return Park("contact_unknown", "policy-okand-1")
    still = may_it_go_on(in_shadow=unit is not None and unit.in_shadow, deceased=known.to.deceased)
    if not still.allowed:
        return no(still)
    documented = journal_sentence(kind_of_change(case.from_channel, case.to_channel))
    then = Go(State.DOCUMENTED, (Entry("consent", documented.reason, documented.clause),))
    if documented.answer is not None:
        return _draft(case, patient, documented.answer, then)
    day = swedish_day(clock.now())
    asked = AskedPassage(to=known.to, channel=case.to_channel, use=Use.TEXT, unit_id=case.unit, day=day)
    passage = may_leave(asked.to, asked.channel, asked.use, asked.unit_id, asked.day, clients.region())
    if passage.answer is Passage.WAIT:
        return people.wait_for_answer(case) or no(by_hand())
    if passage.answer is not Passage.SEND:
        return no(passage, decided("passage", asked, case.unit, passage))
    return _open(case, patient, then)


def _draft(case: ChannelSwitch, patient: PatientId, sentence: str, then: Go) -> Send[journal_system.Posting]:
    body = {
        "patient": patient.model_dump(mode="json"),
        "unit": journal_system.unit_in(case.unit, None),
        "author": Staff.model_validate_json(case.staff or "").model_dump(mode="json"),
        "text": sentence,
        "contact": case.contact_id,
        "at": case.answered_at,
    }
    return journal_system.submit("journal_note", effect_keys.journal_note(case), body, then)


def _open(case: ChannelSwitch, patient: PatientId, then: Go) -> Send[Opening]:
    unit = clients.region().unit(case.unit)
    name = unit.name if unit else clients.region().name
    key = effect_keys.opened_contact(case)
    after = {"channel": case.from_channel, "contact": case.contact_id}
    opening = Opening(key, case.to_channel, patient, case.unit, name, after, then)
    return Send(key, then, opening, cast(Platform, case.to_channel))


def open_contact(opening: Opening) -> Done:
    """The first message over there; the new contact's id is kept."""
    said = continued(opening.unit_name)
    if opening.to == E1177:
        sent = clients.inbox().add_message(
            opening.patient.id,
            unit=opening.unit,
            unit_name=opening.unit_name,
            heading=said.subject or opening.unit_name,
            text=said.body,
            notify=True,
        )
        opened = sent.thread_id
    else:
        opened = clients.channel(cast(Platform, opening.to)).open_conversation(
            opening.key,
            patient=opening.patient.model_dump(mode="json"),
            unit=journal_system.unit_in(opening.unit, opening.unit_name),
            text=said.body,
            after=opening.after,
        )
    return Done(replace(opening.then, changes={"opened_contact": opened}), opened)


def ask_of_consent(effect: Effect) -> Finding:
    """VAS and the platforms take a key; the inbox can't be asked."""
    return (
        journal_system.ask_of_posting(effect)
        if effect.system == "vas"
        else conversation.ask_of_saying(effect)
    )


@step(
    system="vas",
    others=conversation.WAYS,
    backoff=BACKOFF,
    size=16,
    cannot_be_asked=conversation.CANNOT_BE_ASKED,
    facts=from_answers(ask_register, switch_facts),
    gate=judge_consent,
    ask=ask_of_consent,
)
def record_consent(what: journal_system.Posting | Opening) -> Done:
    """Document a consent to be called, as a draft for its author to sign (byte-1); open the new contact (byte-3)."""
    return open_contact(what) if isinstance(what, Opening) else journal_system.post(what)
