"""The worker: quick to wake, drains on SIGTERM, obeys a cancel, and loses nothing when it is killed."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from uuid import UUID

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from prefect.states import Cancelling
from prefect.workers.base import BaseJobConfiguration
from town import Town
from worker_driver import NAME, Start, backlog, comes, held, one, run, settled

from cli.up.children import wait_until
from engine.prefect.worker import POOL, USUAL, VaxelWorker
from engine.tables import wake


async def _state_of(id: UUID) -> str:
    async with get_client() as client:
        state = (await client.read_flow_run(id)).state
    return state.name if state else ""


async def _comes_to(id: UUID, *names: str, seconds: float = 30) -> str:
    end = time.monotonic() + seconds
    while (name := await _state_of(id)) not in names and time.monotonic() < end:
        await asyncio.sleep(0.2)
    return name


async def test_a_run_begins_soon_after_being_asked_for(town: Town, workers: Start) -> None:
    workers()
    await _comes_to((await run()).id, "Completed")
    asked = time.monotonic()
    backlog(town, 1)
    await run()
    await asyncio.to_thread(wait_until, lambda: settled() == 1, 20, "nothing came of it")
    assert time.monotonic() - asked < 10  # the sweep, which would find it too, comes each minute


async def test_a_worker_that_hardly_polls_begins_what_is_asked_for_and_comes_back_when_a_case_is_due(
    town: Town, workers: Start
) -> None:
    """PostgreSQL tells it (ADR 0027): of a run that is asked for, and when one that comes back for a case is due."""
    workers(PREFECT_WORKER_QUERY_SECONDS="600")
    await _comes_to((await run()).id, "Completed")  # it polls as it starts
    town.has_fault("sms", "error_500", times=1)  # tried again two seconds later
    backlog(town, 1)

    async def create(process: str) -> FlowRun:
        return await run(wake.deployment_of(process))

    assert await wake.ask_for_run("booking_publication", create)
    await asyncio.to_thread(wait_until, lambda: settled() == 1, 30, "nothing came of it")


async def test_a_webhook_has_the_gateway_ask_prefect_for_a_run(town: Town, gateway_server: None) -> None:
    town.resident()
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(NAME)

        async def scheduled() -> set[UUID]:
            return {run.id for run in await client.get_scheduled_flow_runs_for_deployments([deployment.id])}

        before, end = await scheduled(), time.monotonic() + 20
        town.books()
        while not (asked_for := await scheduled() - before) and time.monotonic() < end:
            await asyncio.sleep(0.1)
        for run_id in asked_for:
            await client.delete_flow_run(run_id)
    assert asked_for


async def test_sigterm_drains_and_tells_prefect(town: Town, workers: Start) -> None:
    backlog(town, 40)
    town.has_fault("sms", "slow", probability=1, seconds=0.4)
    worker = workers()
    asked_for = await run()
    await asyncio.to_thread(wait_until, lambda: len(town.sms()) > 2, 30, "it did not begin")
    worker.send_signal(signal.SIGTERM)
    assert await asyncio.to_thread(worker.wait, 30) == 0
    assert await _state_of(asked_for.id) == "Completed"
    assert held() == 0
    assert one("SELECT count(*) FROM effect WHERE state = 'sending'") == 0
    assert settled() < 40
    town.is_well_again()
    workers()
    await run()
    await asyncio.to_thread(wait_until, lambda: settled() == 40, 40, "the rest was not taken up")
    assert len(town.sms()) == 40


async def test_a_cancel_from_the_ui_stops_a_running_run_between_chunks(town: Town, workers: Start) -> None:
    backlog(town, 60)
    town.has_fault("sms", "slow", probability=1, seconds=0.4)
    workers()
    asked_for = await run()
    await asyncio.to_thread(wait_until, lambda: len(town.sms()) > 2, 30, "it did not begin")
    async with get_client() as client:
        await client.set_flow_run_state(asked_for.id, Cancelling())
    assert await _comes_to(asked_for.id, "Cancelled") == "Cancelled"
    assert held() == 0
    assert settled() < 60


async def test_a_killed_worker_loses_nothing_and_doubles_nothing(town: Town, workers: Start) -> None:
    backlog(town, 30)
    town.has_fault("sms", "slow", probability=1, seconds=0.2)
    worker = workers(VAXEL_LEASE_SECONDS="4")
    await run()
    await asyncio.to_thread(wait_until, lambda: len(town.sms()) > 4, 30, "it did not begin")
    worker.kill()
    await asyncio.to_thread(worker.wait)
    town.is_well_again()
    workers(VAXEL_LEASE_SECONDS="4")
    await comes(lambda: settled() == 30, "the rest was not taken up")
    assert sorted(message["to"] for message in town.sms()) == sorted({m["to"] for m in town.sms()})
    assert len(town.sms()) == 30


async def test_a_run_that_begins_has_no_thread_that_its_worker_must_wait_for(town: Town) -> None:
    """Prefect's engine has one for each run of a deployment, and the worker's loop stands until Prefect answers it."""
    seen: set[str] = set()
    over = threading.Event()

    def look() -> None:
        while not over.wait(0.002):
            seen.update(thread.name for thread in threading.enumerate())

    looking = threading.Thread(target=look, name="looking")
    looking.start()
    try:
        asked = await run()
        async with VaxelWorker(POOL, [USUAL], create_pool_if_not_found=True) as worker:
            await worker.run(asked, BaseJobConfiguration())
    finally:
        over.set()
        looking.join()
    assert await _state_of(asked.id) == "Completed"
    assert "looking" in seen
    assert not [name for name in seen if "observer" in name]
