"""The check of the access log: every entry is as it was written, none is missing, its end is not cut off."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from dataclasses import dataclass, field

import structlog
from sqlalchemy import Connection, delete
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among, engine, if_new, insert_all, load_each, table_of, transaction
from engine.ops.access_log import chained, end_of
from models.access_log import AccessLogEnd, BrokenAccess, LoggedAccess

log = structlog.get_logger()
PORTION = 2000
END = 0
"""The number by which the log's end is named where it is not as it was written."""
MOST_ENTRIES = 2**63 - 1
MOST_NAMED = 1000
"""So many broken entries are kept by number: where they are more, somebody has to look at all of it anyhow."""


@dataclass
class Checked:
    """What a check has found.

    Args:
        entries: how many there are.
        broken: numbers of those that are not as they were written, that do not open, or before which some are
            missing; `END`: the last ones are missing, or the end itself is not ours.
        end: how the log ends, in hex: whoever keeps it elsewhere can see later that the log goes on from there.
        passed: whether the log has, or once had, the end that was asked for.
    """

    entries: int = 0
    broken: list[int] = field(default_factory=list)
    end: str = ""
    passed: bool = False


def check_access_log(kept: tuple[int, str] | None = None) -> Checked:
    """Check the whole log, at one moment, a portion at a time.

    Args:
        kept: an end that was kept elsewhere, as (number of entries, hex).
    """
    found, before = Checked(passed=kept is None), b""
    with engine().connect().execution_options(isolation_level="REPEATABLE READ") as connection:
        for entry, opens in each_entry(connection):
            hashed = bytes(entry.hash)
            fits = opens and hmac.compare_digest(chained(before, entry.__dict__), hashed)
            if not fits or entry.number != found.entries + 1:
                found.broken.append(entry.number)
            found.entries, before = entry.number, end_of(entry.number, hashed)
            found.passed = found.passed or (entry.number, before.hex()) == kept
        end = written_end(connection)
    found.end = before.hex()
    if (found.entries, before) != end:
        found.broken.append(END)
    return found


def check_and_keep() -> Checked:
    """Check it, and keep which entries are broken, and since when; those that are whole again are gone from there."""
    found, now = check_access_log(), clock.now()
    numbers = sorted(set(found.broken))[:MOST_NAMED]
    with transaction() as connection:
        connection.execute(delete(BrokenAccess).where(~among(col(BrokenAccess.number), numbers)))
        rows = [{"number": number, "seen_at": now} for number in numbers]
        insert_all(connection, table_of(BrokenAccess), rows, ["number", "seen_at"], if_new)
    # Kept wherever logs are kept: who puts the whole database back cannot put that back too.
    log.info("access_log_checked", entries=found.entries, broken=len(found.broken), end=found.end)
    return found


def written_end(connection: Connection) -> tuple[int, bytes]:
    """How the log ends by what was written of it: how many entries, and the hash."""
    end = connection.execute(select(AccessLogEnd.entries, AccessLogEnd.hash)).one_or_none()
    return (end.entries, bytes(end.hash)) if end else (0, b"")


def each_entry(
    connection: Connection, after: int = -1, until: int = MOST_ENTRIES
) -> Iterator[tuple[LoggedAccess, bool]]:
    """Every entry behind one number, to another and with it, in order, and whether what is sealed in it opens."""
    while True:
        number = col(LoggedAccess.number)
        those = (number > after, number <= until)
        query = select(LoggedAccess).where(*those).order_by(number).limit(PORTION)
        opened, unopened = load_each(connection, query)
        portion = [(entry, True) for entry in opened] + [(entry, False) for entry in unopened]
        portion.sort(key=lambda each: each[0].number)
        yield from portion
        if len(portion) < PORTION:
            return
        after = portion[-1][0].number
