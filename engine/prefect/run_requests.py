"""Asks Prefect for a run of a process that has been left some, or will have some at a moment."""

from __future__ import annotations

import asyncio
import uuid
from datetime import datetime

import structlog
from prefect.client.orchestration import get_client
from prefect.states import Scheduled

from engine.base import clock
from engine.tables import wake

ASK_SECONDS = 30.0
SWEEP_SECONDS = 60.0
"""What is due later than that, the next sweep finds."""
_asked_for: dict[str, datetime] = {}
log = structlog.get_logger()


async def request_run(process: str) -> None:
    """Ask for a run of the process, unless one is asked for already. What can't be asked for comes with the sweep.

    The client is the run's own where a run asks, and stays open until Prefect has answered: the run may be over then.
    """
    try:
        async with asyncio.timeout(ASK_SECONDS), get_client() as client:

            async def create(name: str) -> None:
                deployment = await client.read_deployment_by_name(wake.deployment_of(name))
                await client.create_flow_run_from_deployment(deployment.id, name=name)

            await wake.ask_for_run(process, create)
    except Exception as error:  # noqa: BLE001 (whatever it was, the sweep does the same)
        log.warning("wake_failed", process=process, error=type(error).__name__)


async def request_run_at(process: str, due: datetime, deployment: uuid.UUID | None = None) -> None:
    """Ask for a run at the moment when the next case of a process is due; two who ask for it have the same.

    Args:
        deployment: the process's own, where it is known.
    """
    asked = _asked_for.get(process)
    if asked and clock.now() < asked <= due:
        return
    try:
        async with asyncio.timeout(ASK_SECONDS), get_client() as client:
            if deployment is None:
                deployment = (await client.read_deployment_by_name(wake.deployment_of(process))).id
            await client.create_flow_run_from_deployment(
                deployment,
                name=process,
                state=Scheduled(scheduled_time=due),
                idempotency_key=f"{process} {due.isoformat()}",
            )
    except Exception as error:  # noqa: BLE001 (whatever it was, the sweep finds it once it is due)
        log.warning("wake_failed", process=process, error=type(error).__name__)
        return
    _asked_for[process] = due
    wake.tell_workers_at(due, process)


async def request_runs(left: dict[str, datetime]) -> None:
    """Ask for a run of each process that has something to do, now or at its moment."""
    now = clock.now()
    for process, at in left.items():
        await (request_run(process) if at <= now else request_run_at(process, at))
