"""Reading the access log: whose data, by whom, of which file, when. Whoever reads it stands in it first."""

from __future__ import annotations

import uuid
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from engine import clock
from engine.access_log import Access, write
from engine.database import columns, load_each, transaction
from models.access_log import LoggedAccess
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


WHERE = {
    "numbers": "patient_hash = ANY(:numbers)",
    "staff": "(who = :staff OR sought = :staff)",
    "file": "subject = :file",
    "since": "at >= :since",
    "until": "at < :until",
}


def search(asked: Search, by: Access) -> Found:
    """Read the log; `by` stands in it before anything is read."""
    with transaction() as connection:
        write(connection, [by], clock.now())
    with transaction() as connection:
        return _search_in(connection, asked)


def patient_of_file(connection: Connection, file: uuid.UUID) -> PatientId | None:
    """Whose a file or case is, by the log; None: no entry that opens says so."""
    query = f"""
        SELECT {columns(LoggedAccess)} FROM access_log WHERE subject = :file AND patient IS NOT NULL
        ORDER BY number DESC LIMIT 1"""
    opened, _ = load_each(connection, LoggedAccess, query, {"file": file})
    return PatientId.model_validate_json(opened[0].patient) if opened and opened[0].patient else None


def _search_in(connection: Connection, asked: Search) -> Found:
    given: dict[str, Any] = {name: getattr(asked, name) for name in WHERE}
    given = {name: value for name, value in given.items() if value is not None}
    if asked.numbers is not None:
        given["numbers"] = list(asked.numbers)
    where = " AND ".join([WHERE[name] for name in given] or ["true"])
    query = f"SELECT {columns(LoggedAccess)} FROM access_log WHERE {where} ORDER BY number DESC LIMIT :most"
    opened, unopened = load_each(connection, LoggedAccess, query, given | {"most": asked.most})
    count = connection.execute(text(f"SELECT count(*) FROM access_log WHERE {where}"), given).scalar_one()
    broken = connection.execute(text("SELECT EXISTS (SELECT FROM broken_access)")).scalar_one()
    return Found(
        entries=opened[::-1],
        unopened=sorted(each.number for each in unopened),
        more=count - len(opened) - len(unopened),
        is_broken=broken,
    )
