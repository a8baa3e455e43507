"""Kept decisions, as a cursor in the database hands them out: memory stays as it is, however many there are."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from typing import Any, NamedTuple

import orjson
from sqlalchemy import Connection, Select, and_, func, or_, select

from engine.base.database import among, engine, table_of
from engine.tables.decisions import DECISION
from models.decision import KeptDecision
from models.encryption import DoesNotOpen
from models.sealed import opened
from models.visit_reminder import VisitReminder
from routine.reminder import Plan

PORTION = 1000
VISIT = table_of(VisitReminder)


class NotReadable(Exception):
    """What a decision rested on was not kept, or does not open: `why`."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Row(NamedTuple):
    """A kept decision, still sealed."""

    case_id: uuid.UUID
    number: int
    rule: str
    unit: str
    at: datetime
    answer: str
    reason: str
    clause: str
    facts: bytes | None

    def said(self) -> dict[str, Any]:
        """What it rested on (`facts`) and the whole `answer`, from JSON.

        Raises:
            NotReadable: there is none, or it does not open.
        """
        if self.facts is None:
            raise NotReadable("not_kept")
        try:
            said = opened(KeptDecision, "facts", self.facts, case_id=self.case_id, number=self.number)
        except DoesNotOpen:
            raise NotReadable("does_not_open") from None
        kept: dict[str, Any] = orjson.loads(said)
        return kept


COLUMNS = [DECISION.c[name] for name in Row._fields]
OF_VISIT = [VISIT.c[name] for name in ("id", "unit", "start", "known_since", "silent")]


@dataclass(frozen=True)
class KeptVisit:
    """A visit, with all that is kept of its reminders, in their order.

    Args:
        plan: as it stands now, for a visit of which nothing is kept; None: it has no time.
    """

    case_id: uuid.UUID
    plan: Plan | None
    rows: list[Row] = field(repr=False)


@contextmanager
def reading() -> Iterator[Connection]:
    """One moment of the database, in which nothing can be written."""
    connection = engine().connect()
    with connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True):
        yield connection


def how_many(connection: Connection, since: datetime, until: datetime) -> int:
    """How many rows there are to read."""
    every = (_of_time(since, until), _of_visits(since))
    return sum(
        connection.execute(select(func.count()).select_from(each.subquery())).scalar_one() for each in every
    )


def decisions_of(connection: Connection, since: datetime, until: datetime) -> Iterator[Row]:
    """Those of a time, but for reminders, the earliest first."""
    for row in _streamed(connection, _of_time(since, until).order_by(DECISION.c.at)):
        yield Row(*row)


def visits_of(connection: Connection, since: datetime) -> Iterator[KeptVisit]:
    """Every visit that may have a reminder from then on."""
    query = _of_visits(since).order_by(VISIT.c.id, DECISION.c.number)
    for case_id, rows in groupby(_streamed(connection, query), key=lambda row: row[0]):
        found = list(rows)
        _, _, start, known_since, silent, *_ = found[0]
        plan = Plan(start=start, known_since=known_since, silent=silent) if start and known_since else None
        kept = [Row(*row[len(OF_VISIT) :]) for row in found]
        yield KeptVisit(case_id, plan, [each for each in kept if each.case_id is not None])


def of_cases(connection: Connection, cases: Collection[uuid.UUID]) -> dict[uuid.UUID, list[Row]]:
    """All that is kept of these cases, in the order of their timelines."""
    query = (
        select(*COLUMNS)
        .where(among(DECISION.c.case_id, cases))
        .order_by(DECISION.c.case_id, DECISION.c.number)
    )
    found: dict[uuid.UUID, list[Row]] = {}
    for row in connection.execution_options(yield_per=None).execute(query) if cases else ():
        found.setdefault(row[0], []).append(Row(*row))
    return found


def _of_time(since: datetime, until: datetime) -> Select[Any]:
    of = DECISION.c
    return select(*COLUMNS).where(of.at >= since, of.at < until, of.process != VisitReminder.PROCESS)


def _of_visits(since: datetime) -> Select[Any]:
    """Of what was over before that, or had moved away, no reminder can fall there."""
    of_visit = and_(DECISION.c.case_id == VISIT.c.id, DECISION.c.process == VisitReminder.PROCESS)
    both = VISIT.outerjoin(DECISION, of_visit)
    may = or_(VISIT.c.start > since, VISIT.c.known_since >= since)
    return select(*OF_VISIT, *COLUMNS).select_from(both).where(may)


def _streamed(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    yield from connection.execution_options(yield_per=PORTION).execute(query)
