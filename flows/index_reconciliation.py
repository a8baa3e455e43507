"""Each night VAS's bookings are compared with ours, and ours with the index; ours is repaired (besok-1)."""

from __future__ import annotations

from collections import Counter

from prefect import flow, get_run_logger
from prefect.artifacts import acreate_table_artifact

from engine.base import clock
from engine.base.redact import redact
from engine.prefect import schedules
from engine.prefect.run_requests import request_run
from tasks.index_reconciliation import PROCESS, compare_with_index, compare_with_vas

DAYS_AHEAD = 400


@flow(
    name="index-reconciliation",
    flow_run_name="index_reconciliation",
    validate_parameters=False,
    persist_result=False,
)
async def index_reconciliation() -> None:
    """Compare VAS's bookings with the engagement index and repair what is ours, both ways.

    1. what VAS has and we don't, or has newer, comes in as any other event; so does what it no longer has
    2. what we have put in the index and is not there is put there again; what should be gone is taken away
    """
    with redact("index_reconciliation"):
        await schedules.note_run()
        await _reconcile()


async def _reconcile() -> None:
    found: Counter[str] = Counter()
    found += await compare_with_vas(clock.now(), DAYS_AHEAD)
    found += await compare_with_index()
    rows = [{"what": what, "cases": count} for what, count in sorted(found.items())]
    await acreate_table_artifact(
        table=rows or [{"what": "nothing_to_repair", "cases": 0}],
        key="index-reconciliation",
        description="What the nightly comparison found and has put in order.",
    )
    get_run_logger().info("reconciled: %s", dict(found))
    if found:
        await request_run(PROCESS)
