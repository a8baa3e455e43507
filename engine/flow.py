"""How processes and steps stand in Prefect: a flow a process, a task a step; UUIDs and counts, nothing else.

`process`, `step` and `Batch` are the whole engine as flows and tasks see it.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, Generic, TypeVar

import httpx
import structlog
from prefect import Flow, Task, flow
from prefect.artifacts import acreate_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State as PrefectState
from prefect.context import FlowRunContext
from prefect.events import emit_event
from prefect.exceptions import ObjectNotFound
from prefect.states import Cancelled, Completed, Scheduled
from sqlalchemy import text

from engine import clock, incidents, runs, schedules, wake
from engine.database import transaction
from engine.errors import SystemDown
from engine.process import Apply, Batch, Process, Spread
from engine.settings import SystemName
from engine.steps import Step
from engine.verdicts import Verdict
from engine.walk import Walk
from engine.wordless import wordless
from models.case import Case

log = structlog.get_logger()
C = TypeVar("C", bound=Case)
RETRY_SECONDS: list[float] = [1, 2]
"""A system that is down as a whole is tried twice more at once; then the breaker has it."""
MOST_RUNS = 2
"""Runs of one process in one worker: a second one passes a first that waits for a slow system."""
PARKED_SHOWN = 200
SWEEP = timedelta(seconds=60)
NO_RESULTS = Path(tempfile.gettempdir())
"""Nothing is ever written there; a flow without a place of its own asks the server for one, twice a run."""
_asked_for: dict[str, datetime] = {}


class Stage(Generic[C]):
    """A step, as a Prefect task over the cases that stand before it."""

    def __init__(self, step: Step[C]) -> None:
        self.step = step
        self.task: Task[[Walk], Any] = Task(
            _walk,
            name=step.name,
            description=step.description,
            tags=list(step.systems[:1]),
            retries=len(RETRY_SECONDS),
            retry_delay_seconds=RETRY_SECONDS,
            retry_condition_fn=_is_down,
            cache_policy=NO_CACHE,
            persist_result=False,
        )

    async def __call__(self, batch: Batch[C]) -> None:
        """Take the batch through the step; no task run where nothing stands before it."""
        walk = Walk(self.step, batch)
        if batch.run.process in wake.BY_ITSELF or FlowRunContext.get() is None:
            await self._plainly(walk)
        while walk.todo and not batch.run.stop:
            named: Any = self.task.with_options(task_run_name=f"{self.step.name} · {len(walk.todo)}")
            state: PrefectState[None] = await named(walk, return_state=True)
            if walk.down:
                await walk.put_off()
            elif not state.is_completed():
                await state.aresult()

    async def _plainly(self, walk: Walk) -> None:
        """Without Prefect's engine, which asks its server about each task.

        So it is where Prefect did not make the run, and for `BY_ITSELF`, which waits for no server.
        """
        while walk.todo and not walk.batch.run.stop:
            with suppress(SystemDown):
                await _walk(walk)
            if walk.down:
                await walk.put_off()


async def _walk(walk: Walk) -> None:
    with wordless(walk.step.name):
        await walk.on()


async def _is_down(task: object, run: object, state: PrefectState[Any]) -> bool:
    return isinstance(await state.aresult(raise_on_failure=False), SystemDown)


def step(
    *, system: SystemName, backoff: Sequence[float], many: bool = False, **parts: Any
) -> Callable[..., Any]:
    """Make a step of the function that acts for one case (for many at once, if `many`); see `Step`."""

    def wrap(act: Callable[[Any], Any]) -> Stage[Any]:
        how: dict[str, Any] = {"act_many" if many else "act": act}
        description = (act.__doc__ or "").strip()
        return Stage(
            Step(name=act.__name__, description=description, system=system, backoff=backoff, **how, **parts)
        )

    return wrap


def decides(*, read: Callable[..., Any] | None = None) -> Callable[[Callable[[C, Any], Verdict]], Stage[C]]:
    """Make a step of a gate that calls nobody: it moves cases on, or lets them wait."""

    def wrap(gate: Callable[[C, Any], Verdict]) -> Stage[C]:
        description = (gate.__doc__ or "").strip()
        backoff = [SWEEP.total_seconds()]
        return Stage(Step(gate.__name__, description, None, gate, backoff, read=read))

    return wrap


def process(
    model: type[C], *, apply: Apply[C], spread: Spread
) -> Callable[[Callable[[Batch[C]], Awaitable[None]]], Flow[[], Any]]:
    """Make a Prefect flow of the function that walks a batch through its steps."""

    def wrap(walk: Callable[[Batch[C]], Awaitable[None]]) -> Flow[[], Any]:
        made = Process(model, apply, spread, walk)

        async def run() -> PrefectState[Any]:
            with wordless(made.name):
                return await _run(made)

        run.__doc__ = walk.__doc__
        run.__name__ = walk.__name__
        run.__module__ = walk.__module__
        named = flow(
            name=model.PROCESS.replace("_", "-"),
            description=(walk.__doc__ or "").strip(),
            flow_run_name=model.PROCESS,
            validate_parameters=False,
            persist_result=False,
            result_storage=NO_RESULTS,
        )
        made_flow: Flow[[], Any] = named(run)
        made_flow.process = made  # type: ignore[attr-defined]
        return made_flow

    return wrap


async def _run(made: Process[Any]) -> PrefectState[Any]:
    context = FlowRunContext.get()
    assert context is not None
    assert context.flow_run is not None
    await schedules.note_run()
    others = runs.of(made.name)
    if len(others) >= MOST_RUNS:
        for other in others:
            other.nudged = True
        return Completed(message="The runs that are under way take it.")
    run = runs.begin(context.flow_run.id, made.name)
    run.ask = partial(_wake, context)
    try:
        counts = await made.run(run)
    finally:
        runs.end(run)
    if run.stop is None:
        await _come_back(made, context)
    if counts["cases"]:
        await context.client.update_flow_run(  # type: ignore[misc]
            run.id, name=f"{made.name} · {counts['cases']} cases"
        )
        _wake_someone(made)
        await _show_parked(made, run)
    if run.stop is runs.Stop.CANCELLED:
        return Cancelled(message=_told(counts, run))
    return Completed(message=_told(counts, run))


async def _wake(context: FlowRunContext, process: str) -> None:
    """Ask for a run of another process; one that can't be asked for now comes with the sweep."""

    async def create(name: str) -> None:
        deployment = await context.client.read_deployment_by_name(name)  # type: ignore[misc]
        await context.client.create_flow_run_from_deployment(deployment.id)  # type: ignore[misc]

    try:
        await wake.ask_for_run(process, create)
    except (httpx.HTTPError, ObjectNotFound) as error:
        log.warning("wake_failed", process=process, error=type(error).__name__)


