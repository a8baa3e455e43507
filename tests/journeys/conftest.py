"""A town with everything real: gateway, database, Prefect, sandbox."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
import uvicorn
from town import Town


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
def town(database: None, prefect_server: str, sandbox_server: Any, _gateway: None) -> Iterator[Town]:
    """The sandbox and our side of it, with nobody in it yet."""
    town = Town(sandbox_server.url)
    yield town
    town.close()
