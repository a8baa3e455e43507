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


def is_once(text: str) -> bool:
    """Whether the clock in Sweden shows this TS once: not twice, and not never; ValueError for what is no TS."""
    wall = _wall(text)
    return wall.utcoffset() == wall.replace(fold=1).utcoffset()


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
