"""PostgreSQL tells workers that there is a run to begin, and of which process."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import create_engine

from engine.base import clock
from engine.base.database import VAXEL, url_of
from engine.prefect import worker
from engine.tables import wake


async def _created(_name: str) -> None:
    """Prefect has it."""


async def test_workers_are_told_of_a_run_that_is_asked_for_and_of_one_when_it_is_due(database: None) -> None:
    async with await psycopg.AsyncConnection.connect(url_of(VAXEL), autocommit=True) as db:
        await db.execute(f"LISTEN {wake.CHANNEL}")
        due = clock.now() + timedelta(seconds=1)
        wake.tell_workers_at(due, "preferences")
        assert await wake.ask_for_run("participation", _created)
        assert not await wake.ask_for_run("participation", _created)
        told = [(note.payload, clock.now() >= due) async for note in db.notifies(timeout=10, stop_after=2)]
    assert told == [("participation", False), ("preferences", True)]


async def test_a_database_that_is_away_leaves_it_to_the_poll(monkeypatch: pytest.MonkeyPatch) -> None:
    failed: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _loop, context: failed.append(context))

    away = create_engine("postgresql+psycopg://vaxel@127.0.0.1:1/vaxel")
    monkeypatch.setattr(wake, "transaction", away.begin)
    wake.tell_workers_at(clock.now(), "preferences")
    await asyncio.sleep(1)
    assert failed == []


@pytest.mark.parametrize(
    ("queue", "process", "takes"),
    [
        ("default", "preferences", True),
        ("default", "risk_alert", False),
        ("risk", "risk_alert", True),
        ("risk", "preferences", False),
        ("a region's own", "preferences", True),
    ],
)
def test_a_worker_looks_for_what_its_own_queue_may_have(queue: str, process: str, takes: bool) -> None:
    assert worker._takes(queue, process) is takes
