"""The nightly check of every timeline: each is as it was written, to its last entry, or it is shown and alarms."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta

from sqlalchemy import Connection, delete
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among, engine, if_new, insert_all, load, table_of, transaction
from engine.tables.timeline import is_whole
from models.case import BrokenTimeline, Case, TimelineEntry

PORTION = 1000
UNTOLD = timedelta(days=1)
"""A case that has existed for longer has a story: what made it has been applied, or it was parked."""
Broken = dict[uuid.UUID, str]
"""The cases whose timeline is not as it was written, with their process."""


def check_timelines(processes: Mapping[str, type[Case]]) -> Counter[str]:
    """Check every case's timeline, a portion at a time, and keep which are broken.

    Returns: how many were checked (`checked`), and how many of each process are broken.
    """
    counts: Counter[str] = Counter()
    broken: Broken = {}
    for name, model in processes.items():
        for portion, checked in _portions(model):
            counts["checked"] += checked
            broken |= dict.fromkeys(portion, name)
        broken |= dict.fromkeys(_without_a_case(name, model), name)
    _keep_broken(broken)
    return counts + Counter(broken.values())


def _portions(model: type[Case]) -> Iterator[tuple[list[uuid.UUID], int]]:
    """Of each portion, which are broken, and how many were checked."""
    after = uuid.UUID(int=0)
    while True:
        with engine().connect().execution_options(isolation_level="REPEATABLE READ") as connection:
            # One moment for both reads: a case that a worker has just written is no broken one.
            query = select(model.id, model.entries, model.last_hash, model.created_at)
            query = query.where(model.id > after).order_by(col(model.id)).limit(PORTION)
            cases = connection.execute(query).all()
            told = _entries(connection, [case.id for case in cases])
        long_ago = clock.now() - UNTOLD
        yield (
            [
                case.id
                for case in cases
                if not is_whole(told.get(case.id, []), case.entries, case.last_hash)
                or (case.entries == 0 and case.created_at < long_ago)
            ],
            len(cases),
        )
        if len(cases) < PORTION:
            return
        after = cases[-1].id


def _entries(connection: Connection, cases: Sequence[uuid.UUID]) -> dict[uuid.UUID, list[TimelineEntry]]:
    query = (
        select(TimelineEntry)
        .where(among(col(TimelineEntry.case_id), cases))
        .order_by(col(TimelineEntry.case_id), col(TimelineEntry.number))
    )
    found: dict[uuid.UUID, list[TimelineEntry]] = {}
    for entry in load(connection, query):
        found.setdefault(entry.case_id, []).append(entry)
    return found


def _without_a_case(name: str, model: type[Case]) -> list[uuid.UUID]:
    """Cases that are gone, and whose story is not: whoever keeps no longer takes both away."""
    its_case = select(model.id).where(model.id == TimelineEntry.case_id)
    query = select(TimelineEntry.case_id).where(TimelineEntry.process == name, ~its_case.exists()).distinct()
    with transaction() as connection:
        return list(connection.execute(query).scalars())


def _keep_broken(broken: Broken) -> None:
    """Keep which are broken, since when; those that are whole again are gone from there."""
    now = clock.now()
    rows = [{"case_id": id, "process": broken[id], "seen_at": now} for id in sorted(broken)]
    with transaction() as connection:
        connection.execute(delete(BrokenTimeline).where(~among(col(BrokenTimeline.case_id), broken)))
        insert_all(connection, table_of(BrokenTimeline), rows, ["case_id", "process", "seen_at"], if_new)
