"""what is sealed is bound to its place, each hash has a key of its own, and timelines are keyed

Everything that is stored is read as the version before wrote it and written anew, a portion at a time: broken off,
it goes on where it was. Needs the keys. What does not open is left as it is, and told; its case is parked when it
comes up. ADR 0020.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import uuid
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
import structlog
from alembic import op

from engine.base import sealing
from engine.base.settings import settings
from engine.ops import reseal
from models import encryption
from models.encryption import Closed, DoesNotOpen, Use, ring
from models.sealed import Sealed, seals

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

PORTION = 1000
log = structlog.get_logger()
META = sa.MetaData()


def _table(name: str, row: Sequence[str], *hashes: str, **columns: Sealed) -> sa.Table:
    """A table as it is at this revision: what its rows are known by, and what lies sealed."""
    plain = [sa.Column(each) for each in dict.fromkeys((*row, *hashes))]
    closed = [sa.Column(each, kind) for each, kind in columns.items()]
    return sa.Table(name, META, *plain, *closed, info={"row": tuple(row)})


ID = ("id",)
PATIENT = Sealed("patient_hash", ("id",))
BOOKING = _table(
    "booking_publication", ID, "patient_hash", snapshot=Sealed("patient_hash", ("patient", "id"))
)
EFFECT = _table("effect", ("key",), request=Sealed())
EVENT = _table("event", ID, data=Sealed())
SWITCH = _table(
    "channel_switch", ID, "patient_hash", "caller_hash",
    staff=Sealed(), number=Sealed("caller_hash"), patient=PATIENT, link=Sealed(),
)  # fmt: skip
TABLES = (
    BOOKING,
    EFFECT,
    EVENT,
    SWITCH,
    _table("engagement", ID, "resident_hash", resident=Sealed("resident_hash")),
    _table(
        "inbound_contact", ID, "patient_hash", "reply_hash",
        patient=PATIENT, proxy=Sealed(), reply_address=Sealed("reply_hash"),
    ),
    _table("risk_alert", ID, "patient_hash", patient=PATIENT),
    _table("participation", ID, staff=Sealed()),
    _table("preferences", ID, "patient_hash", patient=PATIENT),
    _table("preference", ("patient_hash", "unit", "name"), value=Sealed(), setter=Sealed()),
    _table("held_event", ID, data=Sealed()),
)  # fmt: skip
CASES = (
    "booking_publication",
    "inbound_contact",
    "risk_alert",
    "channel_switch",
    "participation",
    "preferences",
)


def upgrade() -> None:
    with op.get_context().autocommit_block():
        engine = op.get_bind().engine
        before = encryption._ring
        encryption.use(replace(settings().keyring(), unbound_until=datetime.max.replace(tzinfo=UTC)))
        try:
            _anew(engine)
        finally:
            encryption._ring = before


def _anew(engine: sa.Engine) -> None:
    with engine.connect() as connection:
        had_any = _try_keys(connection)
    _series(engine)
    _likenesses(engine)
    _links(engine)
    unopened = reseal.reseal(engine, TABLES, _tell)
    broken = sum(_timelines(engine, table) for table in CASES)
    with engine.begin() as connection:
        sealing.note_key(connection)
        if had_any:
            sealing.open_unbound(connection)
    if unopened or broken:
        log.warning("left_as_it_was", unopened=dict(unopened), broken_timelines=broken)


def _tell(table: str, done: int, of: int) -> None:
    if of:
        log.info("sealed_anew", table=table, done=done, of=of)


def _try_keys(connection: sa.Connection) -> bool:
    """See that the keys are this database's before anything is written; whether anything lies there at all.

    Raises:
        WrongKeys: of some of the values that lie there, none opens.
    """
    found = 0
    for table in TABLES:
        names = ", ".join([*(column.name for column in table.columns)])
        any_value = " OR ".join(f"{name} IS NOT NULL" for name in seals(table).columns)
        query = sa.text(f"SELECT {names} FROM {table.name} WHERE {any_value} LIMIT 20")
        rows = connection.execute(query).all()
        if rows and not any(_opened(table, row) for row in rows):
            raise sealing.WrongKeys(f"the column keys do not fit this database ({table.name})")
        found += len(rows)
    return found > 0


def _opened(table: sa.Table, row: sa.Row[Any]) -> dict[str, Any] | None:
    found = dict(row._mapping)
    try:
        seals(table).open(found)
    except DoesNotOpen:
        return None
    return found


def _pages(engine: sa.Engine, query: str) -> Iterator[tuple[sa.Connection, Sequence[sa.Row[Any]]]]:
    """Rows of a query that is ordered by id (or number) and has `> :after`, each page in a transaction."""
    after: Any = uuid.UUID(int=0)
    while True:
        with engine.begin() as connection:
            rows = connection.execute(sa.text(query), {"after": after, "most": PORTION}).all()
            if not rows:
                return
            yield connection, rows
            after = rows[-1].id


# --- hashes whose plain text is there


def _series(engine: sa.Engine) -> None:
    """Of a patient's series of visits, beside each booking and in the keys of its notices."""
    query = """SELECT id, patient_hash, series, snapshot FROM booking_publication
        WHERE series IS NOT NULL AND snapshot IS NOT NULL AND id > :after ORDER BY id LIMIT :most"""
    rename = sa.text(
        """UPDATE effect SET key = replace(key, :old, :new)
        WHERE key = 'notice:series:' || :old OR key LIKE 'notice:series:' || :old || ':%'"""
    )
    for connection, rows in _pages(engine, query):
        for row in rows:
            booking = json.loads((_opened(BOOKING, row) or {}).get("snapshot") or "{}")
            named = f"{booking.get('patient', {}).get('id')}\n{booking.get('series')}"
            if row.series != ring().digest(named).hex():
                continue  # it has been done, or its snapshot tells of another
            new = ring().keyed(Use.SERIES, named).hex()
            moved = sa.text("UPDATE booking_publication SET series = :new WHERE id = :id")
            connection.execute(moved, {"new": new, "id": row.id})
            connection.execute(rename, {"old": row.series, "new": new})


