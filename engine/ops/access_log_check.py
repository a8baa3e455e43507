"""The check of the access log: every entry is as it was written, none is missing, its end is not cut off.

Each night (`check_and_keep`):

1. The newest checkpoint is found. It is an entry of the log, which the check before has written: nobody without the
   key can make one, and nobody can take the newest away without a gap in the chain behind the one before.
2. What is new since then is read, to the log's end.
3. Of the old entries those blocks are read whose night it is, and those of nights on which nothing was checked: every
   block in `NIGHTS` nights. Which they are says the date, so that nobody can keep the check away from one.
4. What was broken before is read again.
5. A new checkpoint is written. It goes no further than to where the log was, while its end is not as it was written.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

import orjson
import structlog
from sqlalchemy import Boolean, ColumnElement, Connection, delete, literal_column
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among, if_new, insert_all, load_each, table_of, transaction
from engine.ops.access_log import VAXEL, Access, Act, write
from engine.ops.access_log_chain import (
    BEFORE_ALL,
    Reading,
    at_one_moment,
    each_entry,
    end_at,
    last_number,
    next_number,
    written_end,
)
from models.access_log import IS_A_CHECK, BrokenAccess, LoggedAccess
from models.times import STOCKHOLM

log = structlog.get_logger()
BLOCK, NIGHTS = 10_000, 28
"""Old entries are read by blocks of so many, each block every so many nights (docs/security.md)."""
END = 0
"""The number by which the log's end is named where it is not as it was written."""
MOST_NAMED = 1000
"""So many broken entries are kept by number: where they are more, somebody has to look at all of it anyhow."""
MOST_TRIED = 50
"""So many checkpoints are looked at for one that is as it was written; else the log is read from its beginning."""
IS_CHECKPOINT: ColumnElement[bool] = literal_column(IS_A_CHECK, Boolean)


@dataclass
class Checked:
    """What a check has found.

    Args:
        entries: how many there are.
        read: how many of them were read.
        broken: numbers of those that are not as they were written, that do not open, or before which some are
            missing; `END`: the last ones are missing, or the end itself is not ours.
        end: how the log ends, in hex: whoever keeps it elsewhere can see later that the log goes on from there.
        passed: whether the log has, or once had, the end that was asked for.
    """

    entries: int = 0
    read: int = 0
    broken: list[int] = field(default_factory=list)
    end: str = ""
    passed: bool = False


@dataclass(frozen=True)
class Checkpoint:
    """What a check has written into the log.

    Args:
        number, ends: to which entry the log was read, and how it ended with that.
        night: the Swedish day, as an ordinal; blocks whose night came later have not been read anew yet.
        broken: numbers of what was broken, `END` left out.
    """

    number: int = 0
    ends: bytes = b""
    night: int = 0
    broken: tuple[int, ...] = ()


def check_access_log(kept: tuple[int, str] | None = None) -> Checked:
    """Check the whole log, as long as it is when the check begins.

    Args:
        kept: an end that was kept elsewhere, as (number of entries, hex).
    """
    reading, passed = Reading(), kept is None
    last, end = _end_now()
    for entry, opens in each_entry(until=last):
        reading.follow(entry, opens)
        passed = passed or (reading.number, reading.ends.hex()) == kept
    broken = reading.broken + ([] if (reading.number, reading.ends) == end else [END])
    return Checked(reading.number, reading.entries, broken, reading.ends.hex(), passed)


def check_and_keep() -> Checked:
    """Check what is new, and a part of what is old; keep what is broken, since when, and to where the log was read.

    What is whole again is gone from there.
    """
    since, night = _newest_checkpoint(), clock.now().astimezone(STOCKHOLM).date().toordinal()
    new, is_ended_well = _read_what_is_new(since)
    end = [] if is_ended_well else [END]
    with transaction() as connection:  # it alarms while the rest is read
        _keep_broken(connection, end + new.broken)
    old, still = _read_again(since, night), map(_broken_from, since.broken)
    broken = sorted({*new.broken, *old.broken, *(number for number in still if number is not None)})
    number, ends = (new.number, new.ends) if is_ended_well else (since.number, since.ends)
    _keep(end + broken, Checkpoint(number, ends, max(night, since.night), tuple(broken[:MOST_NAMED])))
    found = Checked(new.number, new.entries + old.entries, end + broken, new.ends.hex(), True)
    told = {"entries": found.entries, "read": found.read, "broken": len(found.broken)}
    # Kept wherever logs are kept: who puts the whole database back cannot put that back too.
    log.info("access_log_checked", **told, end=found.end)
    return found


