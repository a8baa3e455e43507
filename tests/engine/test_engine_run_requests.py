"""A run that leaves another process some has Prefect asked for a run of it, though it is over itself by then."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import prefect
import pytest
from prefect.context import AsyncClientContext
from prefect.settings import PREFECT_API_URL, temporary_settings
from structlog.testing import capture_logs

from engine.prefect.run_requests import request_run

SECONDS = 0.3


class Slow(BaseHTTPRequestHandler):
    """Knows no deployment, and takes its time to say so."""

    def do_GET(self) -> None:
        is_there = self.path.endswith("/admin/version")
        if not is_there:
            time.sleep(SECONDS)
        self.send_response(200 if is_there else 404)
        self.end_headers()
        self.wfile.write(json.dumps(prefect.__version__).encode())

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def slow_prefect() -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    Thread(target=server.serve_forever, daemon=True).start()
    with temporary_settings({PREFECT_API_URL: f"http://127.0.0.1:{server.server_port}/api"}):
        yield
    server.shutdown()
    server.server_close()


async def test_prefect_is_heard_out_by_the_client_of_a_run_that_is_over(
    database: None, slow_prefect: None
) -> None:
    async with AsyncClientContext.get_or_create():
        asked = asyncio.ensure_future(request_run("participation"))
        await asyncio.sleep(0)
    with capture_logs() as logs:
        await asked
    assert [(log["event"], log["error"]) for log in logs] == [("wake_failed", "ObjectNotFound")]
