"""How processes and steps stand in Prefect: a flow a process, a task a step; UUIDs and counts, nothing else.

`process` and `Cases` are the whole engine as flows see it, and `engine.steps.stage` as tasks do.
"""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy
import structlog
from prefect import Flow, flow
from prefect.artifacts import acreate_table_artifact
from prefect.context import FlowRunContext
from prefect.events import emit_event
from prefect.states import Cancelled, Completed, Scheduled
from sqlalchemy import desc, literal, union_all
from sqlmodel import col

from engine.base import clock
from engine.base.database import transaction
from engine.base.redact import redact
from engine.outer import incidents
from engine.prefect import run_requests, schedules
from engine.prefect.shown_steps import PrefectState, ShownSteps
from engine.running import runs
from engine.running.work import Work
from engine.steps.process import Process
from engine.steps.stage import Cases
from engine.tables import wake
from engine.tables.events import Events
from models.case import Case, Effect, EffectState

log = structlog.get_logger()
C = TypeVar("C", bound=Case)
PARKED_SHOWN = 200
SWEEP = timedelta(seconds=60)
NO_RESULTS = Path(tempfile.gettempdir())
"""Nothing is ever written there; a flow without a place of its own asks the server for one, twice a run."""
_asked_for: dict[str, datetime] = {}
_deployment: ContextVar[uuid.UUID | None] = ContextVar("deployment", default=None)


@contextmanager
def run_of(deployment: uuid.UUID | None) -> Iterator[None]:
    """What is run meanwhile is a run of this deployment, of which another may be asked for."""
    before = _deployment.set(deployment)
    try:
        yield
    finally:
        _deployment.reset(before)


def process(
    model: type[C], *, events: Events[C, Any]
) -> Callable[[Callable[[Cases[C]], None]], Flow[[], Any]]:
    """Make a Prefect flow of the function that says which step takes the cases where."""

    def wrap(steps: Callable[[Cases[C]], None]) -> Flow[[], Any]:
        cases: Cases[C] = Cases()
        steps(cases)
        made = Process(model, events, {state: stage.step for state, stage in cases.stages.items()})
        made.check_steps()

        async def run() -> PrefectState[Any]:
            with redact(made.name):
                return await _run(made)

        run.__doc__ = steps.__doc__
        run.__name__ = steps.__name__
        run.__module__ = steps.__module__
        named = flow(
            name=model.PROCESS.replace("_", "-"),
            description=(steps.__doc__ or "").strip(),
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
    if others := runs.of(made.name):
        for other in others:
            other.nudge()
        return Completed(message="The run that is under way takes it.")
    run = runs.begin_run(context.flow_run.id, made.name)
    try:
        counts = await _work(made, run)
    finally:
        runs.end(run)
    if run.stop is None:
        await _come_back(made, context)
    if counts["cases"]:
        await context.client.update_flow_run(  # type: ignore[misc]
            run.id, name=f"{made.name} · {counts['cases']} cases"
        )
    _wake_someone(made)
    run.parked += runs.take_unshown(made.name)
    await _show_parked(made, run)
    if run.stop is runs.Stop.CANCELLED:
        return Cancelled(message=_counts_in_words(counts, run))
    return Completed(message=_counts_in_words(counts, run))


async def _work(made: Process[Any], run: runs.Run) -> Counter[str]:
    """Do what there is to do, with its steps shown as task runs; another run takes what comes once they only end.

    Those of an alert are not shown: nothing of it waits for Prefect (ADR 0018).
    """
    loop = asyncio.get_running_loop()

    def ask_for_run(process: str) -> None:
        asyncio.run_coroutine_threadsafe(run_requests.request_run(process), loop)

    async with ShownSteps() as shown:
        work: Work[Any] = Work(made, run, None if made.name in wake.BY_ITSELF else shown, ask_for_run)
        shown.pump = work.pump
        try:
            while True:
                await asyncio.to_thread(work.until_done)
                if run.stop or not run.nudged:
                    break
        except asyncio.CancelledError:  # Prefect was away for long: the thread would work beside the next run
            run.ask_to_stop(runs.Stop.DRAINED)
            raise
        finally:
            run.is_taking = False
    return work.counts


async def _come_back(made: Process[Any], context: FlowRunContext) -> None:
    """Ask for a run at the moment when the next case is due, if the sweep of each minute would be late."""
    due = await asyncio.to_thread(made.next_due)
    now = clock.now()
    asked = _asked_for.get(made.name)
    deployment = _deployment.get()
    if due is None or deployment is None or due - now > SWEEP or (asked and now < asked <= due):
        return
    await context.client.create_flow_run_from_deployment(deployment, state=Scheduled(scheduled_time=due))  # type: ignore[misc]
    _asked_for[made.name] = due
    wake.tell_workers_at(due, made.name)


def _counts_in_words(counts: Counter[str], run: runs.Run) -> str:
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
    id, reason, since = col(made.model.id), col(made.model.parked), col(made.model.updated_at)
    cases = sqlalchemy.select(id, reason, since.label("since")).where(reason.is_not(None))
    unknown = (col(Effect.case_id), literal("unknown_effect"), col(Effect.settled_at))
    effects = sqlalchemy.select(*unknown).where(
        col(Effect.state) == EffectState.PARKED, col(Effect.process) == made.name
    )
    query = union_all(cases, effects).order_by(desc("since")).limit(PARKED_SHOWN)
    with transaction() as connection:
        return list(connection.execute(query))
