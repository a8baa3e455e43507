"""Claims: which worker has which case, for how long. Every write checks that the lease is still ours."""

from __future__ import annotations

import random
import threading
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from operator import itemgetter
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection, Table, TextClause, TextualSelect, Update, bindparam, text
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import (
    among,
    given_rows,
    if_new,
    insert_all,
    load_each,
    objects,
    opened_each,
    packed,
    transaction,
)
from engine.base.settings import settings
from engine.tables import effects
from models.case import Case
from models.sealed import Sealed

C = TypeVar("C", bound=Case)
log = structlog.get_logger()
FIXED = ("key", "created_at", "owner", "lease_until")
JITTER = 0.2
UNOPENED = "does_not_open"
"""Why a case is parked of which something sealed does not open; its events wait until it does (`vaxel retry`)."""
FREED = f"""owner = NULL, lease_until = NULL, due_at = CASE WHEN EXISTS (
    SELECT FROM event WHERE process = :process AND key = t.key AND applied_at IS NULL
) AND t.parked IS DISTINCT FROM '{UNOPENED}' THEN :now ELSE t.due_at END"""
"""No longer claimed; due at once if an event has come meanwhile."""


class Claim(Generic[C]):
    """The cases of one process that one run has claimed."""

    def __init__(self, model: type[C]) -> None:
        self.model = model
        self.table: Table = model.__table__  # type: ignore[attr-defined]
        self.owner = uuid.uuid4()
        self.cases: dict[uuid.UUID, C] = {}
        self.lease_until: datetime = clock.now()
        self.maybe_open: set[uuid.UUID] = set()
        """Cases with an effect that may be open: all others need not be asked about."""
        self.unopened: list[C] = []
        """Claimed cases of which a sealed column does not open."""
        self.parked: list[tuple[C, str]] = []
        """Those that were parked outside a step, with the reason: in transactions that have been committed."""
        self.is_more = False
        """Whether more may be due, or be told, than was claimed last."""
        self.wakes: set[str] = set()
        """Other processes for which applying our events has left some."""
        self._parks: list[tuple[C, str]] = []
        written = [column for column in self.table.columns if column.name not in FIXED]
        self._all = [column.name for column in written]
        self._light = [name for name in self._all if name not in sealed_columns(model)]
        self._image: Callable[[Mapping[str, Any]], Any] = itemgetter(*self._light)

    @contextmanager
    def parking(self) -> Iterator[Connection]:
        """A transaction; what is parked in it is noted once it is committed."""
        with transaction() as connection:
            self._parks = []
            yield connection
        self.parked += self._parks

    def park(self, case: C, reason: str, *, stays: bool = False) -> None:
        """Park a case in a transaction of `parking`; what is changed of it is still to be written."""
        stop(case, reason, stays=stays)
        self._parks.append((case, reason))

    def claim_due(self, connection: Connection, limit: int, key: str | None = None) -> list[C]:
        """Take up to `limit` cases that are due and that nobody has, the longest due first; only the one with this
        key, where it is given."""
        now = clock.now()
        self.lease_until = now + timedelta(seconds=settings().lease_seconds)
        given = {"now": now, "limit": limit, "owner": self.owner, "until": self.lease_until, "key": key}
        claimed = connection.execute(_claimed(self.table, key is not None), given)
        found, self.unopened = opened_each(objects(self.model, claimed))
        self.maybe_open |= effects.with_open(connection, [case.id for case in found])
        return sorted(found, key=lambda case: (case.due_at or now, case.id))

    def keep(self, cases: Iterable[C]) -> None:
        """Have what was taken among our cases: once that is committed, so that `renew` finds them ours."""
        self.cases |= {case.id: case for case in cases}

    def renew(self) -> None:
        """Move the lease on for all that we have, and drop what is no longer ours."""
        until = clock.now() + timedelta(seconds=settings().lease_seconds)
        query = text(
            f"""
            UPDATE {self.table.name} SET lease_until = :until FROM (
                SELECT id FROM {self.table.name} WHERE id = ANY(:ids) AND owner = :owner ORDER BY id FOR UPDATE
            ) AS ours WHERE {self.table.name}.id = ours.id RETURNING ours.id"""
        )
        asked = dict(self.cases)
        with transaction() as connection:
            kept = set(
                connection.execute(query, {"until": until, "ids": list(asked), "owner": self.owner}).scalars()
            )
        self.lease_until = until
        for id, case in asked.items():
            if self.cases.get(id) is not case:
                continue  # given back, claimed or read anew meanwhile
            if id in kept:
                case.lease_until = until
            else:
                self.cases.pop(id, None)

    def again(self, connection: Connection, cases: Iterable[C]) -> list[C]:
        """Those that are still ours, read anew: what was changed in memory and not written is forgotten.

        One that no longer opens is among them as it is stored, with bytes for what is sealed.
        """
        those = among(col(self.model.id), [case.id for case in cases])
        query = select(self.model).where(those, self.model.owner == self.owner).order_by(col(self.model.id))
        found = [case for some in load_each(connection, query) for case in some]
        self.cases |= {case.id: case for case in found if case.id in self.cases}
        return found

    def ours(self, connection: Connection, cases: Iterable[C]) -> list[C]:
        """Those that are still ours, locked for this transaction in the order of their ids."""
        asked = {case.id: case for case in cases}
        if not asked:
            return []
        given = {"ids": list(asked), "owner": self.owner}
        ours = connection.execute(_locked(self.table), given).scalars()
        return [asked[id] for id in ours]

    def image(self, case: C) -> object:
        """What `write` would write of a case: one of which it has not changed need not be written."""
        return self._image(case.__dict__)

    def write(self, connection: Connection, cases: Sequence[C], *, whole: bool = False) -> None:
        """Write cases back, where they are ours (lock them with `ours` first); sealed columns if `whole`."""
        if not cases:
            return
        now = clock.now()
        for case in cases:
            case.updated_at = now
        names = self._all if whole else self._light
        rows = [case.__dict__ for case in sorted(cases, key=lambda case: case.id)]
        given = packed(self.table, rows, names) | {"ours": self.owner}
        connection.execute(_written(self.table, tuple(names)), given)

    def release(self, connection: Connection, cases: Iterable[C]) -> None:
        """Give cases back; one for which an event has come meanwhile is due at once."""
        cases = list(cases)
        self.free(connection, [case.id for case in self.ours(connection, cases)])
        self.drop(case.id for case in cases)

    def drop(self, ids: Iterable[uuid.UUID]) -> None:
        """Know nothing more of cases that have been given back, or are ours no longer."""
        for id in ids:
            self.cases.pop(id, None)
            self.maybe_open.discard(id)

    def free(self, connection: Connection, ids: Sequence[uuid.UUID]) -> None:
        """As `release`, of cases that are ours and were locked by an earlier statement of this transaction: this one
        then sees every event that came until then. Once it is committed they are to be dropped."""
        if ids:
            given = {"process": self.model.PROCESS, "now": clock.now(), "ids": list(ids)}
            connection.execute(_freed(self.table), given)


