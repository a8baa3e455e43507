"""Reading the access log: whose data, by whom, of which file, when. Whoever reads it stands in it first."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import ColumnElement, Connection, exists, func
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among, load_each, transaction
from engine.ops.access_log import Access, write
from models.access_log import BrokenAccess, LoggedAccess
from models.identity import PatientId


@dataclass(frozen=True, kw_only=True)
class Search:
    """What of the log is asked for; what is not given narrows nothing.

    Args:
        numbers: keyed hashes of all the numbers that a patient has had.
        staff: an HSA-id.
        file: of the file or case.
        since, until: from this moment on, and before this one.
        most: so many of the newest.
    """

    numbers: Collection[bytes] | None = field(default=None, repr=False)
    staff: str | None = None
    file: uuid.UUID | None = None
    since: datetime | None = None
    until: datetime | None = None
    most: int = 10_000


@dataclass(frozen=True)
class Found:
    """What of the log was asked for, the oldest first.

    Args:
        unopened: numbers of entries that do not open.
        more: how many older ones there are.
        is_broken: the last check found that the log is not as it was written.
    """

    entries: list[LoggedAccess] = field(repr=False)
    unopened: list[int]
    more: int
    is_broken: bool


def search(asked: Search, by: Access) -> Found:
    """Read the log; `by` stands in it before anything is read."""
    with transaction() as connection:
        write(connection, [by], clock.now())
    with transaction() as connection:
        return _search_in(connection, asked)


def patient_of_file(connection: Connection, file: uuid.UUID) -> PatientId | None:
    """Whose a file or case is, by the log; None: no entry that opens says so."""
    query = (
        select(LoggedAccess)
        .where(LoggedAccess.subject == file, col(LoggedAccess.patient).is_not(None))
        .order_by(col(LoggedAccess.number).desc())
        .limit(1)
    )
    opened, _ = load_each(connection, query)
    return PatientId.model_validate_json(opened[0].patient) if opened and opened[0].patient else None


def _search_in(connection: Connection, asked: Search) -> Found:
    number, those = col(LoggedAccess.number), list(_those(asked))
    newest = select(LoggedAccess).where(*those).order_by(number.desc()).limit(asked.most)
    opened, unopened = load_each(connection, newest)
    count = connection.execute(select(func.count(number)).where(*those)).scalar_one()
    broken = connection.execute(select(exists(select(BrokenAccess.number)))).scalar_one()
    return Found(
        entries=opened[::-1],
        unopened=sorted(each.number for each in unopened),
        more=count - len(opened) - len(unopened),
        is_broken=broken,
    )


def _those(asked: Search) -> Iterator[ColumnElement[bool]]:
    if asked.numbers is not None:
        yield among(col(LoggedAccess.patient_hash), asked.numbers)
    if asked.staff is not None:
        yield (col(LoggedAccess.who) == asked.staff) | (col(LoggedAccess.sought) == asked.staff)
    if asked.file is not None:
        yield col(LoggedAccess.subject) == asked.file
    if asked.since is not None:
        yield col(LoggedAccess.at) >= asked.since
    if asked.until is not None:
        yield col(LoggedAccess.at) < asked.until
