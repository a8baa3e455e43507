"""What no case can get past (our certificate, a wrong password, a route): for Prefect, by the run, and /metrics."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import col

from engine.base import clock
from engine.base.database import named, transaction
from models.case import NotedIncident

AGAIN = timedelta(seconds=30)
"""How often the same one is written down anew, while it lasts."""
_lock = threading.Lock()
_noted: set[tuple[str, str]] = set()
_written: dict[tuple[str, str], datetime] = {}
_hear: Callable[[], object] | None = None
log = structlog.get_logger()


def note(system: str, reason: str) -> None:
    """Note an incident at an outer system, by reason code."""
    log.error("incident", system=system, reason=reason)
    now = clock.now()
    with _lock:
        _noted.add((system, reason))
        last = _written.get((system, reason))
        if last is not None and timedelta() <= now - last < AGAIN:
            return
        _written[system, reason] = now
    _write_incident(system, reason, now)
    if _hear:
        _hear()


def hear_of_incidents(hear: Callable[[], object] | None) -> None:
    """Have it called when one has come up, or lasts; whoever noted it waits for that.

    Args:
        hear: None: nobody is called any more.
    """
    global _hear
    _hear = hear


def drain() -> list[tuple[str, str]]:
    """Those noted since the last time, system and reason."""
    with _lock:
        noted = sorted(_noted)
        _noted.clear()
    return noted


def _write_incident(system: str, reason: str, at: datetime) -> None:
    put = insert(NotedIncident).values(system=system, reason=reason, at=at)
    newest = {col(NotedIncident.at): func.greatest(col(NotedIncident.at), put.excluded.at)}
    primary = named(NotedIncident.system, NotedIncident.reason)
    try:
        with transaction() as connection:
            connection.execute(put.on_conflict_do_update(index_elements=primary, set_=newest))
    except SQLAlchemyError as error:  # whoever noted it has work to do all the same
        log.warning("incident_not_written", error=type(error).__name__)
