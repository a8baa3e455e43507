"""A database without cases: tables are emptied at once, the access log too, which its own trigger would keep."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import AbstractContextManager

from sqlalchemy import DDL, Connection, func, select
from sqlalchemy.exc import OperationalError

TRIES = 5
DEADLOCK = "40P01"


def empty(transaction: Callable[[], AbstractContextManager[Connection]], tables: Collection[str]) -> None:
    """Leave nothing in these tables.

    Programs that look at them meanwhile may have locked them in another order: it is tried again when PostgreSQL ends
    a deadlock here.
    """
    for left in reversed(range(TRIES)):
        try:
            with transaction() as connection:
                _empty(connection, tables)
            return
        except OperationalError as error:
            if getattr(error.orig, "sqlstate", None) != DEADLOCK or not left:
                raise


def _empty(connection: Connection, tables: Collection[str]) -> None:
    quoted = map(connection.dialect.identifier_preparer.quote, tables)
    connection.execute(select(func.set_config("session_replication_role", "replica", True)))
    connection.execute(DDL(f"TRUNCATE {', '.join(quoted)}"))  # type: ignore[no-untyped-call]
