"""This version and another, both up; each has the machine to itself while the other stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.journey.house import ROOT, House, everything

NOW, BEFORE = "now", "before"


class Sides:
    """The houses by side: `now` is this checkout, `before` the one that it is measured against, if any."""

    def __init__(self) -> None:
        self.houses: dict[str, House] = {}

    def add(self, side: str, house: House) -> None:
        """One that has come up: it stands still from now on."""
        house.programs.freeze()
        self.houses[side] = house

    @contextmanager
    def turn(self, side: str) -> Iterator[House]:
        """That side goes on; all others stand still."""
        house = self.houses[side]
        house.programs.thaw()
        try:
            yield house
        finally:
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
