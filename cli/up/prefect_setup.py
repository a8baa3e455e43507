"""What Prefect is told at start: the pool, the deployments of `prefect.yaml`, and what to do about lost runs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from cli.up.automations import automate
from cli.up.children import NotUp
from engine.base.settings import ROOT, settings
from engine.prefect.worker import POOL, VaxelWorker

DEPLOYMENTS = Path(__file__).with_name("prefect.yaml")
"""A link to the checkout's own; in a wheel a file, since nothing lies beside packages there."""


def deploy(environment: Mapping[str, str]) -> None:
    """Make them at Prefect; may be done again at any time.

    Raises:
        NotUp: Prefect refused, with what it said.
    """
    where: dict[Any, str | None] = {PREFECT_API_URL: environment["PREFECT_API_URL"]}
    where |= {PREFECT_API_AUTH_STRING: environment.get("PREFECT_API_AUTH_STRING")}
    with temporary_settings(where):
        asyncio.run(_make_pool())
        deploying = {**environment, "PREFECT_DEPLOYMENTS_CLEAR_SCHEDULES_ON_EMPTY": "true"}
        prefect(deploying, "--no-prompt", "deploy", "--all", "--prefect-file", str(DEPLOYMENTS))
        asyncio.run(automate(settings().prefect.calls))


async def _make_pool() -> None:
    """As `prefect work-pool create --overwrite` does, which takes seconds and asks the network for all types."""
    template = VaxelWorker.get_default_base_job_template()
    wanted = WorkPoolCreate(name=POOL, type=VaxelWorker.type, base_job_template=template)
    try:
        async with get_client() as client:
            await client.create_work_pool(wanted, overwrite=True)
    except (httpx.HTTPError, RuntimeError) as error:  # the second: its version and ours do not fit
        raise NotUp(f"Prefect did not make the work pool {POOL}: {error or type(error).__name__}") from None


def prefect(environment: Mapping[str, str], *arguments: str) -> str:
    """Run Prefect's command line; gives what it printed.

    Raises:
        NotUp: it failed.
    """
    done = subprocess.run(  # noqa: S603 (our own command)
        [sys.executable, "-m", "prefect", *arguments],
        env=dict(environment), cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if done.returncode:
        raise NotUp(f"prefect {' '.join(arguments)}: {(done.stdout + done.stderr).strip()[-1500:]}")
    return done.stdout
