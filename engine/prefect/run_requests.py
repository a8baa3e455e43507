"""Asks Prefect for a run of a process that has been left some."""

from __future__ import annotations

import asyncio

import structlog
from prefect.client.orchestration import get_client

from engine.tables import wake

ASK_SECONDS = 30.0
log = structlog.get_logger()


async def request_run(process: str) -> None:
    """Ask for a run of the process, unless one is asked for already. What can't be asked for comes with the sweep.

    The client is the run's own where a run asks, and stays open until Prefect has answered: the run may be over then.
    """
    try:
        async with asyncio.timeout(ASK_SECONDS), get_client() as client:

            async def create(name: str) -> None:
                deployment = await client.read_deployment_by_name(name)
                await client.create_flow_run_from_deployment(deployment.id)

            await wake.ask_for_run(process, create)
    except Exception as error:  # noqa: BLE001 (whatever it was, the sweep does the same)
        log.warning("wake_failed", process=process, error=type(error).__name__)
