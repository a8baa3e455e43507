"""That a schedule has run: noted when the run begins that Prefect's scheduler made, and by no wake-up."""

from __future__ import annotations

import asyncio

from prefect.context import FlowRunContext
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlmodel import col

from engine.base import clock
from engine.base.database import named, transaction
from models.case import ScheduleRun


async def note_run() -> None:
    """Note that the schedule of this flow run's process has run now, if it is the schedule that made the run."""
    context = FlowRunContext.get()
    if context and context.flow and context.flow_run and context.flow_run.auto_scheduled:
        await asyncio.to_thread(_write_run, context.flow.name.replace("-", "_"))


def _write_run(process: str) -> None:
    put = insert(ScheduleRun).values(process=process, at=clock.now())
    newest = {col(ScheduleRun.at): func.greatest(col(ScheduleRun.at), put.excluded.at)}
    with transaction() as connection:
        connection.execute(put.on_conflict_do_update(index_elements=named(ScheduleRun.process), set_=newest))
