"""How much is measured of seeing one case and following the whole."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Json = dict[str, Any]
Wanted = Mapping[str, tuple[str, float, bool]]
"""By name: what it is, how much is wanted, and whether that is the most (True) or the least."""


@dataclass(frozen=True)
class Size:
    """How much of it.

    Args:
        cases: that there are, of as many units and weeks.
        asked: how often each thing is asked for; the median counts.
        decisions: that are kept.
    """

    cases: int = 1_000_000
    units: int = 40
    weeks: int = 52
    asked: int = 9
    decisions: int = 1_000_000


QUICK = Size(cases=20_000, units=4, weeks=8, asked=3, decisions=20_000)
