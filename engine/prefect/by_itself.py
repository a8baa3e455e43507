"""A process that nothing may hold up acts from the tables by itself (ADR 0018).

Prefect makes runs of it as of any other, and they find less to do. Claims and effects are the same: whoever comes
first does it, once. Nothing here asks Prefect for anything: its server may be away or slow, a queue, pool or
deployment paused, a run of it stuck. It has threads of its own: what Prefect's client does in the worker's event
loop does not touch them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

import psycopg
import structlog

from engine.base import database
from engine.running import runs
from engine.running.work import Work
from engine.steps.process import Process
from engine.tables import wake

PUMPS = 2
"""One passes the other, whose transaction waits for a lock."""
LOOK_SECONDS = 1.0
"""How often the tables are looked at when nobody tells of anything."""
AGAIN_SECONDS = 2.0
Ask = Callable[[str], None]
"""Asks for a run of another process; may be slow and may fail: it is called in a thread, and nobody waits for it."""
log = structlog.get_logger()


class ByItself:
    """Acts for one process until it is told to stop.

    Args:
        process: whose cases.
        ask: for the processes that applying events has left some for.
    """

    def __init__(self, process: Process[Any], ask: Ask | None = None) -> None:
        self._process = process
        self._ask = ask
        self._over = threading.Event()
        self._pumps: dict[int, Callable[[], None]] = {}
        name = f"{process.name} by itself"
        self._threads = [
            threading.Thread(target=self._act, args=(number,), name=name, daemon=True)
            for number in range(PUMPS)
        ]
        self._ear = threading.Thread(target=self._hear, name=f"{process.name} hears", daemon=True)

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()
        self._ear.start()

    def stop(self, seconds: float) -> None:
        """End after the calls under way, if they do within so long."""
        self._over.set()
        self._wake()
        until = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, until - time.monotonic()))

    def _wake(self) -> None:
        for wake_pump in list(self._pumps.values()):
            wake_pump()

    def _act(self, number: int) -> None:
        while not self._over.is_set():
            run = runs.begin_by_itself(self._process.name)
            try:
                work: Work[Any] = Work(self._process, run, ask_for_run=self._ask_in_a_thread)
                self._pumps[number] = work.pump.wake
                work.until_told(self._over.is_set, LOOK_SECONDS)
            except Exception as error:  # noqa: BLE001 (whatever it was, it begins again; claims lapse)
                log.error("by_itself_begins_again", process=self._process.name, error=type(error).__name__)
                self._over.wait(AGAIN_SECONDS)

    def _ask_in_a_thread(self, process: str) -> None:
        if self._ask:
            threading.Thread(target=self._ask, args=(process,), daemon=True, name=f"ask {process}").start()

    def _hear(self) -> None:
        """Look the moment that an event has come: PostgreSQL tells; looking each second is for when it can't."""
        while not self._over.is_set():
            try:
                with psycopg.connect(database.url_of(database.VAXEL), autocommit=True) as db:
                    db.execute(f"LISTEN {wake.TOLD}")
                    while not self._over.is_set():
                        for _ in db.notifies(timeout=LOOK_SECONDS):
                            self._wake()
            except psycopg.Error as error:
                log.warning("not_heard", process=self._process.name, error=type(error).__name__)
                self._over.wait(AGAIN_SECONDS)
