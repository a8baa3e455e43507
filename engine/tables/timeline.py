"""The timeline: what happened in a case, and the clause that it rests on; append-only, chained by a keyed hash.

The key is not in the database: whoever can write there can change a case's story, and it shows. Each entry's hash
takes in how the chain ended before it; that end (`last_hash`) stands with the case only, so that whoever takes the
last entries away cannot tell how it ended before them.
"""

from __future__ import annotations

import hmac
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table

from engine.base.database import insert_all
from engine.tables.decisions import Decided, keep_decisions
from models.case import Case, TimelineEntry
from models.encryption import Use, ring

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
        decided: the decision that it tells, and what that rested on: kept beside the timeline, not in its chain.
    """

    what: str
    reason: str = ""
    clause: str = ""
    detail: Mapping[str, str | int] = field(default_factory=dict)
    decided: Decided | None = field(default=None, repr=False, compare=False)


def chained(
    process: str, before: bytes | None, case_id: uuid.UUID, number: int, at: datetime, entry: Entry
) -> bytes:
    """Of an entry, over how the chain ended before it."""
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
    return ring().keyed(Use.TIMELINE, (before or b"") + json.dumps(said, sort_keys=True).encode())


def end_of(case_id: uuid.UUID, count: int, last: bytes) -> bytes:
    """How a chain of so many entries ends."""
    return ring().keyed(Use.TIMELINE, b"end" + case_id.bytes + count.to_bytes(8, "big") + last)


def append(connection: Connection, at: datetime, told: Sequence[tuple[Case, Entry]]) -> None:
    """Add entries to cases that we have claimed; moves each case's `entries` and `last_hash` on."""
    rows: list[dict[str, Any]] = []
    kept: list[tuple[uuid.UUID, int, Decided]] = []
    for case, entry in told:
        hashed = chained(case.PROCESS, case.last_hash, case.id, case.entries, at, entry)
        detail = json.dumps(dict(entry.detail), sort_keys=True)
        shared = {"what": entry.what, "reason": entry.reason, "clause": entry.clause, "detail": detail}
        own = {"case_id": case.id, "number": case.entries, "process": case.PROCESS, "at": at}
        rows.append(own | shared | {"hash": hashed})
        if entry.decided:
            kept.append((case.id, case.entries, entry.decided))
        case.entries += 1
        case.last_hash = end_of(case.id, case.entries, hashed)
    insert_all(connection, TIMELINE, rows, NAMES)
    if kept:
        keep_decisions(connection, told[0][0].PROCESS, at, kept)


def is_whole(entries: Sequence[TimelineEntry], count: int, last_hash: bytes | None) -> bool:
    """Whether a case's entries, in order, are as they were written: none changed, none taken out.

    Args:
        count, last_hash: as the case itself has them.
    """
    before: bytes | None = None
    for number, row in enumerate(entries):
        entry = Entry(row.what, row.reason, row.clause, json.loads(row.detail))
        hashed = chained(row.process, before, row.case_id, number, row.at, entry)
        if row.number != number or not hmac.compare_digest(hashed, bytes(row.hash)):
            return False
        before = end_of(row.case_id, number + 1, hashed)
    return len(entries) == count and before == last_hash
