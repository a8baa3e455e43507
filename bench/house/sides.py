"""This version and another, both up; each has the machine to itself while the other stands still."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.journey.house import ROOT, House, everything

NOW, BEFORE = "now", "before"
DIGESTS_SECONDS = 3.0
"""So long Prefect's server has to take in how the last runs ended."""


class Sides:
    """The houses by side: `now` is this checkout, `before` the one that it is measured against, if any."""

    def __init__(self) -> None:
        self.houses: dict[str, House] = {}

    def add(self, side: str, house: House) -> None:
        """One that has come up: it stands still until its turn."""
        self.houses[side] = house
        self._stand_still(house)

    @contextmanager
    def turn(self, side: str) -> Iterator[House]:
        """That side goes on, with its worker halted; all others stand still."""
        house = self.houses[side]
        house.programs.thaw()
        try:
            yield house
        finally:
            self._stand_still(house)

    def _stand_still(self, house: House) -> None:
        """First the worker ends: Prefect takes a run whose heart has not beaten for long to be dead."""
        if house.programs.is_at_work:
            house.programs.halt_worker()
            time.sleep(DIGESTS_SECONDS)
        house.programs.freeze()


@contextmanager
def sides(against: Path | None, say: Callable[[str], None]) -> Iterator[Sides]:
    """Start both, and stop both at the end, whatever happens."""
    checkouts = ({BEFORE: against} if against else {}) | {NOW: ROOT}
    both = Sides()
    with ExitStack() as stack:
        for side, checkout in checkouts.items():
            both.add(side, stack.enter_context(everything(say, checkout)))
        yield both
