"""This version and another, both up; each has the machine to itself while the other stands still."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from bench.journey.house import ROOT, House, everything

NOW, BEFORE = "now", "before"


class Sides:
    """The houses by side: `now` is this checkout, `before` the one that it is measured against, if any."""

    def __init__(self, houses: dict[str, House]) -> None:
        self.houses = houses
        for house in houses.values():
            house.programs.freeze()

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
    with ExitStack() as stack:
        yield Sides(
            {side: stack.enter_context(everything(say, checkout)) for side, checkout in checkouts.items()}
        )
