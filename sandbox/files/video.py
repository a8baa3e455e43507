"""Films as MP4 and QuickTime, boxes written by hand: each frame is a JPEG of the same length, one after the other.

Source: ISO/IEC 14496-12 (boxes), 14496-14 and 14496-1 (`esds`; 0x6C is JPEG), QuickTime File Format (`jpeg`).
"""

from __future__ import annotations

import struct

TICKS = 600
TICKS_A_FRAME = 25
WHOLE = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
"""A matrix that turns nothing."""
WHERE = b"+56.6745+012.8578/"
"""Where it was filmed, as phones write it: the town hall of Halmstad."""


def head(width: int, height: int, frame: int, frames: int, *, quicktime: bool = False) -> bytes:
    """All of a film that stands before its frames, of `frame` bytes each."""
    brands = b"qt  \x20\x05\x03\x00qt  " if quicktime else b"isom\x00\x00\x02\x00isomiso2mp41"
    before = _box(b"ftyp", brands)
    start = len(before) + len(_moov(width, height, frame, frames, 0, quicktime)) + 8
    data = struct.pack(">I", 8 + frame * frames) + b"mdat"
    return before + _moov(width, height, frame, frames, start, quicktime) + data


def _moov(width: int, height: int, frame: int, frames: int, start: int, quicktime: bool) -> bytes:
    length = frames * TICKS_A_FRAME
    film = struct.pack(">4I", 0, 0, TICKS, length) + struct.pack(">IHxx8x", 0x10000, 0x100)
    track = (
        struct.pack(">5I", 0, 0, 1, 0, length)
        + bytes(16)
        + WHOLE
        + struct.pack(">2I", width << 16, height << 16)
    )
    media = struct.pack(">4IHH", 0, 0, TICKS, length, 0x55C4, 0)
    kind = (
        (b"mhlr" if quicktime else bytes(4))
        + b"vide"
        + bytes(12)
        + (b"\x05Video" if quicktime else b"Video\x00")
    )
    samples = _samples(_sample_entry(width, height, quicktime), frame, frames, start)
    data = _box(b"dinf", _full(b"dref", struct.pack(">I", 1) + _full(b"url ", b"", 1)))
    inside = _box(b"minf", _full(b"vmhd", bytes(8), 1) + data + samples)
    part = _box(b"mdia", _full(b"mdhd", media) + _full(b"hdlr", kind) + inside)
    place = _box(b"udta", _box(b"\xa9xyz", struct.pack(">HH", len(WHERE), 0x15C7) + WHERE))
    whole = _full(b"mvhd", film + WHOLE + bytes(24) + struct.pack(">I", 2))
    return _box(b"moov", whole + _box(b"trak", _full(b"tkhd", track, 7) + part) + place)


def _samples(entry: bytes, frame: int, frames: int, start: int) -> bytes:
    """Where the frames lie: all in one piece."""
    return _box(
        b"stbl",
        _full(b"stsd", struct.pack(">I", 1) + entry)
        + _full(b"stts", struct.pack(">3I", 1, frames, TICKS_A_FRAME))
        + _full(b"stsc", struct.pack(">4I", 1, 1, frames, 1))
        + _full(b"stsz", struct.pack(">2I", frame, frames))
        + _full(b"stco", struct.pack(">2I", 1, start)),
    )


def _sample_entry(width: int, height: int, quicktime: bool) -> bytes:
    """How a frame is to be read."""
    fields = bytes(6) + struct.pack(">H16x2H2I4xH32xHh", 1, width, height, 0x480000, 0x480000, 1, 24, -1)
    if quicktime:
        return _box(b"jpeg", fields)
    decoder = _tagged(4, struct.pack(">BBHBII", 0x6C, 0x11, 0, 0, 0, 0))
    return _box(
        b"mp4v", fields + _full(b"esds", _tagged(3, struct.pack(">HB", 1, 0) + decoder + _tagged(6, b"\x02")))
    )


def _tagged(tag: int, content: bytes) -> bytes:
    return struct.pack(">BB", tag, len(content)) + content


def _full(kind: bytes, content: bytes, flags: int = 0) -> bytes:
    return _box(kind, struct.pack(">I", flags) + content)


def _box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content
