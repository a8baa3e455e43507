"""Quiet hours: what can wait is held until they are over (policy-tystnad-1)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from models.times import STOCKHOLM
from routine.region import Region


def quiet_until(moment: datetime, region: Region) -> datetime | None:
    """When the quiet hours that the moment lies in are over; `None`: it lies in none.

    The hours are the clock's in Sweden, so the night in which it changes is an hour shorter or longer.
    """
    begin, end = region.quiet.from_, region.quiet.to
    local = moment.astimezone(STOCKHOLM)
    clock = local.time()
    if begin == end or not _is_between(clock, begin, end):
        return None
    over_night = begin > end and clock >= begin
    return _in_stockholm(local.date() + timedelta(days=over_night), end)


def last_awake(moment: datetime, region: Region) -> datetime:
    """This moment, or if it lies in quiet hours the minute before they began."""
    if quiet_until(moment, region) is None:
        return moment
    begin, end = region.quiet.from_, region.quiet.to
    local = moment.astimezone(STOCKHOLM)
    began_yesterday = begin > end and local.time() < end
    return _in_stockholm(local.date() - timedelta(days=began_yesterday), begin) - timedelta(minutes=1)


def _is_between(clock: time, begin: time, end: time) -> bool:
    if begin < end:
        return begin <= clock < end
    return clock >= begin or clock < end


def _in_stockholm(day: date, clock: time) -> datetime:
    return datetime.combine(day, clock, tzinfo=STOCKHOLM)
