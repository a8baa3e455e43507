"""The inbox: every webhook is stored once, committed before it is answered, and waits for its process."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Table, Update, bindparam, func, text
from sqlalchemy.dialects.postgresql import Insert
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from engine.base import clock
from engine.base.database import (
    among,
    among_given,
    given_rows,
    if_new,
    insert_all,
    load_each,
    packed,
    transaction,
)
from engine.tables import held, wake
from models.case import Event, Heard, Outcome, RefusedEvent
from models.events import Arrival

EVENT: Table = Event.__table__  # type: ignore[attr-defined]
REFUSED: Table = RefusedEvent.__table__  # type: ignore[attr-defined]
NAMED = ("id", "source", "webhook_id", "type", "process", "key", "version")
IS_WAITING = col(Event.applied_at).is_(None)
STORED = (*NAMED, "occurred_at", "received_at", "via_batch", "taken", "data")


@dataclass(frozen=True)
class Refusal:
    """An event with a valid signature that was refused: the paths of what was wrong, never a value.

    Args:
        risk: what became of a risk of suicide that is named in it; None: none is.
        taken_in: it was not refused, but for these paths.
    """

    webhook_id: str
    type: str | None
    paths: tuple[str, ...]
    risk: Heard | None = None
    taken_in: bool = False


WhyHeld = Callable[[str, Arrival], str | None]
"""From a source and an event to the reason for which it is held; None: it is not."""


@dataclass(frozen=True)
class Inbox:
    """What the gateway puts in. Nothing here decides anything.

    Args:
        why_held: asked of each event; one that is held is kept beside the inbox (`engine.tables.held`).
    """

    why_held: WhyHeld | None = None

    def store(self, source: str, arrivals: Sequence[Arrival]) -> list[uuid.UUID]:
        """Store events in one transaction, committed when this returns.

        Returns: each event's id; the same `webhook_id` from the same source again gives the same id.
        """
        with transaction() as connection:
            return put(connection, source, arrivals, self.why_held)

    def refuse(self, source: str, refusals: Sequence[Refusal]) -> None:
        """Keep a line for ops about what was refused (`vaxel refused`)."""
        with transaction() as connection:
            refuse(connection, source, refusals)


def refuse(connection: Connection, source: str, refusals: Sequence[Refusal]) -> None:
    """Note what was refused, or taken in without its wrong parts, within a transaction."""
    names = ("webhook_id", "type", "risk", "taken_in")
    shared = {"source": source, "refused_at": clock.now()}
    rows = [
        shared | {name: getattr(each, name) for name in names} | {"paths": "\n".join(each.paths)}
        for each in refusals
    ]
    insert_all(connection, REFUSED, rows, [*names, *shared, "paths"])


def put(
    connection: Connection, source: str, arrivals: Sequence[Arrival], why_held: WhyHeld | None = None
) -> list[uuid.UUID]:
    """Store events within a transaction; sorted by key, so that two writers can't deadlock."""
    now = clock.now()
    every = [each for arrival in arrivals for each in (arrival, *arrival.also)]
    unique = {(each.webhook_id, each.process): each for each in reversed(every)}
    reasons = {one: why_held(source, each) if why_held else None for one, each in unique.items()}
    rows = [_event_row(source, unique[one], now) for one in sorted(unique) if reasons[one] is None]
    done = insert_all(connection, EVENT, rows, STORED, _if_new)
    ids: dict[tuple[str, str], uuid.UUID] = {(webhook_id, process): id for webhook_id, process, id in done}
    wake.tell(connection, {process for _, process in ids})
    refuse(connection, source, [_odd(each) for each in arrivals if each.dropped and _key_of(each) in ids])
    if missing := [webhook_id for webhook_id, process in unique if (webhook_id, process) not in ids]:
        known = select(Event.webhook_id, Event.process, Event.id)
        known = known.where(Event.source == source, among(col(Event.webhook_id), missing))
        ids |= {(webhook_id, process): id for webhook_id, process, id in connection.execute(known)}
        kept = [
            _event_row(source, unique[one], now) | {"reason": reasons[one]}
            for one in sorted(unique)
            if one not in ids and reasons[one] is not None
        ]
        ids |= held.keep(connection, source, kept) if kept else {}
    return [ids[arrival.webhook_id, arrival.process] for arrival in arrivals]


def _if_new(put: Insert) -> Executable:
    return if_new(put).returning(EVENT.c.webhook_id, EVENT.c.process, EVENT.c.id)


def _key_of(arrival: Arrival) -> tuple[str, str]:
    return arrival.webhook_id, arrival.process


def _odd(arrival: Arrival) -> Refusal:
    return Refusal(arrival.webhook_id, arrival.type, arrival.dropped, arrival.risk, taken_in=True)


def _event_row(source: str, arrival: Arrival, now: datetime) -> dict[str, Any]:
    data = json.dumps(arrival.data, ensure_ascii=False, separators=(",", ":"))
    shared = ("webhook_id", "type", "process", "key", "version", "occurred_at", "via_batch")
    row = {name: getattr(arrival, name) for name in shared}
    return row | {"id": uuid.uuid4(), "source": source, "received_at": now, "taken": False, "data": data}


