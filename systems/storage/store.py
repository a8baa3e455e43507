"""Where sealed files lie: a folder, or an S3-compatible store. What each has to keep, whatever it is.

A name is a random UUID, so that no path tells anything. What lies there is sealed (`systems.storage.sealed`);
a store sees no plain byte and no key.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from datetime import datetime
from typing import BinaryIO, Protocol
from uuid import UUID


class Writing(Protocol):
    """A file that is being written."""

    def write(self, data: bytes, /) -> int:
        """Take these bytes in; gives how many, always all."""
        ...


class Store(Protocol):
    """One place for sealed files.

    Every call raises:
        NotSent: 'storage_full', 'storage_unwritable' (read-only, or not ours to write), 'storage_failed'.
        SystemDown: 'unreachable', 'overloaded'.
        Incident: 'storage_not_authorised', 'storage_not_there' (no such bucket; a folder that is away).
    """

    def writing(self, name: UUID) -> AbstractContextManager[Writing]:
        """Write a file: whole and durable under its name when the block is left, or, by an error, not at all.

        Raises:
            NotSent: 'name_taken': something has that name already, and is left as it was.
        """
        ...

    def reading(self, name: UUID) -> AbstractContextManager[BinaryIO]:
        """Read a file from its beginning.

        Raises:
            Refused: 'file_gone': nothing has that name, and the store itself is there.
        """
        ...

    def delete(self, name: UUID) -> None:
        """Take a file away, every version of it. That nothing has the name is no error."""
        ...

    def names(self, before: datetime) -> Iterator[UUID]:
        """Those of whole files that were written before then."""
        ...

    def tidy(self, before: datetime) -> int:
        """Clear what was begun before then and never ended. Gives how many there were."""
        ...
