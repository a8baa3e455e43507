"""The reply to one who has written: an acknowledgement, or the referral (patient-1, policy-hanvisning-1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import Connection

from engine.base import clock
from engine.steps.stage import from_answers, step
from engine.steps.verdicts import Done, Go, Park, Verdict
from engine.tables import effects
from engine.tables.decisions import Decided
from engine.tables.timeline import Entry
from models.case import EffectState
from models.inbound_contact import InboundContact, State
from routine.ages import swedish_day
from routine.approved import Use
from routine.asked import AskedPassage
from routine.contact import Refer, can_be_acknowledged_by_us
from routine.conversation import acknowledgement
from routine.decision import Decision
from routine.gate import may_leave
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import UnitPolicy
from tasks import clients, conversation, people
from tasks.ceilings import REFERRAL, sent_this_hour, under_ceiling
from tasks.decided import decided
from tasks.inbound_contact import effect_keys
from tasks.inbound_contact.facts import (
    BACKOFF,
    ContactFacts,
    address,
    asked_of_referral,
    contact_facts,
    referral_by,
    unit_of,
    where,
)
from tasks.inbound_contact.referrals import Referral, ask_of_reply, refer


def reply_facts(
    connection: Connection, cases: Sequence[InboundContact], answers: people.Answers
) -> Mapping[uuid.UUID, ContactFacts]:
    """The same, and how many referrals have followed from the contact's channel, where its own is yet to go
    (policy-kalla-1)."""
    known = dict(contact_facts(connection, cases, answers))
    keys = {case.id: effect_keys.referral(case) for case in cases}
    states = effects.states_of(connection, list(keys.values()))
    owed = [
        case
        for case in cases
        if states.get(keys[case.id]) in (None, EffectState.NOT_SENT) and _is_referred(case, known[case.id])
    ]
    sent = sent_this_hour(connection, REFERRAL, {case.channel for case in owed}, len(owed))
    for case in owed:
        known[case.id] = replace(known[case.id], sent=sent[case.channel])
        sent[case.channel] += 1
    return known


def _is_referred(case: InboundContact, known: ContactFacts) -> bool:
    unit = unit_of(case)
    if unit is None or not isinstance(where(case).answer, Refer):
        return False
    return referral_by(asked_of_referral(case, unit, known)).answer is Passage.SEND


def judge_reply(case: InboundContact, known: ContactFacts) -> Verdict[conversation.Saying | Referral]:
    """An acknowledgement where the patient is answered, the referral where they are not."""
    unit = unit_of(case)
    if unit is None:
        return Park("unit_unknown", "policy-okand-1")
    if isinstance(where(case).answer, Refer):
        return _refer(case, unit, known)
    return _acknowledge(case, unit, known)


def _acknowledge(case: InboundContact, unit: UnitPolicy, known: ContactFacts) -> Verdict[conversation.Saying]:
    decision, by = _may_acknowledge(case, known)
    then = _after_reply("acknowledgement", decision, by)
    patient, channel = people.patient_of(case), case.channel
    if unit.in_shadow:
        return _after_reply("acknowledgement", _shadow())
    if patient is None:
        return then
    if not conversation.can_write_in(channel):
        return _after_reply("acknowledgement", can_be_acknowledged_by_us(False))
    if decision.answer is Passage.WAIT:
        return people.wait_for_answer(case) or then
    if decision.answer is not Passage.SEND:
        return then
    return conversation.send_saying(
        conversation.Saying(
            effect_keys.acknowledgement(case),
            channel,
            case.contact_id,
            patient,
            case.unit,
            acknowledgement(),
            then,
        )
    )


def _may_acknowledge(case: InboundContact, known: ContactFacts) -> tuple[Decision[Passage], Decided | None]:
    """Nothing goes by itself after staff have answered, nor to a machine (patient-1); else, and what it rests on."""
    if case.answered_at is not None:
        return Decision(Passage.NONE, Reason.ALREADY_ANSWERED, "patient-1"), None
    if case.automatic:
        return Decision(Passage.NONE, Reason.AUTOMATIC_SENDER, "policy-hanvisning-1"), None
    asked = AskedPassage(
        to=known.to, channel=case.channel, use=Use.TEXT, unit_id=case.unit, day=swedish_day(clock.now())
    )
    decision = may_leave(asked.to, asked.channel, asked.use, asked.unit_id, asked.day, clients.region())
    return decision, decided("passage", asked, case.unit, decision)


def _refer(case: InboundContact, unit: UnitPolicy, known: ContactFacts) -> Verdict[Referral]:
    asked = asked_of_referral(case, unit, known)
    decision = referral_by(asked)
    then = _after_reply("referral", decision, decided("referral", asked, case.unit, decision))
    if decision.answer is Passage.WAIT:
        return people.wait_for_answer(case) or then
    to = address(case)
    if decision.answer is not Passage.SEND or to is None:
        return then
    way = where(case).answer
    assert isinstance(way, Refer)
    said = refer(case, to, way.ways, then)
    return said if isinstance(said, Park) else under_ceiling(said, case.channel, known.sent)


def _after_reply(what: str, decision: Decision[Any], by: Decided | None = None) -> Go:
    return Go(State.REPLIED, (Entry(what, decision.reason, decision.clause, decided=by),))


def _shadow() -> Decision[Passage]:
    return Decision(Passage.NONE, Reason.UNIT_IN_SHADOW, "policy-skugga-1")


@step(
    system="e1177",
    others=(*conversation.PLATFORMS, "sms", "mail"),
    backoff=BACKOFF,
    size=16,
    cannot_be_asked=(*conversation.CANNOT_BE_ASKED, "mail"),
    facts=from_answers(people.ask_register, reply_facts),
    gate=judge_reply,
    ask=ask_of_reply,
)
def reply_to_patient(what: conversation.Saying | Referral) -> Done:
    """Tell the patient that it has come and is answered there, or where to turn instead (patient-1, patient-4)."""
    return conversation.say(what) if isinstance(what, conversation.Saying) else what.send_referral()
