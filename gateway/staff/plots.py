"""A picture of figures by week, as SVG within a page: the same figures give the same bytes.

Its colours are the page's style's. Nothing has an id, of which a page with many pictures would have two.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import count

from markupsafe import Markup, escape

from routine.masking import Figure

WIDTH, HEIGHT = 480, 170
"""In units of the picture, which is as wide as its page lets it be."""
LEFT, RIGHT, ABOVE, BELOW = 44, 472, 10, 144
"""The edges of what is drawn; beside them stand the numbers and the weeks."""
BAR = 5 / 6
"""Of a week's room, what its bar takes."""
MOST_LABELS, MOST_LINES = 8, 5


def bars(name: str, weeks: Sequence[str], figures: Sequence[Figure]) -> Markup:
    """A bar for each week: how many there were at least, and lighter above it how many more it may be.

    Args:
        name: what it shows, for whoever does not see it.
        weeks: what each week is called on the axis.
    """
    most = max((each.at_most for each in figures), default=0)
    step = _step(most)
    lines = range(0, max(-(-most // step), 1) * step + 1, step)
    drawn = "".join([*_grid(lines), *_bars(figures, lines[-1]), *_names(weeks)])
    said = f'<svg class="plot" role="img" aria-label="{escape(name)}" viewBox="0 0 {WIDTH} {HEIGHT}">'
    return Markup(f"{said}{drawn}</svg>")  # noqa: S704  # what is not a number in it is escaped


def _step(most: int) -> int:
    """Between two lines of the grid: 1, 2 or 5 times a power of ten, so that there are few."""
    steps = (one * int(10**ten) for ten in count() for one in (1, 2, 5))
    return next(step for step in steps if step * MOST_LINES >= most)


def _grid(lines: Sequence[int]) -> Iterator[str]:
    for line in lines:
        y = _up(line, lines[-1])
        yield f'<path d="M{LEFT} {y:.1f}H{RIGHT}"/><text class="number" x="{LEFT - 5}" y="{y + 4:.1f}">{line}</text>'


def _bars(figures: Sequence[Figure], top: int) -> Iterator[str]:
    for x, figure in zip(_middles(len(figures)), figures, strict=True):
        yield _bar(x, len(figures), _up(0, top), _up(figure.at_least, top), "known")
        yield _bar(x, len(figures), _up(figure.at_least, top), _up(figure.at_most, top), "hidden")


def _bar(x: float, of: int, foot: float, head: float, kind: str) -> str:
    if foot == head:
        return ""
    width = BAR * (RIGHT - LEFT) / of
    at = f'x="{x - width / 2:.1f}" y="{head:.1f}" width="{width:.1f}" height="{foot - head:.1f}"'
    return f'<rect class="{kind}" {at}/>'


def _names(weeks: Sequence[str]) -> Iterator[str]:
    """Of as many weeks as there is room for."""
    each = -(-len(weeks) // MOST_LABELS) or 1
    for at, (x, week) in enumerate(zip(_middles(len(weeks)), weeks, strict=True)):
        if at % each == 0:
            yield f'<text class="week" x="{x:.1f}" y="{BELOW + 16}">{escape(week)}</text>'


def _middles(of: int) -> Iterator[float]:
    """Of each week's room, from the left."""
    return (LEFT + (at + 0.5) * (RIGHT - LEFT) / of for at in range(of))


def _up(number: int, top: int) -> float:
    """How far down the picture a number stands."""
    return BELOW - (BELOW - ABOVE) * number / top
