"""What no case can get past (our certificate, a wrong password, a route): noted here, told to Prefect by the run."""

from __future__ import annotations

import threading

import structlog

_lock = threading.Lock()
_noted: set[tuple[str, str]] = set()
log = structlog.get_logger()


def note(system: str, reason: str) -> None:
    """Note an incident at an outer system, by reason code."""
    log.error("incident", system=system, reason=reason)
    with _lock:
        _noted.add((system, reason))


def drain() -> list[tuple[str, str]]:
    """Those noted since the last time, system and reason."""
    with _lock:
        noted = sorted(_noted)
        _noted.clear()
    return noted
