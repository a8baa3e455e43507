"""No figure of a few: a number under 5 is shown to nobody, nor anything that it could be worked out from
(policy-uppfoljning-1).

What is counted of a measure at a unit in a week is a base figure, and is masked first (`figure`). Everything else
that is shown, whatever unit, region or time it is of, is the sum of base figures *as they are shown* (`together`),
never of what lies behind them. So a report is the same whichever of 1 to 4 a hidden number is, and no difference
between two of its figures, or between two reports, tells which.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

LEAST = 5
"""The least number of events that is shown; none at all is shown too, since it is of nobody."""


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it is shown: it is at least, and at most, so much."""

    at_least: int = 0
    at_most: int = 0

    @property
    def is_exact(self) -> bool:
        """Is nothing of it hidden?"""
        return self.at_least == self.at_most

    def __str__(self) -> str:
        """`<5`, `12`, `12–18` or `≤8`: of a sum of which some are hidden, what it can be."""
        if self.is_exact:
            return str(self.at_least)
        if self.at_most < LEAST:
            return f"<{LEAST}"
        return f"≤{self.at_most}" if self.at_least < LEAST else f"{self.at_least}–{self.at_most}"

    def __add__(self, other: Figure) -> Figure:
        """Both together."""
        return Figure(self.at_least + other.at_least, self.at_most + other.at_most)


NONE = Figure()
HIDDEN = Figure(1, LEAST - 1)


def figure(number: int) -> Figure:
    """A base figure."""
    return HIDDEN if 0 < number < LEAST else Figure(number, number)


def together(figures: Iterable[Figure]) -> Figure:
    """Their sum, worked out from what is shown of each."""
    least = most = 0
    for each in figures:
        least, most = least + each.at_least, most + each.at_most
    return Figure(least, most)


def part_of(number: int, whole: Figure) -> Figure:
    """A base figure that is a part of what is shown beside it (policy-skydd-2).

    It is hidden too where it leaves fewer than 5 of the others: they could be worked out. What hides it is what is
    shown of the whole: nothing else is told by it. The two are counted by moments of their own, so that at midnight
    the part may be a little more than the whole, and is shown as no more.
    """
    part = figure(number)
    if not number or not part.is_exact or whole.at_least - part.at_least >= LEAST:
        return part
    return Figure(1, max(whole.at_most, LEAST - 1))
