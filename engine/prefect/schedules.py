"""That a schedule has run: noted when the run begins that Prefect's scheduler made, and by no wake-up."""

from __future__ import annotations

import asyncio

from prefect.context import FlowRunContext
from sqlalchemy import text

from engine.base import clock
from engine.base.database import transaction


async def note_run() -> None:
    """Note that the schedule of this flow run's process has run now, if it is the schedule that made the run."""
    context = FlowRunContext.get()
    if context and context.flow and context.flow_run and context.flow_run.auto_scheduled:
        await asyncio.to_thread(_write_run, context.flow.name.replace("-", "_"))


def _write_run(process: str) -> None:
    query = text(
        """
        INSERT INTO schedule_run (process, at) VALUES (:process, :now)
        ON CONFLICT (process) DO UPDATE SET at = GREATEST(schedule_run.at, EXCLUDED.at)"""
    )
    with transaction() as connection:
        connection.execute(query, {"process": process, "now": clock.now()})
