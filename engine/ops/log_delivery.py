"""How far the access log has come to the national log service, what is next, and what the service has refused.

The cursor is moved by whoever has seen a batch through, if nobody has moved it meanwhile. Numbers are without a gap
and are committed in their order, so that nothing can come in behind it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Boolean, ColumnElement, Connection, delete, func, literal_column, update
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among, if_new, insert_all, load_each, table_of
from models.access_log import FOR_THE_SERVICE, AccessLogEnd, LogDelivery, LoggedAccess, RefusedAccess

IS_FOR_THE_SERVICE: ColumnElement[bool] = literal_column(FOR_THE_SERVICE, Boolean)


@dataclass(frozen=True)
class Batch:
    """What is next.

    Args:
        entries: in their order.
        unopened: numbers of entries in between that do not open.
        before, until: where the cursor stands, and where it stands once these are seen to.
    """

    entries: list[LoggedAccess]
    unopened: list[int]
    before: int
    until: int


@dataclass(frozen=True)
class Undelivered:
    """What the service does not have yet.

    Args:
        waiting: entries that are for it.
        since: when the oldest of them was written; None: none waits.
        refused: entries that it did not take.
    """

    waiting: int
    since: datetime | None
    refused: int


def next_batch(connection: Connection, most: int) -> Batch:
    """The next entries that are for the service, at most so many."""
    before, number = delivered_until(connection), col(LoggedAccess.number)
    end: int = connection.execute(select(func.max(AccessLogEnd.entries))).scalar() or 0
    query = select(LoggedAccess).where(IS_FOR_THE_SERVICE, number > before, number <= end)
    opened, unopened = load_each(connection, query.order_by(number).limit(most))
    numbers = [each.number for each in (*opened, *unopened)]
    is_full = len(numbers) == most
    return Batch(opened, [each.number for each in unopened], before, max(numbers) if is_full else end)


def delivered_until(connection: Connection) -> int:
    """The number of the entry to which the cursor has come; 0: to none."""
    return connection.execute(select(LogDelivery.number)).scalar() or 0


def move(connection: Connection, batch: Batch, refused: Mapping[int, str]) -> bool:
    """Move the cursor behind a batch, and keep which of it were refused, by number and reason; False: somebody else
    has moved it."""
    now, one = clock.now(), {"one": True, "number": 0, "moved_at": clock.now()}
    insert_all(connection, table_of(LogDelivery), [one], list(one), if_new)
    moved = update(LogDelivery).where(col(LogDelivery.number) == batch.before)
    values = {col(LogDelivery.number): batch.until, col(LogDelivery.moved_at): now}
    if not connection.execute(moved.values(values)).rowcount:
        return False
    rows = [{"number": number, "reason": reason, "refused_at": now} for number, reason in refused.items()]
    insert_all(connection, table_of(RefusedAccess), [row | {"again": False} for row in rows], REFUSED, if_new)
    return True


REFUSED = ("number", "reason", "refused_at", "again")


def undelivered(connection: Connection) -> Undelivered:
    """What the service does not have yet, counted by an index."""
    number = col(LoggedAccess.number)
    waits = (IS_FOR_THE_SERVICE, number > delivered_until(connection))
    waiting = connection.execute(select(func.count(number)).where(*waits)).scalar_one()
    first = select(LoggedAccess.at).where(*waits).order_by(number).limit(1)
    refused = connection.execute(select(func.count(col(RefusedAccess.number)))).scalar_one()
    return Undelivered(waiting, connection.execute(first).scalar(), refused)


def refused_accesses(connection: Connection) -> list[RefusedAccess]:
    """What the service has refused, by number."""
    return load_each(connection, select(RefusedAccess).order_by(col(RefusedAccess.number)))[0]


def ask_again(connection: Connection) -> int:
    """Have all that was refused sent once more; gives how many."""
    return connection.execute(update(RefusedAccess).values({col(RefusedAccess.again): True})).rowcount


def to_send_again(connection: Connection, most: int) -> list[LoggedAccess]:
    """Entries that were refused and are to be sent once more, by number; what does not open stays refused."""
    numbers = select(RefusedAccess.number).where(col(RefusedAccess.again))
    number = col(LoggedAccess.number)
    query = select(LoggedAccess).where(number.in_(numbers)).order_by(number).limit(most)
    return load_each(connection, query)[0]


def settle_again(connection: Connection, taken: Sequence[int], refused: Mapping[int, str]) -> None:
    """Of what was sent once more: what the service has now is refused no longer; the rest is, with its new reason."""
    number = col(RefusedAccess.number)
    connection.execute(delete(RefusedAccess).where(among(number, taken)))
    for each, reason in refused.items():
        values = {col(RefusedAccess.again): False, col(RefusedAccess.reason): reason}
        connection.execute(update(RefusedAccess).where(number == each).values(values))
