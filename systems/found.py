"""What looking into a file has found."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """Of one kind.

    Args:
        kind: the media type.
        pictures: or pages; None: not told.
        pixels: of the largest picture.
        marks: as `systems.inspection.Inspected` has them.
        end: where its last byte is followed by others that are none of its own.
    """

    kind: str
    pictures: int | None = None
    pixels: int | None = None
    marks: frozenset[str] = frozenset()
    end: int | None = None
