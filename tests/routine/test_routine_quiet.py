"""Quiet hours by the Swedish clock, also in the nights in which it changes (policy-tystnad-1)."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import REGION

from routine.figures import Quiet
from routine.quiet import last_awake, quiet_until
from routine.region import Region

STOCKHOLM = ZoneInfo("Europe/Stockholm")


def quiet(begin: time, end: time) -> Region:
    return REGION.model_copy(update={"quiet": Quiet(**{"from": begin, "to": end, "urgent_hours": 2})})


NIGHT = quiet(time(21), time(8))
NOON = quiet(time(12), time(13, 30))
EVENING = quiet(time(21), time(0))
MORNING = quiet(time(0), time(6))
NONE = quiet(time(8), time(8))
NONE_AT_MIDNIGHT = quiet(time(0), time(0))


def at(text: str) -> datetime:
    """A time in Sweden, such as `2026-11-24 21:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM)


CLOCK = [
    ("the last moment of the day awake", NIGHT, "2026-11-24 20:59:59.999999", None),
    ("the first quiet moment", NIGHT, "2026-11-24 21:00", "2026-11-25 08:00"),
    ("before midnight", NIGHT, "2026-11-24 23:59:59", "2026-11-25 08:00"),
    ("midnight", NIGHT, "2026-11-25 00:00", "2026-11-25 08:00"),
    ("the last quiet moment", NIGHT, "2026-11-25 07:59:59.999999", "2026-11-25 08:00"),
    ("the first moment awake", NIGHT, "2026-11-25 08:00", None),
    ("over new year", NIGHT, "2026-12-31 22:00", "2027-01-01 08:00"),
    ("just before hours within a day", NOON, "2026-11-24 11:59:59.999999", None),
    ("the first of hours within a day", NOON, "2026-11-24 12:00", "2026-11-24 13:30"),
    ("the last of hours within a day", NOON, "2026-11-24 13:29:59.999999", "2026-11-24 13:30"),
    ("just after hours within a day", NOON, "2026-11-24 13:30", None),
    ("midnight, far from hours within a day", NOON, "2026-11-24 00:00", None),
    ("hours that end at midnight", EVENING, "2026-11-24 23:59:59", "2026-11-25 00:00"),
    ("the midnight at which they end", EVENING, "2026-11-25 00:00", None),
    ("the midnight at which they begin", MORNING, "2026-11-25 00:00", "2026-11-25 06:00"),
    ("the moment before hours from midnight", MORNING, "2026-11-24 23:59:59.999999", None),
    ("the same twice: none, at that very time", NONE, "2026-11-24 08:00", None),
    ("the same twice: none, at another time", NONE, "2026-11-24 03:00", None),
    ("midnight twice: none", NONE_AT_MIDNIGHT, "2026-11-24 00:00", None),
]


@pytest.mark.parametrize(("name", "region", "moment", "until"), CLOCK, ids=[row[0] for row in CLOCK])
def test_quiet_hours_hold_from_their_first_moment_and_not_at_their_end(
    name: str, region: Region, moment: str, until: str | None
) -> None:
    assert quiet_until(at(moment), region) == (at(until) if until else None)
    assert quiet_until(at(moment).astimezone(UTC), region) == (at(until) if until else None)


CHANGES = [
    # the night to 2026-03-29 has no hour from 02:00, and is ten hours long
    ("spring", datetime(2026, 3, 28, 20, 0, tzinfo=UTC), datetime(2026, 3, 29, 6, 0, tzinfo=UTC), 10),
    # the night to 2026-10-25 has that hour twice, and is twelve hours long
    ("autumn", datetime(2026, 10, 24, 19, 0, tzinfo=UTC), datetime(2026, 10, 25, 7, 0, tzinfo=UTC), 12),
]


@pytest.mark.parametrize(("name", "begin", "end", "hours"), CHANGES, ids=["spring", "autumn"])
def test_the_night_in_which_the_clock_changes_is_an_hour_shorter_or_longer(
    name: str, begin: datetime, end: datetime, hours: int
) -> None:
    moment = timedelta(microseconds=1)
    assert end - begin == timedelta(hours=hours)
    assert quiet_until(begin - moment, NIGHT) is quiet_until(end, NIGHT) is None
    for minutes in range(0, hours * 60, 15):
        assert quiet_until(begin + timedelta(minutes=minutes), NIGHT) == end
    assert quiet_until(end - moment, NIGHT) == end


@pytest.mark.parametrize(("name", "begin", "end", "hours"), CHANGES, ids=["spring", "autumn"])
def test_what_falls_in_that_night_is_brought_forward_to_the_evening_before(
    name: str, begin: datetime, end: datetime, hours: int
) -> None:
    evening = begin - timedelta(minutes=1)
    for minutes in range(0, hours * 60, 15):
        assert last_awake(begin + timedelta(minutes=minutes), NIGHT) == evening
    assert last_awake(end, NIGHT) == end


AWAKE = [
    ("awake, it stays", NIGHT, "2026-11-24 20:59:30", "2026-11-24 20:59:30"),
    ("the first quiet moment", NIGHT, "2026-11-24 21:00", "2026-11-24 20:59"),
    ("before midnight", NIGHT, "2026-11-24 23:59", "2026-11-24 20:59"),
    ("midnight", NIGHT, "2026-11-25 00:00", "2026-11-24 20:59"),
    ("the last quiet moment", NIGHT, "2026-11-25 07:59:59", "2026-11-24 20:59"),
    ("the first moment awake", NIGHT, "2026-11-25 08:00", "2026-11-25 08:00"),
    ("over new year", NIGHT, "2027-01-01 03:00", "2026-12-31 20:59"),
    ("the first of hours within a day", NOON, "2026-11-24 12:00", "2026-11-24 11:59"),
    ("the last of hours within a day", NOON, "2026-11-24 13:29", "2026-11-24 11:59"),
    ("just after hours within a day", NOON, "2026-11-24 13:30", "2026-11-24 13:30"),
    ("hours that end at midnight", EVENING, "2026-11-24 23:00", "2026-11-24 20:59"),
    ("hours from midnight", MORNING, "2026-11-25 03:00", "2026-11-24 23:59"),
    ("no quiet hours", NONE, "2026-11-24 08:00", "2026-11-24 08:00"),
]


@pytest.mark.parametrize(("name", "region", "moment", "awake"), AWAKE, ids=[row[0] for row in AWAKE])
def test_what_falls_in_quiet_hours_is_brought_forward_to_the_minute_before_them(
    name: str, region: Region, moment: str, awake: str
) -> None:
    assert last_awake(at(moment), region) == at(awake)


MOMENTS = st.integers(0, 2 * 365 * 24 * 60).map(
    lambda minutes: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
REGIONS = st.sampled_from([NIGHT, NOON, EVENING, MORNING, NONE])


@given(MOMENTS, REGIONS)
def test_when_they_are_over_they_are_over_and_less_than_a_day_and_an_hour_later(
    moment: datetime, region: Region
) -> None:
    until = quiet_until(moment, region)
    if until is not None:
        assert moment < until <= moment + timedelta(hours=25)
        assert quiet_until(until, region) is None


@given(MOMENTS, REGIONS)
def test_what_is_brought_forward_is_never_later_and_never_quiet(moment: datetime, region: Region) -> None:
    awake = last_awake(moment, region)
    assert awake <= moment
    assert quiet_until(awake, region) is None
