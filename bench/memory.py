"""What a program and all that it has started hold of the memory, as Linux tells it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from bench.processes import family

PAUSE = 0.2
"""Seconds between two looks: each costs the kernel some milliseconds."""


@dataclass
class Held:
    """In MiB, of all the processes together.

    Args:
        pss: with what several of them share, each page once.
        uss: without that: what would be free if they ended.
    """

    pss: float = 0.0
    uss: float = 0.0


@dataclass
class Peak:
    """The most that was held at any look; `rests` as it was before."""

    rests: Held
    most: Held = field(default_factory=Held)
    looks: int = 0

    def grown(self) -> Held:
        """By how much."""
        return Held(self.most.pss - self.rests.pss, self.most.uss - self.rests.uss)


def held(pid: int) -> Held:
    """By a process and its descendants now."""
    found = Held()
    for one in family(pid):
        for name, kib in _rollup(one):
            if name == "Pss":
                found.pss += kib / 1024
            elif name in ("Private_Clean", "Private_Dirty"):
                found.uss += kib / 1024
    return found


def held_without_sharing(pid: int) -> float:
    """MiB: all that a process has resident, and of its descendants what is only theirs. No page counts twice."""
    own = sum(kib for name, kib in _rollup(pid) if name == "Rss")
    others = (kib for one in family(pid) - {pid} for name, kib in _rollup(one) if name.startswith("Private_"))
    return (own + sum(others)) / 1024


@contextmanager
def watched(pid: int) -> Iterator[Peak]:
    """Look again and again until the block ends."""
    peak, over = Peak(held(pid)), threading.Event()

    def look() -> None:
        while not over.wait(PAUSE):
            now = held(pid)
            peak.most = Held(max(peak.most.pss, now.pss), max(peak.most.uss, now.uss))
            peak.looks += 1

    watcher = threading.Thread(target=look)
    watcher.start()
    try:
        yield peak
    finally:
        over.set()
        watcher.join()


def _rollup(pid: int) -> Iterator[tuple[str, int]]:
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]
    except (FileNotFoundError, ProcessLookupError, PermissionError):
        return  # it has ended
    for line in lines:
        name, value = line.split(":", 1)
        yield name, int(value.split()[0])
