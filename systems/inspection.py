"""What a file is, judged while its bytes go by."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Scan(StrEnum):
    """What the scanner said."""

    CLEAN = "clean"
    INFECTED = "infected"
    NOT_SCANNED = "not_scanned"


@dataclass(frozen=True)
class Limits:
    """What a file may be at most. Can be pickled."""

    most_bytes: int
    most_pixels: int


@dataclass(frozen=True)
class Inspected:
    """What a file was found to be.

    Attributes:
        kind: its MIME type; None: none that we know.
        pictures, pixels: of how many, and how large the largest; None: not known.
        marks: 'encrypted', 'script', 'attached_file', 'cut_short', 'too_many_pixels' and so on.
        why: the code of why it was not scanned.
    """

    kind: str | None
    pictures: int | None
    pixels: int | None
    marks: tuple[str, ...]
    scan: Scan
    why: str
