"""That a schedule has run is noted when Prefect's scheduler made the run, and for no wake-up."""

from __future__ import annotations

import asyncio
import os
import uuid
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import httpx
import pytest
import yaml
from forked import Forked
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterExpectedStartTime,
)
from prefect.client.schemas.objects import FlowRun
from prefect.flow_engine import run_flow_async
from sqlalchemy import text
from town import Town

from cli.up.children import wait_until
from engine.base.database import transaction
from engine.base.settings import ROOT
from engine.running import runs
from flows.booking_publication import booking_publication
from flows.registry import SCHEDULES

Start = Callable[..., Forked]
SLOTS = count()
"""Prefect makes one run of a deployment for a minute: each test has minutes of its own."""
SWEPT, NIGHTLY = "booking_publication", "index_reconciliation"


def _noted() -> dict[str, datetime]:
    with transaction() as connection:
        rows = connection.execute(text("SELECT process, at FROM schedule_run"))
        return {process: at for process, at in rows}


async def _scheduled(api: str, process: str) -> FlowRun:
    """A run that Prefect makes of the process's own schedule, and that is late already."""
    user, _, password = os.environ["PREFECT_API_AUTH_STRING"].partition(":")
    login = httpx.BasicAuth(user, password)
    async with get_client() as client, httpx.AsyncClient(base_url=api, auth=login, trust_env=False) as http:
        deployment = await client.read_deployment_by_name(f"{process.replace('_', '-')}/vaxel")
        at = f"/deployments/{deployment.id}"
        cron = {"schedule": {"cron": "* * * * *", "timezone": "Europe/Stockholm"}, "active": True}
        made = (await http.post(f"{at}/schedules", json=[cron])).raise_for_status().json()
        end = datetime.now(UTC) - next(SLOTS) * timedelta(minutes=2)
        first = end - timedelta(seconds=90)
        asked = {"start_time": f"{first}", "end_time": f"{end}", "min_runs": 1, "max_runs": 1}
        (await http.post(f"{at}/schedule", json=asked)).raise_for_status()
        due = FlowRunFilterExpectedStartTime(after_=first, before_=end)
        of = DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id]))
        late = await client.read_flow_runs(
            deployment_filter=of, flow_run_filter=FlowRunFilter(expected_start_time=due)
        )
        (run,) = [run for run in late if str(run.created_by and run.created_by.id) == made[0]["id"]]
        over = await http.patch(f"{at}/schedules/{made[0]['id']}", json={"active": False})
        over.raise_for_status()
        return run


async def _woken() -> FlowRun:
    async with get_client() as client:
        deployment = await client.read_deployment_by_name("booking-publication/vaxel")
        return await client.create_flow_run_from_deployment(deployment.id)


async def _carry_out(run: FlowRun) -> str:
    """Carried out as the worker does it; gives its message."""
    state: Any = await run_flow_async(booking_publication, flow_run=run, return_type="state")
    assert state.is_completed()
    return str(state.message)


@pytest.fixture
async def busy(town: Town) -> AsyncIterator[None]:
    """A run of the process is under way here already."""
    run = runs.begin_run(uuid.uuid4(), SWEPT)
    yield
    runs.end(run)


async def test_a_run_that_the_scheduler_made_is_noted(town: Town, prefect_server: str) -> None:
    before = datetime.now(UTC)
    await _carry_out(await _scheduled(prefect_server, SWEPT))
    assert set(_noted()) == {SWEPT}
    assert before <= _noted()[SWEPT] <= datetime.now(UTC)


async def test_a_wake_up_is_not_noted(town: Town) -> None:
    await _carry_out(await _woken())
    assert _noted() == {}


async def test_a_run_that_hands_over_to_another_is_noted(town: Town, busy: None, prefect_server: str) -> None:
    said = await _carry_out(await _scheduled(prefect_server, SWEPT))
    assert said == "The run that is under way takes it."
    assert all(run.nudged for run in runs.of(SWEPT))
    assert set(_noted()) == {SWEPT}


async def test_a_later_run_moves_it_on(town: Town, prefect_server: str) -> None:
    await _carry_out(await _scheduled(prefect_server, SWEPT))
    first = _noted()[SWEPT]
    await _carry_out(await _scheduled(prefect_server, SWEPT))
    assert _noted()[SWEPT] > first


async def test_a_worker_notes_the_nightly_too(town: Town, workers: Start, prefect_server: str) -> None:
    await _scheduled(prefect_server, NIGHTLY)
    workers()
    await asyncio.to_thread(wait_until, lambda: NIGHTLY in _noted(), 60, "the nightly was not noted")


# --- what is expected, held against what is deployed


def test_every_schedule_is_expected_as_often_as_prefect_has_it() -> None:
    every = {"* * * * *": 60.0, "*/5 * * * *": 300.0, "35 * * * *": 3600.0}
    every |= dict.fromkeys(("10 1 * * *", "20 4 * * *"), 24 * 3600.0)
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    found = {
        deployment["entrypoint"].rpartition(".")[2]: [
            every[schedule["cron"]] for schedule in deployment["schedules"]
        ]
        for deployment in deployments
        if deployment.get("schedules")
    }
    assert found == {process: [interval] for process, interval in SCHEDULES.items()}


def test_nothing_is_scheduled_in_the_hour_that_comes_twice_or_not_at_all() -> None:
    """02 to 03 in Stockholm: in March no such time exists, in October there are two."""
    deployments = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]
    hours = {schedule["cron"].split()[1] for each in deployments for schedule in each.get("schedules") or ()}
    assert hours
    assert all(hour == "*" or (hour.isdigit() and hour != "2") for hour in hours)
