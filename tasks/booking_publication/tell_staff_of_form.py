"""The gate before a digital visit: what staff are told of a visit that is booked (vard-1, vard-2, system-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from engine.base import clock
from engine.steps.stage import from_answers_and, step
from engine.steps.verdicts import Done, Go, Rest, Send, Verdict
from engine.tables.timeline import Entry
from models.booking_publication import BookingPublication, State
from routine import staff_text
from routine.decision import Decision
from routine.reasons import Reason
from routine.rules import has_begun
from routine.rules_by_name import as_one
from routine.visit_form import asked_again_at, is_task_over
from tasks import clients, journal_system
from tasks.booking_publication import effect_keys
from tasks.booking_publication.facts import booking_of, due_when_settled, from_our_tables
from tasks.booking_publication.form_facts import FormFacts, ask_who_joins, form_facts_and_waits
from tasks.decided import decided
from tasks.journal_system import Posting, Withdrawal

BACKOFF = [2, 10, 60, 300, 1800, 7200]
Amiss = tuple[Decision[bool], ...]


def judge_form_task(case: BookingPublication, known: FormFacts | None) -> Verdict[Posting | Withdrawal]:
    """Staff have one task for all that is amiss with the visit as it stands, and none for what is not so any more.

    1. In shadow it is worked out; of what has begun, or was loaded, nothing more is said (policy-avisering-2). Of a
       visit that two systems tell of, staff are asked once (policy-dubblett-1).
    2. A task that says anything else is taken back; then comes the one that is right.
    3. Of one who has died nothing is asked any more, whenever the visit is.
    4. Once the visit is near that is another one: staff are asked again, before the patient is reminded.
    """
    if known is not None and known.is_dead:
        return _close(case, known)
    is_loaded = case.replayed and not case.cancelled
    if known is None or is_loaded or has_begun(known.facts.visit, clock.now()):
        return _go_on(case, task=case.form_task)
    found = known.amiss
    if known.facts.unit.in_shadow:
        return _go_on(case, _each_amiss(known, in_shadow=True), task=case.form_task)
    again_at = asked_again_at(case.start, clients.region()) if found and case.start else None
    is_near = again_at is not None and again_at <= clock.now()
    task = effect_keys.form_task(case, [each.reason for each in found], near=is_near) if found else None
    if case.form_task not in (None, task):
        return _take_back(case, known, found)
    times = (known.again_at, None if is_near else again_at)
    review_at = min((at for at in times if at is not None), default=None)
    if task is None or task == case.form_task:
        return _go_on(case, task=task, review_at=review_at)
    then = _go_on(case, _each_amiss(known, in_shadow=False), task=task, review_at=review_at)
    return journal_system.submit("staff_task", task, _body(case, found, near=is_near), then)


def _each_amiss(known: FormFacts, *, in_shadow: bool) -> tuple[Entry, ...]:
    """A line for each; what they rest on is kept once, with the first."""
    by = decided("visit_form", known.visit, known.facts.unit_id, as_one(known.amiss))
    entries = (
        Entry("visit_form_worked_out" if in_shadow else "visit_form", each.reason, each.clause)
        for each in known.amiss
    )
    return tuple(replace(each, decided=None if at else by) for at, each in enumerate(entries))


def _go_on(
    case: BookingPublication,
    entries: tuple[Entry, ...] = (),
    *,
    task: str | None,
    review_at: datetime | None = None,
) -> Go:
    """On to the call letter; or back to rest, where the letters and the notice have been dealt with before.

    Args:
        task: what staff have now.
        review_at: when it is looked at once more.
    """
    changes = {"form_task": task, "form_review_at": review_at}
    if case.state == State.REVIEWED:
        return Rest(State.SETTLED, entries, due_when_settled(case, review_at), changes)
    return Go(State.SHOWN, entries, changes=changes)


def _close(case: BookingPublication, known: FormFacts) -> Send[Withdrawal] | Go:
    """The patient has died: what staff have is taken back, and the visit is closed without a word."""
    if case.form_task is not None and not known.facts.unit.in_shadow:
        return _take_back(case, known, ())
    closed = Entry("closed", Reason.DECEASED, "policy-avliden-1")
    return Rest(State.CLOSED, (closed,), changes={"form_task": None, "form_review_at": None})


def _take_back(case: BookingPublication, known: FormFacts, found: Amiss) -> Send[Withdrawal] | Go:
    """What staff have is not so any more; one that is done over there stays done."""
    assert case.form_task is not None
    over = is_task_over(
        known.visit,
        found,
        cancelled=case.cancelled,
        elsewhere=known.is_elsewhere,
        deceased=known.is_dead,
    )
    entry = Entry("visit_form_over", over.reason, over.clause)
    changes = {"form_task": None, "form_tasks_gone": case.form_tasks_gone + 1}
    then = Go(case.state, (entry,), changes=changes)
    if known.posted is None:
        return then
    key = effect_keys.form_task_back(case.form_task)
    return Send(key, then, Withdrawal("staff_task", key, known.posted, then, kept=then), "vas")


def _body(case: BookingPublication, found: Amiss, *, near: bool) -> dict[str, object]:
    booking = booking_of(case)
    return {
        "patient": booking.patient.model_dump(mode="json"),
        "unit": booking.unit.model_dump(mode="json"),
        "booking": booking.id,
        "reason": str(found[0].reason),
        "text": staff_text.visit_amiss(found, again=near).body,
    }


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_answers_and(from_our_tables, ask_who_joins, form_facts_and_waits),
    gate=judge_form_task,
    ask=journal_system.ask_of_posting,
)
def tell_staff_of_form(what: Posting | Withdrawal) -> Done:
    """Tell staff at once what stands in the way of a digital visit; the visit is shown all the same (besok-1)."""
    return journal_system.withdraw(what) if isinstance(what, Withdrawal) else journal_system.post(what)
