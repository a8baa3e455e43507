"""Ages by the day in Sweden (barn-1 to barn-5)."""

from __future__ import annotations

import json
import os
from collections import Counter
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import REGION

from models.identity import IdentityType, PatientId
from routine.ages import LEAP_DAY_BIRTHDAY, AgeBand, age_band, age_on, swedish_day, turns
from routine.figures import Ages

MATERIAL = Path(os.environ.get("VAXEL_MATERIAL", Path(__file__).parents[3] / "shared" / "material"))
NUMBERS = MATERIAL / "people" / "skatteverket_testpersonnummer.txt"
SUBSET = MATERIAL / "people" / "subset_by_age_2026-12-01.json"
with_people = pytest.mark.skipif(
    not (NUMBERS.exists() and SUBSET.exists()),
    reason="no people/ under VAXEL_MATERIAL: test numbers not held against",
)
THAT_DAY = date(2026, 12, 1)

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


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2013, 12, 1), date(2013, 11, 30), -1),
        (date(2012, 2, 29), date(2013, 2, 28), 0),
        (date(2012, 2, 29), date(2013, 3, 1), 1),
        (date(2000, 2, 29), date(2100, 2, 28), 99),
        (date(2000, 2, 29), date(2100, 3, 1), 100),
        (date(2013, 3, 1), date(2026, 2, 28), 12),
        (date(2013, 2, 28), date(2026, 2, 28), 13),
        (date(2013, 12, 31), date(2026, 12, 31), 13),
        (date(2014, 1, 1), date(2026, 12, 31), 12),
    ],
)
def test_ages_at_the_turns_of_months_and_years(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age


@pytest.mark.parametrize(
    ("day", "band"),
    [
        (date(2025, 2, 28), AgeBand.CHILD),
        (date(2025, 3, 1), AgeBand.OWN_LOGIN),
        (date(2028, 2, 28), AgeBand.OWN_LOGIN),
        (date(2028, 2, 29), AgeBand.OWN_JOURNAL),
        (date(2030, 2, 28), AgeBand.OWN_JOURNAL),
        (date(2030, 3, 1), AgeBand.ADULT),
    ],
)
def test_the_routines_ages_of_one_born_on_29_february(day: date, band: AgeBand) -> None:
    assert age_band(date(2012, 2, 29), day, REGION.ages) is band


def test_the_ages_are_the_regions() -> None:
    later = Ages(own_login=14, own_journal=17, adult=19)
    bands = [age_band(date(2026 - age, 12, 1), THAT_DAY, later) for age in (13, 14, 16, 17, 18, 19)]
    assert bands == [
        AgeBand.CHILD,
        AgeBand.OWN_LOGIN,
        AgeBand.OWN_LOGIN,
        AgeBand.OWN_JOURNAL,
        AgeBand.OWN_JOURNAL,
        AgeBand.ADULT,
    ]


def band_by_rule(number: str) -> AgeBand:
    """The band on that day as the rules have it."""
    birth = PatientId(type=IdentityType.PERSONNUMMER, id=number).birth_date
    assert birth is not None
    return age_band(birth, THAT_DAY, REGION.ages)


def band_by_figures(number: str) -> AgeBand:
    """The same by the figures alone: born so many years before that day, or earlier."""
    for years, band in ((18, AgeBand.ADULT), (16, AgeBand.OWN_JOURNAL), (13, AgeBand.OWN_LOGIN)):
        if number[:8] <= f"{2026 - years}1201":
            return band
    return AgeBand.CHILD


@cache
def numbers() -> tuple[str, ...]:
    return tuple(NUMBERS.read_text("utf-8").split())


@with_people
def test_every_official_test_number_has_its_age_on_1_december_2026() -> None:
    wrong = [number for number in numbers() if band_by_rule(number) is not band_by_figures(number)]
    assert wrong == []


@with_people
def test_so_many_of_the_official_test_numbers_are_of_each_age() -> None:
    assert len(set(numbers())) == len(numbers()) == 41_493
    assert Counter(band_by_rule(number) for number in numbers()) == {
        AgeBand.CHILD: 3889,
        AgeBand.OWN_LOGIN: 2191,
        AgeBand.OWN_JOURNAL: 1462,
        AgeBand.ADULT: 41_493 - 3889 - 2191 - 1462,
    }


IN_SUBSET = {
    "0-12": AgeBand.CHILD,
    "13-15": AgeBand.OWN_LOGIN,
    "16-17": AgeBand.OWN_JOURNAL,
    "18-64": AgeBand.ADULT,
    "65-99": AgeBand.ADULT,
    "100+": AgeBand.ADULT,
}


@with_people
def test_the_subset_by_age_agrees() -> None:
    subset: dict[str, list[str]] = json.loads(SUBSET.read_text("utf-8"))
    assert subset.keys() == IN_SUBSET.keys()
    for name, members in subset.items():
        assert members, name
        assert {band_by_rule(number) for number in members} == {IN_SUBSET[name]}


@pytest.mark.parametrize(
    ("number", "age", "band"),
    [
        ("201312012386", 13, AgeBand.OWN_LOGIN),
        ("201312012394", 13, AgeBand.OWN_LOGIN),
        ("201312022385", 12, AgeBand.CHILD),
        ("201012012389", 16, AgeBand.OWN_JOURNAL),
    ],
)
def test_the_test_numbers_whose_birthday_is_that_day_or_the_next(
    number: str, age: int, band: AgeBand
) -> None:
    birth = date(int(number[:4]), int(number[4:6]), int(number[6:8]))
    assert age_on(birth, THAT_DAY) == age
    assert band_by_rule(number) is band


@pytest.mark.parametrize(
    ("moment", "band"),
    [
        (datetime(2026, 11, 30, 22, 59, 59, 999999, tzinfo=UTC), AgeBand.CHILD),
        (datetime(2026, 11, 30, 23, 0, tzinfo=UTC), AgeBand.OWN_LOGIN),
    ],
)
def test_a_child_is_13_from_midnight_in_sweden(moment: datetime, band: AgeBand) -> None:
    assert age_band(date(2013, 12, 1), swedish_day(moment), REGION.ages) is band


@pytest.mark.parametrize(
    ("moment", "band"),
    [
        (datetime(2026, 6, 30, 21, 59, 59, tzinfo=UTC), AgeBand.CHILD),
        (datetime(2026, 6, 30, 22, 0, tzinfo=UTC), AgeBand.OWN_LOGIN),
    ],
)
def test_in_summer_midnight_in_sweden_is_an_hour_earlier(moment: datetime, band: AgeBand) -> None:
    assert age_band(date(2013, 7, 1), swedish_day(moment), REGION.ages) is band
