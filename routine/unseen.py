"""Characters that nobody sees, or that change how others read: controls, marks of direction, blanks of no width."""

from __future__ import annotations

import re
import unicodedata

UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})
"""Unicode's categories of them; in a finished text only the line break among them is one that is seen."""
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")


def as_seen(given: str) -> str:
    """A text of others as it is seen: every line break is one, a tab is a blank, what nobody sees is gone."""
    broken = _BREAKS.sub("\n", given).replace("\t", " ")
    return "".join(char for char in broken if char == "\n" or unicodedata.category(char) not in UNSEEN)
