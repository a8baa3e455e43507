"""How the gateway's program runs."""

from __future__ import annotations

import os
import subprocess
import sys

TOLD = """
import gc, uvicorn
def run(server, sockets):
    server.config.load()
    print(gc.get_freeze_count(), gc.get_threshold()[0], server.config.get_loop_factory().__module__)
    server.started = True
uvicorn.Server.run = run
from gateway.serve import serve
serve()
"""


def test_what_is_there_at_the_start_is_searched_for_garbage_no_more(database: None) -> None:
    """Else all answers wait for that, for a third of a second (ADR 0027)."""
    environment = os.environ | {"VAXEL_GATEWAY__PORT": "0"}
    told = subprocess.run(
        [sys.executable, "-c", TOLD], env=environment, capture_output=True, text=True, check=False
    )
    frozen, young, loop = told.stdout.split()[-3:]
    assert int(frozen) > 100_000, told.stderr
    assert int(young) > 700  # Python's own
    assert loop == "uvloop"
