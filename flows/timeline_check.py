"""Each night every timeline and the access log are checked: whoever has changed them in the database is seen.

Which runs had which cases is forgotten with the runs.
"""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_table_artifact

from engine.base.redact import redact
from engine.ops import access_log_check
from engine.ops.timeline_check import check_timelines
from engine.prefect import schedules
from engine.tables import case_runs
from flows.registry import PROCESSES


@flow(name="timeline-check", flow_run_name="timeline_check", validate_parameters=False, persist_result=False)
async def timeline_check() -> None:
    """Check that every case's timeline is as it was written, to its end, and of the access log what is new and a part
    of what is old; else it alarms."""
    with redact("timeline_check"):
        await schedules.note_run()
        found = await asyncio.to_thread(check_timelines, PROCESSES)
        logged = await asyncio.to_thread(access_log_check.check_and_keep)
        await asyncio.to_thread(case_runs.forget_old_runs)
        found.update(
            {
                "accesses": logged.entries,
                "accesses_read": logged.read,
                "accesses_broken": len(logged.broken),
            }
        )
        rows = [{"what": what, "number": count} for what, count in sorted(found.items())]
        await acreate_table_artifact(
            table=rows,
            key="timeline-check",
            description="How many timelines were checked, and how many of each process are not as they were written; "
            "and how many entries the access log has, were read and are not as they were written.",
        )
        get_run_logger().info("timelines: %s", dict(found))
