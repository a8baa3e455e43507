"""What a child does with one file: the only places where plain bytes and a file's key are."""

from __future__ import annotations

import hashlib
import importlib
import io
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from engine.base.errors import Refused
from systems.clamd import scanner_at
from systems.found import Limits
from systems.storage import sealed
from systems.storage.folder import FolderStore
from systems.storage.folder_keys import FolderKeys
from systems.storage.hour_keys import HourKeys
from systems.storage.place import Place, SealedFile
from systems.storage.source import AttachmentSource, reading
from systems.storage.store import Store


def put(
    place: Place,
    file: SealedFile,
    source: AttachmentSource,
    limits: Limits,
    scanner: str | None,
    seconds: float,
) -> dict[str, Any]:
    """As `files.put`: each piece is hashed, looked at, sealed and stored before the next is read."""
    from systems.inspection import Inspection

    key = sealed.new_key()
    wrapped = keys_of(place).wrap(file.hour, key, file.bound_to())
    digest, count = hashlib.sha256(), 0
    with (
        reading(source, seconds, limits.most_bytes) as coming,
        store_of(place).writing(file.name) as target,
        sealed.sealing(key, file.name, target) as sealing,
    ):
        inspection = Inspection(limits, scanner_at(scanner, limits.scanned_bytes), coming.expected)
        for piece in coming.pieces:
            digest.update(piece)
            inspection.feed(piece)
            sealing.write(piece)
            count += len(piece)
        found = asdict(inspection.finish())
    return {"wrapped_key": wrapped.hex(), "bytes": count, "sha256": digest.hexdigest(), "inspected": found}


def give(place: Place, file: SealedFile) -> Iterator[bytes]:
    """As `files.give`."""
    key = keys_of(place).unwrap(file.hour, file.wrapped_key or b"", file.bound_to())
    with store_of(place).reading(file.name) as source:
        yield from sealed.opened(key, file.name, source)


def preview(place: Place, file: SealedFile, longest_side: int, limits: Limits) -> Iterator[bytes]:
    """As `files.preview`, in one piece."""
    from systems.previews import NoPreview
    from systems.previews import preview as drawn

    whole = io.BytesIO()
    for piece in give(place, file):
        whole.write(piece)
    whole.seek(0)
    try:
        yield drawn(whole, longest_side, limits)
    except NoPreview as none:
        raise Refused("no_preview", str(none)) from None


def scan(place: Place, file: SealedFile, limits: Limits, scanner: str | None) -> list[str]:
    """As `files.scan_again`: what it said, and why it did not."""
    scanning = scanner_at(scanner, limits.scanned_bytes)
    if scanning is None:
        return ["not_scanned", "no_scanner"]
    for piece in give(place, file):
        scanning.take(piece)
    said, why = scanning.finish()
    return [str(said), why]


def store_of(place: Place) -> Store:
    """The store: boto3 is loaded only where it is a bucket."""
    if place.is_s3():
        from systems.storage.s3 import S3Store

        return S3Store(place)
    return FolderStore(place.folder())


def keys_of(place: Place) -> HourKeys:
    """The keys of the hours. A vault would be chosen here."""
    return FolderKeys(place.keys)


def warm() -> None:
    """What a first file would wait for. The decoders are loaded here, and in no program that lives long."""
    importlib.import_module("systems.previews")
    importlib.import_module("systems.inspection")
    sealed.new_key()
