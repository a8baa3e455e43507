"""What a transaction does last of all, just before it commits: for a lock that everybody takes, held for that only.

What was asked for in a savepoint that is rolled back is forgotten with it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import Connection, Engine, RootTransaction
from sqlalchemy.event import listen

Last = Callable[[Connection, Sequence[Any]], None]


@dataclass
class AtCommit:
    """What one transaction has been asked for, in order, and how much of it before each savepoint that is open."""

    items: list[tuple[Last, Any]] = field(default_factory=list)
    before: list[int] = field(default_factory=list)


_asked: WeakKeyDictionary[RootTransaction, AtCommit] = WeakKeyDictionary()
_watched: WeakSet[Engine] = WeakSet()


def last(connection: Connection, do: Last, items: Sequence[Any]) -> None:
    """Have `do` called once, just before the connection's transaction commits, with all items it was asked for.

    Raises:
        RuntimeError: no transaction is open, or nobody watches them: it would be forgotten.
    """
    if connection.get_transaction() is None or connection.engine not in _watched:
        raise RuntimeError("no transaction is open that is watched")
    _asked_in(connection).items.extend((do, each) for each in items)


def watch(engine: Engine) -> None:
    """Have an engine's transactions do what they are asked for."""
    _watched.add(engine)
    listen(engine, "commit", _do)
    listen(engine, "savepoint", _note)
    listen(engine, "rollback_savepoint", _forget)
    listen(engine, "release_savepoint", _keep_outer)


def _asked_in(connection: Connection) -> AtCommit:
    transaction = connection.get_transaction()
    return _asked.setdefault(transaction, AtCommit()) if transaction is not None else AtCommit()


def _do(connection: Connection) -> None:
    transaction = connection.get_transaction()
    asked = _asked.get(transaction) if transaction is not None else None
    by_what: dict[Last, list[Any]] = {}
    for do, item in asked.items if asked else ():
        by_what.setdefault(do, []).append(item)
    for do, items in by_what.items():
        do(connection, items)


def _note(connection: Connection, name: str | None) -> None:
    asked = _asked_in(connection)
    asked.before.append(len(asked.items))


def _forget(connection: Connection, name: str, context: None) -> None:
    asked = _asked_in(connection)
    if asked.before:
        del asked.items[asked.before.pop() :]


def _keep_outer(connection: Connection, name: str, context: None) -> None:
    asked = _asked_in(connection)
    if asked.before:
        asked.before.pop()
