"""A small picture of a file, drawn anew (policy-bild-3)."""

from __future__ import annotations

from typing import IO

from systems.inspection import Limits


class NoPreview(Exception):
    """None is drawn: no picture, cut short, too large. Its text is a code, never a value."""


def preview(file: IO[bytes], longest_side: int, limits: Limits) -> bytes:
    """A WebP picture, upright, in sRGB, without any metadata; of several pictures the first.

    Args:
        file: the original, seekable.
        longest_side: in pixels; a smaller picture is not made larger.

    Raises:
        NoPreview: none can be drawn.
    """
    raise NoPreview("no_picture")
