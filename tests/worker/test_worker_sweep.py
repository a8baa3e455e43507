"""The sweep asks Prefect for runs of those processes that have something to do, and of no other (ADR 0037)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.client.schemas.objects import FlowRun
from prefect.settings import PREFECT_API_URL, temporary_settings
from sqlalchemy import text
from town import Town
from worker_driver import Start, backlog, one, settled

from cli.up.children import wait_until
from engine.base.database import transaction
from engine.ops.alarms import alarms_now
from engine.prefect import run_requests
from flows.registry import PROCESSES
from flows.sweep import SWEPT, sweep


@pytest.fixture(autouse=True)
def _nothing_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run_requests, "_asked_for", {})


async def _asked(before: set[Any] | None = None) -> list[FlowRun]:
    """The runs of ours that Prefect has and has not begun, but for these."""
    async with get_client() as client:
        deployments = [each.id for each in await client.read_deployments()]
        every = [run.id for run in await client.get_scheduled_flow_runs_for_deployments(deployments)]
        found = await client.read_flow_runs(flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=every)))
        return [run for run in found if run.id not in (before or set())]


@pytest.fixture
async def before(town: Town) -> set[Any]:
    """Runs that other tests have left."""
    return {run.id for run in await _asked()}


async def _swept() -> str:
    state: Any = await sweep(return_state=True)
    assert state.is_completed()
    return str(state.message)


async def _has_forgotten(before: set[Any]) -> None:
    async with get_client() as client:
        for run in await _asked(before):
            await client.delete_flow_run(run.id)


async def test_a_sweep_that_finds_nothing_asks_for_no_run(town: Town, before: set[Any]) -> None:
    assert await _swept() == "Nothing to do."
    assert await _asked(before) == []
    assert one("SELECT count(*) FROM schedule_run") == 0  # nobody scheduled this one


async def test_a_run_is_asked_for_of_a_process_that_a_lost_wake_has_left_an_event(
    town: Town, before: set[Any]
) -> None:
    backlog(town, 1)
    assert await _swept() == "To do: booking_publication, visit_reminder."
    names = {run.name for run in await _asked(before)}
    assert len(names) == len(await _asked(before)) == 2
    await _swept()  # they are asked for already
    assert len(await _asked(before)) == 2
    await _has_forgotten(before)


async def test_a_case_that_is_due_within_the_minute_has_its_run_at_its_moment_however_often_it_is_swept(
    town: Town, before: set[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    due = datetime.now(UTC).replace(microsecond=0) + timedelta(seconds=40)
    await run_requests.request_runs({"booking_publication": due})
    monkeypatch.setattr(run_requests, "_asked_for", {})  # another worker sweeps
    await run_requests.request_runs({"booking_publication": due})
    assert [run.expected_start_time for run in await _asked(before)] == [due]
    await _has_forgotten(before)


async def test_what_prefect_did_not_hear_the_next_sweep_asks_for_again(town: Town, before: set[Any]) -> None:
    """Prefect killed in between: nothing is lost, since what there is to do stands in the tables."""
    backlog(town, 1)
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}):
        await run_requests.request_run("booking_publication")
    assert await _asked(before) == []
    with transaction() as connection:
        connection.execute(text("UPDATE wake SET asked_at = asked_at - interval '20 seconds'"))
    await _swept()
    assert len(await _asked(before)) == 2
    await _has_forgotten(before)


async def test_a_table_that_cannot_be_asked_makes_the_sweep_fail_and_an_incident_and_the_others_have_their_runs(
    town: Town, before: set[Any], gateway_server: None
) -> None:
    backlog(town, 1)
    lost = "ALTER TABLE participation RENAME COLUMN {} TO {}"
    with transaction() as connection:
        connection.execute(text(lost.format("lease_until", "lease")))
    try:
        state: Any = await sweep(return_state=True)
    finally:
        with transaction() as connection:
            connection.execute(text(lost.format("lease", "lease_until")))
    assert state.is_failed()
    assert state.message == (
        "To do: booking_publication, visit_reminder. Could not be asked: participation (UndefinedColumn)."
    )
    assert len(await _asked(before)) == 2
    assert "could not ask the table participation" in " ".join(alarm.said for alarm in alarms_now())
    assert (await _swept()).startswith("To do: ")
    await _has_forgotten(before)


async def test_a_worker_that_is_swept_for_does_what_was_left(town: Town, workers: Start) -> None:
    backlog(town, 1)
    workers()
    async with get_client() as client:
        deployment = await client.read_deployment_by_name("sweep/vaxel")
        await client.create_flow_run_from_deployment(deployment.id)
    await asyncio.to_thread(wait_until, lambda: settled() == 1, 40, "the sweep did not find it")


def test_every_process_is_swept_or_acts_by_itself() -> None:
    assert set(PROCESSES) - set(SWEPT) == {"risk_alert"}
