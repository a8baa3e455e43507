"""A file, sealed as a stream under a key of its own: Tink's streaming AEAD, AES-256-GCM-HKDF in segments of 1 MiB.

Source: Tink's wire format for streaming AEAD ("AES-GCM-HKDF Streaming AEAD"); docs/decisions/0022.

Each segment is sealed with its number and whether it is the last, all of it bound to the file's name: what was
swapped, cut, lengthened or changed is an error at the segment where it shows, and no byte of that is given out.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import BinaryIO
from uuid import UUID

import tink
from tink import proto_keyset_format, secret_key_access, streaming_aead

from engine.base.errors import NotSent, Refused
from systems.storage.store import Writing

CHUNK = 256 * 1024
SEGMENT = 1024 * 1024


def new_key() -> bytes:
    """A key for one file, as a Tink keyset."""
    _register()
    handle = tink.new_keyset_handle(streaming_aead.streaming_aead_key_templates.AES256_GCM_HKDF_1MB)
    return bytes(proto_keyset_format.serialize(handle, secret_key_access.TOKEN))


@contextmanager
def sealing(key: bytes, name: UUID, target: Writing) -> Iterator[Writing]:
    """Seal what is written into `target`; the last segment is written only where the block ends without an error.

    Tink's stream writes it also when it is thrown away half-way, as though what it has got were all: the target
    takes nothing any more by then.
    """
    place = _Target(target)
    stream = _primitive(key).new_encrypting_stream(place, name.bytes)
    try:
        yield stream
        stream.close()
    except tink.TinkError:
        raise place.failure or NotSent("storage_failed", "sealing") from None
    finally:
        place.is_over = True


def opened(key: bytes, name: UUID, source: BinaryIO) -> Iterator[bytes]:
    """What was sealed, piece by piece, each found sound before it is given.

    Raises:
        Refused: 'file_changed': what comes next is not what was sealed under that name, or not all of it.
    """
    place = _Source(source)
    try:
        stream = _primitive(key).new_decrypting_stream(place, name.bytes)
        while piece := stream.read(CHUNK):
            yield piece
    except tink.TinkError:
        if place.failure:
            raise place.failure from None
        raise Refused("file_changed") from None


@cache
def _register() -> None:
    streaming_aead.register()


def _primitive(key: bytes) -> streaming_aead.StreamingAead:
    _register()
    try:
        handle = proto_keyset_format.parse(key, secret_key_access.TOKEN)
        return handle.primitive(streaming_aead.StreamingAead)
    except tink.TinkError:
        raise Refused("file_changed", "key") from None


class _Target:
    """What Tink writes to. It tells its errors by itself, since Tink turns them into its own."""

    def __init__(self, target: Writing) -> None:
        self._target = target
        self.closed = self.is_over = False
        self.failure: Exception | None = None

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:
        try:
            return len(data) if self.is_over else self._target.write(data)
        except Exception as failure:
            self.failure = failure
            raise

    def close(self) -> None:
        """Whoever gave the target closes it."""


class _Source:
    """What Tink reads from: an error of the store's is told as such, not as a change of the file."""

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self.closed = False
        self.failure: Exception | None = None

    def readable(self) -> bool:
        return True

    def read(self, size: int) -> bytes:
        try:
            return self._source.read(size)
        except Exception as failure:
            self.failure = failure
            raise

    def close(self) -> None:
        """Whoever gave the source closes it."""
