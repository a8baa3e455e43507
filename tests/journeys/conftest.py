"""A town with everything real: gateway, database, Prefect, sandbox. Only the clock runs as the test likes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from town import MARGIN, Town, TownClock


@pytest.fixture(scope="session")
def _gateway(postgres: None) -> Iterator[None]:
    from gateway.serve import make_app

    port = int(os.environ["VAXEL_GATEWAY__PORT"])
    server = uvicorn.Server(uvicorn.Config(make_app(), port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield
    server.should_exit = True
    thread.join()


@pytest.fixture
def _clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[TownClock]:
    """Our clock, which the test puts forward instead of waiting; no run waits for a case that is due soon."""
    from engine import clock, process
    from tasks import notice

    at = TownClock()
    before = clock.use(at)
    monkeypatch.setattr(process, "LINGER", 0.0)
    yield at
    clock.use(before)
    notice.CLOCK_MARGIN = MARGIN


@pytest.fixture
def _region() -> Iterator[None]:
    """The region's files, whatever a test lays over them."""
    from engine.settings import settings
    from tasks import clients

    before = list(settings().region_files)
    yield
    if settings().region_files != before:
        settings().region_files[:] = before
        clients.forget()


@pytest.fixture
def town(
    database: None, prefect_server: str, sandbox_server: Any, _gateway: None, _clock: TownClock, _region: None
) -> Iterator[Town]:
    """The sandbox and our side of it, with nobody in it yet."""
    town = Town(sandbox_server.url, _clock)
    yield town
    town.close()
