"""How far the access log has come to the national log service, what is next, and what the service has refused.

The cursor is moved by whoever has seen a batch through, if nobody has moved it meanwhile. Numbers are without a gap
and are committed in their order, so that nothing can come in behind it. It passes over what ops have let go.
"""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Connection,
    and_,
    delete,
    false,
    func,
    literal_column,
    or_,
    update,
)
from sqlalchemy.dialects.postgresql import Insert
from sqlmodel import col, not_, select

from engine.base import clock
from engine.base.database import among, if_new, insert_all, load_each, table_of
from models.access_log import (
    FOR_THE_SERVICE,
    AccessLogEnd,
    LogDelivery,
    LoggedAccess,
    RefusedAccess,
    RefusedState,
)

IS_FOR_THE_SERVICE: ColumnElement[bool] = literal_column(FOR_THE_SERVICE, Boolean)
REFUSED = ("number", "reason", "refused_at", "again", "holds")
Span = tuple[int, int]
"""Numbers of entries, from one to another and with it."""


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
        refused: entries that it did not take, while the others went on; those that ops have let go left out.
    """

    waiting: int
    since: datetime | None
    refused: int


@dataclass(frozen=True)
class RefusedLine:
    """An entry that the service has refused, as it may be shown: nothing of whom it is about, or by whom.

    Args:
        log_id: by which the service knows it; None: the entry is gone from the log.
        written_at: when what it tells of was done.
        refused_at: when it was refused for the first time.
        reason: why.
    """

    number: int
    log_id: uuid.UUID | None
    written_at: datetime | None
    refused_at: datetime
    state: RefusedState
    reason: str


def next_batch(connection: Connection, most: int) -> Batch:
    """The next entries that are for the service, at most so many."""
    before, number = delivered_until(connection), col(LoggedAccess.number)
    end: int = connection.execute(select(func.max(AccessLogEnd.entries))).scalar() or 0
    query = select(LoggedAccess).where(IS_FOR_THE_SERVICE, number > before, number <= end, ~_is_let_go())
    opened, unopened = load_each(connection, query.order_by(number).limit(most))
    numbers = [each.number for each in (*opened, *unopened)]
    is_full = len(numbers) == most
    return Batch(opened, [each.number for each in unopened], before, max(numbers) if is_full else end)


def delivered_until(connection: Connection) -> int:
    """The number of the entry to which the cursor has come; 0: to none."""
    return connection.execute(select(LogDelivery.number)).scalar() or 0


def move(connection: Connection, batch: Batch, refused: Mapping[int, str]) -> bool:
    """Move the cursor behind a batch, and keep which of it were refused, by number and reason; False: somebody else
    has moved it. What of it had been refused before and was taken now is refused no longer."""
    now, one = clock.now(), {"one": True, "number": 0, "moved_at": clock.now()}
    insert_all(connection, table_of(LogDelivery), [one], list(one), if_new)
    moved = update(LogDelivery).where(col(LogDelivery.number) == batch.before)
    values = {col(LogDelivery.number): batch.until, col(LogDelivery.moved_at): now}
    if not connection.execute(moved.values(values)).rowcount:
        return False
    _keep_refused(connection, refused, now, holds=False)
    number, taken = (
        col(RefusedAccess.number),
        [each.number for each in batch.entries if each.number not in refused],
    )
    held = and_(col(RefusedAccess.holds), number <= batch.until)
    connection.execute(delete(RefusedAccess).where(or_(among(number, taken), held)))
    return True


def hold(connection: Connection, batch: Batch, refused: Mapping[int, str]) -> None:
    """Keep that the service takes nothing of a batch, and why: the cursor stays, and they are tried again."""
    if delivered_until(connection) == batch.before:
        _keep_refused(connection, refused, clock.now(), holds=True)


def undelivered(connection: Connection) -> Undelivered:
    """What the service does not have yet, counted by an index."""
    number = col(LoggedAccess.number)
    waits = (IS_FOR_THE_SERVICE, number > delivered_until(connection), ~_is_let_go())
    waiting = connection.execute(select(func.count(number)).where(*waits)).scalar_one()
    first = select(LoggedAccess.at).where(*waits).order_by(number).limit(1)
    stands = (not_(RefusedAccess.let_go), not_(RefusedAccess.holds))
    refused = connection.execute(select(func.count(col(RefusedAccess.number))).where(*stands)).scalar_one()
    return Undelivered(waiting, connection.execute(first).scalar(), refused)


def refused_accesses(connection: Connection) -> list[RefusedLine]:
    """What the service has refused, by number; also what ops have let go."""
    refused = load_each(connection, select(RefusedAccess).order_by(col(RefusedAccess.number)))[0]
    query = select(LoggedAccess.number, LoggedAccess.id, LoggedAccess.at)
    query = query.where(among(col(LoggedAccess.number), [each.number for each in refused]))
    written = {number: (id, at) for number, id, at in connection.execute(query)}
    lines = []
    for each in refused:
        id, at = written.get(each.number, (None, None))
        lines.append(RefusedLine(each.number, id, at, each.refused_at, each.state, each.reason))
    return lines


def ask_again(connection: Connection, named: Sequence[Span] = ()) -> list[int]:
    """Have what was refused sent once more: all but what ops have let go, or what is named; gives their numbers.

    What holds is tried every time anyhow.
    """
    whose = _named(named) if named else not_(RefusedAccess.let_go)
    return _set(connection, [whose, not_(RefusedAccess.holds)], again=True, let_go=False)


def let_go(connection: Connection, named: Sequence[Span]) -> list[int]:
    """Have what is named never sent, of all that was refused; gives their numbers."""
    whose = [_named(named), not_(RefusedAccess.let_go)]
    return _set(connection, whose, let_go=True, again=False, holds=False)


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


def _is_let_go() -> ColumnElement[bool]:
    """Of an entry of the log: ops have said that it is not to be sent."""
    is_it = (RefusedAccess.number == LoggedAccess.number, col(RefusedAccess.let_go))
    return select(RefusedAccess.number).where(*is_it).exists()


def _named(named: Iterable[Span]) -> ColumnElement[bool]:
    return or_(false(), *(col(RefusedAccess.number).between(*span) for span in named))


def _set(connection: Connection, whose: Iterable[ColumnElement[bool]], **states: bool) -> list[int]:
    changed = update(RefusedAccess).where(*whose).values(**states).returning(col(RefusedAccess.number))
    return sorted(connection.execute(changed).scalars())


def _keep_refused(connection: Connection, refused: Mapping[int, str], at: datetime, *, holds: bool) -> None:
    new = {"refused_at": at, "again": False, "holds": holds}
    rows = [{"number": number, "reason": reason} | new for number, reason in refused.items()]
    insert_all(connection, table_of(RefusedAccess), rows, REFUSED, _as_it_is_now)


def _as_it_is_now(put: Insert) -> Insert:
    """What was refused before is so since then, and what ops have let go meanwhile holds nothing."""
    holds = and_(put.excluded.holds, not_(RefusedAccess.let_go))
    now = {"reason": put.excluded.reason, "holds": holds}
    return put.on_conflict_do_update(index_elements=["number"], set_=now)
