"""The region's leads have changed: what stands by the old ones is planned anew, told before it is done (besok-5)."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy
from sqlalchemy import Connection, bindparam
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among, load, objects, table_of, transaction
from engine.tables.timeline import Entry, append
from models.visit_reminder import State, VisitReminder
from routine.reminder import Planned, next_reminder
from tasks import clients
from tasks.visit_reminder.plan import plan_of, planned_as

PAGE = 2000
AT_ONCE = "at once"


def plan_anew(*, apply: bool) -> list[dict[str, Any]]:
    """A line for each unit and lead: how many visits are reminded of next by it, and how many of those are due at
    another time than they stand now. Counts only.

    Args:
        apply: make it so; a visit that a run holds just now is left, since that asks by the new leads anyway.
    """
    visits: Counter[tuple[str, str]] = Counter()
    changed: Counter[tuple[str, str]] = Counter()
    for page in _each_page():
        planned = {case.id: _next(case) for case in page}
        moved = [case for case in page if _is_moved(case, planned[case.id])]
        for case in page:
            visits[_by_unit_and_lead(case, planned[case.id])] += planned[case.id] is not None
        changed.update(_by_unit_and_lead(case, planned[case.id]) for case in moved)
        if apply and moved:
            with transaction() as connection:
                _plan_these(connection, [case.id for case in moved])
    lines = sorted(line for line in visits if visits[line] or changed[line])
    return [
        {"unit": unit, "lead": lead, "visits": visits[unit, lead], "changed": changed[unit, lead]}
        for unit, lead in lines
    ]


def _each_page() -> Iterator[Sequence[VisitReminder]]:
    """All visits to come of which something is planned or may be, by id, without what is sealed of them."""
    last = uuid.UUID(int=0)
    while True:
        with transaction() as connection:
            page = _some_from(connection, last)
        if not page:
            return
        yield page
        last = page[-1].id


def _some_from(connection: Connection, last: uuid.UUID) -> list[VisitReminder]:
    of = table_of(VisitReminder).c
    stands = (of.parked.is_(None), of.start > clock.now(), of.id > last)
    columns = (
        of.id, of.unit, of.state, of.due_at, of.start, of.known_since, of.silent, of.gone, of.settled
    )  # fmt: skip
    query = sqlalchemy.select(*columns).where(*stands).order_by(of.id).limit(PAGE)
    return objects(VisitReminder, connection.execute(query))


def _next(case: VisitReminder) -> Planned | None:
    plan = plan_of(case)
    return next_reminder(plan, clock.now(), clients.region()) if plan else None


def _is_moved(case: VisitReminder, planned: Planned | None) -> bool:
    """One that is due already is asked about by the new leads as it is."""
    if case.due_at is not None and case.due_at <= clock.now():
        return False
    return case.due_at != (planned.at if planned else None)


def _by_unit_and_lead(case: VisitReminder, planned: Planned | None) -> tuple[str, str]:
    if planned is None:
        return case.unit or "", "none"
    if planned.at <= clock.now() or planned.lead is None:
        return case.unit or "", AT_ONCE
    return case.unit or "", f"{planned.lead} h"


def _plan_these(connection: Connection, ids: Sequence[uuid.UUID]) -> None:
    table, now = table_of(VisitReminder), clock.now()
    those = (among(col(VisitReminder.id), ids), col(VisitReminder.owner).is_(None))
    query = (
        select(VisitReminder).where(*those).order_by(col(VisitReminder.id)).with_for_update(skip_locked=True)
    )
    cases = load(connection, query)
    if not cases:
        return
    told = [
        (case, Entry("taken_up_again", "leads_changed", decided=planned_as(case, plan_of(case))))
        for case in cases
    ]
    append(connection, now, told)
    rows = []
    for case in cases:
        planned = _next(case)
        state = State.PLANNED if planned else State.RESTING
        rows.append(
            {"this": case.id, "due": planned.at if planned else None, "stands": str(state)}
            | {"told": case.entries, "hash": case.last_hash, "now": now}
        )
    written = table.update().where(table.c.id == bindparam("this")).values(
        due_at=bindparam("due"), state=bindparam("stands"), entries=bindparam("told"),
        last_hash=bindparam("hash"), updated_at=bindparam("now"),
    )  # fmt: skip
    connection.execute(written, rows)
