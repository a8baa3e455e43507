"""Who is how old on which day. A day begins at 00:00 in Sweden, whatever the clock's zone."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from models.times import STOCKHOLM
from routine.figures import Ages

LEAP_DAY_BIRTHDAY = (3, 1)
"""Month and day on which one born on 29 February turns a year older, in a year without that day.

Swedish practice is not settled; on 1 March nobody counts as older than they are.
"""


class AgeBand(StrEnum):
    """The ages that the routine tells apart (barn-1 to barn-5)."""

    CHILD = "child"
    OWN_LOGIN = "own_login"
    OWN_JOURNAL = "own_journal"
    ADULT = "adult"


def swedish_day(moment: datetime) -> date:
    """The day in Sweden at an aware moment.

    Raises:
        ValueError: the moment has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError("a moment needs a zone")
    return moment.astimezone(STOCKHOLM).date()


def turns(birth: date, age: int) -> date:
    """The day on which one born on `birth` turns `age`."""
    try:
        return birth.replace(year=birth.year + age)
    except ValueError:
        month, day = LEAP_DAY_BIRTHDAY
        return date(birth.year + age, month, day)


def age_on(birth: date, day: date) -> int:
    """Whole years on that day; negative before birth."""
    years = day.year - birth.year
    return years if turns(birth, years) <= day else years - 1


def age_band(birth: date, day: date, ages: Ages) -> AgeBand:
    """Which of the routine's ages the person has on that day (barn-1, barn-2, barn-4)."""
    age = age_on(birth, day)
    if age < ages.own_login:
        return AgeBand.CHILD
    if age < ages.own_journal:
        return AgeBand.OWN_LOGIN
    return AgeBand.OWN_JOURNAL if age < ages.adult else AgeBand.ADULT
