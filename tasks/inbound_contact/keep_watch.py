"""The watch over a contact's answer: one that is overdue is shown to ops (policy-svarstid-1)."""

from __future__ import annotations

from engine.base import clock
from engine.steps.stage import decides, from_case
from engine.steps.verdicts import Go, Rest, Verdict, Wait
from engine.tables.timeline import Entry
from models.inbound_contact import InboundContact, State
from models.times import later
from routine.asked import AskedLate
from routine.contact import is_unanswered
from tasks import clients
from tasks.decided import decided, entry_of
from tasks.inbound_contact.facts import unit_of


def at_rest(case: InboundContact, *entries: Entry) -> Go:
    """Staff have it: it is due again when its answer is overdue."""
    unit = unit_of(case)
    if case.awaits_since is None or unit is None:
        return Rest(State.ANSWERED if case.answered_at else State.OPEN, entries)
    return Rest(State.OPEN, entries, later(case.awaits_since, clients.region().answer_within(unit)))


@decides(from_case(InboundContact))
def keep_watch(case: InboundContact, known: None) -> Verdict:
    """Show to ops a contact that has waited longer for its answer than the unit allows (policy-svarstid-1)."""
    unit = unit_of(case)
    if case.awaits_since is None or unit is None:
        return at_rest(case)
    asked = AskedLate(since=case.awaits_since, now=clock.now(), unit=unit)
    late = is_unanswered(asked.since, False, asked.unit, asked.now, clients.region())
    if not late.allowed:
        return Wait(later(case.awaits_since, clients.region().answer_within(unit)), for_answer=False)
    return Rest(State.UNANSWERED, (entry_of("contact", late, decided("unanswered", asked, case.unit, late)),))
