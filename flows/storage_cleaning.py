"""Each minute the storage is cleared of what has outlived its time, or belongs to nobody (bilder-3)."""

from __future__ import annotations

import asyncio

from prefect import flow, get_run_logger

from engine.base.redact import redact
from engine.prefect import schedules
from tasks.image_transfer.cleaning import clean


@flow(
    name="storage-cleaning", flow_run_name="storage_cleaning", validate_parameters=False, persist_result=False
)
async def storage_cleaning() -> None:
    """Take away what should be gone from the storage, and destroy the keys of the hours that have passed."""
    with redact("storage_cleaning"):
        await schedules.note_run()
        found = await asyncio.to_thread(clean)
        if found:
            get_run_logger().info("cleaned: %s", dict(found))
