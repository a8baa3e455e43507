"""Each minute it is judged whether all is well, as `vaxel health` judges: a run that fails says what is not."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from prefect import flow
from prefect.artifacts import acreate_table_artifact
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed
from sqlalchemy.exc import DBAPIError

from engine.base.database import why_unreadable
from engine.base.redact import redact
from engine.ops.alarmed_cases import cases_behind
from engine.ops.alarms import Alarm, alarms_now
from engine.ops.by_hand import CaseLine
from engine.prefect import schedules
from engine.prefect.shown_cases import Row, latest_tables, link_to, parked_key, parked_rows, show_parked
from flows.registry import PROCESSES
from routine.staff import reasons_for_staff

KEY = "watch"
SAID_IN_FULL = 3
WELL = "Nothing is wrong."


@flow(name="watch", flow_run_name="watch", validate_parameters=False, persist_result=False)
async def watch() -> State[Any]:
    """Fail while something is wrong; the next minute's run is well again once it is mended.

    What is wrong, and which cases, stands in the artifact *watch*; the tables of parked cases are kept true.
    """
    with redact("watch"):
        await schedules.note_run()
        found = await asyncio.to_thread(alarms_now)
        was_wrong = await _mend_tables()
        if found or was_wrong:
            await _show(found)
        return Failed(message=in_a_sentence(found)) if found else Completed(message=WELL)


async def _mend_tables() -> bool:
    """Write anew the tables of parked cases that are not as they say: one that was let go on has left them.

    Returns: whether our own said that something is wrong.
    """
    async with get_client() as client:
        shown = await latest_tables(client, [KEY, *(parked_key(process) for process in PROCESSES)])
    for process, rows in (await asyncio.to_thread(_parked_tables)).items():
        if rows != shown.get(parked_key(process), []):
            await show_parked(process, rows)
    return bool(shown.get(KEY))


def _parked_tables() -> dict[str, list[Row]]:
    """Of every process whose table can be read; that one cannot is what the watch says."""
    found: dict[str, list[Row]] = {}
    for name, model in PROCESSES.items():
        try:
            found[name] = parked_rows(model)
        except DBAPIError as error:
            why_unreadable(error)
    return found


async def _show(found: Sequence[Alarm]) -> None:
    behind = await asyncio.to_thread(cases_behind, PROCESSES, found, reasons_for_staff)
    await acreate_table_artifact(
        table=rows_of_alarms(found, behind),
        key=KEY,
        description="What is wrong, as `vaxel health` says it, and the cases that it is about; empty: nothing is. "
        "docs/operations.md, *Watching it*, says what to do for each.",
    )


def in_a_sentence(found: Sequence[Alarm]) -> str:
    """What is wrong, as the state of a run says it."""
    first = "; ".join(alarm.said.rstrip(".") for alarm in found[:SAID_IN_FULL])
    more = len(found) - SAID_IN_FULL
    return first[0].upper() + first[1:] + (f"; and {more} more." if more > 0 else ".")


def rows_of_alarms(found: Sequence[Alarm], behind: Sequence[tuple[str, CaseLine]]) -> list[Row]:
    """A row for each thing that is wrong, then one for each case that it is about."""
    alarms = [{"what": alarm.name, "case": "", "says": alarm.said, "process": ""} for alarm in found]
    cases = [
        {"what": name, "case": link_to(line.id), "says": _where_it_stands(line), "process": line.process}
        for name, line in behind
    ]
    return alarms + cases


def _where_it_stands(line: CaseLine) -> str:
    return line.parked or ("unknown_effect" if line.unknown else f"at {line.state}")
