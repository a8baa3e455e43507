"""Films, MP4 and MOV, by their boxes alone (ISO/IEC 14496-12; QuickTime File Format): no decoder of them is here."""

from __future__ import annotations

from systems.boxes import Boxes
from systems.found import Found


def look_into_film(kind: str, boxes: Boxes) -> Found | None:
    """What the boxes that have passed tell of a film.

    Returns:
        None: it is none, as sound alone is none. One that has lost its end may have lost what tells of its tracks.
    """
    cut_short = not boxes.is_whole and boxes.ended is None
    if not cut_short and not ("mdat" in _names(boxes) and b"vide" in boxes.handlers):
        return None
    if cut_short and not {"mdat", "moov"} & _names(boxes):
        return None
    marks = {"cut_short": cut_short, "not_looked_into": not boxes.looked_into}
    return Found(kind, marks=frozenset(mark for mark, is_so in marks.items() if is_so), end=boxes.ended)


def _names(boxes: Boxes) -> set[str]:
    return {type.decode("latin-1") for type in boxes.types}
