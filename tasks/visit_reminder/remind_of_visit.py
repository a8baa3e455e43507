"""The reminder: neutral, by SMS to whoever consented, decided at the door (besok-5, paminnelse-1, distans-3)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from engine.base import clock
from engine.steps.stage import from_answers, step
from engine.steps.verdicts import Done, Go, Park, Rest, Send, Verdict
from engine.tables.decisions import Decided
from engine.tables.timeline import Entry
from models.visit_reminder import State, VisitReminder
from routine import text as texts
from routine.decision import Decision, StaffTask, Wait
from routine.reasons import Reason
from routine.reminder import (
    Planned,
    Remind,
    RemindByMail,
    Reminder,
    ReminderAsked,
    ReminderFacts,
    next_reminder,
    reminder,
    reminder_worked_out,
)
from routine.rules_by_name import REMINDER
from tasks import clients, journal_system, messages, residents
from tasks.ceilings import under_ceiling
from tasks.decided import decided
from tasks.visit_reminder.facts import Due, ask_resident, reminders_due, unit_policy, whose_visit
from tasks.visit_reminder.plan import first_key, message_key, plan_of, source_of, task_key

BACKOFF = [4, 20, 60, 300, 1800]


def judge_reminder(
    case: VisitReminder, due: Due | None
) -> Verdict[messages.Message | journal_system.Posting]:
    """Asked again at the door: send, hand to staff, wait, or let it be, with the reason and the clause."""
    if case.patient is None:
        return Rest(State.RESTING)  # nobody has told of the booking itself
    if unit_policy(case) is None:
        return Park("unit_unknown", "policy-okand-1")
    if due is None:
        return Rest(State.RESTING)
    if due.planned.at > clock.now():
        return Rest(State.PLANNED, due_at=due.planned.at)
    facts = due.facts
    if disputed := residents.park_if_disputed(facts):
        return disputed
    decision = reminder(facts, clients.region())
    answer = decision.answer
    if isinstance(answer, Wait):
        return residents.wait_by(decision, answer.until)
    entry = residents.judged_entry(
        "reminder", facts, decision, reminder_worked_out, _rested_on(case, facts, decision)
    )
    match answer:
        case Remind() | RemindByMail():
            sends = _send(case, due, answer, entry)
            return sends if due.sent is None else under_ceiling(sends, source_of(case), due.sent)
        case StaffTask():
            return _have_staff_remind(case, due.planned, decision.reason, _gone(case, due.planned, entry))
        case _:
            return _let_be(case, due.planned, entry)


def _rested_on(case: VisitReminder, facts: ReminderFacts, decision: Decision[Reminder]) -> Decided:
    plan = plan_of(case)
    assert plan is not None
    return decided(REMINDER, ReminderAsked(facts=facts, plan=plan), facts.unit_id, decision)


def _gone(case: VisitReminder, due: Planned, entry: Entry) -> Go:
    """It has gone; the case is due with the next, if there is one."""
    changes = {"gone": case.gone + 1, "settled": due.at}
    return _then(case, due, entry, gone=case.gone + 1, changes=changes)


def _let_be(case: VisitReminder, due: Planned, entry: Entry) -> Go:
    """None goes now: one is owed still, should what stands in the way be gone when an event comes."""
    return _then(case, due, entry, gone=case.gone, changes={"settled": due.at})


def _then(case: VisitReminder, due: Planned, entry: Entry, *, gone: int, changes: dict[str, Any]) -> Go:
    plan = plan_of(case)
    assert plan is not None
    following = next_reminder(replace(plan, gone=gone, settled=due.at), clock.now(), clients.region())
    state = State.PLANNED if following else State.RESTING
    return Rest(state, (entry,), following.at if following else None, changes)


def _send(case: VisitReminder, due: Due, how: Remind | RemindByMail, entry: Entry) -> Send[messages.Message]:
    """Send it; where the recipient is turned away, it goes on by the next way (policy-avisering-3)."""
    assert case.start is not None
    first, region = first_key(case, due.planned), clients.region()
    unreached = case.unreached if first == case.sent_as else 0
    then = _gone(case, due.planned, entry)
    then = replace(then, changes={**then.changes, "sent_as": first, "unreached": unreached})
    not_arrived = {"sent_as": first, "unreached": unreached + 1}
    declined = Go(State.PLANNED, (messages.not_reached("reminder"),), changes=not_arrived)
    moved = case.former_start is not None and case.former_start != case.start
    key = message_key(case, due.planned)
    if isinstance(how, Remind):
        said = texts.sms_reminder(case.start, region, moved=moved, link=due.link)
        return messages.by_sms(key, how.to, said, then, declined)
    said = texts.mail_reminder(case.start, region, moved=moved, link=due.link)
    return messages.by_mail(key, how.to, said, then, declined)


def _have_staff_remind(
    case: VisitReminder, due: Planned, reason: Reason, then: Go
) -> Send[journal_system.Posting]:
    """Staff remind by their own routine; it says nothing of why (policy-skydd-2)."""
    unit = unit_policy(case)
    body = {
        "patient": whose_visit(case).model_dump(mode="json"),
        "unit": journal_system.unit_in(case.unit or "", unit.name if unit else None),
        "booking": case.key.partition(":")[2],
        "reason": str(reason),
        "text": texts.staff_task(reason).body,
    }
    return journal_system.submit("staff_task", task_key(case, due), body, then)


@step(
    system="sms",
    others=("mail", "vas"),
    backoff=BACKOFF,
    size=16,
    cannot_be_asked=("mail",),
    facts=from_answers(ask_resident, reminders_due),
    gate=judge_reminder,
    ask=messages.ask_of_either,
)
def remind_of_visit(message: messages.Message | journal_system.Posting) -> Done:
    """Remind the resident of a booked visit: neutral, from RegHalland, with the time and the link."""
    return messages.deliver_or_post(message)
