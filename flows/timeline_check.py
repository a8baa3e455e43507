"""Each night every timeline is checked: whoever has changed a case's story in the database is seen."""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_table_artifact

from engine import schedules
from engine.timeline_check import check
from engine.wordless import wordless
from flows.registry import PROCESSES


@flow(name="timeline-check", flow_run_name="timeline_check", validate_parameters=False, persist_result=False)
async def timeline_check() -> None:
    """Check that every case's timeline is as it was written, to its last entry; one that is not alarms."""
    with wordless("timeline_check"):
        await schedules.note_run()
        found = await asyncio.to_thread(check, PROCESSES)
        rows = [{"what": what, "cases": count} for what, count in sorted(found.items())]
        await acreate_table_artifact(
            table=rows or [{"what": "checked", "cases": 0}],
            key="timeline-check",
            description="How many timelines were checked, and how many of each process are not as they were written.",
        )
        get_run_logger().info("timelines: %s", dict(found))
