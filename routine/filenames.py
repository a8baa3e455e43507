"""A filename that a patient's device has given, as it may be shown to staff and saved under: the name only, and seen.

It is kept as it came and cleaned where it is shown: with a path it would be saved elsewhere, with a mark of direction
its ending reads otherwise than it is ("photo_gpj.exe"), and some names a ward's PC cannot save under.
"""

from __future__ import annotations

import re
import unicodedata

NAMELESS = "bilaga"
LONGEST, LONGEST_ENDING = 120, 12
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
_NOT_IN_A_NAME = frozenset('<>:"|?*')
_DEVICES = re.compile(r"(CON|PRN|AUX|NUL|COM[0-9¹²³]|LPT[0-9¹²³])(?=\.|$)", re.IGNORECASE)
"""Names that stand for a device in Windows, whatever ending they have."""


def shown(given: str | None) -> str:
    """The name without path, unseen marks and what no file may be called; `bilaga` where nothing is left."""
    seen = unicodedata.normalize("NFC", "".join(char for char in given or "" if not _is_unseen(char)))
    last = re.split(r"[/\\]", seen.rstrip("/\\ "))[-1]
    name = " ".join("".join(" " if char in _NOT_IN_A_NAME else char for char in last).split()).strip(". ")
    if _DEVICES.match(name):
        name = f"_{name}"
    return _cut(name) or NAMELESS


def _is_unseen(char: str) -> bool:
    return unicodedata.category(char) in _UNSEEN


def _cut(name: str) -> str:
    """At most so long, with its ending, if it has one of an ending's length."""
    if len(name) <= LONGEST:
        return name
    stem, dot, ending = name.rpartition(".")
    kept = f"{dot}{ending}" if stem and len(ending) <= LONGEST_ENDING else ""
    return f"{name[: LONGEST - len(kept) - 1].rstrip('. ')}…{kept}"
