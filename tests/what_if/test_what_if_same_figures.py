"""Under the same figures nothing differs, whatever has happened; and each reminder is held against what was planned."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from kept_values import UNIT, values_of
from sqlalchemy import delete

from engine.base import clock
from engine.base.database import insert_all, table_of, transaction
from engine.tables.decisions import DECISION, Decided, keep_decisions
from models.visit_reminder import VisitReminder
from routine.region import Region
from routine.region_file import load_region
from routine.reminder import Plan, ReminderAsked, ReminderFacts, planned_then, reminders_planned
from routine.requested_notice import RequestedFacts, policy_to_tell_by
from routine.rules_by_name import REMINDER, REMINDER_PLAN, RULES
from tasks.decided import decided
from tasks.what_if.differ import NoDecisions, would_differ
from tasks.what_if.findings import Findings

UNIT_ID, NOT_LISTED = "SE2321000115-E000000000001", "SE2321000115-E000000000099"
REGION = load_region().model_copy(update={"units": {UNIT_ID: UNIT}})
VISITS = table_of(VisitReminder)
SINCE = datetime(2025, 1, 1, tzinfo=UTC)
MOMENTS = st.integers(0, 12_000).map(lambda hours: SINCE + timedelta(hours=hours))


@pytest.fixture(autouse=True)
def _much_later(database: None) -> Iterator[None]:
    class At:
        def now(self) -> datetime:
            return datetime(2027, 1, 1, tzinfo=UTC)

    before = clock.use(At())
    yield
    clock.use(before)


def emptied() -> None:
    with transaction() as connection:
        connection.execute(delete(DECISION))
        connection.execute(delete(VISITS))


def told_under(region: Region) -> dict[str, Any]:
    try:
        return would_differ(region, SINCE, datetime(2030, 1, 1, tzinfo=UTC), lambda *_: None).as_json()
    except NoDecisions:
        return Findings().as_json()


@st.composite
def a_decision(draw: st.DrawFn) -> tuple[datetime, Decided]:
    """Of any rule but the reminder's, on anything that it may be asked with."""
    rule = draw(st.sampled_from(sorted(set(RULES) - {REMINDER})))
    facts = draw(values_of(RULES[rule].kept.facts))
    return draw(MOMENTS), decided(rule, facts, UNIT_ID, RULES[rule].decide(facts, REGION))


@st.composite
def of_what_only_we_know(draw: st.DrawFn) -> tuple[datetime, Decided]:
    """A notice at a unit that the region does not list: it is decided by the region's own policy (avisering-1)."""
    unit = policy_to_tell_by(None, REGION, only_ours=True)
    assert unit is not None
    drawn: RequestedFacts = draw(values_of(RequestedFacts))
    facts = replace(drawn, only_ours=True, unit=unit, unit_id=NOT_LISTED)
    rule = "requested_notice"
    return draw(MOMENTS), decided(rule, facts, NOT_LISTED, RULES[rule].decide(facts, REGION))


@st.composite
def a_visit(draw: st.DrawFn) -> list[tuple[datetime, Decided]]:
    """Its times, one after another, and of each some reminders that were judged; some nobody judged."""
    at, told = draw(MOMENTS), list[tuple[datetime, Decided]]()
    for _ in range(draw(st.integers(1, 3))):
        plan = Plan(
            start=at + timedelta(hours=draw(st.integers(1, 900))), known_since=at, silent=draw(st.booleans())
        )
        told.append((at + timedelta(seconds=2), planned(plan)))
        for due in reminders_planned(plan, REGION):
            if draw(st.booleans()):
                told.append(
                    (max(due.at, at + timedelta(seconds=3)), judged(plan, due.at, draw(facts_of(plan))))
                )
        at = max(each[0] for each in told) + timedelta(hours=draw(st.integers(1, 400)))
    if draw(st.booleans()):
        told.append((at, planned(None)))
    return told


def planned(plan: Plan | None) -> Decided:
    return Decided(rule=REMINDER_PLAN, facts=planned_then(plan, REGION), unit=UNIT_ID, clause="besok-5")


def judged(plan: Plan, due_at: datetime, facts: ReminderFacts) -> Decided:
    asked = ReminderAsked(facts=replace(facts, due_at=due_at, now=due_at), plan=plan)
    return decided(REMINDER, asked, UNIT_ID, RULES[REMINDER].decide(asked, REGION))


def facts_of(plan: Plan) -> st.SearchStrategy[ReminderFacts]:
    drawn: st.SearchStrategy[ReminderFacts] = values_of(ReminderFacts)
    return drawn.map(
        lambda facts: replace(facts, visit=replace(facts.visit, start=plan.start), unit_id=UNIT_ID)
    )


def kept(process: str, history: list[tuple[datetime, Decided]]) -> uuid.UUID:
    """A case's decisions, in the order of its timeline."""
    case_id = uuid.uuid4()
    with transaction() as connection:
        if process == VisitReminder.PROCESS:
            at = history[-1][0]
            row = {"id": case_id, "key": str(case_id), "state": "resting", "created_at": at, "updated_at": at}
            row |= {"unit": UNIT_ID, "known_since": at, "tries": 0, "entries": 0, "silent": False}
            row |= {"gone": 0, "gone_before": 0, "unreached": 0}
            insert_all(connection, VISITS, [row], list(row))
        for number, (at, told) in enumerate(history):
            keep_decisions(connection, process, at, [(case_id, number, told)])
    return case_id


SLOWLY = settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


@SLOWLY
@given(
    others=st.lists(a_decision() | of_what_only_we_know(), max_size=6),
    visits=st.lists(a_visit(), min_size=1, max_size=3),
)
def test_under_the_same_figures_nothing_differs_whatever_has_happened(
    others: list[tuple[datetime, Decided]], visits: list[list[tuple[datetime, Decided]]]
) -> None:
    emptied()
    kept("booking_publication", others)
    for each in visits:
        kept(VisitReminder.PROCESS, each)
    told = told_under(REGION)
    assert (told["differences"], told["not_decidable"], told["by_later_facts"]) == ([], [], 0)


LEADS = REGION.reminders.model_copy(update={"lead_hours": frozenset({120, 48})})
OTHER = REGION.model_copy(update={"reminders": LEADS})


@SLOWLY
@given(visits=st.lists(a_visit(), min_size=1, max_size=3))
def test_besok_5_no_reminder_is_told_of_at_a_moment_that_neither_plans(
    visits: list[list[tuple[datetime, Decided]]],
) -> None:
    """As many are told as differ, each once: those that went and are not planned, and those that were not planned."""
    emptied()
    for each in visits:
        kept(VisitReminder.PROCESS, each)
    told = told_under(OTHER)
    fewer = sum(each["count"] for each in told["differences"] if each["would_be"]["answer"] == "not_planned")
    went = [
        asked
        for history in visits
        for _, each in history
        if isinstance(asked := each.facts, ReminderAsked) and type(each.answer).__name__ != "NoReminder"
    ]
    still = [
        each for each in went if each.facts.due_at in {p.at for p in reminders_planned(each.plan, OTHER)}
    ]
    assert fewer == len(went) - len(still)
