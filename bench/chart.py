"""Draws the benches' results as bars of cases a second on a logarithmic axis: `python -m bench.chart`."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
OUTPUT = HERE.parent / "docs" / "bench.svg"
LEFT, WIDTH, RIGHT, ROW, TOP = 250, 440, 70, 26, 18
OURS, FLOOR, OTHER = "#1f6feb", "#8c959f", "#d0a215"
SIDES = {
    "vaxel": ("Växel's engine", OURS),
    "floor": ("the same calls, nothing durable", FLOOR),
    "dbos": ("DBOS", OTHER),
    "prefect": ("Prefect, a run for each case", OTHER),
}
Json = dict[str, Any]


@dataclass(frozen=True)
class Bar:
    """One bar: what it is of, and cases a second."""

    label: str
    value: float
    colour: str


Group = tuple[str, Sequence[Bar]]


def of_engine(told: Json) -> Group:
    """The engine bench: each side in the stream."""
    bars = [
        Bar(SIDES[side][0], one["cases_a_second"], SIDES[side][1])
        for side, one in told["sides"].items()
        if side in SIDES
    ]
    return "Engine: three posts a case", sorted(bars, key=lambda bar: -bar.value)


def of_journey(told: Json) -> Group:
    """The journey bench: storm and backlog of the smallest size beside their floors."""
    size, one = min(told["sizes"].items(), key=lambda each: int(each[0]))
    bars = []
    for way in ("storm", "backlog"):
        bars += [
            Bar(f"{way} of {size}", one[way]["cases_a_second"], OURS),
            Bar("its calls, nothing durable", one[way]["floor"]["cases_a_second"], FLOOR),
        ]
    return "Journey: webhook to settled booking", bars


def svg(groups: Sequence[Group]) -> str:
    """The chart as SVG, on white."""
    values = [bar.value for _, bars in groups for bar in bars]
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    low -= math.log10(min(values)) - low < 0.1  # the shortest bar is to be seen as one
    height = TOP + ROW * sum(len(bars) + 1 for _, bars in groups) + 44

    def place(value: float) -> float:
        return LEFT + WIDTH * (math.log10(value) - low) / (high - low)

    drawn = [_axis(10.0**power, place(10.0**power), height - 44) for power in range(low, high + 1)]
    y = float(TOP)
    for title, bars in groups:
        drawn.append(_text(12, y + 14, title, "start", bold=True))
        for bar in bars:
            y += ROW
            drawn.append(_bar(bar, y, place(bar.value)))
        y += ROW
    drawn.append(
        _text(LEFT + WIDTH / 2, height - 10, "cases a second, each step ten times the last", "middle")
    )
    size = f'width="{LEFT + WIDTH + RIGHT}" height="{height}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} font-family="sans-serif" font-size="13">\n'
        f'<rect {size} fill="#ffffff"/>\n' + "\n".join(drawn) + "\n</svg>\n"
    )


def _axis(value: float, x: float, bottom: float) -> str:
    line = f'<line x1="{x:.1f}" y1="{TOP}" x2="{x:.1f}" y2="{bottom}" stroke="#d8dee4"/>'
    return line + _text(x, bottom + 16, f"{value:g}", "middle")


def _bar(bar: Bar, y: float, end: float) -> str:
    drawn = f'<rect x="{LEFT}" y="{y}" width="{end - LEFT:.1f}" height="{ROW - 7}" fill="{bar.colour}"/>'
    told = f"{bar.value:.3g}"
    return (
        _text(LEFT - 8, y + 14, bar.label, "end") + drawn + _text(end + 6, y + 14, told, "start", bold=True)
    )


def _text(x: float, y: float, told: str, anchor: str, *, bold: bool = False) -> str:
    how = f'text-anchor="{anchor}" fill="#1f2328"' + (' font-weight="bold"' if bold else "")
    return f'<text x="{x:.1f}" y="{y:.1f}" {how}>{escape(told)}</text>'


def main() -> None:
    """Draw what results there are."""
    parser = argparse.ArgumentParser(prog="python -m bench.chart", description=__doc__)
    parser.add_argument("--results", type=Path, default=HERE / "results", help="the folder with the results")
    parser.add_argument("--output", type=Path, default=OUTPUT, help="the SVG")
    given = parser.parse_args()
    known = {"engine.json": of_engine, "journey.json": of_journey}
    files = {given.results / name: group for name, group in known.items() if (given.results / name).exists()}
    given.output.write_text(svg([group(json.loads(file.read_text())) for file, group in files.items()]))


if __name__ == "__main__":
    main()
