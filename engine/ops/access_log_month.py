"""A month of the access log in its order, a portion at a time, checked as it is read.

A month is what the log had grown by between two midnights in Sweden: it begins where the month before it ended, to
the entry, so that extracts that are kept fit together as the chain does.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import Connection, func
from sqlmodel import col, select

from engine.base.database import transaction
from engine.ops.access_log_chain import Reading, at_one_moment, each_entry, end_at, next_number, written_end
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
    with at_one_moment() as connection:
        number, last = _last_before(connection, since), _last_before(connection, until)
        reading, end = Reading(number, end_at(connection, number)), written_end(connection)
    extract.begins = extract.ends = end_told(reading.number, reading.ends)
    extract.broken = reading.broken
    for entry, opens in each_entry(number, last):
        reading.follow(entry, opens)
        extract.entries, extract.ends = reading.entries, end_told(reading.number, reading.ends)
        yield entry if opens else _closed(entry)
    with transaction() as connection:
        behind = next_number(connection, reading.number)
    if behind is not None and behind != reading.number + 1:
        reading.broken.append(behind)
    extract.is_cut = reading.number >= end[0] and (reading.number, reading.ends) != end


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


def _closed(entry: LoggedAccess) -> LoggedAccess:
    entry.__dict__ |= dict.fromkeys(("name", "patient", "why"))
    return entry
