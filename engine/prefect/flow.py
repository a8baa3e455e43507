"""How processes and steps stand in Prefect: a flow a process, a task a step; UUIDs and counts, nothing else.

`process` and `Cases` are the whole engine as flows see it, and `engine.steps.stage` as tasks do.
"""

from __future__ import annotations

import asyncio
import tempfile
import uuid
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import httpx
import structlog
from prefect import Flow, flow
from prefect.context import FlowRunContext
from prefect.exceptions import PrefectException
from prefect.states import Cancelled, Completed, Failed

from engine.base import clock
from engine.base.database import OUTAGES
from engine.base.redact import redact
from engine.prefect import events_for_ops, run_log, run_requests, schedules, shown_cases
from engine.prefect.run_requests import SWEEP_SECONDS
from engine.prefect.shown_steps import PrefectState, ShownSteps
from engine.running import again, runs
from engine.running.work import Work
from engine.steps.process import Process
from engine.steps.stage import Cases
from engine.tables import wake
from engine.tables.events import Events
from models.case import Case

C = TypeVar("C", bound=Case)
NO_RESULTS = Path(tempfile.gettempdir())
"""Nothing is ever written there; a flow without a place of its own asks the server for one, twice a run."""
NO_UUID = "case_id is not the UUID of a case. `vaxel cases` lists them, and so do the tables of parked cases."
NO_SUCH_CASE = "{} has no such case. `vaxel case ID` says which process has it, if any."
CLOSED = "The case is closed, and waits for nothing."
HELD = "A run holds the case just now: its page says what becomes of it. Try again in a minute."
TAKEN = "Another run has taken the case up: its page says what becomes of it."
log = structlog.get_logger()
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
    model: type[C], *, events: Events[C, Any], for_staff: Collection[str] = ()
) -> Callable[[Callable[[Cases[C]], None]], Flow[..., Any]]:
    """Make a Prefect flow of the function that says which step takes the cases where.

    The flow takes all that is due; with `case_id` that one case, as `vaxel retry` would have it taken.

    Args:
        for_staff: the reasons for which a parked case is staff's to see to (`routine.staff.reasons_for_staff`).
    """

    def wrap(steps: Callable[[Cases[C]], None]) -> Flow[..., Any]:
        cases: Cases[C] = Cases()
        steps(cases)
        made = Process(model, events, {state: stage.step for state, stage in cases.stages.items()}, for_staff)
        made.check_steps()

        async def run(case_id: uuid.UUID | None = None) -> PrefectState[Any]:
            with redact(made.name):
                return await (_run(made) if case_id is None else _run_of_one(made, str(case_id)))

        run.__doc__ = steps.__doc__
        run.__name__ = steps.__name__
        run.__module__ = steps.__module__
        named = flow(
            name=model.PROCESS.replace("_", "-"),
            description=(steps.__doc__ or "").strip(),
            validate_parameters=False,
            persist_result=False,
            result_storage=NO_RESULTS,
        )
        made_flow: Flow[..., Any] = named(run)
        made_flow.process = made  # type: ignore[attr-defined]
        return made_flow

    return wrap


async def _run(made: Process[Any]) -> PrefectState[Any]:
    context = _context()
    await schedules.note_run()
    if others := runs.of(made.name):
        for other in others:
            other.nudge()
        return Completed(message="The run that is under way takes it.")
    run = runs.begin_run(context.flow_run.id, made.name)
    worked = await _work(made, run, Work.until_done)
    if run.stop is None:
        await _come_back(made, worked.next_due)
    name = f"{made.name} · {worked.taken} cases" if worked.taken else made.name
    return await _ended(made, run, worked, name)


async def _run_of_one(made: Process[Any], given: str) -> PrefectState[Any]:
    """One case, whatever else is under way: it is made due, and this run takes no other."""
    context = _context()
    try:
        id = uuid.UUID(given)
        key = await asyncio.to_thread(again.take_up_one, made.model, id, "retry")
    except ValueError:
        return Failed(message=NO_UUID)
    except again.Closed:
        return Failed(message=CLOSED)
    except again.NotFound:
        return Failed(message=NO_SUCH_CASE.format(made.name))
    except again.Busy:
        return Failed(message=HELD)
    run = runs.begin_run(context.flow_run.id, made.name)
    run.is_taking = False
    worked = await _work(made, run, lambda work: work.of_one(key))
    if not worked.taken:
        return Completed(message=TAKEN)
    return await _ended(made, run, worked, f"{made.name} · {id}")


