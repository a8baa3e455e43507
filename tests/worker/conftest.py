"""A worker as it runs for real: a process of its own, on deployments made from `prefect.yaml`."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "journeys"))

from forked import Forked
from town import Town, TownClock

from cli.up.children import wait_until
from cli.up.prefect_setup import deploy


@pytest.fixture(scope="session")
def deployments(prefect_server: str) -> None:
    """What `vaxel up` makes at Prefect, made with the locked versions; runs are only those that a test asks for."""
    deploy(os.environ)


@pytest.fixture
def town(database: None, deployments: None, sandbox_server: Any) -> Iterator[Town]:
    town = Town(sandbox_server.url, TownClock())
    yield town
    town.close()


@contextmanager
def starting() -> Iterator[Callable[..., Forked]]:
    """Starts workers; none outlives it."""
    started: list[Forked] = []

    def start(*arguments: str, **settings: str) -> Forked:
        environment = os.environ | {"PREFECT_WORKER_QUERY_SECONDS": "0.5"} | settings
        started.append(Forked("worker", *arguments, env=environment))
        return started[-1]

    yield start
    for process in started:
        process.kill()
        process.wait()


@pytest.fixture
def workers(deployments: None) -> Iterator[Callable[..., Forked]]:
    """Starts workers; none outlives the test."""
    with starting() as start:
        yield start


@pytest.fixture(scope="module")
def workers_of_all(deployments: None) -> Iterator[Callable[..., Forked]]:
    """Starts workers for all tests of a file."""
    with starting() as start:
        yield start


__all__ = ["wait_until"]
