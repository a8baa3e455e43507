"""Webhooks that a system sends by itself: from a thread of its own, in order, and again until they are taken."""

from __future__ import annotations

import heapq
import itertools
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sandbox.wire.forgetful import Forgetful
from sandbox.wire.webhooks import Event, NoSecret, Webhooks

LADDER = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds between tries; the last one goes on."""
ON_ITS_WAY = 2.0
"""Seconds that are waited for one that is just being sent."""
_order = itertools.count()


@dataclass(frozen=True, slots=True)
class Mishap:
    """What becomes of one webhook beside being sent: it is lost, comes twice, or so many seconds late."""

    lost: bool = False
    twice: bool = False
    late: float = 0.0


@dataclass(order=True, slots=True)
class Waiting:
    """One on its way, due at a moment of the monotonic clock."""

    due: float
    order: int = field(default_factory=lambda: next(_order))
    event: Event = field(default_factory=lambda: Event("", {}), compare=False)
    tries: int = field(default=0, compare=False)


class Outbox(Forgetful):
    """What is still to be sent, and what became of the rest.

    Args:
        mishap: asked once for each webhook.

    Attributes:
        sent: each with what was answered, in order; one that was lost has the status null.
    """

    def __init__(self, webhooks: Webhooks, mishap: Callable[[], Mishap]) -> None:
        self._webhooks, self._mishap = webhooks, mishap
        self._changed = threading.Condition()
        self._heap: list[Waiting] = []
        self._running = False
        self._under_way = self._forgotten = self._begun = 0
        self.sent: list[dict[str, Any]] = []

    def start_sending(self) -> None:
        """Starts the thread."""
        self._running = True
        self._thread = threading.Thread(target=self._send_when_due, name="outbox", daemon=True)
        self._thread.start()

    def stop_sending(self) -> None:
        """Drops what is still to be sent."""
        with self._changed:
            self._running = False
            self._heap.clear()
            self._changed.notify_all()
        self._thread.join(5)

    def clear(self) -> None:
        """Drops what is still to be sent, and forgets what was; the thread goes on.

        One that is just being sent has gone when this returns, unless the gateway keeps it waiting.
        """
        with self._changed:
            self._heap.clear()
            self._forgotten += 1
            self._changed.wait_for(lambda: not self._under_way, ON_ITS_WAY)
            self.sent = []

    def send_soon(self, event: Event) -> None:
        """Sends it, soon after this returns."""
        mishap = self._mishap()
        with self._changed:
            if mishap.lost:
                self.sent.append(_remembered(event, {"status": None}))
                return
            for _ in range(1 + mishap.twice):
                heapq.heappush(self._heap, Waiting(time.monotonic() + mishap.late, event=event))
            self._changed.notify_all()

    def waiting(self) -> int:
        """How many have not been taken yet, one that is being sent among them."""
        with self._changed:
            return len(self._heap) + self._under_way

    def _send_when_due(self) -> None:
        while one := self._next():
            try:
                answer = self._webhooks.send_event(one.event)
            except NoSecret:
                answer = {"status": None}
            with self._changed:
                self._under_way -= 1
                if self._begun == self._forgotten:
                    self._settle(one, answer)
                self._changed.notify_all()

    def _settle(self, one: Waiting, answer: dict[str, Any]) -> None:
        """It was taken or refused; or nobody took it, and it is tried again."""
        if answer["status"] == 0 or (answer["status"] or 0) >= 500:
            one.due = time.monotonic() + LADDER[min(one.tries, len(LADDER) - 1)]
            one.tries += 1
            heapq.heappush(self._heap, one)
        else:
            self.sent.append(_remembered(one.event, answer))

    def _next(self) -> Waiting | None:
        """The next one, once it is due; None: there is nothing more to do."""
        with self._changed:
            while self._running:
                wait = self._heap[0].due - time.monotonic() if self._heap else None
                if wait is not None and wait <= 0:
                    self._under_way, self._begun = self._under_way + 1, self._forgotten
                    return heapq.heappop(self._heap)
                self._changed.wait(wait)
        return None


def _remembered(event: Event, answer: dict[str, Any]) -> dict[str, Any]:
    booking = event.data.get("booking", {})
    about = {
        "booking": booking.get("id"),
        "version": booking.get("version"),
        "patient": booking.get("patient"),
    }
    return {"type": event.type, "webhook_id": event.id, "status": answer["status"]} | about
