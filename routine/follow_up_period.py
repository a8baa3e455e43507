"""Which weeks the follow-up is shown for: whole ISO weeks that do not change any more (policy-uppfoljning-1).

Whole weeks only, so that two reports of nearly the same days tell nothing of the days between; and only such as stay
as they are, so that neither do two reports of one week, an hour apart.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

WEEK = timedelta(days=7)
USUAL_WEEKS = 12
MOST_WEEKS = 106
"""Two years."""
_DAY = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")


class Wrong(StrEnum):
    """What is wrong with what was asked for."""

    NO_DATE = "no_date"
    TURNED_ROUND = "turned_round"
    TOO_LONG = "too_long"


class WrongPeriod(ValueError):
    """No report can be of this.

    Args:
        wrong: what is wrong.
        name: of what was asked for, `from` or `to`.
    """

    def __init__(self, wrong: Wrong, name: str) -> None:
        super().__init__(f"{name}: {wrong}")
        self.wrong, self.name = wrong, name


@dataclass(frozen=True, slots=True)
class Period:
    """Weeks by their Mondays, the earliest first; (): there is none to show.

    Args:
        is_cut: not all that was asked for is there: it had not been summed yet, or may still change.
    """

    weeks: tuple[date, ...] = ()
    is_cut: bool = False

    @property
    def first(self) -> date | None:
        """Its first day."""
        return self.weeks[0] if self.weeks else None

    @property
    def last(self) -> date | None:
        """Its last day."""
        return self.weeks[-1] + WEEK - timedelta(days=1) if self.weeks else None


def monday_of(day: date) -> date:
    """Of its ISO week."""
    return day - timedelta(days=day.weekday())


def week_name(monday: date) -> str:
    """Such as `2026-W09`."""
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


def day_given(said: str | None, name: str) -> date | None:
    """A date as somebody wrote it; None: nothing was given.

    Raises:
        WrongPeriod: it is none.
    """
    if not said:
        return None
    try:
        if _DAY.fullmatch(said):
            return date.fromisoformat(said)
    except ValueError:
        pass
    raise WrongPeriod(Wrong.NO_DATE, name)


def period_of(first: date | None, last: date | None, since: date | None, until: date | None) -> Period:
    """The whole weeks in which these days are, as far as they can be shown.

    Args:
        first, last: as asked for; None: so that it is `USUAL_WEEKS` up to the newest that there are.
        since: the first day that was ever summed; None: none has been.
        until: the last day that does not change any more; None: there is none.

    Raises:
        WrongPeriod: the first is after the last, or it is more than `MOST_WEEKS`.
    """
    newest = monday_of(until + timedelta(days=1)) - WEEK if until else None
    if first is not None and last is not None and last < first:
        raise WrongPeriod(Wrong.TURNED_ROUND, "from")
    end = monday_of(last) if last else max(newest or date.min, monday_of(first or date.min))
    if last is None and newest is None and first is None:
        return Period()
    begin = monday_of(first) if first else end - (USUAL_WEEKS - 1) * WEEK
    if (end - begin) // WEEK >= MOST_WEEKS:
        raise WrongPeriod(Wrong.TOO_LONG, "from")
    if newest is None or since is None:
        return Period(is_cut=True)
    shown_from, shown_to = max(begin, monday_of(since)), min(end, newest)
    count = (shown_to - shown_from) // WEEK + 1
    weeks = tuple(shown_from + at * WEEK for at in range(max(count, 0)))
    asked_for = first is not None or last is not None
    return Period(weeks, is_cut=asked_for and (shown_from, shown_to) != (begin, end))


def is_day_closed(day: date, today: date, still_days: int) -> bool:
    """Can nothing that happened on that day turn out otherwise any more?"""
    return today - day > timedelta(days=still_days)
