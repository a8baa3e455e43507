"""One sandbox for all tests; each begins with an empty one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sandbox_driver import Driver, driven


@pytest.fixture(scope="session")
def running() -> Iterator[Driver]:
    with driven() as driver:
        yield driver


@pytest.fixture
def town(running: Driver) -> Driver:
    running.delete("/state")
    running.gateway.reset()
    return running
