"""All that was decided in a time, decided anew under another region's figures (`vaxel what-if`)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.base import clock
from routine.region import Region
from tasks.what_if import stored
from tasks.what_if.anew import Anew
from tasks.what_if.completed import complete
from tasks.what_if.findings import Findings
from tasks.what_if.reminders import judge_visit

Tell = Callable[[int, int], None]
"""Told how many rows have been read, and how many there are."""


class NoDecisions(Exception):
    """Nothing that was decided in that time is kept."""


def would_differ(region: Region, since: datetime, until: datetime, tell: Tell) -> Findings:
    """What would differ of what was decided from `since` until before `until`, up to now.

    Raises:
        NoDecisions: nothing of that time is kept.
    """
    anew = Anew(region, since, min(until, clock.now()))
    read = told = 0
    with stored.reading() as connection:
        all_of_them = stored.how_many(connection, since, anew.until)
        for row in stored.decisions_of(connection, since, anew.until):
            anew.judge(row)
            read += 1
            if len(anew.unasked) >= stored.PORTION:
                complete(anew, connection)
            if read - told >= stored.PORTION:
                tell(told := read, all_of_them)
        complete(anew, connection)
        for visit in stored.visits_of(connection, since):
            judge_visit(anew, visit)
            read += max(len(visit.rows), 1)
            if read - told >= stored.PORTION:
                tell(told := read, all_of_them)
    tell(read, all_of_them)
    if not anew.found.decided and not anew.found.not_decidable:
        raise NoDecisions
    return anew.found
