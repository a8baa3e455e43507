"""A picture of figures by week, as SVG within a page: the same figures give the same bytes.

Drawn by reportlab's charts. What its SVG has as `style` is an attribute here each, which a page that allows no style
attributes shows; nothing has an id, of which a page with many pictures would have two.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from itertools import count

from lxml import etree
from markupsafe import Markup, escape
from reportlab.graphics import renderSVG
from reportlab.graphics.charts.barcharts import VerticalBarChart
from reportlab.graphics.shapes import Drawing
from reportlab.lib.colors import HexColor

from routine.masking import Figure

WIDTH, HEIGHT = 480, 170
"""In units of the picture, which is as wide as its page lets it be."""
LEFT, BELOW, ABOVE, RIGHT = 44, 26, 10, 8
FONT, SIZE = "Helvetica", 12
KNOWN, HIDDEN, GRID, INK = HexColor(0x1D4F91), HexColor(0x9DB6D8), HexColor(0xC4C8CC), HexColor(0x1B1B1B)
MOST_LABELS, MOST_LINES = 8, 5
MOST_KEPT = 500
"""Pictures of the last reports: some 10 KiB each for twelve weeks, 30 for a year."""
PARSER = etree.XMLParser(resolve_entities=False, no_network=True, remove_blank_text=True)
SVG = "{http://www.w3.org/2000/svg}"
DROPPED = (f"{SVG}clipPath", f"{SVG}title", f"{SVG}desc")
ATTRIBUTES = ("width", "height", "version", "preserveAspectRatio")
_alone = threading.Lock()
"""reportlab keeps fonts and the like for the whole program, and says nothing of threads."""


def bars(name: str, weeks: Sequence[str], figures: Sequence[Figure]) -> Markup:
    """A bar for each week: how many there were at least, and lighter above it how many more it may be.

    Args:
        name: what it shows, for whoever does not see it.
        weeks: what each week is called on the axis.
    """
    drawn = _drawn(tuple(weeks), tuple(figures))
    return Markup(drawn.replace("<svg", f'<svg aria-label="{escape(name)}"', 1))  # noqa: S704  # it is escaped


@lru_cache(MOST_KEPT)
def _drawn(weeks: tuple[str, ...], figures: tuple[Figure, ...]) -> str:
    """Kept for whoever asks next: to draw one takes some 10 ms of a core for twelve weeks, 25 for a year."""
    with _alone:
        drawn = renderSVG.drawToString(_drawing(weeks, figures))
    return etree.tostring(_for_page(drawn), encoding="unicode")


def _drawing(weeks: Sequence[str], figures: Sequence[Figure]) -> Drawing:
    drawing, chart = Drawing(WIDTH, HEIGHT), VerticalBarChart()
    chart.x, chart.y, chart.width, chart.height = LEFT, BELOW, WIDTH - LEFT - RIGHT, HEIGHT - BELOW - ABOVE
    chart.data = [[each.at_least for each in figures], [each.at_most - each.at_least for each in figures]]
    chart.bars.strokeColor = None
    chart.bars[0].fillColor, chart.bars[1].fillColor = KNOWN, HIDDEN
    chart.groupSpacing, chart.barSpacing = 2, 0
    _axes(chart, weeks, max((each.at_most for each in figures), default=0))
    drawing.add(chart)
    return drawing


def _axes(chart: VerticalBarChart, weeks: Sequence[str], most: int) -> None:
    each = -(-len(weeks) // MOST_LABELS) or 1
    category, value = chart.categoryAxis, chart.valueAxis
    category.style = "stacked"
    category.categoryNames = [week if at % each == 0 else "" for at, week in enumerate(weeks)]
    category.visibleTicks = False
    value.valueStep = step = _step(most)
    value.valueMin, value.valueMax = 0, max(step * -(-most // step), step)
    value.labelTextFormat = "%d"
    value.visibleTicks, value.visibleGrid, value.gridStrokeColor = False, True, GRID
    for axis in (category, value):
        axis.strokeColor = INK
        axis.labels.fontName, axis.labels.fontSize, axis.labels.fillColor = FONT, SIZE, INK


def _step(most: int) -> int:
    """Between two lines of the grid: 1, 2 or 5 times a power of ten, so that there are few."""
    steps = (one * int(10**ten) for ten in count() for one in (1, 2, 5))
    return next(step for step in steps if step * MOST_LINES >= most)


def _for_page(drawn: str) -> etree._Element:
    """As it stands in a page: without ids and style attributes."""
    root = etree.fromstring(drawn.encode(), PARSER)
    for each in list(root.iter(*DROPPED)):
        each.getparent().remove(each)
    for element in root.iter():
        element.attrib.pop("id", "")
        for said in filter(None, str(element.attrib.pop("style", "")).split(";")):
            property, _, value = said.partition(":")
            if property.strip() != "clip-path":
                element.set(property.strip(), value.strip())
    for attribute in ATTRIBUTES:
        root.attrib.pop(attribute, "")
    root.set("role", "img")
    root.set("class", "plot")
    etree.cleanup_namespaces(root)
    return root
