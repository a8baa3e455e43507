"""One sandbox for all tests; each begins with an empty one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sandbox_driver import SECRET, Driver, Gateway

from sandbox.server.sandbox import Sandbox

SOURCES = ("vas", "platform24", "hope", "lifecare", "stodbehandling", "e1177", "mail", "sms", "staff")
OWN_SOLUTIONS = ("local-hjarta", "local-sar")


@pytest.fixture(scope="session")
def running() -> Iterator[Driver]:
    gateway = Gateway()
    secrets = dict.fromkeys((*SOURCES, *OWN_SOLUTIONS), SECRET)
    with Sandbox(0, gateway.url, secrets, receipt_ladder=(0.05,)) as sandbox:
        yield Driver(sandbox, gateway)
    gateway.server.shutdown()


@pytest.fixture
def town(running: Driver) -> Driver:
    running.delete("/state")
    running.gateway.reset()
    return running
