"""What ops can see and do: cases and their timelines, retry, unknown effects, refused webhooks."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy
from sqlalchemy import ColumnElement, Connection, Select, Text, func, literal_column, true, union, update
from sqlalchemy.orm import aliased
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among, session, transaction
from engine.ops.metrics import unheard
from engine.running.again import Busy, NotFound, change_unheld, due_now, take_up_one
from engine.tables import case_runs
from engine.tables.timeline import Entry, is_whole
from models.case import Case, Effect, EffectState, Heard, RefusedEvent, TimelineEntry

__all__ = [
    "UNKNOWN",
    "Busy",
    "CaseLine",
    "CaseStory",
    "NotFound",
    "Processes",
    "cases",
    "cases_that",
    "counts",
    "lines_of",
    "refused",
    "resolve",
    "retry",
    "retry_parked",
    "see",
    "story",
    "take_up",
    "waits_for_human",
    "where_it_stands",
]

Processes = Mapping[str, type[Case]]
RUNS_SHOWN = 20
"""The latest of Prefect's runs that had a case."""


@dataclass(frozen=True)
class CaseLine:
    """A case in a list. `unknown` counts its effects that wait for `vaxel resolve`."""

    id: uuid.UUID
    process: str
    state: str
    parked: str | None
    unknown: int
    due_at: str | None
    updated_at: str


@dataclass(frozen=True)
class CaseStory:
    """A case with its timeline and effects."""

    case: CaseLine
    timeline: list[dict[str, Any]]
    timeline_whole: bool
    effects: list[dict[str, Any]]
    runs: list[dict[str, str]] = field(default_factory=list)
    """Prefect's runs that had it (`id`) and when they took it (`at`), the latest first."""


def cases(
    processes: Processes, *, state: str | None = None, parked: bool = False, most: int = 100
) -> list[CaseLine]:
    """Cases, the newest changes first.

    Args:
        state: only those that stand there.
        parked: only those that wait for a human, with a parked case or an unknown effect.
    """

    def those(model: type[Case]) -> ColumnElement[bool]:
        stands = true() if state is None else col(model.state) == state
        return stands & waits_for_human(model) if parked else stands

    return cases_that(processes, those, most)


def cases_that(
    processes: Processes, condition: Callable[[type[Case]], ColumnElement[bool]], most: int
) -> list[CaseLine]:
    """The cases of each process of which a condition holds, the newest changes first."""
    found: list[CaseLine] = []
    with transaction() as connection:
        for process, model in processes.items():
            found += lines_of(connection, process, model, condition(model), most)
    return sorted(found, key=lambda line: line.updated_at, reverse=True)[:most]


def lines_of(
    connection: Connection, process: str, model: type[Case], those: ColumnElement[bool], most: int
) -> list[CaseLine]:
    """The cases of one process of which a condition holds, the newest changes first."""
    query = _lines(model).where(those).order_by(col(model.updated_at).desc()).limit(most)
    return [_line(process, row) for row in connection.execute(query)]


def waits_for_human(model: type[Case]) -> ColumnElement[bool]:
    """Whether a case is parked, or has an effect that waits for `vaxel resolve`: each found by its index."""
    parked = aliased(model)
    return col(model.id).in_(union(select(parked.id).where(col(parked.parked).is_not(None)), UNKNOWN))


UNKNOWN = select(Effect.case_id).where(Effect.state == EffectState.PARKED)
"""The cases of effects that wait for `vaxel resolve`."""


def _lines(model: type[Case]) -> Select[uuid.UUID, str, str | None, datetime | None, datetime, int]:
    unknown = sqlalchemy.select(func.count()).where(
        col(Effect.case_id) == model.id, col(Effect.state) == EffectState.PARKED
    )
    return sqlalchemy.select(
        col(model.id),
        col(model.state),
        col(model.parked),
        col(model.due_at),
        col(model.updated_at),
        unknown.scalar_subquery().label("unknown"),
    )


def _line(process: str, row: Any) -> CaseLine:
    due = row.due_at.isoformat() if row.due_at else None
    return CaseLine(row.id, process, row.state, row.parked, row.unknown, due, row.updated_at.isoformat())


def counts(processes: Processes) -> dict[str, dict[str, int]]:
    """How many cases stand where, by process; a parked one counts as `parked:<reason>`."""
    with transaction() as connection:
        return {
            process: {state: number for state, number in connection.execute(_numbers_by_stand(model))}
            for process, model in processes.items()
        }


def _numbers_by_stand(model: type[Case]) -> Select[str, int]:
    stands = where_it_stands(model)
    return sqlalchemy.select(stands, func.count()).group_by(stands).order_by(stands)


def where_it_stands(model: type[Case]) -> ColumnElement[str]:
    """A case's state; of a parked one `parked:<reason>`."""
    parked: ColumnElement[str] = literal_column("'parked:'", Text) + col(model.parked)
    return func.coalesce(parked, col(model.state)).label("stands")


