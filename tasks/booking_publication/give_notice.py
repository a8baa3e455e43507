"""The notice: neutral, by SMS or e-mail as the resident wishes, at most one for each event (besok-2, avisering-1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection

from engine.steps.stage import from_answers_and, step
from engine.steps.verdicts import Done, Go, Park, Rest, Send, Verdict
from engine.tables import effects
from engine.tables.timeline import Entry
from models.booking_publication import BookingPublication, State
from models.case import EffectState
from routine import text as texts
from routine.decision import StaffTask, Wait
from routine.facts import Facts
from routine.notice import SendMail, SendSms, notice, worked_out
from routine.occasion import Occasion
from routine.reasons import Reason
from tasks import clients, messages, residents
from tasks import journal_system as postings
from tasks.booking_publication import effect_keys, post_letter, rebookings, resident_facts, undelivered
from tasks.booking_publication.changeable import done_on_1177
from tasks.booking_publication.facts import booking_of, due_when_settled, from_our_tables
from tasks.booking_publication.form_facts import platform_in_the_way
from tasks.booking_publication.particulars import as_told, particulars_in, told_particulars
from tasks.ceilings import NOTICE, sent_this_hour, under_ceiling

BACKOFF = [4, 20, 60, 300, 1800]
UNSURE = (EffectState.SENDING, EffectState.UNKNOWN, EffectState.PARKED)


@dataclass(frozen=True)
class NoticeFacts:
    """The facts.

    Args:
        letter_unknown: whether the inbox has this time's call letter is for a human to find out.
        given: notices that followed from the same source in the last hour.
    """

    facts: Facts
    letter_unknown: bool
    given: int


def _dealt_with(
    case: BookingPublication,
    entry: Entry | None,
    *,
    owed: bool = False,
    given: Mapping[str, Any] | None = None,
) -> Go:
    """The notice is dealt with: the booking rests until its time, or for good.

    Args:
        owed: it may come yet.
        given: what is kept of a notice that we give, to know it again if it does not arrive.
    """
    told = as_told(particulars_in(booking_of(case)), told_particulars(case))
    dealt_with = {"occasion": None, **told, **(given or {})}
    changes = {} if owed else dealt_with
    entries = (entry,) if entry else ()
    if case.occasion is not None and changes and platform_in_the_way(case):
        return Go(State.LETTERED, entries, changes=changes)  # and there it is parked
    if case.cancelled:
        return Rest(State.CLOSED, entries, changes=changes)
    unit = clients.region().unit(case.unit)
    shadow = unit is not None and unit.in_shadow
    due_at = due_when_settled(case, case.form_review_at)
    return Rest(State.SHADOWED if shadow else State.SETTLED, entries, due_at, changes)


def judge_notice(
    case: BookingPublication, known: NoticeFacts | None
) -> Verdict[messages.Message | postings.Posting]:
    """Asked again at the door: send, hand to staff, wait or skip, with the reason and the clause."""
    if known is None:
        return Park("unit_unknown", "policy-okand-1")
    facts = known.facts
    if case.occasion is None:
        waits = platform_in_the_way(case)
        return Park(str(waits.reason), waits.clause) if waits else _dealt_with(case, None)
    if disputed := residents.park_if_disputed(facts):
        return disputed
    decision = notice(facts, clients.region())
    answer = decision.answer
    if isinstance(answer, Wait):
        return residents.wait_by(decision, answer.until)
    owed = known.letter_unknown and decision.reason is Reason.NOTIFIED_BY_1177
    # a death may be an error, and be taken back (policy-avliden-2)
    owed = owed or decision.reason is Reason.DECEASED
    entry = residents.judged_entry("notice", facts, decision, worked_out)
    if isinstance(answer, SendSms | SendMail):
        return under_ceiling(_notice(case, answer, entry), case.source, known.given)
    then = _dealt_with(case, entry, owed=owed)
    match answer:
        case StaffTask():
            return post_letter.booking_task(case, decision.reason, then)
        case _:
            return then


def _notice(case: BookingPublication, how: SendSms | SendMail, entry: Entry) -> Send[messages.Message]:
    """Send it; where the recipient is turned away, it goes on by the next way (policy-avisering-3)."""
    key, given = effect_keys.notice(case), undelivered.given(case)
    then = _dealt_with(case, entry, given=given)
    not_arrived = given | {"unreached": given["unreached"] + 1}
    declined = Go(State.LETTERED, (messages.not_reached("notice"),), changes=not_arrived)
    region, there = clients.region(), done_on_1177(case)
    if isinstance(how, SendSms):
        sms = texts.sms_notice(how.kind, region, carried_out=there)
        return messages.by_sms(key, how.to, sms, then, declined)
    mail = texts.mail_notice(how.kind, region, carried_out=there)
    return messages.by_mail(key, how.to, mail, then, declined)


def pair_and_read(
    connection: Connection,
    cases: Sequence[BookingPublication],
    answers: resident_facts.Answers,
    ours: resident_facts.Ours,
) -> Mapping[uuid.UUID, NoticeFacts | None]:
    """The facts anew, once cancelled visits have been paired with those booked in their place."""
    cancelled = [case for case in cases if case.occasion == Occasion.CANCELLED]
    if cancelled:
        rebookings.pair_cancelled(connection, cancelled)
        ours = _paired_anew(connection, cases, ours)
    keys = {case.id: effect_keys.digital_call_letter(case) for case in cases}
    unknown = {
        key for key, state in effects.states_of(connection, list(keys.values())).items() if state in UNSURE
    }
    facts = resident_facts.facts_with_answers(cases, answers, ours)
    given = sent_this_hour(connection, NOTICE, {case.source for case in cases}, len(cases))
    known: dict[uuid.UUID, NoticeFacts | None] = {}
    for case in cases:
        of_case = facts[case.id]
        if of_case is None:
            known[case.id] = None
            continue
        known[case.id] = NoticeFacts(of_case, keys[case.id] in unknown, given[case.source])
        given[case.source] += _is_sent(of_case)
    return known


def _paired_anew(
    connection: Connection, cases: Sequence[BookingPublication], ours: resident_facts.Ours
) -> resident_facts.Ours:
    paired = rebookings.paired(connection, cases)
    return {case.id: replace(ours[case.id], paired=case.id in paired) for case in cases}


def _is_sent(facts: Facts) -> bool:
    return isinstance(notice(facts, clients.region()).answer, SendSms | SendMail)


@step(
    system="sms",
    others=("mail", "vas"),
    backoff=BACKOFF,
    size=16,
    cannot_be_asked=("mail",),
    facts=from_answers_and(from_our_tables, resident_facts.ask_by(worked_out), pair_and_read),
    gate=judge_notice,
    ask=messages.ask_of_either,
)
def give_notice(message: messages.Message | postings.Posting) -> Done:
    """Tell the resident that there is something to log in for: neutral, from RegHalland, with the link."""
    return messages.deliver_or_post(message)
