"""A run whose task is cancelled, since Prefect has been away for long: its thread begins nothing more."""

from __future__ import annotations

import asyncio
import time
import uuid

from errands import Errand, a_process, a_step, all_stored, done, put_cases, sends
from prefect.settings import PREFECT_API_URL, temporary_settings

from cli.up.children import wait_until
from engine.prefect import flow
from engine.running import runs
from engine.running.work import Work
from engine.steps.verdicts import Done

CASES = 200


def _is_begun() -> bool:
    return any(case.state == "done" for case in all_stored())


async def test_a_run_whose_task_is_cancelled_gives_back_what_it_has_not_begun(errands: None) -> None:
    def slow(payload: object) -> Done:
        time.sleep(0.1)
        return done(payload)

    put_cases(CASES)
    run = runs.begin_run(uuid.uuid4(), Errand.PROCESS)
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        working = asyncio.create_task(flow._work(a_process(a_step(sends(), slow)), run, Work.until_done))
        await asyncio.to_thread(wait_until, _is_begun, 60, "it did not begin")
        working.cancel()
        await asyncio.wait({working})
        runs.end(run)
    await asyncio.to_thread(
        wait_until, lambda: all(case.owner is None for case in all_stored()), 30, "it gives nothing back"
    )
    assert any(case.state == "new" for case in all_stored())