def story(processes: Processes, id: uuid.UUID) -> CaseStory:
    """A case's whole story.

    Raises:
        NotFound: no process has this case.
    """
    line = _find(processes, id)
    with transaction() as connection:
        model = processes[line.process]
        anchor = select(model.entries, model.last_hash).where(model.id == id)
        stands = connection.execute(anchor).first()
        runs = case_runs.runs_of(connection, id, RUNS_SHOWN)
    if stands is None:
        raise NotFound(str(id))
    with session() as db:
        told = db.exec(
            select(TimelineEntry).where(TimelineEntry.case_id == id).order_by(col(TimelineEntry.number))
        ).all()
        done = db.exec(select(Effect).where(Effect.case_id == id).order_by(col(Effect.sending_at))).all()
    return CaseStory(
        line,
        [_entry_shown(entry) for entry in told],
        is_whole(told, *stands),
        [_effect(effect) for effect in done],
        [{"id": str(run), "at": at.isoformat()} for run, at in runs],
    )


def _find(processes: Processes, id: uuid.UUID) -> CaseLine:
    for process, model in processes.items():
        with transaction() as connection:
            row = connection.execute(_lines(model).where(col(model.id) == id)).first()
        if row:
            return _line(process, row)
    raise NotFound(str(id))


def _entry_shown(entry: TimelineEntry) -> dict[str, Any]:
    shared = {"what": entry.what, "reason": entry.reason, "clause": entry.clause}
    return {"at": entry.at.isoformat()} | shared | {"detail": json.loads(entry.detail)}


def _effect(effect: Effect) -> dict[str, Any]:
    place = {"id": str(effect.id), "step": effect.step, "system": effect.system, "state": effect.state}
    receipt = {"receipt": effect.receipt, "receipt_at": effect.receipt_at and effect.receipt_at.isoformat()}
    return place | receipt | {"tries": effect.tries, "at": effect.sending_at.isoformat()}


def retry(processes: Processes, id: uuid.UUID, reason: str = "retry") -> None:
    """Take a parked or waiting case up again, now.

    Raises:
        NotFound: no process has this case, or it is closed and waits for nothing.
        Busy: a run holds it.
    """
    take_up_one(processes[_find(processes, id).process], id, reason)


def take_up(connection: Connection, model: type[Case], ids: Sequence[uuid.UUID], reason: str) -> None:
    """Let cases go through their steps once more; those that are parked or held just now are left as they are."""
    known = among(col(model.id), ids)
    query = select(model.id).where(known, col(model.parked).is_(None)).order_by(col(model.id))
    for id in connection.execute(query).scalars().all():
        with suppress(Busy):
            change_unheld(connection, model, id, Entry("taken_up_again", reason), whole=True, **due_now())


def retry_parked(processes: Processes, reason: str) -> int:
    """Take up all cases again that are parked for a reason; gives how many."""
    taken = 0
    for process, model in processes.items():
        with transaction() as connection:
            ids = connection.execute(select(model.id).where(model.parked == reason)).scalars().all()
        for id in ids:
            with suppress(Busy, NotFound):
                retry({process: model}, id)
                taken += 1
    return taken


def resolve(processes: Processes, effect_id: uuid.UUID, *, arrived: bool) -> uuid.UUID:
    """Settle an effect whose outcome nobody could tell: a human has looked.

    Args:
        arrived: it was there, and is done; else it is sent again. Either way the case goes through its
            steps once more, where what is done is not done twice.

    Returns: the case's id.

    Raises:
        NotFound: no effect has this id, or it waits for nobody.
        Busy: a run holds its case.
    """
    with transaction() as connection:
        query = select(Effect.process, Effect.case_id, Effect.system)
        query = query.where(Effect.id == effect_id, Effect.state == EffectState.PARKED)
        row = connection.execute(query).first()
        if row is None:
            raise NotFound(str(effect_id))
        entry = Entry(
            "effect_resolved", "arrived" if arrived else "not_arrived", detail={"system": row.system}
        )
        model = processes[row.process]
        change_unheld(connection, model, row.case_id, entry, whole=True, **due_now())
        state = EffectState.DONE if arrived else EffectState.NOT_SENT
        close = update(Effect).where(col(Effect.id) == effect_id, col(Effect.state) == EffectState.PARKED)
        settled = {col(Effect.state): state, col(Effect.settled_at): clock.now()}
        if not connection.execute(close.values(settled)).rowcount:
            raise NotFound(str(effect_id))
    case_id: uuid.UUID = row.case_id
    return case_id


def refused(most: int = 100) -> Sequence[RefusedEvent]:
    """What was refused with a valid signature, or taken in without its wrong parts; the newest first."""
    with session() as db:
        return db.exec(select(RefusedEvent).order_by(col(RefusedEvent.id).desc()).limit(most)).all()


def see(number: int) -> int:
    """Somebody has seen to the risk that a wrong event held: it alarms no more.

    Returns: how many others alarm still.

    Raises:
        NotFound: there is none of that number, or it held none that nobody was alerted of.
    """
    seen_at = col(RefusedEvent.seen_at)
    query = update(RefusedEvent).where(
        col(RefusedEvent.id) == number, col(RefusedEvent.risk) == Heard.UNHEARD
    )
    with transaction() as connection:
        if not connection.execute(query.values({seen_at: func.coalesce(seen_at, clock.now())})).rowcount:
            raise NotFound(str(number))
        return unheard(connection)
