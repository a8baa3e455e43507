"""Prefect the ordinary way: one flow run a case, its deployment served with `flow.serve()`, settings as they come.

`serve` polls each 10 s and carries out up to 5 runs at once, each in a subprocess: one more than the threads that
the other sides have. Its stream is its backlog too: all triggers are in before the first run has begun.
"""

from __future__ import annotations

import argparse
import os
import threading
import time
from collections.abc import Sequence
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.filters import FlowRunFilter, FlowRunFilterId
from prefect.exceptions import ObjectNotFound

from bench.engine.prefect_flow import case
from bench.engine.side import Side, arguments, measure
from bench.engine.work import NOTE

NAME = "bench"
LOOK_SECONDS = 0.2


class Prefect(Side):
    """Cases as flow runs."""

    def __init__(self) -> None:
        self._client: SyncPrefectClient = get_client(sync_client=True)
        self._deployment = self._wait_for_deployment()
        self._under_way: dict[str, UUID] = {}

    def _wait_for_deployment(self) -> UUID:
        while True:
            try:
                return self._client.read_deployment_by_name(f"{case.name}/{NAME}").id
            except ObjectNotFound:
                time.sleep(LOOK_SECONDS)

    def trigger(self, key: str) -> None:
        made = self._client.create_flow_run_from_deployment(
            self._deployment, parameters={"key": key, "note": NOTE}
        )
        self._under_way[key] = made.id

    def store(self, keys: Sequence[str]) -> None:
        raise NotImplementedError("its stream is its backlog")

    def begin(self) -> None:
        raise NotImplementedError("its stream is its backlog")

    def wait(self, keys: Sequence[str]) -> None:
        left = {self._under_way.pop(key) for key in keys}
        while left:
            time.sleep(LOOK_SECONDS)
            runs = self._client.read_flow_runs(
                flow_run_filter=FlowRunFilter(id=FlowRunFilterId(any_=list(left)))
            )
            for run in runs:
                if run.state and run.state.is_final():
                    assert run.state.is_completed(), run.state
                    left.discard(run.id)


def _measure(given: argparse.Namespace) -> None:
    measure("prefect", Prefect(), given, backlog=False)
    os._exit(
        0
    )  # `serve` would go on, and hears no Ctrl-C where the shell has put the bench in the background


if __name__ == "__main__":
    given = arguments()
    threading.Thread(target=_measure, args=(given,), name="measure").start()
    case.serve(name=NAME, print_starting_message=False)
