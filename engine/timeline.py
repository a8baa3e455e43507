"""The timeline: what happened in a case, and the clause that it rests on; append-only and hash-chained."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table

from engine.database import insert_all
from models.case import Case, TimelineEntry

TIMELINE: Table = TimelineEntry.__table__  # type: ignore[attr-defined]
NAMES = ["case_id", "number", "process", "at", "what", "reason", "clause", "detail", "hash"]


@dataclass(frozen=True)
class Entry:
    """One thing that happened.

    Args:
        what: snake_case noun and verb, such as `notice_skipped`.
        reason: the reason code of the decision.
        clause: the routine's clause, or the `policy-…` of ours.
        detail: codes and counts; never a value of the patient's.
    """

    what: str
    reason: str = ""
    clause: str = ""
    detail: Mapping[str, str | int] = field(default_factory=dict)


def chained(
    process: str, before: bytes | None, case_id: uuid.UUID, number: int, at: datetime, entry: Entry
) -> bytes:
    """SHA-256 over the entry before and this one."""
    said = [
        process,
        str(case_id),
        number,
        at.isoformat(),
        entry.what,
        entry.reason,
        entry.clause,
        dict(entry.detail),
    ]
    return hashlib.sha256((before or b"") + json.dumps(said, sort_keys=True).encode()).digest()


def append(connection: Connection, at: datetime, told: Sequence[tuple[Case, Entry]]) -> None:
    """Add entries to cases that we hold; moves each case's `entries` and `last_hash` on."""
    rows: list[dict[str, Any]] = []
    for case, entry in told:
        case.last_hash = chained(case.PROCESS, case.last_hash, case.id, case.entries, at, entry)
        detail = json.dumps(dict(entry.detail), sort_keys=True)
        shared = {"what": entry.what, "reason": entry.reason, "clause": entry.clause, "detail": detail}
        own = {"case_id": case.id, "number": case.entries, "process": case.PROCESS, "at": at}
        rows.append(own | shared | {"hash": case.last_hash})
        case.entries += 1
    insert_all(connection, TIMELINE, rows, NAMES)


def is_whole(entries: Sequence[TimelineEntry], count: int, last_hash: bytes | None) -> bool:
    """Whether a case's entries, in order, are as they were written: none changed, none taken out.

    Args:
        count, last_hash: as the case itself has them.
    """
    before: bytes | None = None
    for number, row in enumerate(entries):
        entry = Entry(row.what, row.reason, row.clause, json.loads(row.detail))
        if (
            row.number != number
            or chained(row.process, before, row.case_id, number, row.at, entry) != row.hash
        ):
            return False
        before = row.hash
    return len(entries) == count and before == last_hash
