"""Requests over kept-alive connections, as fast as they are answered or each at its time; how soon each was."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from bench.figures import percentile

CONNECTIONS = 32
Request = tuple[float | None, Callable[[], bytes]]
"""When it is due (Unix time; None: as soon as a connection is free), and what makes it, right before it is sent."""


@dataclass
class Answers:
    """What came back. `seconds`: from when a request was to be sent until its answer was here."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
    sizes: Counter[int] = field(default_factory=Counter)
    began: float = 0.0
    ended: float = 0.0

    def shown(self) -> dict[str, Any]:
        """As JSON: Unix times, milliseconds."""
        shares = {"median": 0.5, "p99": 0.99, "slowest": 1.0}
        return {
            "began": self.began,
            "seconds": self.ended - self.began,
            "statuses": {str(status): count for status, count in self.statuses.items()},
            "answer_ms": {name: 1000 * percentile(self.seconds, share) for name, share in shares.items()},
            "least_bytes": min(self.sizes),
        }


async def send_all(port: int, work: Callable[[float], Iterator[Request]], connections: int) -> Answers:
    """Send them all.

    Args:
        work: the requests, from the moment (Unix time) at which the first is to go.
    """
    answers = Answers(began=time.time() + 0.2)
    requests = work(answers.began)
    senders = (_one_connection(port, requests, answers) for _ in range(connections))
    await asyncio.sleep(answers.began - time.time())
    await asyncio.gather(*senders)
    answers.ended = time.time()
    return answers


async def _one_connection(port: int, requests: Iterator[Request], answers: Answers) -> None:
    """One request after another; one that has a time is sent then, or as soon after as a connection is free."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for due, made in requests:
        request = made()
        if due is not None:
            await asyncio.sleep(due - time.time())
        began = due or time.time()
        writer.write(request)
        status, size = await _read_answer(reader)
        answers.seconds.append(time.time() - began)
        answers.statuses[status] += 1
        answers.sizes[size] += 1
    writer.close()


async def _read_answer(reader: asyncio.StreamReader) -> tuple[int, int]:
    """Its status, and how long its body is."""
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1]), length
