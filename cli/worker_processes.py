"""`vaxel worker --processes N`: so many workers under one program, which starts one that ends again, and drains all.

Each is a program of its own with an interpreter of its own: two carry out on two cores what one cannot on one.
"""

from __future__ import annotations

import os
import signal
import threading
import time

import structlog

from cli.up.children import Children, stay_until, told_to_end, vaxel

log = structlog.get_logger()
WORKER = "worker"
LOOK_SECONDS = 1.0


def run(number: int, *arguments: str) -> int:
    """Run so many workers until SIGTERM or SIGINT, which drains them all at once.

    Args:
        arguments: of each, beside `--parent`.

    Returns:
        The exit code: 0 where all have ended as they should.
    """
    over = told_to_end()
    children = Children(os.environ)
    for _ in range(number):
        child = children.start(WORKER, *vaxel(WORKER, *arguments, "--parent", str(os.getpid())))
        log.info("worker_started", pid=child.process and child.process.pid)
    stay_until(over)
    log.info("workers_drain", number=number)
    children.stop_all()
    codes = [child.process.returncode for child in children.running if child.process]
    log.info("workers_ended", codes=codes)
    return 1 if any(codes) else 0


def end_with(parent: int) -> None:
    """Drain this worker when the program that has started it is gone, however it went: nobody else would."""
    threading.Thread(target=_watch, args=(parent,), name="parent", daemon=True).start()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK_SECONDS)
    log.warning("parent_gone", pid=parent)
    os.kill(os.getpid(), signal.SIGTERM)
