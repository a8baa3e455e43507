"""The steps of a run as Prefect's task runs: each begins with its first case, and ends with the run.

Nobody waits for them but a step that has found a system down: Prefect says when it is tried again.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Mapping
from contextvars import copy_context
from typing import Any

import httpx
import structlog
from prefect import Task
from prefect.cache_policies import NO_CACHE
from prefect.client.schemas.objects import State as PrefectState
from prefect.context import TaskRunContext

from engine.base.errors import SystemDown
from engine.base.redact import redact
from engine.prefect.shown_cases import Row, show_table
from engine.running.pump import Pump
from engine.running.step_run import StepRun
from engine.steps.step import Step

RETRY_SECONDS: list[float] = [1, 2]
"""A system that is down as a whole is tried twice more at once; then the breaker has it."""
END_SECONDS = 30.0
"""So long Prefect may take to hear of the end of a run's steps."""
log = structlog.get_logger()


class ShownStep:
    """A step in a run, as its task run sees it. Not a model: Prefect has nothing to look into."""

    def __init__(self, at: StepRun[Any], pump: Pump[Any]) -> None:
        self.at = at
        self.pump = pump
        self.changed = asyncio.Event()
        self.is_over = False
        self.is_tried_again = False
        self.rows: list[Row] = []
        """Of the cases that came to it, once the run is over."""

    async def stand(self) -> None:
        """Until the run is over.

        Raises:
            SystemDown: a system is down as a whole.
        """
        if self.is_tried_again:
            self.pump.go_on(self.at)
        self.is_tried_again = True
        while not (self.is_over or self.at.down):
            self.changed.clear()
            await self.changed.wait()
        if self.at.down and not self.is_over:
            raise SystemDown("system_down", ",".join(sorted(self.at.down)))


class ShownSteps:
    """Shows a run's steps to Prefect, as `Shown` has it. Made in the run's event loop, as its context manager."""

    def __init__(self) -> None:
        self.pump: Pump[Any]
        self._loop = asyncio.get_running_loop()
        self._context = copy_context()
        self._shown: dict[str, ShownStep] = {}
        self.rows: Mapping[uuid.UUID, Row] = {}
        """How the cases of its steps stand, read at its end."""
        self._tasks: list[asyncio.Task[None]] = []

    @property
    def cases(self) -> set[uuid.UUID]:
        """The first cases that have come to each of its steps."""
        return {id for shown in self._shown.values() for id in shown.at.first}

    async def __aenter__(self) -> ShownSteps:
        return self

    async def __aexit__(self, *error: object) -> None:
        for shown in self._shown.values():
            shown.rows = [self.rows[id] for id in shown.at.first if id in self.rows]
            shown.is_over = True
            shown.changed.set()
        if self._tasks:
            _, late = await asyncio.wait(self._tasks, timeout=END_SECONDS)
            for task in late:
                task.cancel()

    # --- in the pump's thread

    def begins(self, at: StepRun[Any]) -> None:
        """Begin a task run for a step."""
        self._loop.call_soon_threadsafe(self._begin_task_run, at, context=self._context)

    def is_down(self, at: StepRun[Any]) -> None:
        """Have the step's task run fail, and Prefect try it again."""
        self._loop.call_soon_threadsafe(self._tell, at)

    # --- in the event loop

    def _begin_task_run(self, at: StepRun[Any]) -> None:
        self._shown[at.step.name] = shown = ShownStep(at, self.pump)
        self._tasks.append(self._loop.create_task(self._show(shown), context=self._context.copy()))

    def _tell(self, at: StepRun[Any]) -> None:
        self._shown[at.step.name].changed.set()

    async def _show(self, shown: ShownStep) -> None:
        task: Any = task_of(shown.at.step)
        while not shown.is_over:
            shown.is_tried_again = False
            try:
                state: PrefectState[None] = await task(shown, return_state=True)
            except Exception as error:  # noqa: BLE001 (what is shown holds up nothing that is done)
                log.warning("step_not_shown", step=shown.at.step.name, error=type(error).__name__)
                await self._without(shown)
                return
            if not state.is_completed():
                await asyncio.to_thread(self.pump.put_off, shown.at)

    async def _without(self, shown: ShownStep) -> None:
        """Prefect does not answer: what is down is put off at once."""
        while not shown.is_over:
            if shown.at.down:
                await asyncio.to_thread(self.pump.put_off, shown.at)
            shown.changed.clear()
            await shown.changed.wait()


def task_of(step: Step[Any]) -> Task[[ShownStep], Any]:
    """The step's Prefect task."""
    return Task(
        _stand,
        name=step.name,
        description=step.description,
        tags=list(step.systems[:1]),
        retries=len(RETRY_SECONDS),
        retry_delay_seconds=RETRY_SECONDS,
        retry_condition_fn=_is_down,
        cache_policy=NO_CACHE,
        persist_result=False,
        task_run_name=step.name,
    )


async def _stand(shown: ShownStep) -> None:
    with redact(shown.at.step.name):
        await shown.stand()
    await _show_cases(shown)


async def _show_cases(shown: ShownStep) -> None:
    """How many cases came to it, and how they stand, is known at its end."""
    context = TaskRunContext.get()
    if context is None:
        return
    try:
        await context.client.set_task_run_name(
            context.task_run.id, f"{shown.at.step.name} · {shown.at.count}"
        )  # type: ignore[misc]
        await show_table(
            shown.rows, "The first cases that came to this step, as they stood when the run ended."
        )
    except httpx.HTTPError as error:
        log.warning("step_not_counted", step=shown.at.step.name, error=type(error).__name__)


async def _is_down(task: object, run: object, state: PrefectState[Any]) -> bool:
    return isinstance(await state.aresult(raise_on_failure=False), SystemDown)


__all__ = ["PrefectState", "ShownSteps", "task_of"]
