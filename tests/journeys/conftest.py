"""A town with everything real: gateway, database, Prefect, sandbox. Only the clock runs as the test likes."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import httpx
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


@pytest.fixture(scope="session")
def _deployment(prefect_server: str) -> None:
    """What the gateway's wake asks for runs of; nobody takes them here, the tests run the flow themselves."""
    flow = httpx.post(
        f"{prefect_server}/flows/", json={"name": "booking-publication"}, trust_env=False
    ).json()
    deployment = {"name": "vaxel", "flow_id": flow["id"], "paused": True}
    httpx.post(f"{prefect_server}/deployments/", json=deployment, trust_env=False).raise_for_status()


@pytest.fixture
def _clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[TownClock]:
    """Our clock, which goes forward instead of a run that waits for a case that is due soon."""
    from engine import clock, process
    from tasks import notice

    at = TownClock()
    before = clock.use(at)
    monkeypatch.setattr(process.Process, "_lingers", at.lingering())
    yield at
    clock.use(before)
    notice.CLOCK_MARGIN = MARGIN


@pytest.fixture
def _region() -> Iterator[None]:
    """The region's files and the systems' deadlines, whatever a test makes of them."""
    from engine.settings import settings
    from tasks import clients

    files, systems = list(settings().region_files), dict(settings().systems)
    yield
    if (settings().region_files, settings().systems) != (files, systems):
        settings().region_files[:] = files
        settings().systems |= systems
        clients.forget()


@pytest.fixture
def town(
    database: None, sandbox_server: Any, _deployment: None, _gateway: None, _clock: TownClock, _region: None
) -> Iterator[Town]:
    """The sandbox and our side of it, with nobody in it yet."""
    town = Town(sandbox_server.url, _clock)
    yield town
    town.close()
