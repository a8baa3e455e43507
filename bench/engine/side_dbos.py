"""DBOS: one workflow a case, three steps, on the same PostgreSQL.

A trigger is `start_workflow`: committed when it returns, and carried out by DBOS's executor. The backlog is
enqueued on a queue that is let take nothing up, and then as much as it wants; the executor's threads bound it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from dbos import DBOS, DBOSConfig, Queue, SetWorkflowID, WorkflowHandle

from bench.engine.side import Side, arguments, measure
from bench.engine.work import NOTE, STEPS, post

BACKLOG = "backlog"
POLL_SECONDS = 0.1
"""A tenth of DBOS's own: what waits in the queue is seen at once."""


@DBOS.step()
def step(key: str, name: str, note: str) -> str:
    """One post; DBOS keeps the id that it gives."""
    return post(key, name, note)


@DBOS.workflow()
def case(key: str, note: str) -> None:
    """Three steps."""
    for name in STEPS:
        step(key, name, note)


class Dbos(Side):
    """Cases as workflows."""

    def __init__(self, threads: int) -> None:
        config: DBOSConfig = {
            "name": "bench",
            "system_database_url": os.environ["BENCH_DBOS_URL"],
            "max_executor_threads": threads,
            "log_level": "ERROR",
        }
        DBOS(config=config)
        DBOS.launch()
        self._queue: Queue = DBOS.register_queue(
            BACKLOG, worker_concurrency=0, polling_interval_sec=POLL_SECONDS
        )
        self._under_way: dict[str, WorkflowHandle[None]] = {}

    def trigger(self, key: str) -> None:
        with SetWorkflowID(key):
            self._under_way[key] = DBOS.start_workflow(case, key, NOTE)

    def store(self, keys: Sequence[str]) -> None:
        for key in keys:
            with SetWorkflowID(key):
                self._under_way[key] = DBOS.enqueue_workflow(BACKLOG, case, key, NOTE)

    def begin(self) -> None:
        self._queue.set_worker_concurrency(None)

    def wait(self, keys: Sequence[str]) -> None:
        for key in keys:
            self._under_way.pop(key).get_result(polling_interval_sec=POLL_SECONDS)


if __name__ == "__main__":
    given = arguments()
    measure("dbos", Dbos(given.threads), given)
    DBOS.destroy()