async def _come_back(made: Process[Any], context: FlowRunContext) -> None:
    """Ask for a run at the moment when the next case is due, if the sweep of each minute would be late."""
    due = await asyncio.to_thread(made.next_due)
    now = clock.now()
    asked = _asked_for.get(made.name)
    deployment = context.flow_run.deployment_id if context.flow_run else None
    if due is None or deployment is None or due - now > SWEEP or (asked and now < asked <= due):
        return
    _asked_for[made.name] = due
    await context.client.create_flow_run_from_deployment(deployment, state=Scheduled(scheduled_time=due))  # type: ignore[misc]


def _told(counts: Counter[str], run: runs.Run) -> str:
    parked = Counter(reason for _, reason in run.parked)
    told = ", ".join(f"{number} parked: {reason}" for reason, number in sorted(parked.items()))
    return f"{counts['cases']} cases" + (f"; {told}" if told else "")


def _wake_someone(made: Process[Any]) -> None:
    """An event for an automation to call someone by: something that no case can get past."""
    for system, reason in incidents.drain():
        emit_event(
            "vaxel.incident",
            {"prefect.resource.id": f"vaxel.system.{system}", "vaxel.process": made.name},
            payload={"reason": reason},
        )


async def _show_parked(made: Process[Any], run: runs.Run) -> None:
    """An event for each case that was parked, and all that are as a table: UUIDs and reason codes."""
    if not run.parked:
        return
    for id, reason in run.parked:
        emit_event(
            "vaxel.case.parked",
            {"prefect.resource.id": f"vaxel.case.{id}", "vaxel.process": made.name},
            payload={"reason": reason},
        )
    rows = await asyncio.to_thread(_parked, made)
    shown = [
        {"case": str(id), "reason": reason, "since": f"{at:%Y-%m-%d %H:%M:%S}Z"} for id, reason, at in rows
    ]
    await acreate_table_artifact(
        table=shown,
        key=f"parked-{made.name.replace('_', '-')}",
        description=f"Parked cases of {made.name}: `vaxel case ID` tells why, `vaxel retry ID` tries again.",
    )


def _parked(made: Process[Any]) -> list[Any]:
    query = text(
        f"""
        SELECT id, parked AS reason, updated_at FROM {made.model.__table__.name} WHERE parked IS NOT NULL
        UNION ALL
        SELECT case_id, 'unknown_effect', settled_at FROM effect WHERE state = 'parked' AND process = :process
        ORDER BY 3 DESC LIMIT :most"""
    )
    with transaction() as connection:
        return list(connection.execute(query, {"process": made.name, "most": PARKED_SHOWN}))


__all__ = ["Batch", "Stage", "decides", "process", "step"]
