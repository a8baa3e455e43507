"""Each minute it is looked what there is to do, and a run asked for of those processes only (ADR 0037)."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from engine.base.redact import redact
from engine.outer import incidents
from engine.prefect import events_for_ops, schedules
from engine.prefect.run_requests import SWEEP_SECONDS, request_runs
from engine.tables import wake
from engine.tables.work_left import work_within
from flows.registry import PROCESSES

SWEPT = {name: model for name, model in PROCESSES.items() if name not in wake.BY_ITSELF}


@flow(name="sweep", flow_run_name="sweep", validate_parameters=False, persist_result=False)
async def sweep() -> State[Any]:
    """Ask for runs of the processes that have something to do: what a lost wake-up has left behind is found here.

    Fails, and is an incident, where a table can't be asked; for the others it has asked all the same.
    """
    with redact("sweep"):
        await schedules.note_run()
        left = await asyncio.to_thread(work_within, SWEPT, SWEEP_SECONDS)
        await request_runs(left.due)
        for table in left.not_asked:
            await asyncio.to_thread(incidents.note, table, "not_swept")
        events_for_ops.tell_of_incidents("sweep")
        said = f"To do: {', '.join(sorted(left.due))}." if left.due else "Nothing to do."
        if left.not_asked:
            return Failed(message=f"{said} {_in_a_sentence(left.not_asked)}")
        return Completed(message=said)


def _in_a_sentence(not_asked: Mapping[str, str]) -> str:
    return (
        f"Could not be asked: {', '.join(f'{table} ({kind})' for table, kind in sorted(not_asked.items()))}."
    )
