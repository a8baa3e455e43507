"""What there is to do, of all processes by one statement: the sweep of each minute looks by it (ADR 0037)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy import CompoundSelect, Select, Text, bindparam, func, literal, not_, or_, union_all
from sqlmodel import col

from engine.base import clock
from engine.base.database import transaction
from engine.tables.effects import FORGOTTEN, IS_OPEN
from models.case import MOMENT, Case, Effect, Event

NOW, SOON, LONG_AGO = (bindparam(name, type_=MOMENT) for name in ("now", "soon", "long_ago"))
Asked = Select[Any, Any]


def work_within(models: Mapping[str, type[Case]], seconds: float) -> dict[str, datetime]:
    """The processes that have something to do within so many seconds, and when: now, or when their next case is due.

    All that a run looks after is there: cases that are due and that nobody holds, events that nobody has taken in,
    cases and effects that a worker which died has left.
    """
    now = clock.now()
    given = {"now": now, "soon": now + timedelta(seconds=seconds), "long_ago": now - FORGOTTEN}
    with transaction() as connection:
        rows = connection.execute(_asked(tuple(models.values())), given).all()
    found: dict[str, datetime] = {}
    for process, since in rows:
        if process in models and since is not None:
            at = max(since, now)
            found[process] = min(at, found.get(process, at))
    return found


@cache
def _asked(models: tuple[type[Case], ...]) -> CompoundSelect[Any]:
    """To make it takes longer than to carry it out."""
    cases = [each for model in models for each in (_next_due(model), _held_by_the_dead(model))]
    return union_all(*cases, _new_events(), _forgotten_effects())


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
