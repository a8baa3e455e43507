"""The in-process Prefect worker: runs our flows in its own event loop, within a second of being asked.

Prefect's server loads this module too (entry point `prefect.collections`), so it imports little.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

import anyio.abc
import httpx
from prefect.client.schemas.objects import FlowRun, StateType
from prefect.exceptions import ObjectNotFound
from prefect.flow_engine import run_flow_async
from prefect.flows import Flow, load_flow_from_entrypoint
from prefect.workers.base import BaseJobConfiguration, BaseVariables, BaseWorker, BaseWorkerResult

if TYPE_CHECKING:
    from prefect.client.schemas.objects import WorkerFlowRunResponse

    from engine.steps.process import Process

POOL = "vaxel"
USUAL, RISK = "default", "risk"
"""Work queues; that of the alerts has workers of its own, which nothing else keeps busy."""
ALONE = {RISK: "risk_alert"}
"""The process that a work queue of its own is for."""
OURS = "flows."
CANCEL_SECONDS = 1.0
DRAIN_SECONDS = 60.0
RESTART_SECONDS = 2.0
OTHERS_FIRST = timedelta(seconds=10)
"""A run of a process that has one here is left to other workers so long: one that is asked for then is to help."""
BLOCKING_AT_ONCE = 28
"""Threads for what blocks: a run of each process, and room for what must not wait for them."""
SWITCH_SECONDS = 0.001
"""How long a thread may keep the interpreter from one whose answer has come: a fifth of Python's own."""


class VaxelResult(BaseWorkerResult):
    """A run that was carried out here; how it ended is in its state."""


class VaxelWorker(BaseWorker[BaseJobConfiguration, BaseVariables, VaxelResult]):
    """Runs flows inside this process: no subprocess, no container, no start-up time."""

    type = "vaxel"
    job_configuration = BaseJobConfiguration
    job_configuration_variables = BaseVariables
    _description = "Runs Växel's flows inside a long-lived process."
    draining = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._flows: dict[UUID, Flow[..., Any]] = {}
        self._has_left_any = False

    @property
    def is_idle(self) -> bool:
        """Whether it has no run that it has taken and of whose end Prefect has not been told."""
        return not self._submitting_flow_run_ids

    async def look(self) -> None:
        """Look for runs now, instead of at the next poll, which is for when Prefect does not answer just now."""
        if self.is_setup and not self.draining:
            with suppress(httpx.HTTPError):
                await self.get_and_submit_flow_runs()

    async def _submit_run(self, flow_run: FlowRun) -> None:
        """Take the run and carry it out: there is no infrastructure to prepare, and no time to lose."""
        try:
            if await self._propose_pending_state(flow_run):
                await self.run(flow_run, BaseJobConfiguration())
        except Exception as error:  # noqa: BLE001 (one run must not stop the worker)
            self._logger.error("run %s was not carried out: %s", flow_run.id, type(error).__name__)
            await self._propose_crashed_state(flow_run, type(error).__name__)
        finally:
            self._release_limit_slot(flow_run.id)
            self._submitting_flow_run_ids.discard(flow_run.id)
            if self._cancelling_observer is not None:
                self._cancelling_observer.remove_in_flight_flow_run_id(flow_run.id)

    async def run(
        self,
        flow_run: FlowRun,
        configuration: BaseJobConfiguration,
        task_status: anyio.abc.TaskStatus[Any] | None = None,
    ) -> VaxelResult:
        """Run the flow here, and stop it when someone cancels it.

        Prefect's engine is not told of the deployment: for a run of one it has a thread wait for word that the run is
        suspended, and holds up this loop, with all its other runs, until Prefect has answered that thread (3.9.1).
        """
        place = f"{os.getpid()}:{flow_run.id}"
        if task_status:
            task_status.started(place)
        from engine.prefect.flow import run_of

        flow = await self._flow_of(flow_run)
        watch = asyncio.create_task(self._obey(flow_run.id))
        plain = flow_run.model_copy(update={"deployment_id": None})
        try:
            with run_of(flow_run.deployment_id):
                await run_flow_async(
                    flow, flow_run=plain, parameters=dict(flow_run.parameters), return_type="state"
                )
        finally:
            watch.cancel()
        if self._has_left_any:
            self._has_left_any = False
            await self.look()
        return VaxelResult(identifier=place, status_code=0)

    async def _flow_of(self, flow_run: FlowRun) -> Flow[..., Any]:
        """The deployment's flow; only ours are ever imported, whatever Prefect's database says."""
        assert flow_run.deployment_id is not None
        if known := self._flows.get(flow_run.deployment_id):
            return known
        deployment = await self.client.read_deployment(flow_run.deployment_id)
        entrypoint = deployment.entrypoint or ""
        if not entrypoint.startswith(OURS):
            raise ValueError("entrypoint_not_ours")
        flow: Flow[..., Any] = load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)
        self._flows[flow_run.deployment_id] = flow
        return flow

    async def _obey(self, flow_run_id: UUID) -> None:
        """Watch for a cancellation: Prefect's own worker leaves running ones to the infrastructure."""
        from engine.running import runs

        while True:
            await asyncio.sleep(CANCEL_SECONDS)
            try:
                state = (await self.client.read_flow_run(flow_run_id)).state
            except (httpx.HTTPError, ObjectNotFound):
                continue
            if state and state.type is StateType.CANCELLING:
                runs.stop(flow_run_id, runs.Stop.CANCELLED)

    async def _submit_scheduled_flow_runs(
        self, flow_run_response: list[WorkerFlowRunResponse]
    ) -> list[FlowRun]:
        """Take no new run while draining, and none that another worker should have."""
        if self.draining:
            return []
        ours = [each for each in flow_run_response if not self._is_for_others(each.flow_run)]
        self._has_left_any |= len(ours) < len(flow_run_response)
        return await super()._submit_scheduled_flow_runs(ours)

    def _is_for_others(self, flow_run: FlowRun) -> bool:
        """Whether its process has a run here, which would take it in, and another worker may still want it."""
        from engine.base import clock
        from engine.running import runs

        flow = self._flows.get(flow_run.deployment_id) if flow_run.deployment_id else None
        made: Process[Any] | None = getattr(flow, "process", None)
        since = flow_run.next_scheduled_start_time or flow_run.expected_start_time
        is_of_one = flow_run.parameters.get("case_id") is not None  # whoever it is for waits
        waited = clock.now() - since >= OTHERS_FIRST if since else True
        return bool(made and runs.of(made.name) and not waited and not is_of_one)


