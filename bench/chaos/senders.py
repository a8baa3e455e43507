"""VAS sends its webhooks, at a pace, and again and again until each has its 202: as the senders promise to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from heapq import heappop, heappush

import httpx

from bench.chaos.mix import Booked, Planned

THREADS, PAUSE = 4, 0.5
TRICKLE = 2.0
"""Seconds between bookings beyond those asked for: while the trouble lasts there is something to be troubled, and no
more than a slow machine can do afterwards."""


@dataclass(frozen=True)
class Taken:
    """A webhook that had its 202, by `at` at the latest; `event` is the id that came with it."""

    webhook: str
    booking: str
    what: str
    event: str
    at: datetime


@dataclass
class Post:
    """What is sent in one part. `town` is the sandbox, which sends as VAS."""

    town: httpx.Client
    until: float
    """By the monotonic clock: then nothing more is sent."""
    booked: list[Booked] = field(default_factory=list)
    taken: list[Taken] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    """Webhooks that never had a 202 before the time was up."""
    tries: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def send_bookings(self, given: Iterator[Booked], count: int, may_end: Callable[[], bool]) -> None:
        """Send the webhooks of `count` bookings, each at its time; then of one now and then until `may_end`."""
        began, waiting = time.monotonic(), list[tuple[float, str, Planned]]()

        def due() -> Iterator[Planned]:
            for booked in given:
                if len(self.booked) >= count and _happens_within(TRICKLE, may_end):
                    break
                self.booked.append(booked)
                for event in booked.events:
                    heappush(waiting, (event.at, event.id, event))
                while waiting and waiting[0][0] <= booked.events[0].at:
                    yield heappop(waiting)[2]
            while waiting:
                yield heappop(waiting)[2]

        self.send_all(due(), began)

    def send_all(self, planned: Iterator[Planned], began: float | None = None) -> None:
        """Send these, with a few calls at once."""
        start = time.monotonic() if began is None else began
        turn = threading.Lock()

        def work() -> None:
            while True:
                with turn:
                    event = next(planned, None)
                if event is None or time.monotonic() > self.until:
                    return
                time.sleep(max(0.0, start + event.at - time.monotonic()))
                self.one(event)

        with ThreadPoolExecutor(THREADS) as pool:
            for each in [pool.submit(work) for _ in range(THREADS)]:
                each.result()

    def one(self, event: Planned) -> None:
        """One webhook, until it is taken or the time is up."""
        body = {"type": f"booking.{event.what}", "data": {"booking": event.booking}, "id": event.id}
        while time.monotonic() < self.until:
            answer = self.town.post("/act/vas", json={"events": [body]}).json()["sent"][0]
            self.tries += 1
            if answer["status"] == 202:
                told = answer["answer"]["event"]
                one = Taken(event.id, event.booking["id"], event.what, told, datetime.now(UTC))
                with self._lock:
                    self.taken.append(one)
                return
            time.sleep(PAUSE)
        self.refused.append(event.id)


def _happens_within(seconds: float, happened: Callable[[], bool]) -> bool:
    end = time.monotonic() + seconds
    while not happened() and time.monotonic() < end:
        time.sleep(0.05)
    return happened()
