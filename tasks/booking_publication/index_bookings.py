"""The engagement index is told what it does not hold yet, and forgets what it should not (besok-1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from engine.base import clock
from engine.steps.stage import from_tables, step_for_many
from engine.steps.verdicts import Call, Done, Go, Park, Verdict
from engine.tables.timeline import Entry
from models.booking_publication import State
from models.encryption import ring
from systems.engagement_index import MAX_TRANSACTIONS, Transaction
from tasks import clients
from tasks.booking_publication import engagements
from tasks.booking_publication.index_plan import Case, Plan, index_plans, key_of, parked_for

BACKOFF = [4, 20, 60, 300, 1800, 7200, 7200, 7200]


def plan_and_note(connection: Connection, cases: Sequence[Case]) -> Mapping[Any, Plan | Park]:
    """The plans, and a row for each engagement before the index is told of it: none of ours is ever forgotten."""
    made = index_plans(connection, cases)
    rows: dict[tuple[bytes, str, str, str], dict[str, Any]] = {}
    for case in cases:
        plan = made[case.id]
        if isinstance(plan, Plan) and not plan.in_shadow:
            for transaction in plan.transactions:
                row = _engagement_row(case, transaction)
                rows.setdefault(_engagement_key(row), row)
    written = engagements.write_unless_taken(connection, [rows[key] for key in sorted(rows)])
    owners = {key_of(each): each.case_id for each in written}
    return {id: _unless_taken(id, plan, owners) for id, plan in made.items()}


def _engagement_key(row: Mapping[str, Any]) -> tuple[bytes, str, str, str]:
    return row["resident_hash"], row["categorization"], row["unit"], row["booking_id"]


def _unless_taken(
    id: uuid.UUID, plan: Plan | Park, owners: Mapping[tuple[str, str, str, str], uuid.UUID]
) -> Plan | Park:
    """Two sources may give one booking id at one unit; the index can't tell them apart, so the first has it."""
    if isinstance(plan, Plan) and any(
        owners.get(each.engagement.key, id) != id for each in plan.transactions
    ):
        return Park("engagement_taken", "besok-1")
    return plan


def _engagement_row(case: Case, transaction: Transaction) -> dict[str, Any]:
    of = transaction.engagement
    key = {"resident_hash": ring().digest(of.resident), "resident": of.resident}
    place = {"categorization": of.categorization, "unit": of.unit, "booking_id": of.business_object_id}
    said = {"most_recent": of.most_recent_content, "wanted": not transaction.delete, "accepted": False}
    return {"id": uuid.uuid4(), "case_id": case.id, "asked_at": clock.now()} | key | place | said


def judge_index_update(case: Case, plan: Plan | Park) -> Verdict[Plan]:
    """Say to the index what it does not hold yet; in shadow nothing is said."""
    if isinstance(plan, Park):
        return plan
    if plan.transactions and not plan.in_shadow:
        return Call(plan)
    if case.state == State.SETTLED and _is_review_due(case):
        return Go(State.REVIEWED)
    return parked_for(plan) or Go(State.INDEXED)


def _is_review_due(case: Case) -> bool:
    return case.form_review_at is not None and case.form_review_at <= clock.now()


def record_accepted(connection: Connection, done: Sequence[tuple[Case, Plan]]) -> None:
    """What was said has been taken. A deleted one is remembered for a while: it might come back by itself."""
    said = [(case, transaction) for case, plan in done for transaction in plan.transactions]
    rows = sorted((_engagement_row(case, each) for case, each in said), key=lambda row: row["resident_hash"])
    engagements.accept(connection, rows)


@step_for_many(
    system="engagement_index",
    backoff=BACKOFF,
    size=MAX_TRANSACTIONS,
    facts=from_tables(plan_and_note),
    gate=judge_index_update,
    record=record_accepted,
)
def index_bookings(plans: Sequence[Plan]) -> list[Done[Plan]]:
    """Update the engagement index: up to 1000 changes in a call, all or none."""
    transactions = [transaction for plan in plans for transaction in plan.transactions]
    for start in range(0, len(transactions), MAX_TRANSACTIONS):
        clients.engagement_index().update(transactions[start : start + MAX_TRANSACTIONS])
    return [Done(Go(State.INDEXED, (_updated_entry(plan),)), found=plan) for plan in plans]


def _updated_entry(plan: Plan) -> Entry:
    category = plan.wanted.categorization if plan.wanted else "none"
    detail: dict[str, str | int] = {"engagement": category, "removed": len(plan.remove)}
    return Entry("index_updated", plan.shown.reason, plan.shown.clause, detail)
