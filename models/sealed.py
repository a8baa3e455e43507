"""Sealed columns of a table: each value is bound to its table, its column and its row.

A row is known by what never changes of it: its primary key, or what `info={"row": (…)}` in the table's arguments
names, where the database gives the primary key or an upsert keeps it. What is sealed for a row has to be written
with that row; `engine.base.database` (`insert_all`, `packed`, `load`) and `Claim.write` do so by themselves.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, cast
from uuid import UUID

import orjson
from sqlalchemy import LargeBinary, Table
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

from models.encryption import Closed, DoesNotOpen, Place, ring


class Sealed(TypeDecorator[bytes]):
    """A text column that lies sealed in the database.

    Args:
        hashed_in: the row's column with the keyed hash of the person or address that is sealed here; what is
            opened is compared with it.
        at: where in the sealed JSON that stands, such as `("patient", "id")`; empty: the text itself.
    """

    impl = LargeBinary
    cache_ok = True

    def __init__(self, hashed_in: str | None = None, at: tuple[str, ...] = ()) -> None:
        super().__init__()
        self.hashed_in = hashed_in
        self.at = at

    def process_bind_param(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        """Only what has been sealed for its row goes in; this column alone does not know the row."""
        if isinstance(value, str):
            raise TypeError(
                "sealed without its row: write with insert_all, or seal it with models.sealed.seal"
            )
        return value

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> bytes | None:
        return None if value is None else bytes(value)


PATIENT: Any = Sealed("patient_hash", ("id",))
"""A `models.identity.PatientId` as JSON, beside its `patient_hash`."""


@dataclass(frozen=True)
class Column:
    """A sealed column; `prefix` is what of its place is the same for all rows."""

    name: str
    prefix: bytes
    where: str
    hashed_in: str | None
    at: tuple[str, ...]

    def check(self, text: str, row: Mapping[str, Any]) -> None:
        """See that what was opened is of the row's own person.

        Raises:
            DoesNotOpen: it is another's.
        """
        hashed = row.get(self.hashed_in) if self.hashed_in else None
        if hashed is None:
            return
        if not hmac.compare_digest(ring().digest(self._person(text)), bytes(hashed)):
            raise DoesNotOpen("other_person", self.where)

    def _person(self, text: str) -> str:
        try:
            found: Any = orjson.loads(text) if self.at else text
            for name in self.at:
                found = found[name]
            return str(found)
        except (ValueError, KeyError, TypeError):  # it has no person that could be the row's
            return ""


class Seals:
    """How the sealed columns of one table are sealed and opened."""

    def __init__(self, table: Table) -> None:
        self.row: tuple[str, ...] = table.info.get("row") or tuple(c.name for c in table.primary_key)
        sealed = [column for column in table.columns if isinstance(column.type, Sealed)]
        if sealed and any(table.c[name].identity is not None for name in self.row):
            raise TypeError(
                f"{table.name}: its rows are numbered by the database; name another key in `info`"
            )
        self.columns = {column.name: _column(table.name, column.name, column.type) for column in sealed}

    def place(self, name: str, row: Mapping[str, Any]) -> Place:
        """The place of a column's value in a row."""
        return Place(self.columns[name].prefix + b"".join([_part(row[each]) for each in self.row]))

    def seal(self, row: MutableMapping[str, Any], names: Sequence[str], of: Mapping[str, Any]) -> None:
        """Seal the named columns of a row that is to be written; `of` has at least what the row is known by."""
        known = b"".join([_part(of[each]) for each in self.row])
        sealing = ring()
        for name in names:
            if row[name] is not None:
                row[name] = sealing.seal(row[name], Place(self.columns[name].prefix + known))

    def open(self, row: MutableMapping[str, Any]) -> None:
        """Open, where they lie, the sealed columns of a row that was read.

        Raises:
            DoesNotOpen: one of them does not, the first; all that do not are left sealed, and the others open.
        """
        known, failed = None, None
        for name, column in self.columns.items():
            closed = row.get(name)
            if closed is None or isinstance(closed, str):
                continue
            known = known or b"".join([_part(row[each]) for each in self.row])
            try:
                text = ring().open(bytes(closed), Place(column.prefix + known))
                column.check(text, row)
            except DoesNotOpen as error:
                failed = failed or DoesNotOpen(error.reason, column.where)
                continue
            row[name] = text
        if failed:
            raise failed


@cache
def seals(table: Table) -> Seals:
    """How a table is sealed."""
    return Seals(table)


def place(model: type[SQLModel], column: str, **row: object) -> Place:
    """Where a value lies: `place(Merge, "known_as", id=id)`; for SQL that is written by hand."""
    return seals(cast(Any, model).__table__).place(column, row)


def seal(model: type[SQLModel], column: str, text: str, **row: object) -> Closed:
    """A text sealed for its place, for SQL that is written by hand."""
    return ring().seal(text, place(model, column, **row))


def opened(model: type[SQLModel], column: str, closed: bytes, **row: object) -> str:
    """The text of a sealed column that was read without its model.

    Raises:
        DoesNotOpen: it does not open there.
    """
    try:
        return ring().open(bytes(closed), place(model, column, **row))
    except DoesNotOpen as error:
        raise DoesNotOpen(error.reason, f"{cast(Any, model).__table__.name}.{column}") from None


def _column(table: str, name: str, kind: Any) -> Column:
    prefix = _part(table) + _part(name)
    return Column(name, prefix, f"{table}.{name}", kind.hashed_in, kind.at)


def _part(value: Any) -> bytes:
    """Its length goes ahead: no two places are written alike."""
    if isinstance(value, UUID):
        part = value.bytes
    elif isinstance(value, str):
        part = value.encode()
    elif isinstance(value, bytes | memoryview):
        part = bytes(value)
    elif isinstance(value, int):
        part = value.to_bytes(8, "big", signed=True)
    else:  # a row that is not known yet, say: nothing could ever open what is sealed for it
        raise TypeError(f"no row is known by a {type(value).__name__}")
    return len(part).to_bytes(4, "big") + part
