"""The engagement index is seen to show a booking, or to have forgotten it; in shadow it is compared (besok-1)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from engine.base.errors import NotSent
from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Call, Done, Go, Park, Rest, Verdict
from engine.tables.timeline import Entry
from models.booking_publication import State
from routine.reasons import Reason
from systems.engagement_index import Engagement
from tasks import clients, e_identification
from tasks.booking_publication.facts import booking_of
from tasks.booking_publication.index_plan import Case, Plan, index_plans, parked_for

SHOWN_BACKOFF = [1, 4, 20, 60, 300, 1800]
OVER = (Reason.PASSED, Reason.DECEASED)


@dataclass(frozen=True)
class Sought:
    """What is looked for in the index for a case, and how the case goes on when it is as it should be."""

    resident: str
    booking_id: str
    plan: Plan
    cancelled: bool


def _plans_and_no_waits(connection: Connection, cases: Sequence[Case]) -> dict[uuid.UUID, Plan | Park]:
    """The plans; what is over waits for nobody's login any more."""
    plans = index_plans(connection, cases)
    over = [
        case.key for case in cases if isinstance(plan := plans[case.id], Plan) and plan.shown.reason in OVER
    ]
    e_identification.have_wait(connection, dict.fromkeys(over, frozenset()))
    return plans


def judge_search(case: Case, plan: Plan | Park) -> Verdict[Sought]:
    """See for ourselves that the index shows it; who has a reservnummer is never there."""
    if isinstance(plan, Park):
        return plan
    if case.corrected:  # what stands there is the right patient's case's to say
        return Go(State.SHOWN)
    if plan.transactions and not plan.in_shadow:
        return Go(State.RECEIVED)
    if parked := parked_for(plan):
        return parked
    if plan.shown.reason is Reason.RESERVNUMMER:
        entry = Entry("not_in_index", plan.shown.reason, plan.shown.clause)
        return Go(plan.next, (entry,))
    return Call(Sought(booking_of(case).patient.id, case.booking_id, plan, case.cancelled))


@step(
    system="engagement_index",
    backoff=SHOWN_BACKOFF,
    facts=from_tables(_plans_and_no_waits),
    gate=judge_search,
)
def find_in_index(sought: Sought) -> Done:
    """Find the engagement with FindContent, or find it gone; in shadow, compare."""
    plan = sought.plan
    found = clients.engagement_index().find(
        sought.resident, business_object=sought.booking_id, ours=not plan.in_shadow
    )
    as_it_should_be = {each.key for each in found} == ({plan.wanted.key} if plan.wanted else set())
    if plan.in_shadow:
        return Done(_compared(sought, found, as_it_should_be))
    if not as_it_should_be:
        raise NotSent("not_as_in_index")
    return Done(
        _next(plan, Entry("index_shows", plan.shown.reason, plan.shown.clause, {"found": len(found)}))
    )


def _compared(sought: Sought, found: Sequence[Engagement], same: bool) -> Go:
    wanted = sought.plan.wanted.categorization if sought.plan.wanted else "none"
    held = ",".join(sorted(each.categorization for each in found)) or "none"
    reason = "same_as_index" if same else "differs_from_index"
    return _next(
        sought.plan, Entry("shadow_compared", reason, "policy-skugga-1", {"ours": wanted, "index": held})
    )


def _next(plan: Plan, entry: Entry) -> Go:
    """A visit that has passed, or whose patient has died, is closed without a word; else the letter is next.

    A task that staff have about one who has died is taken back first: they may be about to phone. What the dead were
    still to hear is kept, for a death that is taken back (policy-avliden-2).
    """
    is_dead = plan.shown.reason is Reason.DECEASED
    if plan.shown.reason in OVER and not (is_dead and plan.is_with_staff):
        closed = Entry("closed", plan.shown.reason, plan.shown.clause)
        forgotten = {} if is_dead else {"occasion": None}
        return Rest(State.CLOSED, (entry, closed), changes=forgotten)
    return Go(plan.next, (entry,))
