"""The engine bench: no figure without every effect exactly once, and like compared with like."""

from __future__ import annotations

from typing import Any

import pytest

from bench.engine import figures
from bench.engine.servers import checked
from bench.engine.work import STEPS
from bench.processes import WrongWork


def done(cases: int) -> dict[str, tuple[int, float]]:
    """What the stand-in says when each case has had its three effects once."""
    return {f"case-{number}/{step}": (1, 0.0) for number in range(cases) for step in STEPS}


FIGURES: dict[str, Any] = {"side": "vaxel", "cases": 3, "first_effect": [0.1]}


def test_every_effect_once_is_counted() -> None:
    assert checked(FIGURES, done(4)) == 12


@pytest.mark.parametrize(
    "there",
    [
        {name: (2 if name == "case-1/index" else 1, 0.0) for name in done(4)},
        dict(list(done(4).items())[:-1]),
        done(3),
    ],
    ids=["one is there twice", "one is missing", "a case is missing"],
)
def test_a_side_that_does_not_do_the_work_has_no_figure(there: dict[str, tuple[int, float]]) -> None:
    with pytest.raises(WrongWork):
        checked(FIGURES, there)


def a_side(seconds: float, *, has_backlog: bool = True) -> dict[str, Any]:
    """A side that took so long for 100 cases, and half as long for a backlog."""
    one: dict[str, Any] = {"cases": 100, "seconds": seconds, "backlog_seconds": seconds / 2}
    one |= {
        "has_backlog": has_backlog,
        "cpu_seconds": 1.0,
        "cpu_seconds_of_others": {"prefect": 1.0},
        "effects_checked": 600,
    }
    return figures.summary([one | {"first_effect": [0.5], "peak_mib": 1.0, "peak_child_mib": 0.0}]) | {}


def test_ratios_are_ours_over_theirs_like_with_like() -> None:
    sides = {"vaxel": a_side(1.0), "dbos": a_side(4.0), "prefect": a_side(200.0, has_backlog=False)}
    over = figures.ratios(sides)
    assert over["dbos"] == {"stream": 4.0, "backlog": 4.0, "to_reach": {"stream": 5.0, "backlog": 5.0}}
    assert over["prefect"] == {"stream": 200.0, "to_reach": {"stream": 300.0}}
    said = figures.table(sides, over)
    assert "vaxel / prefect: 200 in the stream (NOT reached; to reach: 300)" in said


def test_what_is_kept_of_all_benches_is_of_the_floor_and_the_cpu_over_dbos() -> None:
    sides = {"vaxel": a_side(2.0), "floor": a_side(1.2), "dbos": a_side(8.0)}
    assert figures.found(sides) == {
        "house/engine_stream_of_floor": (0.6, 0.5, True),
        "house/engine_backlog_of_floor": (0.6, 0.65, False),
        "house/engine_cpu_over_dbos": (1.0, 0.35, False),
    }
    assert figures.found({"vaxel": a_side(1.0)}) == {}


def test_rates_are_medians_and_rest_is_all_rounds_together() -> None:
    rounds = [
        {"cases": 10, "seconds": s, "backlog_seconds": s, "has_backlog": True, "first_effect": [s]}
        | {"cpu_seconds": s, "cpu_seconds_of_others": {}, "effects_checked": 60, "peak_mib": s}
        | {"peak_child_mib": 0.0}
        for s in (1.0, 2.0, 10.0)
    ]
    told = figures.summary(rounds)
    assert (told["cases_a_second"], told["cases_a_second_lowest"], told["cases_a_second_highest"]) == (
        5,
        1,
        10,
    )
    assert (told["first_effect_median_seconds"], told["triggers_at_rest"]) == (2.0, 3)
