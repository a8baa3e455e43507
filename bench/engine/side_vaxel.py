"""Växel's engine as it runs for real: inbox, wake-up through Prefect, in-process worker, effects, timeline.

The main thread is the gateway: it stores one event at a time, each in its own transaction, and asks for a run as
the gateway does (`gateway.wake`). The worker of production has its event loop in a thread, as
`engine.prefect.worker.run`.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Sequence

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterState, FlowRunFilterStateType
from prefect.client.schemas.objects import StateType
from prefect.exceptions import ObjectAlreadyExists
from sqlalchemy import func
from sqlmodel import col, not_, select

from bench.engine.side import Side, arguments, measure
from bench.engine.vaxel_flow import NAME, BenchErrand, bench_errand
from bench.engine.work import NOTE
from engine.base import clock
from engine.base.database import engine, transaction
from engine.prefect import worker
from engine.tables.inbox import IS_WAITING, Inbox
from gateway.serve import PrefectWake
from gateway.wake import Waker
from models.case import Event
from models.events import Arrival

ENTRYPOINT = "bench.engine.vaxel_flow.bench_errand"
LOOK_SECONDS = 0.02
MANY_LOOK_SECONDS = 0.1
"""For many cases: looking takes from what is measured."""
QUIET_SECONDS = 2.0
COMING = [StateType.SCHEDULED, StateType.PENDING, StateType.RUNNING]
PATIENCE = 300.0
"""Seconds without an end in sight, after which the bench gives up."""


class Vaxel(Side):
    """Cases as events in the inbox."""

    def __init__(self) -> None:
        BenchErrand.metadata.create_all(engine())
        asyncio.run(_deploy())
        self._inbox = Inbox()
        self._gateway = _loop_in_a_thread("gateway")
        self._waker = Waker(PrefectWake())
        self._over = asyncio.Event()
        self._worker = _loop_in_a_thread("worker")
        self._served = asyncio.run_coroutine_threadsafe(worker.serve(self._over), self._worker)

    def trigger(self, key: str) -> None:
        self._inbox.store("bench", [_arrival(key)])
        self.begin()

    def store(self, keys: Sequence[str]) -> None:
        _wait_until_quiet()
        for key in keys:
            self._inbox.store("bench", [_arrival(key)])
        assert _is_untouched(len(keys)), "a run took up what was to be the backlog"

    def begin(self) -> None:
        self._gateway.call_soon_threadsafe(self._waker.soon, NAME)

    def wait(self, keys: Sequence[str]) -> None:
        end = time.monotonic() + PATIENCE
        while not _is_at_rest():
            if time.monotonic() > end:
                raise TimeoutError(f"{keys[0]} …: not done after {PATIENCE} s")
            time.sleep(LOOK_SECONDS if len(keys) == 1 else MANY_LOOK_SECONDS)

    def stop(self) -> None:
        """Drain the worker, as SIGTERM does."""
        self._worker.call_soon_threadsafe(self._over.set)
        self._served.result(90)


def _arrival(key: str) -> Arrival:
    return Arrival(key, "booking.created", NAME, key, 1, clock.now(), {"key": key, "note": NOTE})


def _is_at_rest() -> bool:
    """Whether every event is applied and no case is due or held."""
    waiting = select(Event.number).where(Event.process == NAME, IS_WAITING)
    due = select(BenchErrand.id).where(col(BenchErrand.due_at).is_not(None))
    held = select(BenchErrand.id).where(col(BenchErrand.owner).is_not(None))
    with transaction() as connection:
        return not connection.execute(select(waiting.exists() | due.exists() | held.exists())).scalar_one()


def _is_untouched(count: int) -> bool:
    query = select(func.count(col(Event.number))).where(Event.process == NAME, not_(Event.taken))
    with transaction() as connection:
        return connection.execute(query).scalar_one() == count


def _wait_until_quiet() -> None:
    """Until Prefect has no run to come: the last ones asked for come late, and find nothing to do."""
    coming = FlowRunFilterState(type=FlowRunFilterStateType(any_=COMING))
    with get_client(sync_client=True) as client:
        quiet_since = time.monotonic()
        while time.monotonic() - quiet_since < QUIET_SECONDS:
            time.sleep(LOOK_SECONDS * 10)
            if client.read_flow_runs(flow_run_filter=FlowRunFilter(state=coming)):
                quiet_since = time.monotonic()


def _loop_in_a_thread(name: str) -> asyncio.AbstractEventLoop:
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name=name, daemon=True).start()
    return loop


async def _deploy() -> None:
    """The pool and the deployment, as `prefect deploy` makes them from `prefect.yaml`."""
    worker.OURS = "bench."  # the worker carries out nothing but ours; here that is the bench's
    async with get_client() as client:
        await _make_pool(client)
        flow_id = await client.create_flow(bench_errand)
        await client.create_deployment(
            flow_id, name="vaxel", work_pool_name=worker.POOL, entrypoint=ENTRYPOINT
        )


async def _make_pool(client: PrefectClient) -> None:
    try:
        await client.create_work_pool(WorkPoolCreate(name=worker.POOL, type=worker.VaxelWorker.type))
    except ObjectAlreadyExists:
        return


if __name__ == "__main__":
    given = arguments()
    side = Vaxel()
    measure("vaxel", side, given)
    side.stop()
