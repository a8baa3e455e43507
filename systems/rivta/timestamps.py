"""RIV-TA times: `YYYYMMDDhhmmss` and `YYYYMMDD` without a zone, which is Swedish local time.

Source: interfaces.md §1.1, type TS of the XSDs. On the last Sunday of October 02:00 to 03:00 comes twice:
such a time is read as the first of the two. On the last Sunday of March it never comes: it is read as if the
clock had not yet been put forward.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BeforeValidator, PlainSerializer

STOCKHOLM = ZoneInfo("Europe/Stockholm")
_TS = re.compile(r"[1-9][0-9]{13}")
_DT = re.compile(r"[1-9][0-9]{7}")


def ts(moment: datetime) -> str:
    """An aware time as Swedish local time, without fractions of a second; ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError("a naive time has no place on the wire")
    return f"{moment.astimezone(STOCKHOLM):%Y%m%d%H%M%S}"


def from_ts(text: str) -> datetime:
    """A TS as an aware time in UTC; ValueError for anything else."""
    return _wall(text).astimezone(UTC)


def times_of(start: str | None, end: str | None) -> tuple[datetime | None, datetime | None]:
    """A span by its two TS, in UTC: in the hour that comes twice the first that fits, so its end is after its start.

    None: there is none, it is no TS, or the clock in Sweden never shows it.
    """
    begins, ends = next(iter(_shown_at(start)), None), _shown_at(end)
    after = [each for each in ends if begins is None or each > begins]
    return begins, next(iter(after or ends), None)


def is_read_as_it_is(start: datetime, end: datetime) -> bool:
    """Whether `times_of` reads an aware span as what it is, once it is written: of two that the clock shows alike
    only the first."""
    begins, ends = start.astimezone(STOCKHOLM), end.astimezone(STOCKHOLM)
    if begins.fold:
        return False
    return not ends.fold or ends.replace(fold=0).astimezone(UTC) <= start


def _shown_at(text: str | None) -> list[datetime]:
    """When the clock in Sweden shows this TS: once, twice, or never."""
    try:
        wall = _wall(text or "")
    except ValueError:
        return []
    both = dict.fromkeys(wall.replace(fold=fold).astimezone(UTC) for fold in (0, 1))
    return [each for each in both if ts(each) == text]


def _wall(text: str) -> datetime:
    if not _TS.fullmatch(text):
        raise ValueError("not a RIV-TA timestamp")
    return datetime.strptime(text, "%Y%m%d%H%M%S").replace(tzinfo=STOCKHOLM)


def from_dt(text: str) -> date:
    """A DT as a date; ValueError for anything else."""
    if not _DT.fullmatch(text):
        raise ValueError("not a RIV-TA date")
    return date.fromisoformat(text)


def _read_ts(value: Any) -> Any:
    return from_ts(value) if isinstance(value, str) else value


def _read_date(value: Any) -> Any:
    return from_dt(value) if isinstance(value, str) else value


def dt(value: date) -> str:
    """A date as a DT."""
    return f"{value:%Y%m%d}"


# Fields of messages: an aware time, a date; on the wire a TS, a DT.
Ts = Annotated[AwareDatetime, BeforeValidator(_read_ts), PlainSerializer(ts, return_type=str)]
Dt = Annotated[date, BeforeValidator(_read_date), PlainSerializer(dt, return_type=str)]
