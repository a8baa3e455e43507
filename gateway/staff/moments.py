"""Moments, lapses and sizes in plain words, in Swedish time."""

from __future__ import annotations

from datetime import datetime, timedelta

from gateway.staff.texts import Words
from gateway.visits.dates import OF_TWO
from models.times import STOCKHOLM, which_of_two

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
IN_HOURS = 2 * DAY
"""From here on a lapse is told in days."""
KILO, MEGA = 1_000, 1_000_000
NO_BREAK = "\u00a0"


def when(moment: datetime, words: Words, now: datetime) -> str:
    """A moment, such as "i morgon kl. 14.05", else as `dated`."""
    days = (moment.astimezone(STOCKHOLM).date() - now.astimezone(STOCKHOLM).date()).days
    told = {0: words.today, 1: words.tomorrow}.get(days, words.at)
    return _as_told(told, moment, words, now)


def dated(moment: datetime, words: Words, now: datetime) -> str:
    """A moment with its day, such as "lördag 28 november kl. 14.05", as paper keeps it; of another year with that."""
    return _as_told(words.at, moment, words, now)


def _as_told(told: str, moment: datetime, words: Words, now: datetime) -> str:
    """The time of day stays on one line; of the hour that comes twice in October it says which."""
    at, which = moment.astimezone(STOCKHOLM), which_of_two(moment)
    weekday, month = words.weekdays[at.weekday()], words.months[at.month - 1]
    if at.year != now.astimezone(STOCKHOLM).year:
        month = f"{month} {at.year}"
    whole = told.format(weekday=weekday, day=at.day, month=month, hour=f"{at:%H}", minute=f"{at:%M}")
    *before, last, time = whole.split(" ")
    twice = "" if which is None else OF_TWO[words.code][which]
    return " ".join((*before, f"{last}{NO_BREAK}{time}")) + twice


def said(sentence: str, moment: datetime | None, words: Words, now: datetime) -> str:
    """A sentence with a moment in it; "" where that is not known."""
    return sentence.format(when=when(moment, words, now)) if moment else ""


def left_of(lapse: timedelta, words: Words) -> str:
    """How long, never more than it is: "22 timmar", "2 dygn", "35 minuter"."""
    if lapse < MINUTE:
        return words.under_a_minute
    for unit, least, (one, many) in (
        (DAY, IN_HOURS, words.days),
        (HOUR, HOUR, words.hours),
        (MINUTE, MINUTE, words.minutes),
    ):
        if lapse >= least:
            number = lapse // unit
            return (one if number == 1 else many).format(n=number)
    return words.under_a_minute


def size_of(bytes: int, language: str) -> str:
    """A size as a ward's PC tells it, such as "3,2 MB"."""
    if bytes < KILO:
        return f"{bytes}{NO_BREAK}byte" if language == "sv" or bytes == 1 else f"{bytes}{NO_BREAK}bytes"
    size, unit = (bytes / MEGA, "MB") if bytes >= MEGA else (bytes / KILO, "kB")
    told = f"{size:.1f}" if size < 10 and unit == "MB" else f"{size:.0f}"
    return f"{told.replace('.', ',') if language == 'sv' else told}{NO_BREAK}{unit}"
