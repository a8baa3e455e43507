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
from sqlalchemy import Connection, Row

from engine.base import clock
from engine.base.database import transaction
from engine.base.errors import VaxelError
from engine.base.redact import redact
from engine.ops import by_hand
from engine.outer import threads
from engine.tables.inbox import Inbox, Refusal, newest_waiting, put
from models.booking_publication import BookingPublication
from models.booking_publication import Engagement as OurEngagement
from models.encryption import DoesNotOpen, ring
from models.messages import Arrival, Invalid, parse
from models.sealed import opened
from routine.bulk import is_taken_off
from systems.engagement_index import Engagement, Transaction
from tasks import clients
from tasks.booking_publication import engagements, stored

PROCESS = BookingPublication.PROCESS
PAGE = 500
SOURCE = "vas"
REMEMBERED = timedelta(days=90)
"""How long an engagement that was deleted is looked for, in case it comes back (an index restored, say)."""
log = structlog.get_logger()


@task(name="compare_with_vas", tags=["vas"], cache_policy=NO_CACHE, retries=2, retry_delay_seconds=[10, 60])
async def compare_with_vas(now: datetime, days: int) -> Counter[str]:
    """Take in what VAS has and we have not, has newer, or no longer has."""
    with redact("compare_with_vas"):
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
    applied = stored.versions(connection, keys)
    waiting = newest_waiting(connection, PROCESS, keys)
    known: dict[str, tuple[int, bool]] = {}
    for key in applied.keys() | waiting.keys():
        version, off = applied.get(key, (None, False))
        newest = max((each for each in (version, waiting.get(key)) if each is not None), default=None)
        if newest is not None:
            known[key] = newest, off and version is not None
    return known


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
    with transaction() as connection:
        ours = stored.expected(connection, SOURCE, now, last)
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
    with redact("compare_with_index"):
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
    with transaction() as connection:
        found = stored.in_shadow_at(connection, switched_on)
        _make_due(connection, found)
    return +Counter({"out_of_shadow": len(found)})


def _engagements_of(resident: str) -> list[Engagement]:
    return clients.engagement_index().find(resident)


def _residents() -> Iterator[list[str]]:
    """Everyone of whom we have put something there, a page at a time."""
    after = b""
    while True:
        with transaction() as connection:
            rows = engagements.residents(connection, after, PAGE)
        if not rows:
            return
        yield list(filter(None, map(_resident, rows)))
        after = bytes(rows[-1].resident_hash)


def _resident(row: Row[bytes, str, uuid.UUID]) -> str | None:
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
    with transaction() as connection:
        accepted = engagements.accepted(connection, ring().digest(resident))
        ours = {(row.categorization, row.unit, row.booking_id): row for row in accepted}
        there = {(each.categorization, each.unit.upper(), each.business_object_id): each for each in found}
        missing = [row for key, row in ours.items() if row.wanted and key not in there]
        back = [row for key, row in ours.items() if not row.wanted and key in there]
        engagements.doubt(connection, [row.id for row in missing + back])
        _make_due(connection, [row.case_id for row in missing + back])
        engagements.forget_removed(connection, ring().digest(resident), clock.now() - REMEMBERED)
        strays = [each for key, each in there.items() if key not in ours]
        adopted = {each: _adopt(connection, each) for each in strays}
    counts = Counter({"put_back": len(missing), "taken_away": len(back) + list(adopted.values()).count(True)})
    return +counts, [each for each, is_ours in adopted.items() if is_ours is False]


def _adopt(connection: Connection, stray: Engagement) -> bool | None:
    """One of ours that we no longer know of: its case will delete it. False: it has none; None: under way."""
    unit, booking = stray.unit.upper(), stray.business_object_id
    if engagements.is_under_way(connection, unit, booking):
        return None
    case_id = stored.case_of(connection, unit, booking)
    if case_id is None:
        return False
    engagements.adopt(connection, case_id, stray)
    _make_due(connection, [case_id])
    return True


def _make_due(connection: Connection, cases: Sequence[uuid.UUID]) -> None:
    by_hand.take_up(connection, BookingPublication, cases, "reconciled")
