"""Each minute it is looked what there is to do, and a run asked for of those processes only (ADR 0037)."""

from __future__ import annotations

import asyncio
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed

from engine.base.redact import redact
from engine.prefect import events_for_ops, schedules
from engine.prefect.run_requests import SWEEP_SECONDS, request_runs
from engine.tables import wake
from engine.tables.work_left import work_within
from flows.registry import PROCESSES

SWEPT = {name: model for name, model in PROCESSES.items() if name not in wake.BY_ITSELF}


@flow(name="sweep", flow_run_name="sweep", validate_parameters=False, persist_result=False)
async def sweep() -> State[Any]:
    """Ask for runs of the processes that have something to do: what a lost wake-up has left behind is found here."""
    with redact("sweep"):
        await schedules.note_run()
        left = await asyncio.to_thread(work_within, SWEPT, SWEEP_SECONDS)
        await request_runs(left)
        events_for_ops.tell_of_incidents("sweep")
        return Completed(message=f"To do: {', '.join(sorted(left))}." if left else "Nothing to do.")
