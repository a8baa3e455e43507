"""Moments: of the hour that comes twice in October, which of the two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from models.times import STOCKHOLM, which_of_two

FIRST = datetime(2027, 10, 31, 0, 0, tzinfo=UTC)


def test_each_minute_of_the_hour_that_comes_twice_is_of_the_first_or_of_the_second() -> None:
    hours = [
        {which_of_two(FIRST + timedelta(minutes=at)) for at in range(60 * hour, 60 * (hour + 1))}
        for hour in range(-1, 3)
    ]
    assert hours == [{None}, {0}, {1}, {None}]


def test_in_march_no_hour_comes_twice() -> None:
    for minute in range(-120, 120):
        assert which_of_two(datetime(2027, 3, 28, 1, 0, tzinfo=UTC) + timedelta(minutes=minute)) is None


def test_it_is_the_moment_that_counts_whatever_zone_it_is_written_in() -> None:
    second = datetime(2027, 10, 31, 2, 30, fold=1, tzinfo=STOCKHOLM)
    assert which_of_two(second) == which_of_two(second.astimezone(UTC)) == 1
