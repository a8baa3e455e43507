"""How soon a journey's calls can be made at all: the ones that are needed, over the connections that there are."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

QUESTIONS = {"IsActiveUser": 1, "GetPersonContactInformation": 1, "GetPersonsForProfile": 500}
"""What systems are asked about residents, and about how many one call may ask."""
NUMBER = re.compile(r"(?<!\d)\d{12}(?!\d)")
Json = dict[str, Any]


def needed(calls: Iterable[Json], residents: set[str]) -> dict[str, int]:
    """How many of these calls each system has to get.

    A question is needed once for each resident, and again after something was done about the resident in that system;
    with as many others as go into one call. All else is needed as it was made.

    Args:
        calls: as the sandbox recorded them, in their order.
        residents: by identity number.
    """
    counted: Counter[str] = Counter()
    questions: Counter[tuple[str, str]] = Counter()
    known: dict[tuple[str, str], set[str]] = {}
    for call in calls:
        system, operation = call["system"], call["operation"]
        is_question = operation in QUESTIONS
        counted[system] += not is_question
        for resident in residents.intersection(NUMBER.findall(call["body"])):
            if not is_question:
                known.pop((system, resident), None)
            elif operation not in known.setdefault((system, resident), set()):
                known[system, resident].add(operation)
                questions[system, operation] += 1
    for (system, operation), count in questions.items():
        counted[system] += math.ceil(count / QUESTIONS[operation])
    return dict(counted)


def possible(
    calls: Mapping[str, int], seconds_a_call: Mapping[str, float], connections: int, cases: int
) -> Json:
    """Cases a second, and the system that allows no more: the one that has the most to do.

    Args:
        calls: needed, by system.
        seconds_a_call: by system, as bare calls over the same connections took.
        connections: to each system.
    """
    seconds = {system: count * seconds_a_call[system] / connections for system, count in calls.items()}
    slowest = max(seconds, key=lambda system: seconds[system])
    return {
        "cases_a_second": cases / seconds[slowest],
        "system": slowest,
        "calls": calls[slowest],
        "seconds_a_call": seconds_a_call[slowest],
    }
