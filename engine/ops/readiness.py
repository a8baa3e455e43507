"""Whether work can be taken in: the database answers, opens by our keys, and can be written to."""

from __future__ import annotations

from sqlalchemy import text

from engine.base import clock, sealing
from engine.base.database import transaction

PROBE = "readyz"


def is_ready() -> bool:
    """Whether every migration is in.

    Raises:
        WrongKeys: what lies there does not open.
        sqlalchemy.exc.DBAPIError: the database is not reached, or cannot be written to: a standby, one that was set
            to be read only, a full disk.
    """
    if not sealing.is_ready():
        return False
    query = """
        INSERT INTO wake (process, asked_at) VALUES (:probe, :now)
        ON CONFLICT (process) DO UPDATE SET asked_at = EXCLUDED.asked_at"""
    with transaction() as connection:
        connection.execute(text(query), {"probe": PROBE, "now": clock.now()})
    return True
