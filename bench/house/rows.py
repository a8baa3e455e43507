"""What is told of the figures: each row's value, from one round, and what was wanted of it."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bench.house.sides import BEFORE, NOW

Json = dict[str, Any]
Value = Callable[[Json], float]
"""From what one round of the row's part measured."""


@dataclass(frozen=True)
class Row:
    """One figure.

    Args:
        part: which of the parts measures it.
        least: `wanted` is at least to be reached; else at most.
        beside: it needs the other version.
    """

    part: str
    what: str
    wanted: float
    value: Value
    least: bool = False
    beside: bool = False

    def of(self, rounds: Sequence[Json]) -> float:
        """The median of the rounds."""
        return statistics.median(self.value(one) for one in rounds)

    def is_reached(self, value: float) -> bool:
        """Whether so much is enough."""
        return value >= self.wanted if self.least else value <= self.wanted


def _over(*path: str) -> Value:
    """Ours over the other's."""
    return lambda one: _at(one[NOW], path) / _at(one[BEFORE], path)


def _ours(*path: str) -> Value:
    return lambda one: _at(one[NOW], path)


def _at(one: Any, path: Sequence[str]) -> float:
    for name in path:
        one = one[name]
    return float(one)


def _of_possible(one: Json) -> float:
    return float(one[NOW]["cases_a_second"] / one[NOW]["floor"]["possible"]["cases_a_second"])


def _first_effect(one: Json) -> float:
    return float(statistics.median(one[NOW]["seconds"]))


def _backlog(part: str, what: str, wanted: float) -> Row:
    return Row(part, f"a backlog, {what}: bookings a second over the other's", wanted, _over("cases_a_second"),
               least=True, beside=True)  # fmt: skip


ROWS: Mapping[str, Row] = {
    "backlog_100_over_before": _backlog("backlog_100", "100 ms a call", 4.3),
    "backlog_100_of_possible": Row(
        "backlog_100", "a backlog, 100 ms a call: of what is possible", 0.88, _of_possible, least=True
    ),
    "backlog_300_over_before": _backlog("backlog_300", "300 ms a call", 4.3),
    "backlog_300_of_possible": Row(
        "backlog_300", "a backlog, 300 ms a call: of what is possible", 0.88, _of_possible, least=True
    ),
    "hung_call_late_seconds": Row(
        "hung_call", "a call hangs for 12 s: the others' next step is late by, s", 0.2, _ours("late_seconds")
    ),
    "backlog_1_over_before": _backlog("backlog_1", "1 ms a call", 1.3),
    "backlog_1_two_processes_over_before": _backlog(
        "backlog_1_two_processes", "1 ms a call, our worker in two processes", 1.7
    ),
    "cpu_a_booking_over_before": Row(
        "cpu", "CPU a booking, all programs, over the other's", 0.65, _over("cpu_ms_in_all"), beside=True
    ),
    "webhook_halted_p99_ms": Row(
        "door", "200 webhooks a second, worker halted: p99, ms", 25.0, _ours("halted", "p99")
    ),
    "webhook_at_work_p99_ms": Row(
        "door", "200 webhooks a second, worker at work: p99, ms", 60.0, _ours("at_work", "p99")
    ),
    "webhook_at_work_p99_over_before": Row(
        "door",
        "the same over the other's (one of the two is enough)",
        0.3,
        _over("at_work", "p99"),
        beside=True,
    ),
    "first_effect_seconds": Row(
        "first_effect", "at rest, webhook to first effect: median, s", 0.3, _first_effect
    ),
    "rest_cpu_over_before": Row(
        "rest", "at rest, CPU of all programs over the other's", 0.5, _over("cores"), beside=True
    ),
    "worker_megabytes": Row(
        "memory", "a backlog of 100,000: the worker and its children hold, MB", 250.0, _ours("megabytes")
    ),
    "tests_over_before": Row(
        "tests", "`make test`, seconds over the other's", 0.5, _over("seconds"), beside=True
    ),
    "tests_minutes": Row("tests", "`make test`, minutes", 5.0, lambda one: one[NOW]["seconds"] / 60),
}
"""By name, as `ratios.json` has it after `house/`."""


def told(parts: Mapping[str, Json]) -> dict[str, Json]:
    """Each row that was measured: value, wanted, whether it is reached, and each round's value.

    Args:
        parts: by name, with the `rounds` of each; a side that was not there has no rows.
    """
    found: dict[str, Json] = {}
    for name, row in ROWS.items():
        rounds = [one for one in parts.get(row.part, {}).get("rounds", []) if BEFORE in one or not row.beside]
        if rounds:
            value = row.of(rounds)
            found[name] = {
                "what": row.what, "value": value, "wanted": row.wanted, "least": row.least,
                "reached": row.is_reached(value), "rounds": [row.value(one) for one in rounds],
            }  # fmt: skip
    return found
