"""Making the databases: ours, and Prefect's beside it, where we may."""

from __future__ import annotations

from collections.abc import Collection

import psycopg
from sqlalchemy import Connection, NullPool, Select, column, create_engine, select, table, text
from sqlalchemy.exc import OperationalError, ProgrammingError

from engine.base.database import PREFECT, VAXEL, name_of, url_of, with_driver

EVERYWHERE = "postgres"
"""The database that every server has, for who has none yet; not everyone may open it."""


class NoDatabase(Exception):
    """A database is missing, and we may not make it."""


def create_databases(needed: Collection[str] = (VAXEL,)) -> None:
    """Make ours and Prefect's where they are missing.

    Args:
        needed: those that there is no going on without.

    Raises:
        NoDatabase: one of `needed` is missing and is not ours to make.
    """
    with _anywhere() as connection:
        known: Select[str] = select(column("datname")).select_from(table("pg_database"))
        there = set(connection.execute(known).scalars())
        for database in (VAXEL, PREFECT):
            name = name_of(database)
            if name not in there and not _make(connection, name) and database in needed:
                raise NoDatabase(
                    f"The database {name} is missing, and this user may not make it: have it made, with this user as "
                    "its owner."
                )


def _make(connection: Connection, name: str) -> bool:
    try:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    except ProgrammingError as error:
        if not isinstance(error.orig, psycopg.errors.InsufficientPrivilege):
            raise
        return False
    return True


def _anywhere() -> Connection:
    """A connection to the server, by our own database where it is there."""
    try:
        return _connected(VAXEL)
    except OperationalError:
        return _connected(EVERYWHERE)


def _connected(database: str) -> Connection:
    url = with_driver(url_of(database), "psycopg")
    return create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect()
