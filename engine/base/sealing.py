"""The keys of the personal columns against what lies in the database: which are in use, and whether ours open it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import Connection, Table, delete
from sqlalchemy.dialects.postgresql import Insert
from sqlmodel import col, select

from engine.base.database import if_new, insert_all, is_current, load, load_each, table_of, transaction
from models import encryption
from models.case import Event, Sealing
from models.encryption import DoesNotOpen, ring

SEALING: Table = table_of(Sealing)
KEY, UNBOUND_UNTIL = "key ", "unbound_until"
UPGRADE = timedelta(days=7)
"""For so long after an upgrade what the version before sealed opens: a gateway of it may still be running."""


class WrongKeys(Exception):
    """The keys of the personal columns are not those that the database was written with."""


def check_keys() -> None:
    """See that our keys open what lies sealed in the database: another installation's would lose it all.

    Then the key that we seal with is noted as in use, so that no one is ready without it.

    Raises:
        WrongKeys: they don't.
    """
    with transaction() as connection:
        known = _opened(connection)
        note_key(connection)
    until = known.get(UNBOUND_UNTIL)
    encryption.use(replace(ring(), unbound_until=datetime.fromisoformat(until) if until else None))


def is_ready() -> bool:
    """Whether every migration is in; our keys open what lies there, under every key number in use, and find it.

    Raises:
        WrongKeys: they don't.
    """
    if not is_current():
        return False
    with transaction() as connection:
        _opened(connection)
    return True


def _opened(connection: Connection) -> dict[str, str]:
    """What is noted of how columns are sealed, by name."""
    known, unopened = load_each(connection, select(Sealing))
    if unopened:
        told = ", ".join(sorted(each.name for each in unopened))
        raise WrongKeys(f"the column keys do not fit this database, or one of them is missing: {told}")
    if not known:
        _try_an_event(connection)
    if any(each.name.startswith(KEY) and each.value != _of_lookup() for each in known):
        raise WrongKeys("the lookup key does not fit this database: nobody would be found")
    return {each.name: each.value for each in known}


def _try_an_event(connection: Connection) -> None:
    """Of a database in which no key is noted yet."""
    try:
        load(connection, select(Event).order_by(col(Event.number).desc()).limit(1))
    except DoesNotOpen as error:
        if error.reason != "unbound":
            raise WrongKeys("the column keys do not fit this database") from None


def _of_lookup() -> str:
    """By which a lookup key is known, and not found out."""
    return ring().digest("the lookup key").hex()


def note_key(connection: Connection) -> None:
    """Note the key that we seal with: its row opens with that key only, and tells the lookup key beside it."""
    row = {"name": f"{KEY}{ring().newest}", "value": _of_lookup()}
    insert_all(connection, SEALING, [row], ["name", "value"], if_new)


def open_unbound(connection: Connection, until: datetime | None = None) -> None:
    """Let what the version before sealed open for a while, bound to no place as it is."""
    until = until or datetime.now(UTC) + UPGRADE
    row = {"name": UNBOUND_UNTIL, "value": until.isoformat()}
    insert_all(connection, SEALING, [row], ["name", "value"], _put_anew)


def _put_anew(put: Insert) -> Insert:
    return put.on_conflict_do_update(index_elements=[SEALING.c.name], set_={"value": put.excluded.value})


def noted(connection: Connection) -> set[str]:
    """What is noted of how columns are sealed, by name."""
    return set(connection.execute(select(Sealing.name)).scalars())


def forget(connection: Connection, name: str) -> None:
    """Nothing lies under that key any more, or bound to no place."""
    connection.execute(delete(Sealing).where(col(Sealing.name) == name))
