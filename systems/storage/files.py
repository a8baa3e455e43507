"""The files in the storage: put in, given out, previewed, deleted.

Plain bytes and files' keys live only in child processes that end with each call (`systems.storage.apart`).
Every call may raise what a store does (`systems.storage.store`), and NotSent 'child_lost' or 'too_slow' where the
child came to an end of its own, or to the end of its time.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from uuid import UUID

from pydantic import TypeAdapter

from engine.base.errors import NotSent, Refused
from engine.base.settings import settings
from systems.found import Inspected, Limits, Scan
from systems.storage import acts
from systems.storage.apart import Apart
from systems.storage.place import Place, SealedFile
from systems.storage.source import AttachmentSource

GIVING_SECONDS, LOOKING_SECONDS = 900.0, 20.0
_ACTS, _S3 = "systems.storage.acts", "systems.storage.s3"
_INSPECTED = TypeAdapter(Inspected)


@dataclass(frozen=True)
class Put:
    """A file that is in. `bytes` and `sha256` (hex) are of the original."""

    wrapped_key: bytes
    bytes: int
    sha256: str
    inspected: Inspected


def put(name: UUID, file: UUID, hour: datetime, source: AttachmentSource, limits: Limits) -> Put:
    """Fetch, judge, seal and store an attachment, in one pass; in a `turn` that whoever calls has.

    Args:
        name: a new one for every try, with its row in `stored_file` first.
        file: the id of the case.
        hour: `hour_keys.hour_of` the end of its life.

    Raises:
        Refused: 'attachment_gone' (the source has it no more), 'file_too_big', 'channel_refused', 'keys_gone' (the
            hour is over).
        NotSent: 'too_slow', 'answer_lost', 'unreachable' and so on (`systems.storage.source`).
        Incident: 'not_authorised', 'protocol_refused', 'tls_failed'.
    """
    seconds, new = settings().storage.seconds, SealedFile(name, file, hour)
    given = (_place_in_settings(), new, source, limits, _scanner(), seconds)
    told = _apart().result(seconds + LOOKING_SECONDS, acts.put, *given)
    inspected = _INSPECTED.validate_python(told["inspected"])
    return Put(bytes.fromhex(told["wrapped_key"]), int(told["bytes"]), str(told["sha256"]), inspected)


def give(name: UUID, file: UUID, hour: datetime, wrapped_key: bytes) -> Iterator[bytes]:
    """The original's bytes. The first is asked for before this returns: what cannot be opened raises here.

    Raises:
        Refused: 'keys_gone', 'file_gone', 'file_changed' (also midway: what came before it is sound, but not all).
    """
    pieces = _apart().pieces(
        GIVING_SECONDS, acts.give, _place_in_settings(), SealedFile(name, file, hour, wrapped_key)
    )
    return _resumed(next(pieces, b""), pieces)


def preview(
    name: UUID, file: UUID, hour: datetime, wrapped_key: bytes, longest_side: int, limits: Limits
) -> bytes:
    """A small upright picture, made anew, without metadata.

    Raises:
        Refused: as `give`; 'no_preview': of this kind there is none, or drawing it came to no end.
    """
    given = (_place_in_settings(), SealedFile(name, file, hour, wrapped_key), longest_side, limits)
    try:
        with turn():
            return b"".join(_apart().pieces(LOOKING_SECONDS, acts.preview, *given))
    except NotSent as error:
        if error.reason not in ("child_lost", "child_failed", "too_slow"):
            raise
        raise Refused("no_preview", error.reason) from None


def scan_again(
    name: UUID, file: UUID, hour: datetime, wrapped_key: bytes, limits: Limits
) -> tuple[Scan, str]:
    """Have the scanner look at a file that it has not seen yet: what it said, and a code of why it did not.

    Raises:
        Refused: as `give`.
    """
    given = (_place_in_settings(), SealedFile(name, file, hour, wrapped_key), limits, _scanner())
    with turn():
        said, why = _apart().result(settings().storage.seconds, acts.scan, *given)
    return Scan(said), str(why)


def delete(name: UUID) -> None:
    """Take the bytes away, at once and for good: every version of them."""
    acts.store_of(_place_in_settings()).delete(name)


def names(before: datetime) -> Iterator[UUID]:
    """Names of whole files written before then: one without a row is to be deleted."""
    return acts.store_of(_place_in_settings()).names(before)


def clean(before: datetime) -> int:
    """Clear what was begun before then and never ended in the store. Gives how many there were."""
    return acts.store_of(_place_in_settings()).tidy(before)


def destroy_keys(moment: datetime) -> list[datetime]:
    """Destroy the keys of the hours that are over by then. Gives those hours, oldest first."""
    return acts.keys_of(_place_in_settings()).destroy_before(moment)


def warm() -> None:
    """Have the program there that children are forked from, so that the first file does not wait for it."""
    _apart().warm()


def _resumed(first: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from rest


def _place_in_settings() -> Place:
    """As the settings have it."""
    given, home = settings().storage, settings().home.absolute()
    return Place(
        url=given.url or (home / "storage").as_uri(),
        keys=(given.keys or home / "storage-keys").absolute(),
        endpoint=given.endpoint,
        region=given.region,
        access_key=given.access_key,
        secret_key=given.secret_key,
        authority=str(given.authority) if given.authority else None,
    )


def _scanner() -> str | None:
    return settings().system("clamd").url


@cache
def _apart() -> Apart:
    return Apart([_ACTS, _S3] if _place_in_settings().is_s3() else [_ACTS])


@cache
def turn() -> threading.Semaphore:
    """Held while a child fetches, looks or draws: as many as the settings allow. Who only reads waits for nobody."""
    return threading.Semaphore(settings().storage.files_at_once)
