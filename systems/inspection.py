"""What a file is, found by looking into its bytes as they pass (policy-bild-1 to policy-bild-3).

It runs in a short-lived process that the storage makes for one file, and does no input or output but the scanner's.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from systems import film, pdf, pictures
from systems.boxes import Boxes
from systems.found import Found
from systems.kinds import HEAD, ZIP_TAIL, is_zip_too, kinds_of

MEGABYTE = 1_000_000


class Scan(StrEnum):
    """What the scanner said of a file."""

    CLEAN = "clean"
    INFECTED = "infected"
    NOT_SCANNED = "not_scanned"


class Scanner(Protocol):
    """A scan of one file. Nothing of it raises: what goes wrong is `NOT_SCANNED`, with why."""

    def take(self, chunk: bytes) -> None:
        """The next bytes of the file."""

    def finish(self) -> tuple[Scan, str]:
        """What it was found to be, and a code of why it was not scanned ('' where it was)."""


@dataclass(frozen=True)
class Limits:
    """How far a file is looked into.

    Args:
        most_bytes: of a file: where whoever fetches it stops.
        most_pixels: of one picture; one of more is marked, and never decoded.
        scanned_bytes: the most that is sent to the scanner.
        held_bytes: the most that is held in memory of a file that can only be judged whole.
    """

    most_bytes: int = 200 * MEGABYTE
    most_pixels: int = 110 * MEGABYTE
    scanned_bytes: int = 99 * MEGABYTE
    held_bytes: int = 64 * MEGABYTE


@dataclass(frozen=True)
class Inspected:
    """What was found.

    Args:
        kind: the media type; None: none that we know.
        pictures: how many it holds, or pages; None where that is not told.
        pixels: of its largest picture, as its header says.
        marks: what was found in it, sorted: `encrypted` `script` `attached_file` `leads_out` `form`
            `cut_short` `damaged` `too_many_pixels` `too_many_pictures` `two_kinds` `not_looked_into`.
        why: a code of why it was not scanned.
    """

    kind: str | None
    pictures: int | None = None
    pixels: int | None = None
    marks: tuple[str, ...] = ()
    scan: Scan = Scan.NOT_SCANNED
    why: str = ""


FILMS = frozenset({"video/mp4", "video/quicktime"})


class Inspection:
    """Sees the bytes of one file go by.

    A film is judged by its boxes' headers, and never held. Pictures and PDFs are held, up to `held_bytes`: their
    decoders want them whole. Of what begins as no kind that we know nothing is held.

    Args:
        scanner: None: there is none, and the file is not scanned.
        expected: the file's size, where its source has said it: what is too large for the scanner is not begun.
    """

    def __init__(self, limits: Limits, scanner: Scanner | None, expected: int | None = None) -> None:
        self._limits = limits
        self._why = "no_scanner"
        if scanner and expected and expected > limits.scanned_bytes:
            scanner, self._why = None, "too_big_to_scan"
        self._scanner = scanner
        self._size = 0
        self._head = b""
        self._tail = b""
        self._kinds: list[str] | None = None
        self._boxes = Boxes()
        self._held = io.BytesIO()

    def take(self, chunk: bytes) -> None:
        """The next bytes of the file, in any pieces."""
        self._size += len(chunk)
        if self._scanner:
            self._scanner.take(chunk)
        if self._kinds is None:
            self._head += chunk
            if len(self._head) < 2 * HEAD:
                return
            chunk = self._begin()
        self._pass(chunk)

    def finish(self) -> Inspected:
        """What the file is, now that all of it has passed. Never raises."""
        if self._kinds is None:
            self._pass(self._begin())
        scan, why = self._scanner.finish() if self._scanner else (Scan.NOT_SCANNED, self._why)
        found = self._look()
        if found is None:
            return Inspected(None, scan=scan, why=why)
        marks = found.marks | ({"two_kinds"} if self._is_two(found) else set())
        return Inspected(found.kind, found.pictures, found.pixels, tuple(sorted(marks)), scan, why)

    def _begin(self) -> bytes:
        self._kinds = kinds_of(self._head)
        return self._head

    def _pass(self, chunk: bytes) -> None:
        if not self._kinds:
            return
        self._tail = (self._tail + chunk)[-ZIP_TAIL:] if len(chunk) < ZIP_TAIL else chunk[-ZIP_TAIL:]
        if self._kinds[0] in FILMS:
            self._boxes.take(chunk)
        elif self._held.tell() < self._limits.held_bytes:
            self._held.write(chunk[: self._limits.held_bytes - self._held.tell()])

    def _look(self) -> Found | None:
        """By the first of the kinds that it may be whose decoder opens it."""
        kinds = self._kinds or []
        if kinds and kinds[0] in FILMS:
            return film.look(kinds[0], self._boxes)
        if kinds and self._size > self._limits.held_bytes:
            return Found(kinds[0], marks=frozenset({"not_looked_into"}))
        looks = (look_into(kind, self._held.getbuffer(), self._limits.most_pixels) for kind in kinds)
        return next((found for found in looks if found), None)

    def _is_two(self, found: Found) -> bool:
        """Is it something else as well: by how it begins, by what follows its end, or by how it ends?"""
        if len(self._kinds or []) > 1 or is_zip_too(self._tail):
            return True
        if found.end is None or found.end >= self._size:
            return False
        if found.kind in FILMS:
            return True
        after = bytes(self._held.getbuffer()[found.end :][:HEAD])
        return bool(kinds_of(after) or kinds_of(after.lstrip(b"\0")))


def look_into(kind: str, data: memoryview, most_pixels: int) -> Found | None:
    """What a whole file, a picture or a PDF, is found to be by the decoder of this kind; None: not of it."""
    return pdf.look(data) if kind == pdf.KIND else pictures.look(kind, data, most_pixels)
