"""The files in the storage: put in, given out, previewed, deleted.

Plain bytes and files' keys live only in child processes that end with each call (`systems.storage.apart`).
Every call may raise what a store does (`systems.storage.store`), and NotSent 'child_lost' or 'too_slow' where the
child came to an end of its own, or to the end of its time.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from systems.inspection import Inspected, Limits, Scan
from systems.storage.source import AttachmentSource


@dataclass(frozen=True)
class Put:
    """A file that is in. `bytes` and `sha256` (hex) are of the original."""

    wrapped_key: bytes
    bytes: int
    sha256: str
    inspected: Inspected


def put(name: UUID, file: UUID, hour: datetime, source: AttachmentSource, limits: Limits) -> Put:
    """Fetch, judge, seal and store an attachment, in one pass.

    Args:
        name: a new one for every try, with its row in `stored_file` first.
        file: the id of the case.
        hour: `hour_keys.hour_of` the end of its life.

    Raises:
        Refused: 'attachment_gone' (the source has it no more), 'file_too_big', 'keys_gone' (the hour is over).
        NotSent: 'too_slow', 'answer_lost', and what else a loss on the way is.
        SystemDown: 'unreachable', 'overloaded': the source or the store.
        Incident: 'not_authorised', 'protocol_refused', 'tls_failed'.
    """
    raise NotImplementedError


def give(name: UUID, file: UUID, hour: datetime, wrapped_key: bytes) -> Iterator[bytes]:
    """The original's bytes. The first is asked for before this returns, so that what cannot be opened raises here.

    Raises:
        Refused: 'keys_gone', 'file_gone', 'file_changed' (also midway: what came before it is sound, but not all).
    """
    raise NotImplementedError


def preview(name: UUID, file: UUID, hour: datetime, wrapped_key: bytes, longest_side: int) -> bytes:
    """A small upright picture, made anew, without metadata.

    Raises:
        Refused: as `give`; 'no_preview': of this kind there is none, or it cannot be drawn.
    """
    raise NotImplementedError


def scan_again(name: UUID, file: UUID, hour: datetime, wrapped_key: bytes) -> Scan:
    """Have the scanner look at a file that it has not seen yet."""
    raise NotImplementedError


def delete(name: UUID) -> None:
    """Take the bytes away, at once and for good."""
    raise NotImplementedError


def clean(before: datetime) -> int:
    """Clear what was begun before then and never ended in the store. Gives how many there were."""
    raise NotImplementedError


def names(before: datetime) -> Iterator[UUID]:
    """Names of whole files written before then: one without a row is to be deleted."""
    raise NotImplementedError


def destroy_keys(moment: datetime) -> list[datetime]:
    """Destroy the keys of the hours that are over by then. Gives those hours, oldest first."""
    raise NotImplementedError
