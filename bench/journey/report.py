"""From the figures of all rounds: medians, ratios, what was to be reached, and the result as a page."""

from __future__ import annotations

import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from bench.figures import head_of, percentile, table_of

Json = dict[str, Any]
Rounds = Sequence[Mapping[str, Any]]
LEAST_OF_FLOOR = 0.5
MOST_GROWTH = 1.2
MOST_P99_MS = 50.0
MOST_PEAK_MIB = 400.0
MOST_IDLE_SECONDS = 1.0


def of_size(rounds: Rounds) -> Json:
    """One size over its rounds: medians."""
    told: Json = {"rounds": len(rounds), "cases": rounds[0]["backlog"]["cases"]}
    for way in ("storm", "backlog"):
        taken = [one[way] for one in rounds if way in one]
        if taken:
            told[way] = _way(taken, [one[f"{way}_floor"] for one in rounds if f"{way}_floor" in one])
    backlogs = [one["backlog"] for one in rounds]
    told["backlog"] |= {
        "settled": backlogs[0]["settled"],
        "start_to_first_effect_seconds": _median(backlogs, "start_to_first_effect_seconds"),
        "steady_ms_a_case": statistics.median(one["steady"]["ms_a_case"] for one in backlogs),
        "steady_cpu_ms_a_case": _by_program([one["steady"] for one in backlogs]),
    }
    return told


def _way(taken: Rounds, floors: Rounds) -> Json:
    rates = [one.get("settled", one["cases"]) / one["seconds"] for one in taken]
    told: Json = {
        "seconds": _median(taken, "seconds"),
        "cases_a_second": statistics.median(rates),
        "cases_a_second_lowest": min(rates),
        "cases_a_second_highest": max(rates),
        "worker_peak_mib": max(one["worker_peak_mib"] for one in taken),
    }
    if "cpu_ms_a_case" in taken[0]:
        told["cpu_ms_a_case"] = _by_program(taken)
    if floors:
        rate = statistics.median(one["cases"] / one["seconds"] for one in floors)
        told["floor"] = {
            "cases_a_second": rate,
            "calls_a_case": statistics.median(one["calls"] / one["cases"] for one in floors),
            "sandbox_cpu_ms_a_case": _median(floors, "sandbox_cpu_ms_a_case"),
        }
        told["of_floor"] = told["cases_a_second"] / rate
        possible = statistics.median(one["possible"]["cases_a_second"] for one in floors)
        told["possible"] = {"cases_a_second": possible, "system": floors[0]["possible"]["system"]}
        told["of_possible"] = told["cases_a_second"] / possible
    return told


def _median(taken: Rounds, name: str) -> float:
    return float(statistics.median(one[name] for one in taken))


def _by_program(taken: Rounds) -> Json:
    programs = taken[0]["cpu_ms_a_case"]
    return {name: statistics.median(one["cpu_ms_a_case"][name] for one in taken) for name in programs}


def of_idle(rounds: Sequence[Sequence[float]]) -> Json:
    """Webhook to first effect at rest, all rounds together, seconds."""
    together = [seconds for one in rounds for seconds in one]
    return {
        "median": statistics.median(together),
        "p99": percentile(together, 0.99),
        "webhooks": len(together),
    }


def of_accepted(rounds: Rounds) -> Json:
    """How soon webhooks at a fixed rate are answered: medians of the rounds' percentiles, and the slowest of all."""
    answers = [one["answer_ms"] for one in rounds]
    return {
        "webhooks_a_second": rounds[0]["rate"],
        "webhooks": sum(one["webhooks"] for one in rounds),
        "median_ms": _median(answers, "median"),
        "p99_ms": _median(answers, "p99"),
        "slowest_ms": max(one["slowest"] for one in answers),
    }


def growth(sizes: Mapping[str, Json]) -> list[Json]:
    """What a case costs in the largest backlog over what it costs in each smaller one, the smallest first."""
    *smaller, largest = sorted(sizes.values(), key=lambda one: int(one["cases"]))
    return [
        {
            "from": one["cases"],
            "to": largest["cases"],
            "time": largest["backlog"]["steady_ms_a_case"] / one["backlog"]["steady_ms_a_case"],
            "cpu": _cpu(largest) / _cpu(one),
        }
        for one in smaller
    ]


def _cpu(one: Json) -> float:
    return float(sum(one["backlog"]["steady_cpu_ms_a_case"].values()))


