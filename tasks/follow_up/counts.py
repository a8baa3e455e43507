"""What happened in a stretch of time, counted: from timelines, effects and cases as they lie there.

The follow-up is of all processes, so this module reads the tables of each: columns that count, of no person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Connection, and_, case, cast, func, literal, select
from sqlalchemy.orm import aliased
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlmodel import col

from models.booking_publication import BookingPublication
from models.case import Case, Effect, EffectState, TimelineEntry
from models.channel_switch import ChannelSwitch
from models.inbound_contact import InboundContact
from models.participation import Participation
from models.processes import MODELS
from models.risk_alert import RiskAlert
from models.self_service import SelfService
from routine.follow_up import BY_CODE, LATER, SHOWN_SOON, Cell
from routine.follow_up_counting import (
    COUNTED_STEPS,
    Line,
    change_between,
    counted_whats,
    of_alert,
    of_effect,
    of_line,
)

Counts = Counter[tuple[Cell, str]]
"""How often each was, by cell and unit ("": the region)."""
SHOWS, FLAGGED, ACKNOWLEDGED = "index_shows", "risk_flagged", "risk_acknowledged"
"""What the timeline says where 1177 shows a visit, where a risk is told of, where a human has it."""
Column = ColumnElement[Any]


@dataclass(frozen=True)
class Between:
    """A stretch of time: from its first moment on, before its end."""

    first: datetime
    end: datetime

    def holds(self, moment: SQLCoreOperations[datetime]) -> Column:
        """Is this moment in it?"""
        return and_(moment >= self.first, moment < self.end)


def counted(connection: Connection, time: Between) -> Counts:
    """Everything that is counted of a stretch of time."""
    counts: Counts = Counter()
    for cell, unit, number in _all(connection, time):
        counts[cell, "" if BY_CODE[cell.measure].of_region else unit] += number
    return counts


def _all(connection: Connection, time: Between) -> Iterator[tuple[Cell, str, int]]:
    for model in MODELS:
        yield from _lines(connection, time, model)
        yield from _effects(connection, time, model)
    yield from _visits_shown(connection, time)
    yield from _alerts(connection, time)


def _unit_of(model: type[Any]) -> Column:
    """Of a case: that where it is now (`tasks.identities`)."""
    return func.coalesce(model.unit, "") if hasattr(model, "unit") else literal("")


# --- lines of timelines


def _in_detail(name: str) -> Column:
    return func.coalesce(cast(col(TimelineEntry.detail), JSON)[name].as_string(), "")


def _adherence() -> Column:
    return case((col(TimelineEntry.what) == "answer", _in_detail("adherence")), else_="")


_KINDS: Mapping[str, Callable[[], Column]] = {
    ChannelSwitch.PROCESS: lambda: (
        col(ChannelSwitch.from_channel).concat(" ").concat(col(ChannelSwitch.to_channel))
    ),
    Participation.PROCESS: lambda: func.coalesce(col(Participation.what), ""),
    SelfService.PROCESS: lambda: func.coalesce(col(SelfService.service), ""),
    InboundContact.PROCESS: _adherence,
}
"""By process, what tells lines of one reason apart (`Line.kind`)."""


def _lines(connection: Connection, time: Between, model: type[Case]) -> Iterator[tuple[Cell, str, int]]:
    line = TimelineEntry
    kind = _KINDS.get(model.PROCESS, lambda: literal(""))()
    said = (col(line.what), col(line.reason), col(line.clause))
    query = (
        select(*said, kind.label("told_kind"), _unit_of(model).label("at_unit"), func.count().label("times"))
        .select_from(line)
        .join(model, col(model.id) == col(line.case_id))
        .where(col(line.process) == model.PROCESS, time.holds(col(line.at)))
        .where(col(line.what).in_(sorted(counted_whats())))
        .group_by(*said, "told_kind", "at_unit")
    )
    for what, reason, clause, told, unit, times in connection.execute(query):
        found = change_between(told) if model is ChannelSwitch else told
        for cell in of_line(Line(model.PROCESS, what, reason, clause, found)):
            yield cell, unit, times


# --- what was done to the outer world


def _effects(connection: Connection, time: Between, model: type[Case]) -> Iterator[tuple[Cell, str, int]]:
    by = (col(Effect.step), col(Effect.system), col(Effect.receipt))
    query = (
        select(*by, _unit_of(model).label("at_unit"), func.count().label("times"))
        .select_from(Effect)
        .join(model, col(model.id) == col(Effect.case_id))
        .where(col(Effect.process) == model.PROCESS, time.holds(col(Effect.sending_at)))
        .where(col(Effect.step).in_(COUNTED_STEPS), col(Effect.state) == EffectState.DONE)
        .group_by(*by, "at_unit")
    )
    for step, system, receipt, unit, times in connection.execute(query):
        cell = of_effect(step, system, receipt)
        if cell is not None:
            yield cell, unit, times


# --- how soon


def _visits_shown(connection: Connection, time: Between) -> Iterator[tuple[Cell, str, int]]:
    """Visits that 1177 has shown for the first time, by how long after we had heard of them."""
    line, before, visit = TimelineEntry, aliased(TimelineEntry), BookingPublication
    seen = select(literal(1)).where(
        col(before.case_id) == col(line.case_id), col(before.number) < col(line.number), _is_shown(before)
    )
    taken = col(line.at) - col(visit.created_at)
    soon = case(*((taken <= most, name) for name, most in SHOWN_SOON), else_=LATER)
    query = (
        select(soon.label("soon"), _unit_of(visit).label("at_unit"), func.count().label("times"))
        .select_from(line)
        .join(visit, col(visit.id) == col(line.case_id))
        .where(time.holds(col(line.at)), _is_shown(line), ~seen.exists())
        .group_by("soon", "at_unit")
    )
    for within, unit, times in connection.execute(query):
        yield Cell("visit_shown", within), unit, times


def _is_shown(line: Any) -> Column:
    there = cast(col(line.detail), JSON)["found"].as_integer() > 0
    return and_(col(line.what) == SHOWS, there)


def _alerts(connection: Connection, time: Between) -> Iterator[tuple[Cell, str, int]]:
    """Alerts that were raised, by how long after a human had them; a flag while one stands raises none."""
    line, before, after = TimelineEntry, aliased(TimelineEntry), aliased(TimelineEntry)
    last = (
        select(col(before.what))
        .where(col(before.case_id) == col(line.case_id), col(before.number) < col(line.number))
        .where(col(before.what).in_((FLAGGED, ACKNOWLEDGED)))
        .order_by(col(before.number).desc())
        .limit(1)
        .scalar_subquery()
    )
    had = (
        select(func.min(col(after.at)))
        .where(col(after.case_id) == col(line.case_id), col(after.number) > col(line.number))
        .where(col(after.what) == ACKNOWLEDGED)
        .scalar_subquery()
    )
    query = select(col(line.at), last.label("last"), had.label("had")).where(
        col(line.process) == RiskAlert.PROCESS, col(line.what) == FLAGGED, time.holds(col(line.at))
    )
    for at, what_before, had_at in connection.execute(query):
        if what_before != FLAGGED:
            yield of_alert(None if had_at is None else had_at - at), "", 1
