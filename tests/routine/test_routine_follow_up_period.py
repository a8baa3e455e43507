"""Which weeks the follow-up is shown for: whole ones, in which nothing changes any more (policy-uppfoljning-1)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from routine.follow_up_period import (
    MOST_WEEKS,
    USUAL_WEEKS,
    WEEK,
    Wrong,
    WrongPeriod,
    day_given,
    is_day_closed,
    monday_of,
    period_of,
    week_name,
)

SINCE, UNTIL = date(2025, 1, 1), date(2026, 3, 4)
"""A Wednesday, and a Wednesday."""
days = st.dates(date(2024, 1, 1), date(2027, 12, 31))


def wrong(first: date | None, last: date | None) -> Wrong:
    with pytest.raises(WrongPeriod) as raised:
        period_of(first, last, SINCE, UNTIL)
    return raised.value.wrong


def test_left_out_it_is_the_newest_weeks_that_are_closed_to_their_last_day() -> None:
    shown = period_of(None, None, SINCE, UNTIL)
    assert (len(shown.weeks), shown.last, shown.is_cut) == (USUAL_WEEKS, date(2026, 3, 1), False)


def test_days_within_weeks_widen_to_whole_weeks_so_that_no_difference_is_of_a_day() -> None:
    monday, wednesday = date(2026, 2, 2), date(2026, 2, 4)
    by_days = period_of(wednesday, wednesday, SINCE, UNTIL)
    assert by_days == period_of(monday, monday + timedelta(days=6), SINCE, UNTIL)
    assert by_days.weeks == (monday,)


@given(days, days)
def test_no_week_is_shown_that_may_still_change_or_was_not_counted(first: date, last: date) -> None:
    try:
        shown = period_of(first, last, SINCE, UNTIL)
    except WrongPeriod:
        return
    for week in shown.weeks:
        assert week.weekday() == 0
        assert week + WEEK - timedelta(days=1) <= UNTIL
        assert week >= monday_of(SINCE)
    assert len(shown.weeks) <= MOST_WEEKS
    if not shown.is_cut:
        assert shown.weeks[0] <= first <= last <= (shown.last or first)


def test_what_cannot_be_shown_is_said() -> None:
    later = period_of(date(2026, 3, 2), date(2026, 3, 8), SINCE, UNTIL)
    assert (later.weeks, later.is_cut) == ((), True)
    assert period_of(date(2024, 12, 1), date(2025, 1, 20), SINCE, UNTIL).is_cut
    assert period_of(None, None, None, None).weeks == ()
    assert period_of(date(2026, 1, 1), None, None, None).is_cut


def test_dates_that_are_turned_round_and_too_many_weeks_are_refused() -> None:
    assert wrong(date(2026, 2, 2), date(2026, 2, 1)) is Wrong.TURNED_ROUND
    assert wrong(date(2020, 1, 1), date(2026, 1, 1)) is Wrong.TOO_LONG
    assert wrong(date(2020, 1, 1), None) is Wrong.TOO_LONG
    assert len(period_of(UNTIL - 105 * WEEK, UNTIL, date(2020, 1, 1), UNTIL + 2 * WEEK).weeks) == MOST_WEEKS


@pytest.mark.parametrize(
    "said", ["abc", "2026-13-01", "2026-02-30", "20260201", "2026-W05", "0001-01-01", "2026-02-01T00:00"]
)
def test_what_is_no_date_is_refused_by_its_name(said: str) -> None:
    with pytest.raises(WrongPeriod) as raised:
        day_given(said, "to")
    assert (raised.value.wrong, raised.value.name) == (Wrong.NO_DATE, "to")
    assert day_given("2026-02-01", "to") == date(2026, 2, 1)
    assert day_given("", "to") is None


def test_a_day_is_closed_once_three_more_are_over() -> None:
    day = date(2026, 3, 1)
    assert not is_day_closed(day, day + timedelta(days=3), 3)
    assert is_day_closed(day, day + timedelta(days=4), 3)


def test_a_week_has_its_iso_name() -> None:
    assert week_name(date(2026, 12, 28)) == "2026-W53"