def _likenesses(engine: sa.Engine) -> None:
    """Of messages and calls, by which twins are told apart."""
    query = """SELECT id, key, system, likeness, request FROM effect
        WHERE likeness IS NOT NULL AND request IS NOT NULL AND id > :after ORDER BY id LIMIT :most"""
    moved = sa.text("UPDATE effect SET likeness = :new WHERE id = :id")
    for connection, rows in _pages(engine, query):
        for row in rows:
            request = json.loads((_opened(EFFECT, row) or {}).get("request") or "{}")
            said = f"call\n{request.get('to')}" if row.system == "voice" else None
            said = said or f"{request.get('to')}\n{request.get('text')}"
            if bytes(row.likeness) == ring().digest(said):
                connection.execute(moved, {"new": ring().keyed(Use.LIKENESS, said), "id": row.id})


# --- links


def _keyed_link(digest: str) -> str:
    return base64.urlsafe_b64encode(ring().keyed(Use.LINK, digest)).decode().rstrip("=")


def _links(engine: sa.Engine) -> None:
    """Links that are out go on leading where they did, and are sent again as they were."""
    with engine.begin() as connection:
        known = connection.execute(
            sa.text("SELECT token_hash FROM link WHERE length(token_hash) = 64")
        ).scalars()
        moved = sa.text("UPDATE link SET token_hash = :new WHERE token_hash = :old")
        pairs = [{"old": old, "new": _keyed_link(old)} for old in known]
        if pairs:
            connection.execute(moved, pairs)
    query = """SELECT id FROM channel_switch c WHERE link IS NULL AND answered_at IS NULL AND id > :after
        AND EXISTS (SELECT FROM link l WHERE l.case_id = c.id) ORDER BY id LIMIT :most"""
    given = sa.text("UPDATE channel_switch SET link = :link WHERE id = :id AND link IS NULL")
    for connection, rows in _pages(engine, query):
        for row in rows:
            token = base64.urlsafe_b64encode(ring().digest(f"link\n{row.id}")).decode().rstrip("=")
            link = ring().seal(token, seals(SWITCH).place("link", {"id": row.id}))
            connection.execute(given, {"link": link, "id": row.id})
    with engine.begin() as connection:
        _logins(connection)


