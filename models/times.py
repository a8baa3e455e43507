"""Times as they come in: RFC 3339 with an offset, nothing guessed."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BeforeValidator
from pydantic_core import PydanticCustomError

STOCKHOLM = ZoneInfo("Europe/Stockholm")

RFC3339 = re.compile(
    r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}[Tt ][0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,9})?"
    r"(?:[Zz]|[+-][0-9]{2}:[0-9]{2})"
)
FULL_DATE = re.compile(r"(?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}")


def in_utc(at: datetime | None) -> str:
    """A moment in a key: the same comes in with one offset, and back from the database with another."""
    return at.astimezone(UTC).isoformat() if at else "-"


def for_people(at: datetime) -> str:
    """As ops read a moment, in a command's table, on a page and in Prefect: `2026-11-30 22:17:38+01:00`.

    Swedish time, with its offset: where it is read may be elsewhere, and in October an hour comes twice.
    """
    return at.astimezone(STOCKHOLM).isoformat(" ", "seconds")


def later(moment: datetime, lapse: timedelta) -> datetime:
    """So much later as time goes, in UTC: adding to a Swedish time goes by the clock on the wall, which jumps."""
    return moment.astimezone(UTC) + lapse


def which_of_two(at: datetime) -> int | None:
    """Of a Swedish time in the hour that comes twice in October, whether it is the first or the second (0, 1)."""
    local = at.astimezone(STOCKHOLM)
    is_twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
    return local.fold if is_twice else None


def _rfc3339(value: object) -> object:
    """Lets through what RFC 3339 calls a date-time, in the years 1900 to 2199.

    Pydantic alone would also take a number of seconds, a bare date, and years that overflow in UTC.
    """
    if isinstance(value, datetime) or (isinstance(value, str) and RFC3339.fullmatch(value)):
        return value
    raise PydanticCustomError("rfc3339", "must be a time with an offset, as RFC 3339 writes it")


def _date_or_rfc3339(value: object) -> object:
    if isinstance(value, str) and FULL_DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise PydanticCustomError("full_date", "is not a date of the calendar") from None
    if isinstance(value, date):
        return value
    return _aware(_rfc3339(value))


def _aware(value: object) -> object:
    """The datetime itself, so that the union below never reads it as a date."""
    if not isinstance(value, str):
        return value
    try:
        return datetime.fromisoformat(value.upper())
    except ValueError:
        raise PydanticCustomError("rfc3339", "must be a time with an offset, as RFC 3339 writes it") from None


Time = Annotated[AwareDatetime, BeforeValidator(_rfc3339, json_schema_input_type=AwareDatetime)]
"""An aware datetime from an RFC 3339 string with an offset; a naive one is refused."""

DateOrTime = Annotated[
    date | AwareDatetime, BeforeValidator(_date_or_rfc3339, json_schema_input_type=date | AwareDatetime)
]
"""A date (the whole day, Swedish time) or a time with an offset."""
