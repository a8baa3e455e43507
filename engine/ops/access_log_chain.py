"""The access log's chain as it is read: from any entry on, a portion at a time, each portion in a transaction of its
own. The log is append-only, so that what lies between two of them is as it was in the first."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from sqlalchemy import Connection, func
from sqlmodel import col, select

from engine.base.database import engine, load_each, transaction
from engine.ops.access_log import chained, end_of
from models.access_log import AccessLogEnd, LoggedAccess

PORTION = 2000
BEFORE_ALL = -(2**63)
"""A number below that of every entry, also of one that somebody has put in."""
AFTER_ALL = 2**63 - 1


@dataclass
class Reading:
    """How far the chain has been followed.

    Args:
        number: of the last entry that was read; 0: none.
        ends: how the log ends with it.
        entries: how many were read.
        broken: numbers of those that are not as they were written, that do not open, or before which some are
            missing.
    """

    number: int = 0
    ends: bytes = b""
    entries: int = 0
    broken: list[int] = field(default_factory=list)

    def follow(self, entry: LoggedAccess, opens: bool) -> None:
        """Read the next entry that there is; `opens`: whether what is sealed in it does."""
        hashed = bytes(entry.hash)
        fits = opens and hmac.compare_digest(chained(self.ends, entry.__dict__), hashed)
        if not fits or entry.number != self.number + 1:
            self.broken.append(entry.number)
        self.number, self.ends = entry.number, end_of(entry.number, hashed)
        self.entries += 1


@contextmanager
def at_one_moment() -> Iterator[Connection]:
    """A transaction that is for reading a few rows as they were at one moment."""
    with engine().connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        yield connection


def each_entry(after: int = BEFORE_ALL, until: int = AFTER_ALL) -> Iterator[tuple[LoggedAccess, bool]]:
    """Every entry behind one number, to another and with it, in order, and whether what is sealed in it opens."""
    while True:
        number = col(LoggedAccess.number)
        query = select(LoggedAccess).where(number > after, number <= until).order_by(number).limit(PORTION)
        with transaction() as connection:
            opened, unopened = load_each(connection, query)
        portion = [(entry, True) for entry in opened] + [(entry, False) for entry in unopened]
        portion.sort(key=lambda each: each[0].number)
        yield from portion
        if len(portion) < PORTION:
            return
        after = portion[-1][0].number


def written_end(connection: Connection) -> tuple[int, bytes]:
    """How the log ends by what was written of it: how many entries, and the hash."""
    end = connection.execute(select(AccessLogEnd.entries, AccessLogEnd.hash)).one_or_none()
    return (end.entries, bytes(end.hash)) if end else (0, b"")


def end_at(connection: Connection, number: int) -> bytes:
    """How the log ended when it had so many entries, by the entry as it lies there."""
    hashed = connection.execute(select(LoggedAccess.hash).where(LoggedAccess.number == number)).scalar()
    return end_of(number, bytes(hashed)) if hashed is not None else b""


def next_number(connection: Connection, number: int) -> int | None:
    """The number of the entry behind one; None: there is none."""
    behind = col(LoggedAccess.number) > number
    found: int | None = connection.execute(select(func.min(LoggedAccess.number)).where(behind)).scalar()
    return found


def last_number(connection: Connection) -> int:
    """The highest number that an entry has; 0: there is none."""
    found: int | None = connection.execute(select(func.max(LoggedAccess.number))).scalar()
    return found or 0
