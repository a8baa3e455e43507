"""Delivery receipts: posted in the background, again and again until they are taken (200 to 204)."""

from __future__ import annotations

import heapq
import itertools
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import requests

from sandbox.wire.forgetful import Forgetful

log = logging.getLogger("sandbox.receipts")
LADDER = (1.0, 2.0, 5.0, 10.0, 30.0, 60.0)
"""Seconds between tries; the last one goes on."""
GIVE_UP = 6 * 3600.0
_order = itertools.count()


@dataclass(order=True, slots=True)
class Receipt:
    """One receipt on its way, due at a moment of the monotonic clock."""

    due: float
    order: int = field(default_factory=lambda: next(_order))
    url: str = field(default="", compare=False)
    form: dict[str, str] = field(default_factory=dict, compare=False)
    tries: int = field(default=0, compare=False)
    since: float = field(default_factory=time.monotonic, compare=False)


class Receipts(Forgetful):
    """A thread that keeps the time and a few that post."""

    def __init__(self, ladder: tuple[float, ...] = LADDER) -> None:
        self._ladder = ladder
        self._heap: list[Receipt] = []
        self._changed = threading.Condition()
        self._running = False
        self._under_way = 0
        self._local = threading.local()
        self.delivered = 0
        self.refused = 0

    def start_posting(self) -> None:
        """Starts the threads."""
        self._running = True
        self._pool = ThreadPoolExecutor(4, "receipt")
        self._thread = threading.Thread(target=self._post_when_due, name="receipts", daemon=True)
        self._thread.start()

    def stop_posting(self) -> None:
        """Drops what is still on its way."""
        with self._changed:
            self._running = False
            self._heap.clear()
            self._changed.notify()
        self._thread.join(5)
        self._pool.shutdown(wait=False, cancel_futures=True)

    def clear(self) -> None:
        """Drops what is still on its way; the threads go on."""
        with self._changed:
            self._heap.clear()
            self.delivered = self.refused = 0

    def post_later(self, url: str, form: dict[str, str], after: float) -> None:
        """Posts the form to the URL in `after` seconds."""
        self._push(Receipt(time.monotonic() + after, url=url, form=form))

    def waiting(self) -> int:
        """How many have not been taken yet, those that are being posted among them."""
        with self._changed:
            return len(self._heap) + self._under_way

    def _push(self, receipt: Receipt) -> None:
        with self._changed:
            if self._running:
                heapq.heappush(self._heap, receipt)
                self._changed.notify()

    def _post_when_due(self) -> None:
        while True:
            with self._changed:
                if not self._running:
                    return
                wait = self._heap[0].due - time.monotonic() if self._heap else None
                if wait is None or wait > 0:
                    self._changed.wait(wait)
                    continue
                receipt = heapq.heappop(self._heap)
                self._under_way += 1
            self._pool.submit(self._post, receipt)

    def _post(self, receipt: Receipt) -> None:
        try:
            self._post_once(receipt)
        finally:
            with self._changed:
                self._under_way -= 1

    def _post_once(self, receipt: Receipt) -> None:
        if self._taken(receipt):
            self.delivered += 1
            return
        self.refused += 1
        receipt.tries += 1
        if time.monotonic() - receipt.since < GIVE_UP:
            pause = self._ladder[min(receipt.tries, len(self._ladder)) - 1]
            receipt.due = time.monotonic() + pause
            self._push(receipt)

    def _taken(self, receipt: Receipt) -> bool:
        try:
            answer = self._session().post(receipt.url, data=receipt.form, timeout=10, allow_redirects=False)
        except requests.RequestException as error:
            log.info("receipt not taken: %s", type(error).__name__)
            return False
        return 200 <= answer.status_code <= 204

    def _session(self) -> requests.Session:
        if not hasattr(self._local, "session"):
            self._local.session = requests.Session()
            self._local.session.trust_env = False
        session: requests.Session = self._local.session
        return session
