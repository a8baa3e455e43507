"""The rows of what lies in the storage: one for each time that a file's bytes are put there.

The row is written and committed before the first byte, and goes after the last one: there are no bytes without a row,
but for those of a program that was killed and went on writing, which the cleaning finds by their age. What opens the
bytes (`wrapped_key`) is written in the transaction that moves the case on, and dropped in the one that ends it: a row
has a key just as long as its case says that the file lies there.
"""

from __future__ import annotations

import uuid
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection, Table, delete, update
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among, insert_all, load, table_of, transaction
from models.image_transfer import StoredFile

STORED: Table = table_of(StoredFile)


@dataclass(frozen=True)
class Place:
    """Where bytes lie, and the key that opens them, wrapped: what `systems.storage.files` asks for."""

    name: uuid.UUID
    hour: datetime
    wrapped_key: bytes = field(repr=False)


@dataclass(frozen=True)
class Completed:
    """Bytes that are whole under their name."""

    name: uuid.UUID
    size: int
    wrapped_key: bytes = field(repr=False)


def begin_file(file: uuid.UUID, hour: datetime) -> uuid.UUID:
    """A name for bytes that are to be put; committed when this returns.

    Args:
        file: the case's id.
        hour: the hour in which their life ends, by its beginning.
    """
    row = StoredFile(name=uuid.uuid4(), file=file, hour=hour, begun_at=clock.now())
    with transaction() as connection:
        insert_all(connection, STORED, [row.model_dump()], list(STORED.columns.keys()))
    return row.name


def complete(connection: Connection, done: Sequence[Completed]) -> None:
    """They are whole, and can be opened from now on.

    Raises:
        LookupError: a row is gone: the cleaning took it for what a dead program had left, and its bytes with it.
    """
    key, size, at = col(StoredFile.wrapped_key), col(StoredFile.size), col(StoredFile.completed_at)
    for each in done:
        whole = {key: each.wrapped_key, size: each.size, at: clock.now()}
        its_row = update(StoredFile).where(col(StoredFile.name) == each.name)
        if connection.execute(its_row.values(whole)).rowcount != 1:
            raise LookupError("stored_file")


def places(connection: Connection, files: Collection[uuid.UUID]) -> dict[uuid.UUID, Place]:
    """By file, where it lies, of those that can be opened."""
    key = col(StoredFile.wrapped_key)
    query = (
        select(StoredFile.file, StoredFile.name, StoredFile.hour, key)
        .where(among(col(StoredFile.file), files), key.is_not(None))
        .order_by(col(StoredFile.begun_at))
    )
    return {file: Place(name, hour, key) for file, name, hour, key in connection.execute(query) if key}


def drop_keys(connection: Connection, files: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Nothing opens these files any more, whoever holds their cases; their bytes go by and by.

    Gives those that could be opened until now.
    """
    file, key = col(StoredFile.file), col(StoredFile.wrapped_key)
    query = update(StoredFile).where(among(file, files), key.is_not(None)).values({key: None}).returning(file)
    return set(connection.execute(query).scalars())


def names_of(connection: Connection, files: Collection[uuid.UUID]) -> Mapping[uuid.UUID, list[uuid.UUID]]:
    """By file, the names of all that lies of it, or may lie."""
    query = select(StoredFile).where(among(col(StoredFile.file), files)).order_by(col(StoredFile.begun_at))
    found: dict[uuid.UUID, list[uuid.UUID]] = {file: [] for file in files}
    for row in load(connection, query):
        found[row.file].append(row.name)
    return found


def forget(connection: Connection, names: Collection[uuid.UUID]) -> set[uuid.UUID]:
    """Their bytes are gone. Gives the files whose rows were there: nobody else takes those away any more."""
    query = delete(StoredFile).where(among(col(StoredFile.name), names)).returning(col(StoredFile.file))
    return set(connection.execute(query).scalars())
