"""The nightly comparison: VAS's bookings with ours, and ours with the index. It repairs only what is ours."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

import structlog
from prefect import task
from prefect.cache_policies import NO_CACHE
from sqlalchemy import Connection, Row, text

from engine import clock, ops, threads
from engine.database import columns, load, transaction
from engine.errors import VaxelError
from engine.inbox import Inbox, Refusal, put
from engine.wordless import wordless
from models.booking_publication import BookingPublication, State
from models.booking_publication import Engagement as OurEngagement
from models.encryption import DoesNotOpen, ring
from models.messages import Arrival, Invalid, parse
from models.sealed import opened, seal
from routine.bulk import is_taken_off
from systems.engagement_index import Engagement, Transaction
from tasks import clients

PROCESS = BookingPublication.PROCESS
PAGE = 500
SOURCE = "vas"
REMEMBERED = timedelta(days=90)
"""How long an engagement that was deleted is looked for, in case it comes back (an index restored, say)."""
log = structlog.get_logger()


@task(name="compare_with_vas", tags=["vas"], cache_policy=NO_CACHE, retries=2, retry_delay_seconds=[10, 60])
async def compare_with_vas(now: datetime, days: int) -> Counter[str]:
    """Take in what VAS has and we have not, has newer, or no longer has."""
    with wordless("compare_with_vas"):
        return await asyncio.to_thread(_compare_with_vas, now, days)


def _compare_with_vas(now: datetime, days: int) -> Counter[str]:
    first, last = now.date(), (now + timedelta(days=days)).date()
    found: Counter[str] = Counter()
    seen: set[str] = set()
    bookings = clients.vas().bookings(first, last)
    while page := list(islice(bookings, PAGE)):
        found += _take_in(page, now, seen)
    return found + _no_longer_there(seen, now, last)


def _take_in(page: Sequence[Mapping[str, Any]], now: datetime, seen: set[str]) -> Counter[str]:
    """Events for what is new or newer there; what can't be read is listed for ops as any refused webhook is."""
    found: Counter[str] = Counter()
    arrivals: list[Arrival] = []
    seen |= {f"{SOURCE}:{booking.get('id')}" for booking in page}
    with transaction() as connection:
        ours = _known(connection, [f"{SOURCE}:{booking.get('id')}" for booking in page])
    for booking in page:
        event = _as_event(booking, now, ours)
        if isinstance(event, Arrival):
            arrivals.append(event)
            found[event.type.replace("booking.", "missed_")] += 1
        elif event is not None:
            Inbox().refuse(SOURCE, [event])
            found["unreadable"] += 1
    with transaction() as connection:
        put(connection, SOURCE, arrivals)
    return found


def _known(connection: Connection, keys: Sequence[str]) -> dict[str, tuple[int, bool]]:
    """The newest version of each that we know, applied or waiting, and whether it is cancelled with us."""
    query = text(
        """
        SELECT key, max(version) AS version, bool_or(cancelled) AS cancelled FROM (
            SELECT key, version, cancelled FROM booking_publication WHERE key = ANY(:keys) UNION ALL
            SELECT key, version, false FROM event
                WHERE process = :process AND key = ANY(:keys) AND applied_at IS NULL
        ) AS known WHERE version IS NOT NULL GROUP BY key"""
    )
    rows = connection.execute(query, {"keys": keys, "process": PROCESS})
    return {row.key: (row.version, row.cancelled) for row in rows}


def _as_event(
    booking: Mapping[str, Any], now: datetime, ours: Mapping[str, tuple[int, bool]]
) -> Arrival | Refusal | None:
    id, cancelled = str(booking.get("id", "")), booking.get("cancelled") is True
    known = ours.get(f"{SOURCE}:{id}")
    if known is None and cancelled:
        return None
    kind = "cancelled" if cancelled else "created" if known is None else "changed"
    version = booking.get("version")
    name = f"reconciled:{id}:{version if isinstance(version, int) else '-'}"
    body: dict[str, Any] = {
        "type": f"booking.{kind}",
        "timestamp": now.isoformat(),
        "data": {"booking": dict(booking)},
    }
    try:
        event = parse(SOURCE, body)
    except Invalid as invalid:
        return Refusal(name, f"booking.{kind}", tuple(problem["path"] for problem in invalid.errors))
    if known is not None and event.version is not None and event.version <= known[0]:
        return _back_again(event, now) if known[1] and not cancelled else None
    return _arrival(name, event.type, event.key, event.version, event.data, now)


