"""A virus scanner that is set and does not scan: its files are marked or held meanwhile, and ops are called."""

from __future__ import annotations

from engine.outer import incidents

AWAY = frozenset({"scanner_down", "scanner_silent", "scanner_hung_up", "scanner_unclear"})
"""Why a file was not scanned that is no fault of the file's, and no wish of the region's (`systems.clamd`)."""


def noted(why: str) -> None:
    """Call ops, if it is the scanner that did not do its work.

    Args:
        why: the code of why a file was not scanned; '' where it was.
    """
    if why in AWAY:
        incidents.note("clamd", why)
