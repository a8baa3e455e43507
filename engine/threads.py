"""The threads in which an outer system is called: what has been begun goes before what is only asked."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from functools import cache
from threading import Lock
from time import monotonic
from typing import Any, TypeVar

from engine.settings import SystemName, settings

R = TypeVar("R")
NEWEST = 0.2


class Threads:
    """A bounded number of threads with two lines before them.

    Args:
        name: of the threads.
        most: how many of them there are.
        width: how many of them to use just now; None: all.
    """

    def __init__(self, name: str, most: int, width: Callable[[], int] | None = None) -> None:
        self.most = most
        self._width = width
        self._pool = ThreadPoolExecutor(most, thread_name_prefix=name)
        self._first: deque[Callable[[], None]] = deque()
        self._then: deque[Callable[[], None]] = deque()
        self._busy = 0
        self._lock = Lock()
        self.seconds: float | None = None
        """How long what is done takes, the newest the most; None: nothing has been done yet."""

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
            began = monotonic()
            try:
                future.set_result(context.run(do, *given))
            except BaseException as error:  # noqa: BLE001 (whoever asks for the result gets it)
                future.set_exception(error)
            self._note(monotonic() - began)

        with self._lock:
            (self._first if first else self._then).append(work)
            if self._busy >= self._wide():
                return future
            self._busy += 1
        self._pool.submit(self._go_on)
        return future

    def _note(self, seconds: float) -> None:
        self.seconds = seconds if self.seconds is None else self.seconds + NEWEST * (seconds - self.seconds)

    def _wide(self) -> int:
        return max(1, min(self.most, self._width())) if self._width else self.most

    def _go_on(self) -> None:
        """Do what stands in line until nothing does, or fewer threads are to be used."""
        while work := self._next():
            work()

    def _next(self) -> Callable[[], None] | None:
        with self._lock:
            if (self._first or self._then) and self._busy <= self._wide():
                return (self._first or self._then).popleft()
            self._busy -= 1
            return None


@cache
def of(system: SystemName) -> Threads:
    """Those of an outer system, as many as its setting says (four beat eight on two cores)."""
    return Threads(system, settings().system(system).threads)


@cache
def of_step(step: str, system: SystemName) -> Threads:
    """Threads for one step's calls only: however long they last, they hold up no other call to the system."""
    return Threads(step, settings().system(system).threads)
