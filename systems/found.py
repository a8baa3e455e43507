"""What looking into a file has found, and how far one looks: no decoder is loaded for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

MEGABYTE = 1_000_000


MARKS = frozenset(
    {
        "encrypted", "script", "attached_file", "leads_out", "form", "cut_short", "damaged", "too_many_pixels",
        "too_many_pictures", "two_kinds", "not_looked_into",
    }
)  # fmt: skip
"""What may be found in a file."""


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
        marks: of `MARKS`, sorted.
        why: a code of why it was not scanned.
    """

    kind: str | None
    pictures: int | None = None
    pixels: int | None = None
    marks: tuple[str, ...] = ()
    scan: Scan = Scan.NOT_SCANNED
    why: str = ""


@dataclass(frozen=True)
class Found:
    """By one decoder, of one kind.

    Args:
        kind: the media type.
        pictures: or pages; None: not told.
        pixels: of the largest picture.
        marks: as `Inspected` has them.
        end: where its last byte is followed by others that are none of its own.
    """

    kind: str
    pictures: int | None = None
    pixels: int | None = None
    marks: frozenset[str] = frozenset()
    end: int | None = None
