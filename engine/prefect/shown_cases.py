"""What Prefect's UI is shown of cases: UUIDs as links to their pages, states, reason codes and clauses only."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from typing import Any

import sqlalchemy
from prefect.artifacts import acreate_table_artifact
from prefect.client.orchestration import PrefectClient
from prefect.client.schemas.filters import ArtifactCollectionFilter, ArtifactCollectionFilterKey
from sqlalchemy import CompoundSelect, Select, desc, literal, union_all
from sqlmodel import col

from engine.base.database import among, transaction, transaction_in_time
from engine.base.settings import settings
from engine.running.runs import CASES_SHOWN
from models.case import Case, Effect, EffectState, TimelineEntry
from models.times import for_people

Row = dict[str, str]


def link_to(id: uuid.UUID) -> str:
    """A case's UUID, as a link to its page at the gateway."""
    return f"[{id}]({settings().gateway_here}/cases/{id})"


def rows_of(model: type[Case], ids: Iterable[uuid.UUID]) -> dict[uuid.UUID, Row]:
    """How these cases stand, and why by their last entry, as rows of a table."""
    last = (col(TimelineEntry.case_id) == model.id) & (col(TimelineEntry.number) == col(model.entries) - 1)
    query = sqlalchemy.select(
        col(model.id),
        col(model.state),
        col(model.parked),
        col(TimelineEntry.what),
        col(TimelineEntry.reason),
        col(TimelineEntry.clause),
    ).outerjoin_from(model, TimelineEntry, last)
    with transaction() as connection:
        rows = connection.execute(query.where(among(col(model.id), ids))).all()
    return {
        row.id: {
            "case": link_to(row.id),
            "state": f"parked at {row.state}" if row.parked else row.state,
            "last": row.what or "",
            "reason": row.parked or row.reason or "",
            "clause": row.clause or "",
        }
        for row in rows
    }


async def show_table(rows: Sequence[Row], said: str) -> None:
    """The table of the run, or of the step, that we are in: it stands there, and not among the named artifacts."""
    if rows:
        await acreate_table_artifact(table=list(rows[:CASES_SHOWN]), description=said)


async def show_parked(process: str, rows: Sequence[Row]) -> None:
    """All that are parked, as the process's own table; without rows none is."""
    await acreate_table_artifact(
        table=list(rows),
        key=parked_key(process),
        description=f"Parked cases of {process}: each one's page tells why. A run of this process with its UUID as "
        "`case_id`, or `vaxel retry ID`, tries again.",
    )


async def latest_tables(client: PrefectClient, keys: Iterable[str]) -> dict[str, list[Row]]:
    """What the tables with these keys say now, as far as there are any."""
    filter = ArtifactCollectionFilter(key=ArtifactCollectionFilterKey(any_=list(keys)))
    found = await client.read_latest_artifacts(artifact_filter=filter)
    return {artifact.key: json.loads(str(artifact.data or "[]")) for artifact in found}


def parked_key(process: str) -> str:
    """The key of a process's table of parked cases."""
    return f"parked-{process.replace('_', '-')}"


def parked_rows(model: type[Case]) -> list[Row]:
    """All that are parked, the latest first."""
    id, reason, since = col(model.id), col(model.parked), col(model.updated_at)
    cases: Select[Any, Any, Any] = sqlalchemy.select(id, reason, since.label("since")).where(
        reason.is_not(None)
    )
    unknown = (col(Effect.case_id), literal("unknown_effect"), col(Effect.settled_at))
    effects = sqlalchemy.select(*unknown).where(
        col(Effect.state) == EffectState.PARKED, col(Effect.process) == model.PROCESS
    )
    query: CompoundSelect[Any, Any, Any] = (
        union_all(cases, effects).order_by(desc("since")).limit(CASES_SHOWN)
    )
    with transaction_in_time() as connection:
        rows = connection.execute(query).all()
    return [{"case": link_to(id), "reason": reason, "since": for_people(at)} for id, reason, at in rows]
