"""What Prefect is told at start: the pool, the deployments of `prefect.yaml`, and what to do about lost runs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from cli.up.automations import automate
from cli.up.children import NotUp
from engine.base.settings import ROOT, settings

DEPLOYMENTS = Path(__file__).with_name("prefect.yaml")
"""A link to the checkout's own; in a wheel a file, since nothing lies beside packages there."""


def deploy(environment: Mapping[str, str]) -> None:
    """Make them at Prefect; may be done again at any time.

    Raises:
        NotUp: Prefect refused, with what it said.
    """
    prefect(environment, "work-pool", "create", "vaxel", "--type", "vaxel", "--overwrite")
    deploying = {**environment, "PREFECT_DEPLOYMENTS_CLEAR_SCHEDULES_ON_EMPTY": "true"}
    prefect(deploying, "--no-prompt", "deploy", "--all", "--prefect-file", str(DEPLOYMENTS))
    where: dict[Any, str | None] = {PREFECT_API_URL: environment["PREFECT_API_URL"]}
    where |= {PREFECT_API_AUTH_STRING: environment.get("PREFECT_API_AUTH_STRING")}
    with temporary_settings(where):
        asyncio.run(automate(settings().prefect.calls))


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
