"""What the bench of reminders says of its figures, and that its floor and its own calls are counted alike."""

from __future__ import annotations

from typing import Any

import pytest

from bench.reminders.__main__ import WANTED, as_page, reached

ON = {
    "cores": 2,
    "cpu": "a core",
    "memory_gib": 8.0,
    "system": "Linux",
    "python": "3.11",
    "load_before": [0.1],
}
TOLD: dict[str, Any] = {
    "at": "2026-11-29T09:00:00+00:00",
    "machine": ON,
    "sizes": {"due": 20_000},
    "values": {"due_of_floor": 0.9, "planning_cpu_ms": 2.5, "first_seconds": 0.2},
}


@pytest.mark.parametrize(
    ("name", "value", "enough"),
    [
        ("due_of_floor", 0.8, True),
        ("due_of_floor", 0.79, False),
        ("planning_cpu_ms", 2.0, True),
        ("planning_cpu_ms", 2.1, False),
        ("first_seconds", 1.1, False),
    ],
)
def test_what_is_wanted_is_a_least_of_one_and_a_most_of_another(
    name: str, value: float, enough: bool
) -> None:
    assert reached(name, value) is enough


def test_the_page_says_of_each_figure_whether_it_is_reached() -> None:
    told = as_page(TOLD)
    assert all(what in told for what, _, _ in WANTED.values())
    assert ("0.9 | at least 0.8 | yes" in told, "2.5 | at most 2 | **no**" in told) == (True, True)
