"""Drives a gateway over real HTTP, as an outer system would."""

from __future__ import annotations

import hmac
import json
import socket
import threading
import time
import uuid
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import requests
import uvicorn
from standardwebhooks.webhooks import Webhook
from starlette.types import ASGIApp

from engine.tables.receipts import Receipt
from gateway.listen import configured, tcp_socket
from gateway.openapi import EXAMPLES
from gateway.scheduling.ports import ScheduleAsked, ShownBooking
from models.messages import Booking

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLD_SECRET = "whsec_" + "b2xkIHNlY3JldCBvZiBhIHRlc3Qgc291cmNl"
PROXY = {"x-vp-sender-id": "SE165565594230-1000", "x-vaxel-proxy": "a-proxy-s-secret"}
LOGIN = ("vaxel", "not a secret")
UNIT = "SE2321000115-E000000000001"
RESIDENT = "201312012386"
OTHER = "191212121212"
PUBLISHED = "process <> 'visit_reminder'"
"""Of the events of a booking, those that publish it: to the process of reminders they go in the same transaction."""


def event(name: str = "booking.created", **booking: Any) -> dict[str, Any]:
    """A valid event, its booking changed as told."""
    body: dict[str, Any] = json.loads(json.dumps(EXAMPLES[name]))
    if booking:
        body["data"]["booking"] |= booking
    return body


def booking(**changes: Any) -> Booking:
    """A booking tomorrow, changed as told."""
    start = datetime.now(UTC).replace(microsecond=0) + timedelta(days=1)
    plain = EXAMPLES["booking.created"]["data"]["booking"] | {
        "start": start,
        "end": start + timedelta(minutes=30),
    }
    return Booking.model_validate(plain | changes)


@dataclass
class Shown:
    """A schedule that shows what it was given."""

    bookings: list[ShownBooking] = field(default_factory=list)
    broken: bool = False
    broken_for: str = ""
    asked: list[int] = field(default_factory=list)

    def of(self, asked: Sequence[ScheduleAsked]) -> list[list[ShownBooking] | None]:
        if self.broken:
            raise RuntimeError(asked[0].resident)
        self.asked.append(len(asked))
        return [None if one.resident == self.broken_for else self._of(one) for one in asked]

    def _of(self, one: ScheduleAsked) -> list[ShownBooking]:
        return [b for b in self._at(one.unit) if b.booking.patient.id == one.resident]

    def booking(self, unit: str, booking_id: str) -> ShownBooking | None:
        return next((b for b in self._at(unit) if b.booking.id == booking_id), None)

    def shows_to(self, actor: str, resident: str) -> bool:
        return False

    def _at(self, unit: str) -> list[ShownBooking]:
        return [b for b in self.bookings if b.booking.unit.hsa_id == unit]


@dataclass
class Gateway:
    """A gateway that runs, and what it asked of the rest of the house."""

    url: str = ""
    wakes: list[str] = field(default_factory=list)
    receipts: list[Receipt] = field(default_factory=list)
    shown: Shown = field(default_factory=Shown)
    ready: Any = True
    http: requests.Session = field(default_factory=requests.Session)

    async def wake(self, process: str) -> None:
        self.wakes.append(process)

    def receipt(self, receipts: Sequence[Receipt]) -> list[bool]:
        self.receipts += receipts
        return [each.token.startswith("known") for each in receipts]

    def readiness(self) -> bool:
        if isinstance(self.ready, Exception):
            raise self.ready
        return bool(self.ready)

    def post(
        self, body: Any, source: str = "vas", webhook_id: str = "", path: str = "", **headers: Any
    ) -> requests.Response:
        """Posts a body, signed, unless the headers say otherwise; a header that is None is left out."""
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        sent = signed(raw, webhook_id or f"msg_{uuid.uuid4()}") | {"content-type": "application/json"}
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        kept = {name: value for name, value in sent.items() if value is not None}
        return self.http.post(f"{self.url}/webhooks/{source}{path}", data=raw, headers=kept, timeout=10)

    def batch(self, *events: Any, **more: Any) -> requests.Response:
        """Posts events as a batch; one without an id gets none."""
        return self.post({"events": list(events)}, path="/batch", **more)


def signed(
    body: bytes, webhook_id: str, secret: str = SECRET, off: timedelta = timedelta()
) -> dict[str, str]:
    """The three headers of Standard Webhooks."""
    now = datetime.now(UTC) + off
    signature = Webhook(secret).sign(webhook_id, now, body.decode("utf-8", "replace"))
    if b"\xef\xbf\xbd" in body.decode("utf-8", "replace").encode():  # the library signs text only
        key, raw = (
            b64decode(secret.removeprefix("whsec_")),
            f"{webhook_id}.{int(now.timestamp())}.".encode() + body,
        )
        signature = "v1," + b64encode(hmac.digest(key, raw, "sha256")).decode()
    return {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signature,
    }


@contextmanager
def served(
    app: ASGIApp, port: int = 0, connections: int = 512, unix: socket.socket | None = None
) -> Iterator[str]:
    """The app on a real socket of this machine; its URL. Port 0: one that is free."""
    listener = tcp_socket("127.0.0.1", port)
    server = uvicorn.Server(configured(app, connections))
    thread = threading.Thread(
        target=server.run, kwargs={"sockets": [listener, *([unix] if unix else [])]}, daemon=True
    )
    thread.start()
    while not server.started:
        time.sleep(0.005)
    yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    server.should_exit = True
    thread.join(10)


def raw_post(gateway: Gateway, raw: bytes, headers: dict[str, str], source: str = "vas") -> requests.Response:
    """Posts with just these headers."""
    sent = headers | {"content-type": "application/json"}
    return gateway.http.post(f"{gateway.url}/webhooks/{source}", data=raw, headers=sent, timeout=10)


def is_problem(answer: requests.Response, status: int) -> bool:
    """Whether it is problem+json of that status, and nothing of ours shows through."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status
    assert "Traceback" not in answer.text
    return True


def until(holds: Callable[[], bool]) -> None:
    """Waits until it holds, at most five seconds."""
    deadline = time.monotonic() + 5
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)
