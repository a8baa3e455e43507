"""A plugin of pytest: which tests reach which function, and how long each takes; then only those that are wanted."""

from __future__ import annotations

import signal
import time
from collections.abc import Generator
from types import FrameType
from typing import Any

import pytest

from bench.mutants.changes import Change

OUT_OF_TIME = -signal.SIGPROF
"""How a process ends that runs in a test for ten times the time that the test should take."""


def allow(seconds: float) -> None:
    """The process ends when it has used up so much more of the processor's time."""
    signal.setitimer(signal.ITIMER_PROF, seconds)


class Watch:
    """What is learned in one run of all tests serves to pick tests in the others.

    `callers`: by file and first line of a function, the tests that call it; "" for a call outside of all tests.
    `seconds`: of the processor, by test.
    """

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self.callers: dict[tuple[str, int], set[str]] = {}
        self._picked: set[str] | None = None
        self._now = ""

    def profile(self, frame: FrameType, event: str, _: Any) -> None:
        """For `sys.setprofile`."""
        if event == "call" and "/routine/" in (path := frame.f_code.co_filename):
            function = path.rpartition("/")[2], frame.f_code.co_firstlineno
            self.callers.setdefault(function, set()).add(self._now)

    def pick(self, change: Change) -> set[str]:
        """The tests that reach the change: all for what is run outside of tests too, such as at import."""
        callers = self.callers.get((change.file, change.function), set()) if change.function else {""}
        self._picked = set(self.seconds) if "" in callers else callers
        return self._picked

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        if (picked := self._picked) is not None:
            unknown = {item.nodeid for item in items} - self.seconds.keys()  # named after what was changed
            items[:] = [item for item in items if item.nodeid in picked | unknown]
            items.sort(key=lambda item: self.seconds.get(item.nodeid, 0))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, Any, Any]:
        if self._picked is not None:
            allow(5 + 10 * self.seconds.get(item.nodeid, 1))
        self._now, began = item.nodeid, time.process_time()
        result = yield
        self.seconds[item.nodeid], self._now = time.process_time() - began, ""
        return result
