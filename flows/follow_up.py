"""Each hour the days that can still change are summed anew for the follow-up (uppfoljning-1)."""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger

from engine.base.redact import redact
from engine.prefect import schedules
from tasks.follow_up.sum_days import sum_days


@flow(name="follow-up", flow_run_name="follow_up", validate_parameters=False, persist_result=False)
async def follow_up() -> None:
    """Sum the days that are not closed, those too that were missed; sums only, of no person."""
    with redact("follow_up"):
        await schedules.note_run()
        logger = get_run_logger()
        done = await asyncio.to_thread(sum_days, lambda day: logger.debug("summed: %s", day))
        logger.info("summed: %s", dict(done))
