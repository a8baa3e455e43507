"""Residents who have logged in, for whatever it was: it is then known that they have e-identification (vard-2)."""

from __future__ import annotations

import structlog
from anyio import from_thread

from gateway.login.ports import ResidentSeen
from gateway.wake import Waker
from models.booking_publication import BookingPublication
from systems.eid import LoggedIn
from tasks import e_identification

log = structlog.get_logger(__name__)


class SeenWithEId(ResidentSeen):
    """`gateway.login.ports.ResidentSeen`.

    Args:
        waker: asks for a run that tells the visits that wait to know.
    """

    def __init__(self, waker: Waker) -> None:
        self._waker = waker

    def note(self, who: LoggedIn) -> None:
        """As the port has it."""
        try:
            waits = e_identification.note(who)
        except Exception as error:  # noqa: BLE001  # whatever it was: nobody's login waits for this
            log.warning("e_id_not_noted", error=type(error).__name__)
            return
        if waits:
            from_thread.run_sync(self._waker.soon, BookingPublication.PROCESS)
