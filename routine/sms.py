"""How many parts an SMS has, and what makes it dear (GSM 03.38 and 3GPP TS 23.040)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

_ONE_SEPTET = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWO_SEPTETS = frozenset("\f^{}\\[~]|€")  # an escape and a character


class Encoding(StrEnum):
    """GSM-7 while every character is in its tables, else UCS-2 for the whole text."""

    GSM7 = "gsm7"
    UCS2 = "ucs2"


_ROOM = {Encoding.GSM7: (160, 153), Encoding.UCS2: (70, 67)}  # of one part alone, of each of several


@dataclass(frozen=True, slots=True)
class Parts:
    """An SMS as it is charged.

    `dearest`: the first character outside GSM-7 (more than halves the room for all of the text), or else the
    first that takes two places; `None`: every character takes one.
    """

    encoding: Encoding
    parts: int
    dearest: str | None


def sms_parts(text: str) -> Parts:
    """Encoding and number of parts; a text of nothing has none."""
    foreign = next((char for char in text if char not in _ONE_SEPTET | _TWO_SEPTETS), None)
    if foreign is not None:
        places = [2 if ord(char) > 0xFFFF else 1 for char in text]  # a surrogate pair stays together
        return Parts(Encoding.UCS2, _count(places, Encoding.UCS2), foreign)
    places = [2 if char in _TWO_SEPTETS else 1 for char in text]
    double = next((char for char in text if char in _TWO_SEPTETS), None)
    return Parts(Encoding.GSM7, _count(places, Encoding.GSM7), double)


def _count(places: Iterable[int], encoding: Encoding) -> int:
    """Parts filled in order; a character of two places is never split over two parts."""
    places = list(places)
    alone, of_several = _ROOM[encoding]
    if sum(places) <= alone:
        return 1 if places else 0
    parts, used = 1, 0
    for size in places:
        if used + size > of_several:
            parts, used = parts + 1, 0
        used += size
    return parts
