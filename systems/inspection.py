"""What a file is, found by looking into its bytes as they pass (policy-bild-1 to policy-bild-3).

It runs in a short-lived process that the storage makes for one file, and does no input or output but the scanner's.
"""

from __future__ import annotations

import io

from systems import film, pdf, pictures
from systems.boxes import Boxes
from systems.found import Found, Inspected, Limits, Scan, Scanner
from systems.kinds import HEAD, ZIP_TAIL, is_zip_too, kinds_of

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

    def feed(self, chunk: bytes) -> None:
        """The next bytes of the file, in any pieces."""
        self._size += len(chunk)
        if self._scanner:
            self._scanner.take(chunk)
        if self._kinds is None:
            self._head += chunk
            if len(self._head) < 2 * HEAD:
                return
            chunk = self._begin_kind()
        self._pass(chunk)

    def finish(self) -> Inspected:
        """What the file is, now that all of it has passed. Never raises."""
        if self._kinds is None:
            self._pass(self._begin_kind())
        scan, why = self._scanner.finish() if self._scanner else (Scan.NOT_SCANNED, self._why)
        found = self._look()
        if found is None:
            return Inspected(None, scan=scan, why=why)
        marks = found.marks | ({"two_kinds"} if self._is_two(found) else set())
        return Inspected(found.kind, found.pictures, found.pixels, tuple(sorted(marks)), scan, why)

    def _begin_kind(self) -> bytes:
        self._kinds = kinds_of(self._head)
        return self._head

    def _pass(self, chunk: bytes) -> None:
        if not self._kinds:
            return
        self._tail = (self._tail + chunk)[-ZIP_TAIL:] if len(chunk) < ZIP_TAIL else chunk
        if self._kinds[0] in FILMS:
            self._boxes.feed(chunk)
        elif self._held.tell() < self._limits.held_bytes:
            self._held.write(chunk[: self._limits.held_bytes - self._held.tell()])

    def _look(self) -> Found | None:
        """By the first of the kinds that it may be whose decoder opens it."""
        kinds = self._kinds or []
        if kinds and kinds[0] in FILMS:
            return film.look_into_film(kinds[0], self._boxes)
        if kinds and self._size > self._limits.held_bytes:
            return Found(kinds[0], marks=frozenset({"not_looked_into"}))
        looks = (look_into(kind, self._held.getbuffer(), self._limits.most_pixels) for kind in kinds)
        return next((found for found in looks if found), None)

    def _is_two(self, found: Found) -> bool:
        """Is it something else as well: by how it begins, by what follows its end, or by how it ends?"""
        if len(self._kinds or []) > 1 or is_zip_too(self._tail[-ZIP_TAIL:]):
            return True
        if found.end is None or found.end >= self._size:
            return False
        if found.kind in FILMS:
            return True
        after = bytes(self._held.getbuffer()[found.end :][:HEAD])
        return bool(kinds_of(after) or kinds_of(after.lstrip(b"\0")))


def look_into(kind: str, data: memoryview, most_pixels: int) -> Found | None:
    """What a whole file, a picture or a PDF, is found to be by the decoder of this kind; None: not of it."""
    return (
        pdf.look_into_pdf(data) if kind == pdf.KIND else pictures.look_into_picture(kind, data, most_pixels)
    )
