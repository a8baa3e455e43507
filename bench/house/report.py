"""The figures of both sides as a page in plain words."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from bench.figures import head_of
from bench.house import rows
from bench.house.sides import BEFORE, NOW

Json = dict[str, Any]
BOTH: Mapping[str, tuple[str, Callable[[Json], float]]] = {
    "backlog_1": ("a backlog, 1 ms a call: bookings a second", lambda one: one["cases_a_second"]),
    "backlog_1_two_processes": (
        "the same, ours in two processes: bookings a second",
        lambda one: one["cases_a_second"],
    ),
    "backlog_100": ("a backlog, 100 ms a call: bookings a second", lambda one: one["cases_a_second"]),
    "backlog_300": ("a backlog, 300 ms a call: bookings a second", lambda one: one["cases_a_second"]),
    "hung_call": ("a call hangs: the others are late by, s", lambda one: one["late_seconds"]),
    "cpu": ("CPU a booking, all programs, ms", lambda one: one["cpu_ms_in_all"]),
    "door": ("200 webhooks a second, worker at work: p99, ms", lambda one: one["at_work"]["p99"]),
    "first_effect": (
        "at rest, webhook to first effect, median, s",
        lambda one: statistics.median(one["seconds"]),
    ),
    "rest": ("at rest, all programs, cores", lambda one: one["cores"]),
    "memory": ("a backlog of 100,000: the worker and its children, MB", lambda one: one["megabytes"]),
    "tests": ("`make test`, s", lambda one: one["seconds"]),
}
"""What both sides are told of, by part."""


NOTES = (
    "A value is the median of its rounds. Each round's is a ratio within the round: one side is measured right after"
    " the other, on one machine, while all programs of the side that waits stand still.",
    "A backlog: webhooks stored while the worker is halted; from the first effect to the last booking settled. 100 ms"
    " a call: each answer of the sandbox's systems comes so much later; 1 ms: as the sandbox answers by itself.",
    "Possible: the calls that are needed (a question once for a resident, and again only after something was done"
    " about the resident in that system; of the register of persons in one call for up to 500) of the system that has"
    " the most to do, times the median of bare calls, over the 4 connections to it.",
    "A call hangs: one question about one resident is never answered. Late is how much longer than without it"
    " any of the others waits for its next call, from the like question on.",
    "All programs: `vaxel up`, PostgreSQL, Prefect's server, gateway, workers and sandbox; of a booking without"
    " `vaxel up` and the alerts' workers, in a storm, from the webhook until it is settled.",
    "What the worker holds is its resident memory and what its children have beside that, looked at every two seconds"
    " while the first 6000 of the backlog settle.",
)


def page(told: Json) -> str:
    """As Markdown."""
    lines = [*head_of("This version beside another", told), goals_as_lines(told["parts"]), ""]
    lines += ["| | this version | the other | at | versions | rounds |", "|---|--:|--:|---|---|--:|"]
    for part, one in told["parts"].items():
        what, value = BOTH[part]
        cells = [_median(one["rounds"], side, value) for side in (NOW, BEFORE)]
        versions = " over ".join(f"`{version}`" for version in (one["version"], one["against"]) if version)
        lines.append(f"| {what} | {' | '.join(cells)} | {one['at']} | {versions} | {len(one['rounds'])} |")
    return "\n".join([*lines, "", *(f"- {note}" for note in NOTES)]) + "\n"


def goals_as_lines(parts: Mapping[str, Json]) -> str:
    """What was to be reached, as Markdown."""
    lines = ["| | value | wanted | reached | rounds |", "|---|--:|--:|---|---|"]
    for one in rows.told(parts).values():
        wanted = f"{'at least' if one['least'] else 'at most'} {one['wanted']:g}"
        each = ", ".join(f"{value:.3g}" for value in one["rounds"])
        cells = (f"{one['value']:.3g}", wanted, "yes" if one["reached"] else "**no**", each)
        lines.append(f"| {one['what']} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _median(rounds: Sequence[Json], side: str, value: Callable[[Json], float]) -> str:
    values = [value(one[side]) for one in rounds if side in one]
    return f"{statistics.median(values):.3g}" if values else "-"
