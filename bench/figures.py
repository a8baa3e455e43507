"""What the benches make of their figures: percentiles, rounding, tables."""

from __future__ import annotations

import argparse
import json
import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def one_or_more(given: str) -> int:
    """A number on the command line that is at least 1."""
    if not given.isdecimal() or not int(given):
        raise argparse.ArgumentTypeError(f"{given} is not a whole number from 1")
    return int(given)


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that so great a share of them does not exceed (nearest rank)."""
    ranked = sorted(values)
    return ranked[max(0, math.ceil(share * len(ranked)) - 1)]


def rounded(value: Any) -> Any:
    """The same with floats to four digits that count."""
    if isinstance(value, float):
        return float(f"{value:.4g}")
    if isinstance(value, Mapping):
        return {key: rounded(one) for key, one in value.items()}
    return [rounded(one) for one in value] if isinstance(value, list) else value


def head_of(title: str, told: Mapping[str, Any]) -> list[str]:
    """The head of a result as Markdown: when, and on what."""
    on = told["machine"]
    machine = (
        f"{on['cores']} cores of {on['cpu']}, {on['memory_gib']:g} GiB, {on['system']}, Python {on['python']}"
    )
    load = on["load_before"][0]
    return [f"# {title}", "", f"{told['at']}. {machine}; load before the start {load}.", ""]


def write(output: Path, told: Mapping[str, Any], page: str) -> None:
    """Write a result: JSON, and the page beside it."""
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(json.dumps(told, indent=1, ensure_ascii=False) + "\n")
    output.with_suffix(".md").write_text(page)


def into_ratios(
    ratios: Path, found: Mapping[str, tuple[float, float, bool]], on: Mapping[str, Any], at: str
) -> None:
    """Put figures among those that are kept of all benches.

    Args:
        found: by name, the figure, what was wanted of it, and whether that was reached.
    """
    known = json.loads(ratios.read_text()) if ratios.exists() else {}
    machine = f"{on['cores']} cores of {on['cpu']}, {on['memory_gib']:g} GiB, {on['system']}"
    for name, (value, wanted, reached) in found.items():
        known[name] = {"value": value, "wanted": wanted, "reached": reached, "machine": machine, "at": at}
    ratios.write_text(json.dumps(dict(sorted(known.items())), indent=1, ensure_ascii=False) + "\n")


def table_of(rows: Sequence[Sequence[str]]) -> str:
    """Rows of text as columns, set to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows
    )