def _end_now() -> tuple[int, tuple[int, bytes]]:
    """The number of the last entry that there is, and how the log ends by what was written of it."""
    with at_one_moment() as connection:
        return last_number(connection), written_end(connection)


def _newest_checkpoint() -> Checkpoint:
    """The newest that is as it was written; the log's beginning, where there is none."""
    number = col(LoggedAccess.number)
    query = select(LoggedAccess).where(IS_CHECKPOINT).order_by(number.desc()).limit(MOST_TRIED)
    with transaction() as connection:
        for entry in load_each(connection, query)[0]:
            if not _alone(connection, entry, opens=True).broken:
                return _checkpoint_in(entry)
    return Checkpoint()


def _alone(connection: Connection, entry: LoggedAccess, *, opens: bool) -> Reading:
    """One entry, read behind the one before it as that lies there."""
    reading = Reading(entry.number - 1, end_at(connection, entry.number - 1))
    reading.follow(entry, opens)
    return reading


def _checkpoint_in(entry: LoggedAccess) -> Checkpoint:
    said = orjson.loads(entry.why)
    return Checkpoint(said["number"], bytes.fromhex(said["ends"]), said["night"], tuple(said["broken"]))


def _read_what_is_new(since: Checkpoint) -> tuple[Reading, bool]:
    """The chain from a checkpoint on, and whether its end is as it was written."""
    reading = Reading(since.number, since.ends)
    last, end = _end_now()
    for entry, opens in each_entry(since.number or BEFORE_ALL, last):
        reading.follow(entry, opens)
    return reading, (reading.number, reading.ends) == end


def _read_again(since: Checkpoint, night: int) -> Reading:
    """All blocks of what was read before whose night it is, as one reading."""
    whose_night = {each % NIGHTS for each in range(max(since.night, night - NIGHTS) + 1, night + 1)}
    found, block = Reading(), 0
    while block * BLOCK < since.number:
        if block % NIGHTS not in whose_night:
            block += 1
            continue
        read, behind = _read_block(block, since.number)
        found.entries += read.entries
        found.broken += read.broken
        if behind is None:  # nothing is left, which the log's end tells
            return found
        block = max(block + 1, (behind - 1) // BLOCK)  # past what is missing, however much it is
    return found


def _read_block(block: int, most: int) -> tuple[Reading, int | None]:
    """One block, but for what is behind the entry `most`; and the number of the entry that stands behind it."""
    first, last = block * BLOCK, min((block + 1) * BLOCK, most)
    with transaction() as connection:
        reading = Reading(first, end_at(connection, first))
    for entry, opens in each_entry(first or BEFORE_ALL, last):
        reading.follow(entry, opens)
    with transaction() as connection:
        behind = next_number(connection, last)
    if behind is not None and reading.number != last:
        reading.broken.append(behind)
    return reading, behind


def _broken_from(number: int) -> int | None:
    """The number of what is broken still of a broken entry: its own, or where it is gone that of the next one there
    is; None: it is whole."""
    query = select(LoggedAccess).where(col(LoggedAccess.number) >= number)
    with transaction() as connection:
        opened, unopened = load_each(connection, query.order_by(col(LoggedAccess.number)).limit(1))
        readings = [
            *(_alone(connection, entry, opens=True) for entry in opened),
            *(_alone(connection, entry, opens=False) for entry in unopened),
        ]
    return next((reading.number for reading in readings if reading.broken), None)


def _keep(broken: Collection[int], checkpoint: Checkpoint) -> None:
    """Keep what is broken and nothing else, and to where the log was read: the latter in the log itself."""
    said = {
        "number": checkpoint.number,
        "ends": checkpoint.ends.hex(),
        "night": checkpoint.night,
        "broken": checkpoint.broken,
    }
    why = orjson.dumps(said).decode()
    with transaction() as connection:
        named = _keep_broken(connection, broken)
        connection.execute(delete(BrokenAccess).where(~among(col(BrokenAccess.number), named)))
        write(connection, [Access(who=VAXEL, act=Act.CHECK, process="access_log", why=why)], clock.now())


def _keep_broken(connection: Connection, broken: Collection[int]) -> list[int]:
    """Keep which are broken, since when, as many as are kept; gives their numbers."""
    named, now = sorted(set(broken))[:MOST_NAMED], clock.now()
    rows = [{"number": number, "seen_at": now} for number in named]
    insert_all(connection, table_of(BrokenAccess), rows, ["number", "seen_at"], if_new)
    return named