def _context() -> Any:
    context = FlowRunContext.get()
    assert context is not None
    assert context.flow_run is not None
    return context


class Worked(NamedTuple):
    """What a run has done: how many cases it claimed, those that are shown as they now stand, and when it saw last
    that the next one is due."""

    taken: int
    rows: Sequence[shown_cases.Row]
    next_due: datetime | None = None


async def _work(made: Process[Any], run: runs.Run, go: Callable[[Work[Any]], None]) -> Worked:
    """Do what there is to do, with its steps shown as task runs; another run takes what comes once they only end.

    Those of an alert are not shown: nothing of it waits for Prefect (ADR 0018).
    """
    loop = asyncio.get_running_loop()

    def ask_for_run(process: str) -> None:
        asyncio.run_coroutine_threadsafe(run_requests.request_run(process), loop)

    try:
        async with ShownSteps() as shown:
            work: Work[Any] = Work(made, run, None if made.name in wake.BY_ITSELF else shown, ask_for_run)
            shown.pump = work.pump
            try:
                while True:
                    await asyncio.to_thread(go, work)
                    if run.stop or not run.nudged:
                        break
            except asyncio.CancelledError:  # Prefect was long away: the thread would work beside the next run
                run.ask_to_stop(runs.Stop.DRAINED)
                raise
            finally:
                run.is_taking = False
            cases = list(dict.fromkeys([*(id for id, _ in run.parked), *run.cases]))[: runs.CASES_SHOWN]
            with _shown_or_not(made):
                shown.rows = await asyncio.to_thread(shown_cases.rows_of, made.model, shown.cases | {*cases})
        rows = [shown.rows[id] for id in cases if id in shown.rows]
        return Worked(work.counts["cases"], rows, work.next_due)
    finally:
        runs.end(run)
        _tell_ops(made, run)


def _tell_ops(made: Process[Any], run: runs.Run) -> None:
    """Have someone called for what was parked and for what no case gets past, whatever the run ends by."""
    events_for_ops.tell_of_incidents(made.name)
    run.parked += runs.take_unshown(made.name)
    events_for_ops.tell_of_parked(made.name, run.parked, made.for_staff)


async def _come_back(made: Process[Any], due: datetime | None) -> None:
    """Ask for a run at the moment when the next case is due, if the sweep of each minute would be late."""
    deployment = _deployment.get()
    if due is not None and deployment is not None and (due - clock.now()).total_seconds() <= SWEEP_SECONDS:
        await run_requests.request_run_at(made.name, due, deployment)


@contextmanager
def _shown_or_not(made: Process[Any]) -> Iterator[None]:
    """What is done is done, and has been told: the run is no worse for what cannot be shown of it."""
    try:
        yield
    except (httpx.HTTPError, PrefectException, *OUTAGES) as error:
        log.warning("cases_not_shown", process=made.name, error=type(error).__name__)


async def _ended(made: Process[Any], run: runs.Run, worked: Worked, name: str) -> PrefectState[Any]:
    """What ops are shown of a run at its end: its cases, what became of them, who is parked.

    Args:
        name: of the run, from now on.
    """
    run_log.say_what_became(worked.taken, run.became)
    with _shown_or_not(made):
        context = _context()
        if name != context.flow_run.name:  # Prefect's own, of a run that nobody has named
            await context.client.update_flow_run(run.id, name=name)
        await shown_cases.show_table(worked.rows, "The cases of this run, as they stood at its end.")
        if run.parked:
            rows = await asyncio.to_thread(shown_cases.parked_rows, made.model)
            await shown_cases.show_parked(made.name, rows)
    message = _counts_in_words(worked.taken, run)
    return Cancelled(message=message) if run.stop is runs.Stop.CANCELLED else Completed(message=message)


def _counts_in_words(taken: int, run: runs.Run) -> str:
    parked = Counter(reason for _, reason in run.parked)
    told = ", ".join(f"{number} parked: {reason}" for reason, number in sorted(parked.items()))
    return f"{taken} cases" + (f"; {told}" if told else "")