def targets(told: Mapping[str, Any]) -> list[Json]:
    """What was to be reached, what was, and whether that is enough."""
    sizes: Mapping[str, Json] = told["sizes"]
    least: list[tuple[str, float, float]] = [
        (f"of its floor, {way} of {size}", one[way]["of_floor"], LEAST_OF_FLOOR)
        for size, one in sizes.items()
        for way in ("storm", "backlog")
        if "of_floor" in one.get(way, {})
    ]
    peak = max(
        one[way]["worker_peak_mib"] for one in sizes.values() for way in ("storm", "backlog") if way in one
    )
    most: list[tuple[str, float, float]] = [("worker's peak memory, MiB", peak, MOST_PEAK_MIB)]
    if "accepted" in told:
        most.append(("webhook accepted, p99, ms", told["accepted"]["worker at work"]["p99_ms"], MOST_P99_MS))
    if "idle_seconds" in told:
        most.append(
            ("idle webhook to first effect, median, s", told["idle_seconds"]["median"], MOST_IDLE_SECONDS)
        )
    for grown in told["growth"]:
        what = f"a case at a backlog of {grown['to']} over one at {grown['from']}"
        most += [(f"{what}, {how}", grown[how], MOST_GROWTH) for how in ("time", "cpu")]
    return [
        *({"what": w, "is": i, "at_least": b, "reached": i >= b} for w, i, b in least),
        *({"what": w, "is": i, "at_most": b, "reached": i <= b} for w, i, b in most),
    ]


HEAD = ("cases", "rounds", "", "cases/s", "floor", "of floor", "of possible", "time", "peak memory")
PROGRAMS = ("worker", "postgresql", "sandbox", "gateway", "prefect")


def table(told: Mapping[str, Any]) -> str:
    """The figures as text."""
    rows = [_row(one, way) for one in told["sizes"].values() for way in ("storm", "backlog") if way in one]
    reached = [
        f"{'reached    ' if one['reached'] else 'NOT reached'}  {one['what']}: {one['is']:.3g}"
        f" ({'at least' if 'at_least' in one else 'at most'} {one.get('at_least', one.get('at_most')):g})"
        for one in told["targets"]
    ]
    return "\n".join([table_of([HEAD, *rows]), "", cpu_table(told), "", *reached])


def _row(one: Json, way: str) -> tuple[str, ...]:
    told = one[way]
    part = f" (first {told['settled']})" if told.get("settled", one["cases"]) != one["cases"] else ""
    floor = told.get("floor")
    return (
        str(one["cases"]) + part,
        str(one["rounds"]),
        way,
        f"{told['cases_a_second']:.3g}",
        f"{floor['cases_a_second']:.3g}" if floor else "-",
        f"{told['of_floor']:.2f}" if floor else "-",
        f"{told['of_possible']:.2f}" if floor else "-",
        f"{told['seconds']:.3g} s",
        f"{told['worker_peak_mib']:.0f} MiB",
    )


def cpu_table(told: Mapping[str, Any]) -> str:
    """Milliseconds of the cores that a case takes, by program."""
    rows: list[tuple[str, ...]] = [("CPU, ms a case", *PROGRAMS, "in all", "sandbox in the floor")]
    for one in told["sizes"].values():
        for way, name in (("storm", "cpu_ms_a_case"), ("backlog", "steady_cpu_ms_a_case")):
            if way in one:
                used, floor = one[way][name], one[way].get("floor")
                cells = [f"{used[program]:.3g}" for program in PROGRAMS]
                at_floor = f"{floor['sandbox_cpu_ms_a_case']:.3g}" if floor else "-"
                rows.append((f"{way} of {one['cases']}", *cells, f"{sum(used.values()):.3g}", at_floor))
    return table_of(rows)


def page(told: Mapping[str, Any]) -> str:
    """The result as Markdown."""
    lines = [*head_of("The journey bench", told), "```", table(told), "```", ""]
    lines += [f"- {_at_the_door(how, one)}" for how, one in told.get("accepted", {}).items()]
    if "idle_seconds" in told:
        idle = told["idle_seconds"]
        lines.append(f"- Idle, webhook to first effect: median {idle['median']:.3g} s, p99 {idle['p99']:.3g} s"
                     f" of {idle['webhooks']}.")  # fmt: skip
    return "\n".join([*lines, *(f"- {note}" for note in told["notes"])]) + "\n"


def _at_the_door(how: str, one: Json) -> str:
    return (
        f"{one['webhooks_a_second']:g} webhooks a second, {how}: answered within {one['median_ms']:.3g} ms (median),"
        f" {one['p99_ms']:.3g} ms (p99), {one['slowest_ms']:.3g} ms (the slowest of {one['webhooks']})."
    )
