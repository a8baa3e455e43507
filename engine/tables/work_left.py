"""What there is to do, of all processes by one statement: the sweep of each minute looks by it (ADR 0037)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from typing import Any

import sqlalchemy
import structlog
from sqlalchemy import CompoundSelect, Select, Text, bindparam, func, literal, not_, or_, union_all
from sqlalchemy.exc import DBAPIError
from sqlmodel import col

from engine.base import clock
from engine.base.database import table_of, transaction_in_time, why_unreadable
from engine.tables.effects import FORGOTTEN, IS_OPEN
from models.case import MOMENT, Case, Effect, Event

NOW, SOON, LONG_AGO = (bindparam(name, type_=MOMENT) for name in ("now", "soon", "long_ago"))
Models = tuple[type[Case], ...]
Asked = Select[Any, Any]
Rows = list[tuple[str, datetime | None]]
log = structlog.get_logger()


@dataclass(frozen=True)
class WorkLeft:
    """What there is to do.

    Args:
        due: the processes that have something, and when: now, or when their next case is due.
        not_asked: the tables that could not be asked, with the kind of PostgreSQL's error, such as `UndefinedColumn`.
    """

    due: dict[str, datetime] = field(default_factory=dict)
    not_asked: dict[str, str] = field(default_factory=dict)


def work_within(models: Mapping[str, type[Case]], seconds: float) -> WorkLeft:
    """What there is to do within so many seconds.

    All that a run looks after is there: cases that are due and that nobody holds, events that nobody has taken in,
    cases and effects that a worker which died has left. Where the one statement fails, each table is asked by itself.
    """
    now = clock.now()
    given = {"now": now, "soon": now + timedelta(seconds=seconds), "long_ago": now - FORGOTTEN}
    of, left = tuple(models.values()), WorkLeft()
    try:
        rows = _rows_in_time(_of_all(of), given)
    except DBAPIError as error:
        why_unreadable(error)
        rows = _rows_of_each(of, given, left)
    for process, since in rows:
        if process in models and since is not None:
            at = max(since, now)
            left.due[process] = min(at, left.due.get(process, at))
    return left


def _rows_in_time(asked: CompoundSelect[Any], given: Mapping[str, datetime]) -> Rows:
    with transaction_in_time() as connection:
        return [(process, since) for process, since in connection.execute(asked, given)]


def _rows_of_each(of: Models, given: Mapping[str, datetime], left: WorkLeft) -> Rows:
    """By all tables that can be asked; the others are noted."""
    rows: Rows = []
    for table, questions in _questions(of).items():
        try:
            rows += _rows_in_time(union_all(*questions), given)
        except DBAPIError as error:
            left.not_asked[table] = why_unreadable(error)
            log.error("not_swept", table=table, error=left.not_asked[table])
    return rows


@cache
def _of_all(models: Models) -> CompoundSelect[Any]:
    """To make it takes longer than to carry it out."""
    return union_all(*chain.from_iterable(_questions(models).values()))


def _questions(models: Models) -> dict[str, list[Asked]]:
    """By the table that is asked."""
    cases = {table_of(model).name: [_next_due(model), _held_by_the_dead(model)] for model in models}
    return cases | {table_of(Event).name: [_new_events()], table_of(Effect).name: [_forgotten_effects()]}


def _next_due(model: type[Case]) -> Asked:
    nobodys = or_(col(model.owner).is_(None), col(model.lease_until) < NOW)
    query = sqlalchemy.select(literal(model.PROCESS, Text), func.min(col(model.due_at)))
    return query.where(col(model.due_at) <= SOON, nobodys)


def _held_by_the_dead(model: type[Case]) -> Asked:
    query = sqlalchemy.select(literal(model.PROCESS, Text), func.min(col(model.lease_until)))
    return query.where(col(model.owner).is_not(None), col(model.lease_until) < NOW)


def _new_events() -> Asked:
    query = sqlalchemy.select(col(Event.process), func.min(col(Event.received_at)))
    return query.where(not_(col(Event.taken))).group_by(col(Event.process))


def _forgotten_effects() -> Asked:
    """Of unknown outcome, and of cases that went another way: a run shows them to ops."""
    query = sqlalchemy.select(col(Effect.process), func.min(col(Effect.deadline_at)))
    return query.where(IS_OPEN, col(Effect.deadline_at) < LONG_AGO).group_by(col(Effect.process))
