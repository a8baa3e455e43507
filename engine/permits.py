"""How many effects may be unknown at once at a system that can't be asked: no more than are in flight.

One pool of permits for each system in this process; several workers have one each.
"""

from __future__ import annotations

import threading
from functools import cache

from engine.settings import SystemName, settings


@cache
def _of(system: SystemName) -> threading.Semaphore:
    return threading.Semaphore(settings().system(system).threads)


class Permits:
    """The permits that one chunk has taken."""

    def __init__(self) -> None:
        self._taken: list[SystemName] = []

    def take(self, system: SystemName) -> bool:
        """Take one, if there is one."""
        if not _of(system).acquire(blocking=False):
            return False
        self._taken.append(system)
        return True

    def taken(self, system: SystemName) -> int:
        """How many this chunk has."""
        return self._taken.count(system)

    def give_back(self) -> None:
        """Give all back."""
        while self._taken:
            _of(self._taken.pop()).release()