def _back_again(event: Arrival, now: datetime) -> Arrival:
    """VAS lists again, unchanged, what it had not and we therefore took away: back without a word."""
    booking = event.data["booking"]
    assert isinstance(booking, dict)
    name = f"back:{event.key}:{event.version}:{now:%Y-%m-%d}"
    return _arrival(name, event.type, event.key, None, {"booking": booking | {"replay": True}}, now)


def _arrival(
    name: str, type: str, key: str, version: int | None, data: Mapping[str, Any], now: datetime
) -> Arrival:
    return Arrival(name, type, PROCESS, key, version, now, data, via_batch=True)


def _no_longer_there(seen: set[str], now: datetime, last: Any) -> Counter[str]:
    """What VAS no longer has is cancelled without a word, since nobody knows by whom; a few, never a flood."""
    query = f"""
        SELECT {columns(BookingPublication)} FROM booking_publication
        WHERE source = :source AND NOT cancelled AND ended_at IS NULL
            AND parked IS NULL AND start > :now AND start < :last AND updated_at < :now"""
    with transaction() as connection:
        ours = load(connection, BookingPublication, query, {"source": SOURCE, "now": now, "last": last})
        gone = [case for case in ours if case.key not in seen]
        if not is_taken_off(len(gone), clients.region()).allowed:
            log.error("too_many_missing_in_vas", missing=len(gone))
            return Counter({"too_many_missing": len(gone)})
        put(connection, SOURCE, [_cancelled(case, now) for case in gone])
    return Counter({"missing": len(gone)}) if gone else Counter()


def _cancelled(case: BookingPublication, now: datetime) -> Arrival:
    booking = json.loads(case.snapshot or "{}") | {"replay": True}
    name = f"missing:{case.booking_id}:{case.version}:{now:%Y-%m-%d}"
    return _arrival(name, "booking.cancelled", case.key, None, {"booking": booking}, now)


# --- ours with the index


@task(
    name="compare_with_index",
    tags=["engagement_index"],
    cache_policy=NO_CACHE,
    retries=2,
    retry_delay_seconds=[10, 60],
)
async def compare_with_index() -> Counter[str]:
    """Put back what is missing in the index, take away what is ours and should not be there."""
    with wordless("compare_with_index"):
        return await asyncio.to_thread(_compare_with_index)


def _compare_with_index() -> Counter[str]:
    found = _leave_shadow()
    for residents in _residents():
        asked = {
            number: threads.of("engagement_index").submit(_engagements_of, number) for number in residents
        }
        for number, answer in asked.items():
            found += _compared(number, answer)
    return found


def _compared(resident: str, asked: Future[list[Engagement]]) -> Counter[str]:
    """One resident's comparison; what can't be had of one is no harm to the others."""
    try:
        repaired, strays = _repair(resident, asked.result())
        for stray in strays:
            clients.engagement_index().update([Transaction(stray, delete=True)])
    except VaxelError as error:
        log.warning("not_compared", reason=error.reason, detail=error.detail)
        return Counter({"not_compared": 1})
    return repaired + Counter({"taken_away": len(strays)})


def _leave_shadow() -> Counter[str]:
    """Take up what lies in shadow at a unit that has been switched on: published, and nobody is told of it."""
    switched_on = [id for id, unit in clients.region().units.items() if not unit.in_shadow]
    query = text("SELECT id FROM booking_publication WHERE state = :shadowed AND unit = ANY(:units)")
    with transaction() as connection:
        found = connection.execute(query, {"shadowed": State.SHADOWED, "units": switched_on}).scalars().all()
        _make_due(connection, found)
    return +Counter({"out_of_shadow": len(found)})


