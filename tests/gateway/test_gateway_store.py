"""Storing: shared commits, and what the sender hears when the database is away."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from gateway_driver import PUBLISHED, SECRET, Gateway, event, is_problem, served, until

from engine.tables.inbox import Inbox, Refusal
from gateway.app import create_app
from gateway.wake import PAUSE, Waker
from models.events import Arrival

Rows = Callable[[str], list[Any]]


class Troubled(Inbox):
    """The real inbox, behind a slow or a broken line."""

    def __init__(self) -> None:
        self.commits: list[int] = []
        self.slowness = 0.0
        self.away = False

    def store(self, source: str, arrivals: Sequence[Arrival]) -> list[uuid.UUID]:
        self._line()
        self.commits.append(len(arrivals))
        return super().store(source, arrivals)

    def refuse(self, source: str, refusals: Sequence[Refusal]) -> None:
        self._line()
        super().refuse(source, refusals)

    def _line(self) -> None:
        time.sleep(self.slowness)
        if self.away:
            raise ConnectionError("201312012386 is the patient")


@pytest.fixture
def inbox() -> Troubled:
    return Troubled()


@pytest.fixture
def troubled(inbox: Troubled, database: Any) -> Iterator[Gateway]:
    gateway = Gateway()
    app = create_app(inbox, {"vas": SECRET, "hope": SECRET}.get, lambda: True, gateway.wake)
    with served(app) as gateway.url:
        yield gateway


def test_webhooks_that_arrive_together_share_commits(troubled: Gateway, inbox: Troubled, rows: Rows) -> None:
    inbox.slowness = 0.1
    with ThreadPoolExecutor(16) as pool:
        answers = list(pool.map(lambda n: troubled.post(event(id=f"VAS-{n}")).json()["event"], range(16)))
    assert sum(inbox.commits) == 16
    assert len(inbox.commits) <= 6
    assert {uuid.UUID(answer) for answer in answers} == {
        row.id for row in rows(f"SELECT id FROM event WHERE {PUBLISHED}")
    }


def test_each_gets_the_uuid_of_its_own_event(troubled: Gateway, inbox: Troubled, rows: Rows) -> None:
    inbox.slowness = 0.05
    with ThreadPoolExecutor(8) as pool:
        names = [f"msg_{n}" for n in range(8)]
        answers = list(pool.map(lambda name: troubled.post(event(), webhook_id=name).json()["event"], names))
    stored = {
        row.webhook_id: str(row.id) for row in rows(f"SELECT webhook_id, id FROM event WHERE {PUBLISHED}")
    }
    assert dict(zip(names, answers, strict=True)) == stored


def test_a_store_that_fails_is_503_and_the_sender_comes_again(
    troubled: Gateway, inbox: Troubled, rows: Rows
) -> None:
    inbox.away = True
    answer = troubled.post(event(), webhook_id="msg_1")
    assert is_problem(answer, 503)
    assert int(answer.headers["Retry-After"]) > 0
    assert "201312012386" not in answer.text
    inbox.away = False
    assert troubled.post(event(), webhook_id="msg_1").status_code == 202
    assert len(rows(f"SELECT 1 FROM event WHERE {PUBLISHED}")) == 1


def test_a_batch_that_cannot_be_stored_is_503(troubled: Gateway, inbox: Troubled) -> None:
    inbox.away = True
    assert is_problem(troubled.batch({"id": "a"} | event()), 503)


def test_nobody_is_told_no_before_ops_can_see_it(troubled: Gateway, inbox: Troubled) -> None:
    inbox.away = True
    assert is_problem(troubled.post(event(version=-1)), 503)
    assert is_problem(troubled.post(b"{", content_type="application/json"), 503)
    assert is_problem(troubled.batch({"id": "a"} | event(version=-1)), 503)


def test_nothing_is_woken_for_what_was_not_stored(troubled: Gateway, inbox: Troubled) -> None:
    inbox.away = True
    troubled.post(event())
    time.sleep(0.05)
    assert troubled.wakes == []


def test_no_answer_waits_for_the_wake(database: Any) -> None:
    async def sleepy(_process: str) -> None:
        await asyncio.sleep(30)

    gateway = Gateway()
    with served(create_app(Inbox(), {"vas": SECRET}.get, lambda: True, sleepy)) as gateway.url:
        begun = time.monotonic()
        assert gateway.post(event()).status_code == 202
        assert time.monotonic() - begun < 5


async def test_wakes_are_asked_one_at_a_time_and_never_forgotten() -> None:
    asked: list[str] = []
    go = asyncio.Event()

    async def wake(process: str) -> None:
        asked.append(process)
        await go.wait()

    waker = Waker(wake, pause=0)
    for _ in range(5):
        waker.soon("booking_publication")
        await asyncio.sleep(0)
    assert asked == ["booking_publication"]
    go.set()
    await asyncio.sleep(0.01)
    assert asked == ["booking_publication"] * 2


async def test_a_wake_that_fails_is_forgotten_and_the_next_one_asks_again() -> None:
    asked: list[str] = []

    async def wake(process: str) -> None:
        asked.append(process)
        raise ConnectionError

    waker = Waker(wake, pause=0)
    waker.soon("booking_publication")
    await asyncio.sleep(0.01)
    waker.soon("booking_publication")
    await asyncio.sleep(0.01)
    assert len(asked) == 2


def test_the_wakes_of_many_events_are_few_and_none_is_forgotten(troubled: Gateway) -> None:
    begun = time.monotonic()
    for _ in range(20):
        troubled.post(event())
    until(lambda: troubled.wakes.count("booking_publication") >= 2)
    assert troubled.wakes.count("booking_publication") <= (time.monotonic() - begun) / PAUSE + 2
