"""`Content-Disposition` of what is given out (RFC 6266): a name that no browser reads as anything else."""

from __future__ import annotations

import unicodedata
from urllib.parse import quote

PLAIN = frozenset("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 ._-()")
"""What stands in the name that old programs read: no quote, no backslash, no percent sign (RFC 6266, appendix D)."""
UNQUOTED = "!#$&+-.^_`|~"
"""What needs no quoting in the other one, beside letters and figures (RFC 8187, `attr-char`)."""


def attachment(name: str) -> str:
    """The header's value.

    Args:
        name: as `routine.filenames.shown` has cleaned it: no path, no marks of direction, at most 120 characters.
    """
    bare = unicodedata.normalize("NFKD", name)
    plain = "".join(char if char in PLAIN else "_" for char in bare if not unicodedata.combining(char))
    return (
        f"attachment; filename=\"{plain.strip() or 'bilaga'}\"; filename*=UTF-8''{quote(name, safe=UNQUOTED)}"
    )