def _engagements_of(resident: str) -> list[Engagement]:
    return clients.engagement_index().find(resident)


def _residents() -> Iterator[list[str]]:
    """Everyone of whom we have put something there, a page at a time."""
    after = b""
    query = text(
        """
        SELECT DISTINCT ON (resident_hash) resident_hash, resident, id FROM engagement
        WHERE resident_hash > :after ORDER BY resident_hash LIMIT :page"""
    )
    while True:
        with transaction() as connection:
            rows = list(connection.execute(query, {"after": after, "page": PAGE}))
        if not rows:
            return
        yield list(filter(None, map(_resident, rows)))
        after = bytes(rows[-1].resident_hash)


def _resident(row: Row[Any]) -> str | None:
    """Whose an engagement is; None: it does not open, and holds up no other's."""
    try:
        return opened(OurEngagement, "resident", row.resident, id=row.id)
    except DoesNotOpen as error:
        log.error("does_not_open", reason=error.reason, where=error.where)
        return None


def _repair(resident: str, found: Sequence[Engagement]) -> tuple[Counter[str], list[Engagement]]:
    """Compare one resident's engagements and make the cases due whose engagement is not as it should be.

    Returns: how many were put right, and the strays of which no case of ours knows.
    """
    given = {"resident": ring().digest(resident)}
    query = text("SELECT * FROM engagement WHERE resident_hash = :resident AND accepted")
    forget = text(
        "DELETE FROM engagement WHERE resident_hash = :resident AND accepted AND NOT wanted AND asked_at < :old"
    )
    with transaction() as connection:
        ours = {
            (row.categorization, row.unit, row.booking_id): row for row in connection.execute(query, given)
        }
        there = {(each.categorization, each.unit.upper(), each.business_object_id): each for each in found}
        missing = [row for key, row in ours.items() if row.wanted and key not in there]
        back = [row for key, row in ours.items() if not row.wanted and key in there]
        mark = text("UPDATE engagement SET accepted = false WHERE id = ANY(:ids)")
        connection.execute(mark, {"ids": [row.id for row in missing + back]})
        _make_due(connection, [row.case_id for row in missing + back])
        connection.execute(forget, given | {"old": clock.now() - REMEMBERED})
        strays = [each for key, each in there.items() if key not in ours]
        adopted = {each: _adopt(connection, each) for each in strays}
    counts = Counter({"put_back": len(missing), "taken_away": len(back) + list(adopted.values()).count(True)})
    return +counts, [each for each, is_ours in adopted.items() if is_ours is False]


def _adopt(connection: Connection, stray: Engagement) -> bool | None:
    """One of ours that we no longer know of: its case will delete it. False: it has none; None: under way."""
    key = {"unit": stray.unit.upper(), "booking": stray.business_object_id}
    pending = text("SELECT 1 FROM engagement WHERE unit = :unit AND booking_id = :booking AND NOT accepted")
    if connection.execute(pending, key).first():
        return None
    query = text(
        "SELECT id FROM booking_publication WHERE unit = :unit AND booking_id = :booking AND NOT corrected LIMIT 1"
    )
    case_id = connection.execute(query, key).scalar()
    if case_id is None:
        return False
    insert = text(
        """
        INSERT INTO engagement
            (id, case_id, resident_hash, resident, categorization, unit, booking_id, wanted, accepted, asked_at)
        VALUES (:id, :case, :hash, :resident, :category, :unit, :booking, false, false, :now)
        ON CONFLICT DO NOTHING"""
    )
    id = uuid.uuid4()
    sealed = seal(OurEngagement, "resident", stray.resident, id=id)
    who = {"hash": ring().digest(stray.resident), "resident": sealed}
    what = {"id": id, "case": case_id, "category": stray.categorization, "now": clock.now()}
    connection.execute(insert, key | who | what)
    _make_due(connection, [case_id])
    return True


def _make_due(connection: Connection, cases: Sequence[uuid.UUID]) -> None:
    ops.take_up(connection, BookingPublication, cases, "reconciled")
