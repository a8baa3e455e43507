"""What Prefect is told at start: the pool, the deployments of `prefect.yaml`, and what to do about lost runs."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from prefect.automations import Automation
from prefect.client.schemas.objects import StateType
from prefect.events.actions import ChangeFlowRunState
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, temporary_settings

from cli.up.children import NotUp
from engine.base.settings import ROOT

DEPLOYMENTS = Path(__file__).with_name("prefect.yaml")
"""A link to the checkout's own; in a wheel a file, since nothing lies beside packages there."""
HEARTBEATS_MISSED = timedelta(seconds=100)
BEAT = "prefect.flow-run.heartbeat"
ENDS = [f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Crashed", "Cancelled")]


def lost_runs() -> Automation:
    """A run whose worker was killed stays Running for ever: after three missed heartbeats it is crashed.

    Its cases are not waiting for that: their leases run out within a minute, and the next sweep has them.
    """
    return Automation(
        name="vaxel: crash runs without heartbeats",
        description="A worker that was killed can't tell that its runs have ended.",
        trigger=EventTrigger(
            after={BEAT},
            expect={BEAT, *ENDS},
            match={"prefect.resource.id": ["prefect.flow-run.*"]},
            for_each={"prefect.resource.id"},
            posture=Posture.Proactive,
            threshold=1,
            within=HEARTBEATS_MISSED,
        ),
        actions=[ChangeFlowRunState(state=StateType.CRASHED, message="Its worker is gone.")],
    )


def deploy(environment: Mapping[str, str]) -> None:
    """Make them at Prefect; may be done again at any time.

    Raises:
        NotUp: Prefect refused, with what it said.
    """
    prefect(environment, "work-pool", "create", "vaxel", "--type", "vaxel", "--overwrite")
    prefect(environment, "--no-prompt", "deploy", "--all", "--prefect-file", str(DEPLOYMENTS))
    where: dict[Any, str | None] = {PREFECT_API_URL: environment["PREFECT_API_URL"]}
    where |= {PREFECT_API_AUTH_STRING: environment.get("PREFECT_API_AUTH_STRING")}
    with temporary_settings(where):
        asyncio.run(_automate(lost_runs()))


async def _automate(wanted: Automation) -> None:
    try:
        await Automation.aread(name=wanted.name)
    except ValueError:
        await wanted.acreate()


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
