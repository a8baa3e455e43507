"""Years of a region in the tables: nearly all of it settled, taken in and done. And how much of it is read."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Column, Connection, Table, text

from cli.up.children import wait_until
from engine.base import database
from engine.base.database import transaction
from models.tables import all_tables

ROWS = 10_000
"""In each table: so many that PostgreSQL goes by an index where there is one, and so few that they take seconds."""
OF_FEW = {
    "access_log_end", "broken_access", "broken_timeline", "incident", "log_delivery", "refused_access",
    "schedule_run", "sealing", "staff_session", "stored_file", "summed_day", "system_state", "wake",
}  # fmt: skip
"""Tables that do not grow with the years."""
AS_IT_WAS = "now() - (:rows - i) * interval '1 hour'"
SETTLED: Mapping[str, str] = {
    "applied_at": AS_IT_WAS,
    "case_id": "md5('booking_publication' || i)::uuid",
    "deceased": "true",
    "due_at": "CASE WHEN i % 20 = 0 THEN now() + i * interval '1 day' + interval '9 years' END",
    "id": "md5('{table}' || i)::uuid",
    "kind": "'patient'",
    "lapses_at": "NULL",
    "lease_until": "NULL",
    "owner": "NULL",
    "parked": "NULL",
    "patient_hash": "decode(md5('patient' || i), 'hex')",
    "process": "'booking_publication'",
    "state": "'done'",
    "taken": "true",
    "waiting_since": "NULL",
}
"""What stands in columns of these names."""
BY_TYPE: Mapping[str, str] = {
    "BIGINT": "i",
    "BOOLEAN": "false",
    "BYTEA": "decode(md5('{column}' || i), 'hex')",
    "DATE": "current_date - i::integer",
    "INTEGER": "0",
    "TEXT": "md5('{column}' || i)",
    "TIMESTAMP WITH TIME ZONE": AS_IT_WAS,
    "UUID": "md5('{column}' || i)::uuid",
}
"""And in all others."""


@contextmanager
def full_tables() -> Iterator[None]:
    """All tables that grow are full.

    No vacuum reads them meanwhile. An index costs what it does on a disk without arms, so that fewer rows will do.
    """
    _set_up("ALTER SYSTEM SET autovacuum = off", "ALTER SYSTEM SET random_page_cost = 1.1")
    try:
        with transaction() as connection:
            _fill(connection)
        yield
    finally:
        _set_up("ALTER SYSTEM RESET autovacuum", "ALTER SYSTEM RESET random_page_cost")


def leave_a_backlog(process: str) -> None:
    """Half of all events are this process's, and nobody has taken them in."""
    left = "UPDATE event SET process = :process, taken = false, applied_at = NULL WHERE number % 2 = 0"
    with transaction() as connection:
        connection.execute(text(left), {"process": process})
        connection.execute(text("ANALYZE event"))


def _set_up(*settings: str) -> None:
    with database.engine().connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for setting in (*settings, "SELECT pg_reload_conf()"):
            connection.execute(text(setting))


def _fill(connection: Connection) -> None:
    connection.execute(text("SET LOCAL session_replication_role = replica"))
    for table in _that_grow():
        columns = [column for column in table.columns if column.identity is None]
        names = ", ".join(column.name for column in columns)
        values = ", ".join(_value(column) for column in columns)
        filled = f"INSERT INTO {table.name} ({names}) SELECT {values} FROM generate_series(1, :rows) AS i"
        connection.execute(text(filled), {"rows": ROWS})
    connection.execute(text("ANALYZE"))


def _that_grow() -> Iterator[Table]:
    return (table for table in all_tables() if table.name not in OF_FEW)


def _value(column: Column[object]) -> str:
    kind = str(column.type.compile(database.engine().dialect))
    return SETTLED.get(column.name, BY_TYPE[kind]).format(table=column.table.name, column=column.name)


def rows_read() -> dict[str, int]:
    """How many rows of each table have been read until now.

    PostgreSQL tells of what a connection has read when that is over: all of ours are ended.
    """
    wait_until(_is_alone, 30, "another connection is still open")
    read = "SELECT relname, coalesce(seq_tup_read, 0) + coalesce(idx_tup_fetch, 0) FROM pg_stat_user_tables"
    with transaction() as connection:
        return dict(connection.execute(text(read)).tuples().all())


def _is_alone() -> bool:
    """One that was in use when its pool was put away is ended with that."""
    database.engine().dispose()
    gc.collect()
    others = """
        SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
            AND backend_type = 'client backend' AND pid <> pg_backend_pid()"""
    with transaction() as connection:
        return connection.execute(text(others)).scalar_one() == 0
