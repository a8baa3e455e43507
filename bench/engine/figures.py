"""From the figures of all rounds: medians, ratios, what was to be reached, and a table."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.figures import head_of, percentile, rounded, table_of

TO_REACH: Mapping[str, Mapping[str, float]] = {
    "prefect": {"stream": 300.0},
    "dbos": {"stream": 5.0, "backlog": 5.0},
    "floor": {"stream": 0.5, "backlog": 0.65},
}
"""Växel's cases a second, at least so many times this side's."""
CPU_OF_DBOS = 0.35
"""Växel's CPU a case, at most so much of DBOS's."""
Figures = Mapping[str, Any]


def summary(rounds: Sequence[Figures]) -> dict[str, Any]:
    """One side over its rounds: rates are medians of the rounds; triggers at rest of all rounds together."""
    singles = [seconds for one in rounds for seconds in one["first_effect"]]
    rate = statistics.median(one["cases"] / one["seconds"] for one in rounds)
    cleared = statistics.median(one["cases"] / one["backlog_seconds"] for one in rounds)
    return {
        "cases_a_second": rate,
        "cases_a_second_lowest": min(one["cases"] / one["seconds"] for one in rounds),
        "cases_a_second_highest": max(one["cases"] / one["seconds"] for one in rounds),
        "backlog_cases_a_second": cleared,
        "backlog_of_1000_seconds": 1000 / cleared,
        "first_effect_median_seconds": statistics.median(singles),
        "first_effect_p99_seconds": percentile(singles, 0.99),
        "triggers_at_rest": len(singles),
        "cpu_ms_a_case": statistics.median(1000 * one["cpu_seconds"] / one["cases"] for one in rounds),
        "cpu_ms_a_case_of_others": {
            server: statistics.median(
                3000 * one["cpu_seconds_of_others"][server] / one["effects_checked"] for one in rounds
            )
            for server in rounds[0]["cpu_seconds_of_others"]
        },
        "peak_mib": statistics.median(one["peak_mib"] for one in rounds),
        "peak_child_mib": statistics.median(one["peak_child_mib"] for one in rounds),
        "cases_in_each": rounds[0]["cases"],
        "has_backlog": rounds[0]["has_backlog"],
        "effects_checked": sum(one["effects_checked"] for one in rounds),
    }


def ratios(sides: Mapping[str, Figures]) -> dict[str, dict[str, Any]]:
    """Växel over each other side that was run, in the stream and on the backlog, beside what is to be reached."""
    if "vaxel" not in sides:
        return {}
    return {
        name: _over(sides["vaxel"], sides[name]) | {"to_reach": least}
        for name, least in TO_REACH.items()
        if name in sides
    }


def found(sides: Mapping[str, Figures]) -> dict[str, tuple[float, float, bool]]:
    """For `bench.figures.into_ratios`: of what the bare calls do, and the CPU of a case over DBOS's."""
    told = {
        f"house/engine_{way}_of_floor": (
            rounded(one[way]),
            one["to_reach"][way],
            one[way] >= one["to_reach"][way],
        )
        for name, one in ratios(sides).items()
        if name == "floor"
        for way in WAYS
    }
    if {"vaxel", "dbos"} <= set(sides):
        cpu = sides["vaxel"]["cpu_ms_a_case"] / sides["dbos"]["cpu_ms_a_case"]
        told["house/engine_cpu_over_dbos"] = (rounded(cpu), CPU_OF_DBOS, cpu <= CPU_OF_DBOS)
    return told


def _over(ours: Figures, theirs: Figures) -> dict[str, float]:
    """Like with like: a side that has no backlog of its own (Prefect's is its stream) is compared in the stream."""
    told = {"stream": ours["cases_a_second"] / theirs["cases_a_second"]}
    if theirs["has_backlog"]:
        told["backlog"] = ours["backlog_cases_a_second"] / theirs["backlog_cases_a_second"]
    return told


WAYS = {"stream": "in the stream", "backlog": "on the backlog"}
HEAD = (
    "side",
    "cases/s",
    "backlog of 1000",
    "first effect, median",
    "p99",
    "peak memory",
    "CPU a case, its own",
)


def table(sides: Mapping[str, Figures], compared: Mapping[str, Figures]) -> str:
    """The figures as text, a line for each side and one for each ratio."""
    lines = table_of([HEAD, *(_row(name, one) for name, one in sides.items())])
    return "\n".join([lines, "", *(_against(name, one) for name, one in compared.items())])


def page(told: Mapping[str, Any]) -> str:
    """The result as Markdown."""
    lines = head_of(f"The engine bench, medians of {told['rounds']} rounds", told)
    lines += ["```", table(told["sides"], told["vaxel_over"]), "```", ""]
    return "\n".join([*lines, *(f"- {note}" for note in told["notes"])]) + "\n"


def _row(name: str, one: Figures) -> tuple[str, ...]:
    child = f" (+{one['peak_child_mib']:.0f} a run)" if name == "prefect" else ""
    return (
        name,
        f"{one['cases_a_second']:.3g}",
        f"{one['backlog_of_1000_seconds']:.3g} s" if one["has_backlog"] else "",
        f"{one['first_effect_median_seconds'] * 1000:.3g} ms",
        f"{one['first_effect_p99_seconds'] * 1000:.4g} ms",
        f"{one['peak_mib']:.0f} MiB{child}",
        f"{one['cpu_ms_a_case']:.3g} ms",
    )


def _against(name: str, one: Figures) -> str:
    told = (f"{one[way]:.3g} {where} ({_verdict(one, way)})" for way, where in WAYS.items() if way in one)
    return f"vaxel / {name}: {', '.join(told)}"


def _verdict(one: Figures, way: str) -> str:
    least = one["to_reach"][way]
    return f"{'reached' if one[way] >= least else 'NOT reached'}; to reach: {least:g}"
