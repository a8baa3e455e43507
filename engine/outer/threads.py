"""The threads in which an outer system is called: what has been begun goes before what is only asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from contextvars import copy_context
from functools import cache
from threading import Lock
from typing import Any, TypeVar

from engine.base.settings import SystemName, settings
from engine.outer.width import Width

R = TypeVar("R")
FEWEST = 2
"""So many are used however quick a system is: one that hangs leaves another."""


class Threads:
    """A bounded number of threads with two lines before them.

    Args:
        name: of the threads.
        most: how many of them there are.
        width: how many of them to use just now, by their latency; None: all.
    """

    def __init__(self, name: str, most: int, width: Width | None = None) -> None:
        self.most = most
        self._width = width
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=name)
        self._first: deque[Callable[[], None]] = deque()
        self._then: deque[Callable[[], None]] = deque()
        self._busy = 0
        self._lock = Lock()

    def submit(self, do: Callable[..., R], *given: Any, first: bool = True) -> Future[R]:
        """Have it done in one of the threads, in the order given.

        Args:
            first: before all that was given without; what is only asked can wait.
        """
        future: Future[R] = Future()
        context = copy_context()

        def work() -> None:
            if not future.set_running_or_notify_cancel():
                return
            try:
                with self._width.measured() if self._width else nullcontext():
                    result = context.run(do, *given)
            except BaseException as error:  # noqa: BLE001 (whoever asks for the result gets it)
                future.set_exception(error)
            else:
                future.set_result(result)

        with self._lock:
            (self._first if first else self._then).append(work)
            if self._busy >= self.wide():
                return future
            self._busy += 1
        self._pool.submit(self._go_on)
        return future

    def latency(self) -> float | None:
        """Seconds that a call takes over there; None: nothing is known."""
        return self._width.latency() if self._width else None

    def look_again(self) -> None:
        """Use more of the threads, if more are to be used since what stands in line was given."""
        with self._lock:
            more = min(len(self._first) + len(self._then), self.wide() - self._busy)
            self._busy += max(0, more)
        for _ in range(more):
            self._pool.submit(self._go_on)

    def wide(self) -> int:
        """How many of the threads to use just now."""
        return min(self.most, max(FEWEST, self._width())) if self._width else self.most

    def _go_on(self) -> None:
        """Do what stands in line until nothing does, or fewer threads are to be used."""
        while work := self._next():
            work()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            if (self._first or self._then) and self._busy <= self.wide():
                return (self._first or self._then).popleft()
            self._busy -= 1
            return None


@cache
def of(system: SystemName) -> Threads:
    """Those of an outer system: as many as its setting says, of which fewer are used the quicker it is."""
    most = settings().system(system).threads
    return Threads(system, most, Width(most))


@cache
def of_step(step: str, system: SystemName) -> Threads:
    """Threads for one step's calls only: however long they last, they hold up no other call to the system."""
    return Threads(step, settings().system(system).threads)
