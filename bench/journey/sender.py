"""Signed webhooks, sent over kept-alive connections: as fast as they are taken, or so many a second.

A process of its own: `python -m bench.journey.sender`; prints as JSON what was answered, and how soon.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

from standardwebhooks import Webhook

from bench.figures import percentile
from bench.journey import mix

SOURCE = "vas"
CONNECTIONS = 32


@dataclass
class Answers:
    """What came back. `seconds`: from when a webhook was to be sent until its answer was here."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)
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
        }


def signed(signer: Webhook, host: str, booking: dict[str, Any]) -> bytes:
    """One webhook as it goes over the wire (Standard Webhooks)."""
    now, identity = datetime.now(UTC), f"msg_{booking['id']}"
    event = {"type": "booking.created", "timestamp": now.isoformat(), "data": {"booking": booking}}
    body = json.dumps(event, ensure_ascii=False)
    head = (
        f"POST /webhooks/{SOURCE} HTTP/1.1\r\nhost: {host}\r\ncontent-type: application/json\r\n"
        f"content-length: {len(body.encode())}\r\nwebhook-id: {identity}\r\n"
        f"webhook-timestamp: {int(now.timestamp())}\r\nwebhook-signature: {signer.sign(identity, now, body)}\r\n"
    )
    return f"{head}\r\n{body}".encode()


async def _one_connection(
    port: int, work: Iterator[tuple[float | None, dict[str, Any]]], signer: Webhook, answers: Answers
) -> None:
    """One webhook after another; one that has a time is sent then, or as soon after as a connection is free."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for due, booking in work:
        request = signed(signer, f"127.0.0.1:{port}", booking)
        if due is not None:
            await asyncio.sleep(due - time.time())
        began = due or time.time()
        writer.write(request)
        status = await _status(reader)
        answers.seconds.append(time.time() - began)
        answers.statuses[status] += 1
    writer.close()


async def _status(reader: asyncio.StreamReader) -> int:
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    length = int(head.partition(b"content-length:")[2].split(b"\r\n", 1)[0])
    await reader.readexactly(length)
    return int(head.split(b" ", 2)[1])


def _work(given: argparse.Namespace, began: float) -> Iterator[tuple[float | None, dict[str, Any]]]:
    patients = mix.identities()
    for at, number in enumerate(range(given.first, given.first + given.count)):
        due = began + at / given.rate if given.rate else None
        yield due, mix.booking(given.tag, number, patients, given.today)


async def send(given: argparse.Namespace) -> Answers:
    """Send them all."""
    signer = Webhook(json.loads(os.environ["VAXEL_WEBHOOK_SECRETS"])[SOURCE].split()[0])
    answers = Answers(began=time.time() + 0.2)
    work = _work(given, answers.began)
    connections = (
        _one_connection(given.port, work, signer, answers) for _ in range(min(CONNECTIONS, given.count))
    )
    await asyncio.sleep(answers.began - time.time())
    await asyncio.gather(*connections)
    answers.ended = time.time()
    return answers


def main() -> None:
    """Send and tell."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=int, required=True, help="the gateway's")
    parser.add_argument("--tag", required=True, help="ids of bookings begin with it")
    parser.add_argument("--today", type=date.fromisoformat, required=True)
    parser.add_argument("--first", type=int, default=0, help="number of the first booking")
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--rate", type=float, default=0.0, help="a second; 0: as fast as they are taken")
    print(json.dumps(asyncio.run(send(parser.parse_args())).shown()))


if __name__ == "__main__":
    main()
