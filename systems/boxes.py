"""The boxes of an ISO base media file (ISO/IEC 14496-12 §4.2): films, HEIF and AVIF, as their bytes pass."""

from __future__ import annotations

import re

HELD = 16 * 1024 * 1024
"""At most so much is held of the boxes that are looked into."""
MOST_BOXES = 200_000

_TYPE = re.compile(rb"[A-Za-z0-9 \xa9_-]{4}")
_LOOKED_INTO = frozenset({b"moov", b"meta"})
_HANDLER = re.compile(rb"hdlr\0\0\0\0.{4}(vide|pict)", re.DOTALL)
_ISPE = re.compile(rb"\0\0\0\x14ispe\0{4}(.{4})(.{4})", re.DOTALL)


class Boxes:
    """Walks over a file's outermost boxes by their headers, and holds only `moov` and `meta`.

    Attributes:
        types: of the boxes that have passed.
        held: what stands in `moov` and `meta`.
        ended: where the boxes came to an end, and other bytes began; None: nowhere so far.
        looked_into: nothing of `moov` and `meta` was left out.
    """

    def __init__(self) -> None:
        self.types: set[bytes] = set()
        self.held = bytearray()
        self.ended: int | None = None
        self.looked_into = True
        self._at = 0
        self._header = b""
        self._left = 0
        self._to_the_end = False
        self._holding = False
        self._count = 0

    def feed(self, chunk: bytes | memoryview) -> None:
        """The next bytes of the file, in any pieces."""
        view = memoryview(chunk)
        while view and self.ended is None:
            view = self._pass(view) if self._left or self._to_the_end else self._begin(view)

    @property
    def is_whole(self) -> bool:
        """Does what has come end where a box does?"""
        return not self._left and not self._header and bool(self.types)

    @property
    def handlers(self) -> set[bytes]:
        """`vide` for a track of moving pictures, `pict` for still ones."""
        return set(_HANDLER.findall(self.held))

    @property
    def most_pixels(self) -> int:
        """Of the largest picture, as the `ispe` boxes say (ISO/IEC 23008-12 §6.5.3); 0: none says."""
        sizes = ((int.from_bytes(w, "big"), int.from_bytes(h, "big")) for w, h in _ISPE.findall(self.held))
        return max((width * height for width, height in sizes), default=0)

    def _pass(self, view: memoryview) -> memoryview:
        here = view if self._to_the_end else view[: self._left]
        if self._holding:
            room = HELD - len(self.held)
            self.looked_into &= len(here) <= room
            self.held += here[:room]
        self._at += len(here)
        self._left -= 0 if self._to_the_end else len(here)
        return view[len(here) :]

    def _begin(self, view: memoryview) -> memoryview:
        """Gather a box's header: 8 bytes, or 16 where the size takes 64 bits."""
        missing = (16 if self._header[:4] == b"\0\0\0\x01" else 8) - len(self._header)
        self._header += bytes(view[:missing])
        if len(self._header) in (8, 16):
            self._read()
        return view[missing:]

    def _read(self) -> None:
        header = self._header
        size, type = int.from_bytes(header[:4], "big"), header[4:8]
        if size == 1 and len(header) == 8:
            return
        size = int.from_bytes(header[8:16], "big") if size == 1 else size
        self._count += 1
        if not _TYPE.fullmatch(type) or 0 < size < len(header) or self._count > MOST_BOXES:
            self.ended = self._at
            return
        self._at += len(header)
        self._left, self._to_the_end = max(size - len(header), 0), size == 0
        self._holding, self._header = type in _LOOKED_INTO, b""
        self.types.add(type)
