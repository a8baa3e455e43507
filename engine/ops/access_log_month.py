"""A month of the access log in its order, a portion at a time, checked as it is read.

A month is what the log had grown by between two midnights in Sweden: it begins where the month before it ended, to
the entry, so that extracts that are kept fit together as the chain does.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, func
from sqlmodel import col, select

from engine.base.database import engine
from engine.ops.access_log import chained, end_of
from engine.ops.access_log_check import each_entry, written_end
from models.access_log import LoggedAccess

DAY = timedelta(days=1)
NOTHING = "-"
"""The hash of a log without an entry."""


@dataclass
class Extract:
    """How an extract begins and ends; what it ends with is known once it has been read.

    Args:
        begins, ends: `NUMBER:HASH`, as `vaxel access --check` tells them.
        entries: how many there were.
        broken: numbers of those that are not as they were written, or before which some are missing.
        is_cut: it goes to the log's end, and that is not as it was written.
    """

    begins: str = ""
    ends: str = ""
    entries: int = 0
    broken: list[int] = field(default_factory=list)
    is_cut: bool = False


def entries_between(since: datetime, until: datetime, extract: Extract) -> Iterator[LoggedAccess]:
    """The entries of a time, in order; `extract.begins` is known with the first, the rest at the end.

    Of one that does not open the sealed columns are None.
    """
    with engine().connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        number, last = _last_before(connection, since), _last_before(connection, until)
        before = _end_at(connection, number)
        extract.begins = extract.ends = end_told(number, before)
        for entry, opens in each_entry(connection, after=number, until=last):
            hashed = bytes(entry.hash)
            fits = opens and hmac.compare_digest(chained(before, entry.__dict__), hashed)
            if not fits or entry.number != number + 1:
                extract.broken.append(entry.number)
            number, before = entry.number, end_of(entry.number, hashed)
            extract.entries += 1
            extract.ends = end_told(number, before)
            yield entry if opens else _closed(entry)
        after = _next_number(connection, number)
        if after not in (None, number + 1):
            extract.broken.append(after)
        end = written_end(connection)
        extract.is_cut = number >= end[0] and (number, before) != end


def end_told(number: int, hashed: bytes) -> str:
    """How a log ends, as it is told."""
    return f"{number}:{hashed.hex() or NOTHING}"


def _last_before(connection: Connection, moment: datetime) -> int:
    """The number of the last entry that was written before then; 0: there is none."""
    at, number = col(LoggedAccess.at), col(LoggedAccess.number)
    of_the_day = select(func.max(number)).where(at >= moment - DAY, at < moment)
    found: int | None = connection.execute(of_the_day).scalar()
    earlier = select(LoggedAccess.number).where(at < moment).order_by(number.desc()).limit(1)
    return found or connection.execute(earlier).scalar() or 0


def _next_number(connection: Connection, number: int) -> int | None:
    """The number of the entry behind one; None: there is none."""
    behind = col(LoggedAccess.number) > number
    found: int | None = connection.execute(select(func.min(LoggedAccess.number)).where(behind)).scalar()
    return found


def _end_at(connection: Connection, number: int) -> bytes:
    """How the log ended when it had so many entries, by the entry as it lies there."""
    hashed = connection.execute(select(LoggedAccess.hash).where(LoggedAccess.number == number)).scalar()
    return end_of(number, bytes(hashed)) if hashed is not None else b""


def _closed(entry: LoggedAccess) -> LoggedAccess:
    entry.__dict__ |= dict.fromkeys(("name", "patient", "why"))
    return entry
