"""How many of a system's threads to use: as many as its latency asks for, not more than the interpreter has work for.

By Little's law so many calls are under way as come in a second, times how long each takes. What comes is bounded by
the interpreter, which one thread at a time has: where a system answers in 1 ms, a second thread only takes it from
the first, and at 100 ms all that the setting allows are too few.
"""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Lock

CALL_SECONDS = 0.0025
"""What a call takes of the interpreter, with what is done before and after it (1 to 2.5 ms, `bench.journey`)."""
CALLS = 32
"""So many of the last calls are looked at."""
LOWEST = 8
"""One in so many is quicker than what counts as the latency: waiting for the interpreter is no latency of theirs, and
a call that was turned away at the door is none at all."""
NO_CALL_SECONDS = 0.0001
"""What is over sooner was no call: it had come too late, or the system was known to be down."""
STUCK, STUCK_SECONDS = 10, 0.05
"""A call that lasts so many times as long as others, and so long, waits over there: another may have its place."""


class Width:
    """The width of one system, from its calls. Any thread may use it.

    Args:
        most: threads that the system's setting allows.
        now: seconds, monotonic.
    """

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._lock = Lock()
        self._took: deque[float] = deque(maxlen=CALLS)
        self._began: dict[object, float] = {}

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Around each call."""
        call = object()
        with self._lock:
            self._began[call] = self._now()
        try:
            yield
        finally:
            with self._lock:
                took = self._now() - self._began.pop(call)
                if took >= NO_CALL_SECONDS:
                    self._took.append(took)

    def latency(self) -> float | None:
        """Seconds that a call takes over there; None: nothing is known."""
        with self._lock:
            return self._latency()

    def _latency(self) -> float | None:
        return sorted(self._took)[len(self._took) // LOWEST] if self._took else None

    def __call__(self) -> int:
        """How many calls may be under way now; all that the setting allows while nothing is known."""
        with self._lock:
            latency = self._latency()
            if latency is None:
                return self._most
            long = self._now() - max(STUCK * latency, STUCK_SECONDS)
            stuck = sum(began < long for began in self._began.values())
        return max(1, min(self._most, math.ceil(latency / CALL_SECONDS) + stuck))
