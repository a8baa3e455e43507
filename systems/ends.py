"""Where a picture ends in its file, found by its structure alone: one that is cut short has no end.

Decoders give half a picture, grey below, or a whole one though the last bytes are missing; some open nothing at all.
Nothing is decoded here. Source: as in `systems.kinds`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

Bytes = bytes | memoryview
MOST_PICTURES = 1000
"""More are not counted."""
MOST_PARTS = 500_000
"""Of segments, chunks or blocks. A file of 64 MB has a tenth of it, unless it was made to be slow to read."""

_MARKER = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_NEXT_JPEG = re.compile(rb"\0*(?=\xff\xd8\xff)")
_PNG_CHUNK = re.compile(rb"[A-Za-z]{4}")


class TooManyParts(Exception):
    """It is not walked to its end, and its decoder had better not be asked."""


@dataclass(frozen=True)
class End:
    """Where the first byte after the picture is, and how many pictures there are until then."""

    at: int
    pictures: int = 1


class _Parts:
    """Counts them."""

    def __init__(self, most: int = MOST_PARTS) -> None:
        self._left = most

    def another(self) -> None:
        """Raises TooManyParts."""
        self._left -= 1
        if self._left < 0:
            raise TooManyParts


def _int_at(data: Bytes, at: int, length: int, order: Literal["big", "little"] = "big") -> int:
    return int.from_bytes(data[at : at + length], order)


def jpeg(data: Bytes) -> End | None:
    """T.81 B.1.1: marker segments until EOI. A second picture behind it is a part of the file (CIPA DC-007)."""
    at, pictures, parts = 0, 0, _Parts(MOST_PARTS // 10)
    while pictures <= MOST_PICTURES and (another := _NEXT_JPEG.match(data, at)):
        end = _one_jpeg(data, another.end() + 2, parts)
        if end is None:
            return None
        at, pictures = end, pictures + 1
    return End(at, pictures) if pictures else None


def _one_jpeg(data: Bytes, at: int, parts: _Parts) -> int | None:
    while marker := _MARKER.search(data, at):
        parts.another()
        code, at = data[marker.start() + 1], marker.end()
        if code == 0xD9:
            return at
        if code not in (0x01, 0xD8):
            at += max(_int_at(data, at, 2), 2)
    return None


def png(data: Bytes) -> End | None:
    """PNG 1.2 §3.2: chunks until IEND."""
    at, pictures, parts = 8, 0, _Parts(MOST_PARTS // 10)
    while _PNG_CHUNK.fullmatch(data, at + 4, at + 8):
        parts.another()
        type, start = bytes(data[at + 4 : at + 8]), at
        at += 12 + _int_at(data, start, 4)
        pictures += type == b"fcTL"
        if type == b"IEND":
            return End(at, max(pictures, 1)) if at <= len(data) else None
    return None


def gif(data: Bytes) -> End | None:
    """GIF89a: blocks until the trailer; each image descriptor (0x2C) begins a picture."""
    at, pictures, parts = 13 + _colours(data, 10), 0, _Parts()
    while at < len(data) and pictures <= MOST_PICTURES:
        if data[at] == 0x3B:
            return End(at + 1, pictures)
        if data[at] == 0x2C:
            at, pictures = at + 11 + _colours(data, at + 9), pictures + 1
        elif data[at] == 0x21:
            at += 2
        else:
            return None
        at = _after_blocks(data, at, parts)
    return End(len(data), pictures) if pictures > MOST_PICTURES else None


def _colours(data: Bytes, at: int) -> int:
    """The length of the colour table that the flags announce."""
    flags = data[at] if at < len(data) else 0
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0


def _after_blocks(data: Bytes, at: int, parts: _Parts) -> int:
    while at < len(data) and data[at]:
        parts.another()
        at += data[at] + 1
    return at + 1


def webp(data: Bytes) -> End | None:
    """RFC 9649 §2.3, 2.7: one RIFF chunk of chunks; each ANMF is a picture."""
    end = 8 + _int_at(data, 4, 4, "little")
    end += end % 2
    at, pictures, parts = 12, 0, _Parts(MOST_PARTS // 10)
    while at < min(end, len(data)):
        parts.another()
        pictures += data[at : at + 4] == b"ANMF"
        size = _int_at(data, at + 4, 4, "little")
        at += 8 + size + size % 2
    return End(end, max(pictures, 1)) if at <= end <= len(data) else None


def webp_pixels(data: Bytes) -> int:
    """The canvas, from the first chunk's header: the decoder would take memory for all of it when it opens."""
    kind, at = bytes(data[12:16]), 20
    if kind == b"VP8X":
        return (_int_at(data, at + 4, 3, "little") + 1) * (_int_at(data, at + 7, 3, "little") + 1)
    if kind == b"VP8L":
        bits = _int_at(data, at + 1, 4, "little")
        return ((bits & 0x3FFF) + 1) * ((bits >> 14 & 0x3FFF) + 1)
    return (_int_at(data, at + 6, 2, "little") & 0x3FFF) * (_int_at(data, at + 8, 2, "little") & 0x3FFF)


_TIFF_BYTES = {2: 1, 3: 2, 4: 4, 5: 8, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
"""Of one value of each type; one byte where it is not listed."""


def tiff_directory(data: Bytes) -> int:
    """Where the first directory ends, with its values (TIFF 6.0 §2, BigTIFF): many programs write it last."""
    order: Literal["big", "little"] = "little" if bytes(data[:2]) == b"II" else "big"
    first, number, entry, count = (8, 8, 20, 8) if 0x2B in bytes(data[2:4]) else (4, 4, 12, 2)
    start = _int_at(data, first, number, order) + count
    end = start + _int_at(data, start - count, count, order) * entry
    ends = [end + number]
    for at in range(start, min(end, len(data)), entry):
        length = _TIFF_BYTES.get(_int_at(data, at + 2, 2, order), 1) * _int_at(data, at + 4, number, order)
        if length > number:
            ends.append(_int_at(data, at + 4 + number, number, order) + length)
    return max(ends)


ENDS: Mapping[str, Callable[[Bytes], End | None]] = {
    "image/jpeg": jpeg,
    "image/png": png,
    "image/gif": gif,
    "image/webp": webp,
}
