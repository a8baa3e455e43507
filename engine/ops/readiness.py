"""Whether work can be taken in: the database answers, opens by our keys, and can be written to."""

from __future__ import annotations

from engine.base import clock, sealing
from engine.base.database import transaction
from engine.tables import wake

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
    with transaction() as connection:
        wake.note(connection, PROBE, clock.now())
    return True