def run(
    pool: str = POOL, name: str | None = None, queue: str = USUAL, alone: Process[Any] | None = None
) -> None:
    """Run a worker of one work queue until SIGTERM or SIGINT.

    Args:
        alone: the queue's own process, which acts from the tables whatever Prefect does.

    On a signal it drains: no new runs, those under way begin no more, write down what came of
    what they have begun, and release the rest.
    Its event loop has a thread of its own: in the main thread each flow run would put Prefect's handler of
    SIGTERM over ours.
    """
    loop = asyncio.new_event_loop()
    over = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: loop.call_soon_threadsafe(over.set))
    from engine.prefect.by_itself import ByItself

    acting = ByItself(alone, _ask_prefect) if alone else None
    if acting:
        acting.start()
    serving = serve(over, pool, name, queue)
    thread = threading.Thread(target=loop.run_until_complete, args=(serving,), name="worker")
    thread.start()
    while thread.is_alive():
        thread.join(0.2)  # in slices, so that signals are handled here
    if acting:
        acting.stop(DRAIN_SECONDS)


def _ask_prefect(process: str) -> None:
    """Ask for a run of another process, in a thread and a loop of its own."""
    from engine.prefect.run_requests import request_run

    asyncio.run(request_run(process))


async def serve(over: asyncio.Event, pool: str = POOL, name: str | None = None, queue: str = USUAL) -> None:
    """Run a worker until `over`, and start it again if its loop gives up (a long outage of Prefect)."""
    import structlog

    from engine.running import runs

    log = structlog.get_logger()
    sys.setswitchinterval(SWITCH_SECONDS)
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(BLOCKING_AT_ONCE, "runs"))
    while not over.is_set():
        worker = VaxelWorker(pool, [queue], name=name, create_pool_if_not_found=True)
        loop = asyncio.create_task(worker.start(printer=lambda *_: None))
        hearing = asyncio.create_task(_hear(worker, queue))
        ended = asyncio.create_task(over.wait())
        await asyncio.wait({loop, ended}, return_when=asyncio.FIRST_COMPLETED)
        if over.is_set():
            worker.draining = True
            runs.drain()
            await _idle(worker)
            loop.cancel()
        ended.cancel()
        hearing.cancel()
        failed = (await asyncio.gather(loop, return_exceptions=True))[0]
        if not over.is_set():
            log.warning("worker_restarts", error=type(failed).__name__)
            await asyncio.sleep(RESTART_SECONDS)


async def _hear(worker: VaxelWorker, queue: str) -> None:
    """Look for runs the moment that there is one in our queue: PostgreSQL tells, the poll is for when it can't."""
    import psycopg
    import structlog

    from engine.base import database
    from engine.tables import wake

    log = structlog.get_logger()

    while True:
        try:
            async with await psycopg.AsyncConnection.connect(
                database.url_of(database.VAXEL), autocommit=True
            ) as db:
                await db.execute(f"LISTEN {wake.CHANNEL}")
                async for told in db.notifies():
                    if _takes(queue, told.payload):
                        await worker.look()
        except (psycopg.Error, httpx.HTTPError) as error:
            log.warning(
                "not_heard", error=type(error).__name__
            )  # its text may hold the URL, password and all
            await asyncio.sleep(RESTART_SECONDS)


def _takes(queue: str, process: str) -> bool:
    return process == ALONE[queue] if queue in ALONE else process not in ALONE.values()


async def _idle(worker: VaxelWorker) -> None:
    """Until its runs have ended and Prefect knows it, or for as long as a drain may take."""
    waited = 0.0
    while not worker.is_idle and waited < DRAIN_SECONDS:
        await asyncio.sleep(0.1)
        waited += 0.1
