"""Each five minutes what staff did with patients' data is told to the national log service (HSLF-FS 2016:40)."""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger

from engine.base.redact import redact
from engine.prefect import schedules
from tasks.log_delivery.deliver import deliver


@flow(name="log-delivery", flow_run_name="log_delivery", validate_parameters=False, persist_result=False)
async def log_delivery() -> None:
    """Send what the national log service does not have yet, in order; what it refuses is kept for ops."""
    with redact("log_delivery"):
        await schedules.note_run()
        found = await asyncio.to_thread(deliver)
        if found:
            get_run_logger().info("log_delivery: %s", dict(found))
