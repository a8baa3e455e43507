"""Ages by the day in Sweden (barn-1 to barn-5)."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import REGION

from routine.ages import LEAP_DAY_BIRTHDAY, AgeBand, age_band, age_on, swedish_day, turns

DAYS = st.dates(date(1890, 1, 1), date(2100, 12, 31))


@pytest.mark.parametrize(
    ("day", "age"),
    [(date(2026, 11, 30), 12), (date(2026, 12, 1), 13), (date(2027, 11, 30), 13), (date(2013, 12, 1), 0)],
)
def test_one_born_on_1_december_2013(day: date, age: int) -> None:
    assert age_on(date(2013, 12, 1), day) == age


def test_one_born_on_29_february_is_older_on_1_march() -> None:
    assert LEAP_DAY_BIRTHDAY == (3, 1)
    assert turns(date(2012, 2, 29), 13) == date(2025, 3, 1)
    assert age_on(date(2012, 2, 29), date(2025, 2, 28)) == 12
    assert age_on(date(2012, 2, 29), date(2025, 3, 1)) == 13


def test_in_a_leap_year_one_born_on_29_february_is_older_that_day() -> None:
    assert turns(date(2012, 2, 29), 16) == date(2028, 2, 29)
    assert age_on(date(2012, 2, 29), date(2028, 2, 28)) == 15
    assert age_on(date(2012, 2, 29), date(2028, 2, 29)) == 16


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (datetime(2026, 11, 30, 22, 59, tzinfo=UTC), date(2026, 11, 30)),
        (datetime(2026, 11, 30, 23, 0, tzinfo=UTC), date(2026, 12, 1)),
        (datetime(2026, 7, 1, 21, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 22, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 3, 28, 23, 0, tzinfo=UTC), date(2026, 3, 29)),
        (datetime(2026, 3, 29, 22, 0, tzinfo=UTC), date(2026, 3, 30)),
        (datetime(2026, 10, 24, 22, 0, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        (datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
    ],
)
def test_a_day_begins_at_midnight_in_sweden_also_when_the_clocks_change(moment: datetime, day: date) -> None:
    assert swedish_day(moment) == day


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="zone"):
        swedish_day(datetime(2026, 12, 1, 12, 0))  # noqa: DTZ001


@pytest.mark.parametrize(
    ("born", "band"),
    [
        (date(2013, 12, 2), AgeBand.CHILD),
        (date(2013, 12, 1), AgeBand.OWN_LOGIN),
        (date(2010, 12, 2), AgeBand.OWN_LOGIN),
        (date(2010, 12, 1), AgeBand.OWN_JOURNAL),
        (date(2008, 12, 2), AgeBand.OWN_JOURNAL),
        (date(2008, 12, 1), AgeBand.ADULT),
    ],
)
def test_the_routines_ages_on_1_december_2026(born: date, band: AgeBand) -> None:
    assert age_band(born, date(2026, 12, 1), REGION.ages) is band


@given(DAYS, st.integers(0, 110))
def test_the_day_of_turning_is_the_first_of_that_age(birth: date, age: int) -> None:
    day = turns(birth, age)
    assert age_on(birth, day) == age
    assert age_on(birth, day.fromordinal(day.toordinal() - 1)) == age - 1


@given(DAYS, DAYS)
def test_nobody_grows_younger(birth: date, day: date) -> None:
    assert age_on(birth, day) <= age_on(birth, day.fromordinal(day.toordinal() + 1))
