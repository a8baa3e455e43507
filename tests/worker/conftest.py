"""A worker as it runs for real: a process of its own, on deployments made from `prefect.yaml`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "journeys"))

from town import Town, TownClock

from cli.up.children import wait_until
from cli.up.prefect_setup import deploy, prefect


@pytest.fixture(scope="session")
def deployments(prefect_server: str) -> str:
    """What `vaxel up` makes at Prefect, made with the locked versions; gives what `deployment ls` prints."""
    environment = dict(os.environ)
    deploy(environment)
    prefect(environment, "deployment", "schedule", "clear", "-y", "booking-publication/vaxel")
    return prefect(environment, "deployment", "ls")


@pytest.fixture
def town(database: None, deployments: str, sandbox_server: Any) -> Iterator[Town]:
    town = Town(sandbox_server.url, TownClock())
    yield town
    town.close()


@pytest.fixture
def workers(deployments: str) -> Iterator[Callable[..., subprocess.Popen[bytes]]]:
    """Starts workers; none outlives the test."""
    started: list[subprocess.Popen[bytes]] = []

    def start(*arguments: str, **settings: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {"PREFECT_WORKER_QUERY_SECONDS": "0.5"} | settings
        command = [sys.executable, "-m", "cli", "worker", *arguments]
        started.append(subprocess.Popen(command, env=environment))
        return started[-1]

    yield start
    for process in started:
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            process.wait()


__all__ = ["wait_until"]