def _logins(connection: sa.Connection) -> None:
    """Logins that have been told of and not yet been taken in name their link by the old hash."""
    query = "SELECT id, data FROM event WHERE type = 'link.login_completed' AND applied_at IS NULL FOR UPDATE"
    for row in connection.execute(sa.text(query)).all():
        data = json.loads((_opened(EVENT, row) or {}).get("data") or "{}")
        if len(data.get("link", "")) != 64:
            continue
        said = json.dumps(data | {"link": _keyed_link(data["link"])}, ensure_ascii=False)
        closed: Closed = ring().seal(said, seals(EVENT).place("data", {"id": row.id}))
        put = sa.text("UPDATE event SET data = :data WHERE id = :id")
        connection.execute(put, {"data": closed, "id": row.id})


# --- timelines


def _timelines(engine: sa.Engine, table: str) -> int:
    """Chain anew, with the key, what is whole as it was written; gives how many are not, and are left so."""
    query = f"SELECT id, entries, last_hash FROM {table} WHERE id > :after ORDER BY id LIMIT :most FOR UPDATE"
    of_cases = sa.text("SELECT * FROM timeline WHERE case_id = ANY(:ids) ORDER BY case_id, number")
    broken = 0
    for connection, cases in _pages(engine, query):
        entries: dict[uuid.UUID, list[sa.Row[Any]]] = {}
        for entry in connection.execute(of_cases, {"ids": [case.id for case in cases]}):
            entries.setdefault(entry.case_id, []).append(entry)
        broken += sum(not _chained(connection, table, case, entries.get(case.id, [])) for case in cases)
    return broken


def _chained(
    connection: sa.Connection, table: str, case: sa.Row[Any], entries: Sequence[sa.Row[Any]]
) -> bool:
    """Whether a case's chain is whole, one way or the other; then it is keyed."""
    if _ends(entries, None) == (case.entries, case.last_hash):
        return True
    if not _is_whole_unkeyed(case, entries):
        return False
    hashes: list[dict[str, Any]] = []
    _, last = _ends(entries, hashes)
    moved = sa.text("UPDATE timeline SET hash = :hash WHERE case_id = :case AND number = :number")
    if hashes:
        connection.execute(moved, hashes)
    ended = sa.text(f"UPDATE {table} SET last_hash = :last WHERE id = :id")
    connection.execute(ended, {"last": last, "id": case.id})
    return True


def _said(entry: sa.Row[Any]) -> bytes:
    told = [entry.process, str(entry.case_id), entry.number, entry.at.astimezone(UTC).isoformat(), entry.what]
    return json.dumps([*told, entry.reason, entry.clause, json.loads(entry.detail)], sort_keys=True).encode()


def _is_whole_unkeyed(case: sa.Row[Any], entries: Sequence[sa.Row[Any]]) -> bool:
    before: bytes | None = None
    for number, entry in enumerate(entries):
        hashed = hashlib.sha256((before or b"") + _said(entry)).digest()
        if entry.number != number or hashed != bytes(entry.hash):
            return False
        before = hashed
    return len(entries) == case.entries and before == case.last_hash


def _ends(
    entries: Sequence[sa.Row[Any]], hashes: list[dict[str, Any]] | None
) -> tuple[int, bytes | None] | None:
    """How the keyed chain of these entries ends; `hashes` is given each entry's, None: they are compared with them."""
    end: bytes | None = None
    for number, entry in enumerate(entries):
        hashed = ring().keyed(Use.TIMELINE, (end or b"") + _said(entry))
        if hashes is None and not hmac.compare_digest(hashed, bytes(entry.hash)):
            return None
        if hashes is not None:
            hashes.append({"hash": hashed, "case": entry.case_id, "number": number})
        parts = b"end" + entry.case_id.bytes + (number + 1).to_bytes(8, "big") + hashed
        end = ring().keyed(Use.TIMELINE, parts)
    return len(entries), end


def downgrade() -> None:
    raise NotImplementedError("what is bound to its place is not unbound: go back to the backup made before")