@cache
def sealed_columns(model: type[Case]) -> frozenset[str]:
    """What a turn does not write: an event says it, or whoever makes the case."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return frozenset(column.name for column in table.columns if isinstance(column.type, Sealed))


@cache
def _claimed(table: Table, one: bool) -> TextualSelect:
    """Materialized, as in `inbox.take`; the columns by name: in `*` one that a migration has added comes last."""
    columns = ", ".join(f"t.{column.name}" for column in table.columns)
    query = f"""
        WITH c AS MATERIALIZED (
            SELECT id FROM {table.name}
            WHERE due_at <= :now AND (owner IS NULL OR lease_until < :now) {"AND key = :key" if one else ""}
            ORDER BY due_at, id LIMIT :limit FOR UPDATE SKIP LOCKED)
        UPDATE {table.name} AS t SET owner = :owner, lease_until = :until
        FROM c WHERE t.id = c.id RETURNING {columns}"""
    return text(query).columns(*table.columns)


@cache
def _locked(table: Table) -> TextClause:
    return text(f"SELECT id FROM {table.name} WHERE id = ANY(:ids) AND owner = :owner ORDER BY id FOR UPDATE")


@cache
def _freed(table: Table) -> TextClause:
    return text(f"UPDATE {table.name} AS t SET {FREED} WHERE id = ANY(:ids)")


@cache
def _written(table: Table, names: tuple[str, ...]) -> Update:
    given = given_rows(table).c
    ours = (table.c.id == given.id, table.c.owner == bindparam("ours"))
    return table.update().where(*ours).values({name: given[name] for name in names if name != "id"})


def free_lapsed(connection: Connection, model: type[Case]) -> None:
    """Free the cases whose worker has died: even one at rest may have an event waiting."""
    table = model.__table__.name  # type: ignore[attr-defined]
    query = text(
        f"""
        UPDATE {table} AS t SET {FREED}
        FROM (
            SELECT id FROM {table} WHERE owner IS NOT NULL AND lease_until < :now ORDER BY id FOR UPDATE SKIP LOCKED
        ) AS lapsed
        WHERE t.id = lapsed.id"""
    )
    connection.execute(query, {"process": model.PROCESS, "now": clock.now()})


def make_due(connection: Connection, model: type[Case], keys: Sequence[str]) -> None:
    """Make these cases due now, and those that are new; one that is claimed is seen to when it is released."""
    if not keys:
        return
    table: Table = model.__table__  # type: ignore[attr-defined]
    now = clock.now()
    blank = model(key="", state=model.INITIAL, due_at=now, created_at=now, updated_at=now)
    shared = {column.name: getattr(blank, column.name, None) for column in table.columns}
    rows: list[dict[str, Any]] = [shared | {"id": uuid.uuid4(), "key": key} for key in sorted(set(keys))]
    insert_all(connection, table, rows, [column.name for column in table.columns], if_new)
    # Locked in the order of ids as everywhere, claimed ones too: whoever releases one then sees the event.
    locked = text(f"SELECT id FROM {table.name} WHERE key = ANY(:keys) ORDER BY id FOR UPDATE")
    ids = connection.execute(locked, {"keys": list(keys)}).scalars().all()
    due = text(f"UPDATE {table.name} SET due_at = :now WHERE id = ANY(:ids) AND owner IS NULL")
    connection.execute(due, {"ids": list(ids), "now": now})


def stop(case: Case, reason: str, *, stays: bool = False) -> None:
    """Park a case; where its process has a step that tells of what is parked, there, and due, unless it `stays`."""
    case.parked, case.due_at = reason, None
    told_at = None if stays else case.WHEN_PARKED.get(case.state)
    if told_at is not None:
        case.state, case.tries, case.waiting_since, case.due_at = told_at, 0, None, clock.now()


def later(now: datetime, seconds: float) -> datetime:
    """That many seconds from now, with jitter upwards, so that a herd spreads out."""
    return now + timedelta(seconds=seconds * (1 + random.uniform(0, JITTER)))  # noqa: S311 (no secret)


@contextmanager
def renewed(claim: Claim[Any]) -> Iterator[None]:
    """Keep the leases alive from a thread of their own, whatever the steps wait for."""
    over = threading.Event()

    def renew() -> None:
        while not over.wait(settings().lease_seconds / 4):
            try:
                claim.renew()
            except SQLAlchemyError as error:
                log.warning("lease_not_renewed", error=type(error).__name__)

    thread = threading.Thread(target=renew, name="lease", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