def waiting(
    connection: Connection, process: str, keys: Sequence[str]
) -> tuple[dict[str, list[Event]], set[str]]:
    """The events that wait for these cases, each case's highest version first, then the newest.

    One that is being taken in just now is left: it keeps its case due, or has it made due on release.

    Returns: the events by key, and the keys of those cases of whose events one does not open.
    """
    query = (
        select(Event)
        .where(Event.process == process, among(col(Event.key), keys), IS_WAITING)
        .order_by(col(Event.key), col(Event.version).desc().nulls_last(), col(Event.number).desc())
        .with_for_update(skip_locked=True)
    )
    found: dict[str, list[Event]] = {}
    opened, unopened = load_each(connection, query) if keys else ([], [])
    for event in opened:
        found.setdefault(event.key, []).append(event)
    return found, {event.key for event in unopened}


def keys_with_new_events(connection: Connection, process: str, keys: Sequence[str]) -> set[str]:
    """Those of these cases for which an event waits; the empty key with them, while one waits that concerns many."""
    if not keys:
        return set()
    given = {"process": process, "keys": [*keys, ""]}
    return set(connection.execute(_waiting_keys(), given).scalars())


@cache
def _waiting_keys() -> SelectOfScalar[str]:
    of_process = col(Event.process) == bindparam("process")
    return select(Event.key).where(of_process, among_given(col(Event.key), "keys"), IS_WAITING)


def unapplied(process: str) -> SelectOfScalar[Event]:
    """For `load`: the events of a process that nobody has applied yet, in their order."""
    return select(Event).where(Event.process == process, IS_WAITING).order_by(col(Event.number))


def newest_waiting(connection: Connection, process: str, keys: Collection[str]) -> dict[str, int]:
    """By key, the highest version of the events that wait for these cases."""
    key, version = col(Event.key), col(Event.version)
    query = select(key, func.max(version)).where(Event.process == process, among(key, keys), IS_WAITING)
    found = connection.execute(query.group_by(key))
    return {key: version for key, version in found if version is not None}


def keys_waiting(
    connection: Connection, processes: Collection[str], types: Collection[str], ending: str
) -> Sequence[str]:
    """The keys, of those that end so, for which an event of one of these types waits."""
    query = select(Event.key).where(
        col(Event.process).in_(processes),
        IS_WAITING,
        col(Event.type).in_(types),
        col(Event.key).endswith(ending, autoescape=True),
    )
    return connection.execute(query).scalars().all()


def count_batched(
    connection: Connection, process: str, source: str, types: Collection[str], first: datetime, last: datetime
) -> int:
    """How many events of these types a source has sent to a process by batch from one moment to another."""
    query = select(func.count(col(Event.number))).where(
        Event.process == process,
        Event.source == source,
        col(Event.via_batch),
        col(Event.type).in_(types),
        col(Event.received_at).between(first, last),
    )
    return connection.execute(query).scalar_one()


def in_turn(connection: Connection, process: str, *, alone: bool) -> None:
    """Until the transaction's end: who spreads an event over the cases that it concerns is `alone`; those who apply
    events to cases are together. Either then sees what the other has written, and no case is passed over."""
    lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
    connection.execute(select(lock(func.hashtextextended(f"vaxel:{process}", 0))))


def take(connection: Connection, process: str, most: int, *, of_many: bool) -> list[tuple[int, str]]:
    """Take in new events, the oldest first: those that concern many cases, or those of one; numbers and keys.

    Materialized, since in the place of a table of few rows PostgreSQL asks an `IN (SELECT … LIMIT)` anew for each
    row, and each time finds others: it then takes them all.
    """
    those = "key = '' AND applied_at IS NULL" if of_many else "key <> ''"
    query = text(
        f"""
        WITH oldest AS MATERIALIZED (
            SELECT number FROM event WHERE process = :process AND NOT taken AND {those}
            ORDER BY number LIMIT :most FOR UPDATE SKIP LOCKED)
        UPDATE event SET taken = true FROM oldest WHERE event.number = oldest.number
        RETURNING event.number, event.key"""
    )
    return [(number, key) for number, key in connection.execute(query, {"process": process, "most": most})]


def numbered(connection: Connection, numbers: Sequence[int]) -> tuple[list[Event], list[Event]]:
    """The events with these numbers, in their order: those that open, and those that don't."""
    query = select(Event).where(among(col(Event.number), numbers)).order_by(col(Event.number))
    return load_each(connection, query) if numbers else ([], [])


def close(connection: Connection, outcomes: Mapping[int, Outcome], *, forget: Collection[int] = ()) -> None:
    """Write what became of events, by their number; nobody takes them in any more.

    Args:
        forget: those whose data has been read, and is kept no longer.
    """
    if not outcomes:
        return
    rows = [{"number": n, "outcome": outcomes[n], "applied_at": clock.now()} for n in sorted(outcomes)]
    names = ["number", "outcome", "applied_at"]
    connection.execute(_closed(), packed(EVENT, rows, names))
    if forget:
        _forget(connection, forget)


@cache
def _closed() -> Update:
    given = given_rows(EVENT).c
    ended = {"outcome": given.outcome, "applied_at": given.applied_at, "taken": True}
    return EVENT.update().where(EVENT.c.number == given.number).values(ended)


def _forget(connection: Connection, numbers: Collection[int]) -> None:
    """Leave nothing of what events said."""
    ids = select(Event.id).where(among(col(Event.number), numbers)).order_by(col(Event.number))
    rows = [{"id": id, "data": "{}"} for id in connection.execute(ids).scalars()]
    connection.execute(_emptied(), packed(EVENT, rows, ["id", "data"]))


@cache
def _emptied() -> Update:
    given = given_rows(EVENT).c
    return EVENT.update().where(EVENT.c.id == given.id).values({"data": given.data})
