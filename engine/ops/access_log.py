"""The access log: who did what with whose data, written before anything is given out; append-only, one keyed chain.

The key is not in the database: whoever can write there can change an entry, take one out or cut the log's end off,
and it shows (`engine.ops.access_log_check`). Each entry's hash takes in how the log ended before it; that end stands
in `access_log_end` only, so that nobody can tell how it ended before an entry that they take away.

The end is one row that every transaction with an access locks. It does so last of all, just before it commits
(`engine.base.at_commit`), wherever in it `write` is called: cases, effects and inbox come first, and who holds the
end waits for nobody.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import orjson
from sqlalchemy import Connection, Table

from engine.base.at_commit import last
from engine.base.database import packed, table_of
from models.access_log import Act, LoggedAccess
from models.encryption import Use, ring
from models.identity import PatientId

__all__ = ["Access", "Act", "chained", "end_of", "write"]

VAXEL = "vaxel"
"""Who has done what no human did."""
LOG: Table = table_of(LoggedAccess)
NAMES = [column.name for column in LOG.columns]
SAID = (
    "number", "id", "at", "act", "who", "name", "commission", "purpose", "unit", "process", "subject", "sought",
    "patient", "patient_hash", "why",
)  # fmt: skip
"""What the chain takes in: of sealed columns what they say, so that they can be sealed anew. It stays as it is: what
was written years ago is checked by it. A column that comes later needs a chain that begins with it."""
END = """
    INSERT INTO access_log_end (one, entries, hash)
    SELECT true, coalesce(max(number), 0), ''::bytea FROM access_log
    ON CONFLICT (one) DO UPDATE SET one = true RETURNING entries, hash"""
"""How it ends, locked. Where somebody has taken the end away, the log goes on all the same, and the check tells."""
PUT = f"""
    WITH put AS (
        INSERT INTO access_log ({", ".join(NAMES)})
        SELECT {", ".join(NAMES)} FROM json_populate_recordset(NULL::access_log, %(rows)s::json)
    )
    UPDATE access_log_end SET entries = %(entries)s, hash = %(hash)s"""
"""The entries, and how the log ends with them. Both go to the driver as they are: 1177 reads so often that what
SQLAlchemy makes of a statement costs more than all the sealing and chaining (measured)."""


@dataclass(frozen=True, kw_only=True)
class Access:
    """One thing that was done with somebody's data.

    Args:
        who: an HSA-id in upper case; `vaxel`: the program; `vaxel:<user>`: who ran a command.
        act: what they did.
        process: whose data it was, such as `image_transfer`.
        why: a clause of the routine, or words.
        subject: the file or case.
        patient: whose it is.
        name, commission, purpose, unit: of the member of staff, as they logged in; a commission and a unit by HSA-id.
        sought: of a search: the HSA-id of the staff whose accesses were asked for.
    """

    who: str
    act: Act
    process: str
    why: str = field(repr=False)
    subject: uuid.UUID | None = None
    patient: PatientId | None = None
    name: str | None = field(default=None, repr=False)
    commission: str | None = None
    purpose: str | None = None
    unit: str | None = None
    sought: str | None = None


def write(connection: Connection, accesses: Sequence[Access], at: datetime) -> None:
    """Log accesses in the caller's transaction: they are in the log once it has committed, or it has not.

    They are written as the transaction's last act: a query before that does not find them.
    """
    last(connection, _append, [_access_row(access, at.astimezone(UTC)) for access in accesses])


def chained(before: bytes, row: dict[str, Any]) -> bytes:
    """The hash of an entry, over how the log ended before it."""
    return ring().keyed(Use.ACCESS_LOG, before + orjson.dumps([row[name] for name in SAID], default=_hex))


def end_of(number: int, hashed: bytes) -> bytes:
    """How a log of so many entries ends."""
    return ring().keyed(Use.ACCESS_LOG, b"end" + number.to_bytes(8, "big", signed=True) + hashed)


def _hex(value: bytes | memoryview) -> str:
    return bytes(value).hex()


def _access_row(access: Access, at: datetime) -> dict[str, Any]:
    named = {name: getattr(access, name) for name in ("commission", "purpose", "unit", "process", "subject")}
    patient = access.patient
    return named | {
        "id": uuid.uuid4(),
        "at": at,
        "act": access.act.value,
        "who": access.who,
        "name": access.name,
        "sought": access.sought,
        "patient": patient.model_dump_json() if patient else None,
        "patient_hash": ring().digest(patient.id) if patient else None,
        "why": access.why,
    }


def _append(connection: Connection, rows: Sequence[dict[str, Any]]) -> None:
    end = connection.exec_driver_sql(END).one()
    number, before = end.entries, bytes(end.hash)
    for row in rows:
        number += 1
        row["number"] = number
        row["hash"] = chained(before, row)
        before = end_of(number, row["hash"])
    connection.exec_driver_sql(PUT, {**packed(LOG, rows, NAMES), "entries": number, "hash": before})
