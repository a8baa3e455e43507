"""What a run says in Prefect's UI: how many cases it took, and what became of them, by reason code."""

from __future__ import annotations

import logging
from collections import Counter
from functools import cache

from prefect.logging.handlers import APILogHandler

MOST_LINES = 20


@cache
def _logger() -> logging.Logger:
    """Ours alone: Prefect's own lines at this level say of every run that it has begun, and are not sent."""
    logger = logging.getLogger("vaxel.runs")
    logger.setLevel(logging.INFO)
    logger.propagate = False
    logger.addHandler(APILogHandler())
    return logger


def say_what_became(taken: int, became: Counter[tuple[str, str, str]]) -> None:
    """In the run that we are in.

    Args:
        taken: how many cases it claimed; one that came again counts each time.
        became: as `engine.running.runs.Run` has it.
    """
    if not taken:
        return
    _logger().info("%d cases taken", taken)
    for (state, reason, clause), number in became.most_common(MOST_LINES):
        why = ": ".join(each for each in (state, reason) if each)
        _logger().info("%d %s%s", number, why, f" ({clause})" if clause else "")
    if (more := len(became) - MOST_LINES) > 0:
        _logger().info("and %d kinds more", more)
