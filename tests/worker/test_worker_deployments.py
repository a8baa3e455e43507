"""What Prefect is told of our flows, held against the flows themselves."""

from __future__ import annotations

import importlib
import inspect
import os
import pkgutil
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from prefect import Flow, Task
from prefect.server.schemas.schedules import CronSchedule

import flows
import tasks
from cli.up.prefect_setup import prefect
from engine.base.settings import ROOT
from engine.prefect.shown_steps import task_of
from engine.steps.stage import Stage
from engine.tables.wake import deployment_of
from flows.registry import PROCESSES

DEPLOYMENTS: list[dict[str, Any]] = yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]


def _everything_in(package: Any) -> list[Any]:
    found = pkgutil.walk_packages(package.__path__, f"{package.__name__}.")
    modules = [importlib.import_module(module.name) for module in found]
    return [thing for module in modules for thing in vars(module).values()]


FLOWS = {thing.name: thing for thing in _everything_in(flows) if isinstance(thing, Flow)}
TASKS = [thing for thing in _everything_in(tasks) if isinstance(thing, Task)]
STAGES = [thing for thing in _everything_in(tasks) if isinstance(thing, Stage)]


def test_every_flow_is_deployed_and_every_deployment_is_a_flow() -> None:
    deployed = [importlib.import_module(d["entrypoint"].rpartition(".")[0]) for d in DEPLOYMENTS]
    named = {
        getattr(m, d["entrypoint"].rpartition(".")[2]).name
        for m, d in zip(deployed, DEPLOYMENTS, strict=True)
    }
    assert named == set(FLOWS)


def test_every_process_can_be_woken() -> None:
    names = {f"{d['entrypoint'].rpartition('.')[2].replace('_', '-')}/{d['name']}" for d in DEPLOYMENTS}
    assert {deployment_of(process) for process in PROCESSES} <= names


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["entrypoint"])
def test_a_deployment_has_a_description_tags_our_pool_and_parameters_that_fit(
    deployment: dict[str, Any],
) -> None:
    flow = FLOWS[deployment["entrypoint"].rpartition(".")[2].replace("_", "-")]
    assert deployment["description"]
    assert deployment["tags"]
    assert deployment["work_pool"]["name"] == "vaxel"
    assert set(deployment.get("parameters", {})) <= set(inspect.signature(flow.fn).parameters)


@pytest.mark.parametrize("deployment", DEPLOYMENTS, ids=lambda d: d["entrypoint"])
async def test_schedules_run_on_swedish_time(deployment: dict[str, Any]) -> None:
    for given in deployment["schedules"]:
        schedule = CronSchedule(**given)
        times = await schedule.get_dates(3, start=datetime(2026, 3, 28, tzinfo=ZoneInfo("Europe/Stockholm")))
        assert given["timezone"] == "Europe/Stockholm"
        assert len(times) == 3


def test_no_flow_and_no_task_is_sync() -> None:
    fns = (
        [flow.fn for flow in FLOWS.values()]
        + [task.fn for task in TASKS]
        + [task_of(stage.step).fn for stage in STAGES]
    )
    assert fns
    assert all(inspect.iscoroutinefunction(fn) for fn in fns)


def test_no_step_is_cached_or_has_its_result_kept() -> None:
    assert STAGES
    tasks_of_steps = [task_of(stage.step) for stage in STAGES]
    assert all(task.persist_result is False for task in tasks_of_steps)
    assert all(type(task.cache_policy).__name__ == "_None" for task in tasks_of_steps)


@pytest.mark.usefixtures("deployments")
def test_the_locked_prefect_makes_and_lists_the_deployments() -> None:
    listed = prefect(os.environ, "deployment", "ls")
    assert "booking-publication/vaxel" in listed.replace("\n", "")
    assert "index-reconciliation" in listed
