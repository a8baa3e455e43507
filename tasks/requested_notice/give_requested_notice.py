"""The notice that was asked for: neutral, by SMS or e-mail as the resident wishes, at most one for each thing."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from engine.base import clock
from engine.outer.looks import Ask, Looks
from engine.steps.stage import from_answers, step
from engine.steps.verdicts import Done, Go, Park, Rest, Send, Verdict
from engine.tables.timeline import Entry
from models.events import DERIVED
from models.identity import PatientId
from models.requested_notice import RequestedNotice, State
from routine import text as texts
from routine.decision import Decision, StaffTask, Wait
from routine.facts import Resident
from routine.notice import NoticeKind, SendMail, SendSms
from routine.reasons import Reason
from routine.requested_notice import (
    RequestedFacts,
    policy_to_tell_by,
    requested_notice,
    requested_worked_out,
    where_to_log_in,
)
from tasks import clients, journal_system, messages, resident_lookup, residents
from tasks.ceilings import REQUESTED_NOTICE, sent_this_hour, under_ceiling
from tasks.decided import decided
from tasks.requested_notice import effect_keys

BACKOFF = [4, 20, 60, 300, 1800]


@dataclass(frozen=True)
class Judged:
    """The facts, and how many such notices followed from the same source in the last hour."""

    facts: RequestedFacts
    given: int


def own_facts(connection: Connection, cases: Sequence[RequestedNotice]) -> dict[uuid.UUID, RequestedFacts]:
    """What our own tables have of each; one at a unit that is not listed is left out."""
    asked = [(case.patient_hash, case.unit) for case in cases if case.patient_hash and case.unit]
    recorded = residents.recorded(connection, asked)
    keys = {case.id: effect_keys.unreached_messages(case) for case in cases}
    sent = messages.sent_to(connection, [key for each in keys.values() for key in each])
    found = {}
    for case in cases:
        only_ours, region = case.source == DERIVED, clients.region()
        unit = policy_to_tell_by(region.unit(case.unit or ""), region, only_ours=only_ours)
        if unit is None or case.unit is None or case.patient_hash is None:
            continue
        found[case.id] = RequestedFacts(
            kind=NoticeKind(case.why),
            system=case.system,
            valid_until=case.valid_until,
            unreached=frozenset(sent[key] for key in keys[case.id] if key in sent),
            only_ours=only_ours,
            resident=residents.resident_by(whom_it_is_for(case), recorded[case.patient_hash, case.unit]),
            unit=unit,
            unit_id=case.unit,
            now=clock.now(),
            waiting_since=case.waiting_since,
        )
    return found


def whom_it_is_for(case: RequestedNotice) -> PatientId:
    """Whom it is for."""
    return PatientId.model_validate_json(case.patient or "")


def ask_about(cases: Sequence[RequestedNotice], looks: Looks) -> Mapping[uuid.UUID, Resident]:
    """Ask the outer systems for what the rule needs to decide."""
    drafts = looks.drafts.read_once(cases, own_facts)

    def about(case: RequestedNotice, ask: Ask) -> Resident:
        facts = replace(drafts[case.id], now=clock.now())
        return resident_lookup.resident(facts, whom_it_is_for(case), _decide, ask)

    return looks.each([case for case in cases if case.id in drafts], about)


def _decide(facts: RequestedFacts) -> Decision[object]:
    return requested_worked_out(facts, clients.region())


def facts_to_judge_by(
    connection: Connection, cases: Sequence[RequestedNotice], answers: Mapping[uuid.UUID, Resident]
) -> Mapping[uuid.UUID, Judged | None]:
    """The facts anew, with what was answered; None: the unit is not listed."""
    own = own_facts(connection, cases)
    given = sent_this_hour(connection, REQUESTED_NOTICE, {case.source for case in cases}, len(cases))
    judged: dict[uuid.UUID, Judged | None] = dict.fromkeys((case.id for case in cases), None)
    for case in cases:
        if case.id not in own:
            continue
        facts = residents.with_answers(own[case.id], answers.get(case.id))
        judged[case.id] = Judged(facts, given[case.source])
        given[case.source] += isinstance(requested_notice(facts, clients.region()).answer, SendSms | SendMail)
    return judged


def judge_requested_notice(
    case: RequestedNotice, known: Judged | None
) -> Verdict[messages.Message | journal_system.Posting]:
    """Asked again at the door: send, hand to staff, wait or skip, with the reason and the clause."""
    if known is None:
        return Park("unit_unknown", "policy-okand-1")
    facts = known.facts
    if disputed := residents.park_if_disputed(facts):
        return disputed
    decision = requested_notice(facts, clients.region())
    by = decided("requested_notice", facts, facts.unit_id, decision)
    entry = residents.judged_entry("notice", facts, decision, requested_worked_out, by)
    match decision.answer:
        case Wait() as wait:
            return residents.wait_by(decision, wait.until)
        case SendSms() | SendMail() as how:
            return under_ceiling(_by_way(case, how, entry), case.source, known.given)
        case StaffTask():
            return _task(case, facts, decision.reason, entry)
    if decision.reason is Reason.DECEASED:
        return Rest(State.DECEASED, (entry,))
    return Rest(State.SHADOWED if facts.unit.in_shadow else State.NOT_GIVEN, (entry,))


def _by_way(case: RequestedNotice, how: SendSms | SendMail, entry: Entry) -> Send[messages.Message]:
    """Send it; where the recipient is turned away, it goes on by the next way (policy-avisering-3)."""
    region, key = clients.region(), effect_keys.message(case)
    link = where_to_log_in(case.system, region)
    then = Rest(State.GIVEN, (entry,))
    declined = Go(
        State.REQUESTED, (messages.not_reached("notice"),), changes={"unreached": case.unreached + 1}
    )
    if isinstance(how, SendSms):
        return messages.by_sms(key, how.to, texts.sms_notice(how.kind, region, link), then, declined)
    return messages.by_mail(key, how.to, texts.mail_notice(how.kind, region, link), then, declined)


def _task(
    case: RequestedNotice, facts: RequestedFacts, reason: Reason, entry: Entry
) -> Send[journal_system.Posting]:
    """A task for the unit's staff; it says nothing of why a person is handled by hand (policy-skydd-2)."""
    listed = clients.region().unit(facts.unit_id)
    body = {
        "patient": whom_it_is_for(case).model_dump(mode="json"),
        "unit": journal_system.unit_in(facts.unit_id, listed.name if listed else None),
        "booking": None,
        "reason": str(reason),
        "text": texts.requested_notice_task(facts.kind).body,
    }
    return journal_system.submit(
        "staff_task", effect_keys.task_of_notice(case), body, Rest(State.HANDED_OVER, (entry,))
    )


@step(
    system="sms",
    others=("mail", "vas"),
    backoff=BACKOFF,
    size=16,
    cannot_be_asked=("mail",),
    facts=from_answers(ask_about, facts_to_judge_by),
    gate=judge_requested_notice,
    ask=messages.ask_of_either,
)
def give_requested_notice(message: messages.Message | journal_system.Posting) -> Done:
    """Tell the resident that there is something to log in for: neutral, from RegHalland, with the link."""
    return messages.deliver_or_post(message)
