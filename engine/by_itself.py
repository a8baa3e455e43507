"""A process that nothing may hold up acts from the tables by itself (ADR 0018).

Prefect makes runs of it as of any other, and they find less to do. Claims and effects are the same: whoever comes
first does it, once. Nothing here asks Prefect for anything: its server may be away or slow, a queue, pool or
deployment paused, a run of it stuck. A thread and an event loop of its own: what Prefect's client does in the
worker's does not touch it.
"""

from __future__ import annotations

import asyncio
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import structlog

from engine import database, runs, wake
from engine.process import Process

LOOK_SECONDS = 1.0
"""How often the tables are looked at when nobody tells of anything."""
MOST_WALKS = 4
"""At once: one passes another that waits for a slow system."""
AGAIN_SECONDS = 2.0
THREADS = 24
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
        self._walks: set[asyncio.Task[None]] = set()
        self._thread = threading.Thread(target=self._run, name=f"{process.name} by itself", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self, seconds: float) -> None:
        """End after the chunks in flight, if they do within so long."""
        self._over.set()
        self._thread.join(seconds)

    def _run(self) -> None:
        while not self._over.is_set():
            try:
                asyncio.run(self._act())
            except Exception as error:  # noqa: BLE001 (whatever it was, it begins again)
                log.error("by_itself_begins_again", process=self._process.name, error=type(error).__name__)
                self._over.wait(AGAIN_SECONDS)

    async def _act(self) -> None:
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(THREADS, "by itself"))
        told = asyncio.Event()
        hearing = asyncio.create_task(self._hear(told))
        try:
            while not self._over.is_set():
                told.clear()
                if len(self._walks) < MOST_WALKS and await self._is_wanted():
                    self._begin()
                try:
                    await asyncio.wait_for(told.wait(), LOOK_SECONDS)
                except TimeoutError:
                    continue
        finally:
            hearing.cancel()
            await asyncio.gather(*self._walks, return_exceptions=True)

    async def _is_wanted(self) -> bool:
        try:
            return await asyncio.to_thread(wake.is_wanted, self._process.name)
        except database.OUTAGES as error:
            log.warning("tables_not_read", process=self._process.name, error=type(error).__name__)
            return False

    def _begin(self) -> None:
        walk = asyncio.create_task(self._walk())
        self._walks.add(walk)
        walk.add_done_callback(self._walks.discard)

    async def _walk(self) -> None:
        """Take what is due through its steps, until nothing is."""
        run = runs.begin(uuid.uuid4(), self._process.name)
        run.ask = self._ask_in_a_thread
        try:
            while not run.stop and await self._process.walk_once(run, Counter()):
                pass
        except Exception as error:  # noqa: BLE001 (the next look begins anew; claims lapse)
            log.error("walk_failed", process=self._process.name, error=type(error).__name__)
        finally:
            runs.end(run)

    async def _ask_in_a_thread(self, process: str) -> None:
        if self._ask:
            threading.Thread(target=self._ask, args=(process,), daemon=True, name=f"ask {process}").start()

    async def _hear(self, told: asyncio.Event) -> None:
        """Look the moment that an event has come: PostgreSQL tells; looking each second is for when it can't."""
        while True:
            try:
                url = database.url_of(database.VAXEL)
                async with await psycopg.AsyncConnection.connect(url, autocommit=True) as db:
                    await db.execute(f"LISTEN {wake.TOLD}")
                    async for _ in db.notifies():
                        told.set()
            except psycopg.Error as error:
                log.warning("not_heard", process=self._process.name, error=type(error).__name__)
                await asyncio.sleep(AGAIN_SECONDS)
