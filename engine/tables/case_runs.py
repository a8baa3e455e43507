"""Which of Prefect's runs have had a case: written as they claim it, so that a run that is killed is told of too."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import Connection, Table, delete
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import if_new, insert_all, transaction
from models.case import CaseRun

CASE_RUN: Table = CaseRun.__table__  # type: ignore[attr-defined]
KEPT = timedelta(days=30)
"""As long as our own Prefect keeps its runs (`cli.up.environment`)."""


def note_claimed(run_id: uuid.UUID, cases: Iterable[uuid.UUID]) -> None:
    """Note that a run has claimed these cases."""
    shared = {"run_id": run_id, "at": clock.now()}
    rows: list[Mapping[str, object]] = [{"case_id": id} | shared for id in sorted(cases)]
    with transaction() as connection:
        insert_all(connection, CASE_RUN, rows, ["case_id", *shared], if_new)


def runs_of(connection: Connection, case_id: uuid.UUID, most: int) -> Sequence[tuple[uuid.UUID, datetime]]:
    """The runs that have had a case, and when they took it, the latest first."""
    query = select(CaseRun.run_id, CaseRun.at).where(CaseRun.case_id == case_id)
    rows = connection.execute(query.order_by(col(CaseRun.at).desc()).limit(most))
    return [(run_id, at) for run_id, at in rows]


def forget_old_runs() -> int:
    """Forget the runs that Prefect has forgotten; gives of how many cases."""
    with transaction() as connection:
        return connection.execute(delete(CaseRun).where(col(CaseRun.at) < clock.now() - KEPT)).rowcount
