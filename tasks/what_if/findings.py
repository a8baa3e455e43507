"""What would differ: counted by clause, unit, and from what to what, with some cases as examples."""

from __future__ import annotations

import uuid
from collections import Counter
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from routine.rules_by_name import RULES

EXAMPLES = 5


class Side(NamedTuple):
    """What was decided, or would be: codes only."""

    answer: str
    reason: str
    clause: str


NOT_PLANNED = Side("not_planned", "", "besok-5")
"""Of a reminder: at that moment there is none."""


class Difference(NamedTuple):
    """One way in which decisions of a rule at a unit differ."""

    rule: str
    unit: str
    was: Side
    would_be: Side


@dataclass
class Found:
    """How many, and the first of them."""

    count: int = 0
    cases: list[str] = field(default_factory=list)


@dataclass
class Findings:
    """What has been found so far; as large as there are ways to differ, however many decisions."""

    decided: int = 0
    not_decidable: Counter[tuple[str, str]] = field(default_factory=Counter)
    """By rule, and why."""
    by_later_facts: int = 0
    differences: dict[Difference, Found] = field(default_factory=dict)

    def differs(self, case_id: uuid.UUID, difference: Difference) -> None:
        """Count it."""
        found = self.differences.setdefault(difference, Found())
        found.count += 1
        if len(found.cases) < EXAMPLES and str(case_id) not in found.cases:
            found.cases.append(str(case_id))

    def as_json(self) -> dict[str, Any]:
        """For a program: `decided`, `differ`, `not_decidable`, `done`, `differences`."""
        lines = [_as_line(each, found) for each, found in self.differences.items()]
        lines.sort(key=lambda line: (line["clause"], line["unit"], line["rule"], -line["count"], str(line)))
        return {
            "decided": self.decided,
            "differ": sum(found.count for found in self.differences.values()),
            "by_later_facts": self.by_later_facts,
            "not_decidable": [
                {"rule": rule, "why": why, "count": count}
                for (rule, why), count in sorted(self.not_decidable.items())
            ],
            "done": self._done(),
            "differences": lines,
        }

    def _done(self) -> list[dict[str, Any]]:
        """Of each rule, how many times something would be done that was not, and the other way round.

        What would only wait is neither: it goes later.
        """
        more: Counter[str] = Counter()
        fewer: Counter[str] = Counter()
        for each, found in self.differences.items():
            does = RULES[each.rule].does
            was, would = each.was.answer in does, is_done(each.rule, each.would_be)
            more[each.rule] += found.count * (would and not was)
            waits = each.would_be.answer == WAITS
            fewer[each.rule] += found.count * (was and not would and not waits)
        rules = [rule for rule in RULES if more[rule] or fewer[rule]]
        return [{"rule": rule, "more": more[rule], "fewer": fewer[rule]} for rule in rules]


WAITS = "wait"
"""The code of `routine.decision.Wait`."""
OTHERWISE = " otherwise"
"""After an answer's code: the same is done, but not just so, such as to another number."""


def is_done(rule: str, side: Side) -> bool:
    """Is something done by that answer of the rule?"""
    return side.answer.removesuffix(OTHERWISE) in RULES[rule].does


def _as_line(difference: Difference, found: Found) -> dict[str, Any]:
    """Under the clause that decided; where nothing was planned, under that which would."""
    rule, unit, was, would = difference
    return {
        "clause": was.clause,
        "unit": unit,
        "rule": rule,
        "was": {"answer": was.answer, "reason": was.reason},
        "would_be": {"answer": would.answer, "reason": would.reason, "clause": would.clause},
        "count": found.count,
        "cases": found.cases,
    }
