"""Signed webhooks, sent over kept-alive connections: as fast as they are taken, or so many a second.

A process of its own: `python -m bench.journey.sender`; prints as JSON what was answered, and how soon.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from functools import partial
from typing import Any

from standardwebhooks import Webhook

from bench.journey import mix
from bench.sending import CONNECTIONS, Answers, Request, send_all

SOURCE = "vas"


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


def _work(given: argparse.Namespace, signer: Webhook, began: float) -> Iterator[Request]:
    patients, host = mix.identities(), f"127.0.0.1:{given.port}"
    for at, number in enumerate(range(given.first, given.first + given.count)):
        due = began + at / given.rate if given.rate else None
        booking = mix.booking(given.tag, number, patients, given.today)
        yield due, partial(signed, signer, host, booking)


async def send(given: argparse.Namespace) -> Answers:
    """Send them all."""
    signer = Webhook(json.loads(os.environ["VAXEL_WEBHOOK_SECRETS"])[SOURCE].split()[0])
    return await send_all(given.port, partial(_work, given, signer), min(CONNECTIONS, given.count))


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
