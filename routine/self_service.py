"""What the resident can do with a booking on 1177.se (besok-3, besok-4)."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from routine.decision import Decision
from routine.facts import CallLetterKind, Visit
from routine.reasons import Reason
from routine.rules import has_begun


class Service(StrEnum):
    """What a resident does with their bookings by themselves."""

    CANCEL = "cancel"
    REBOOK = "rebook"
    BOOK = "book"


CARRIED_OUT: frozenset[Service] = frozenset()
"""What we carry out when 1177 asks for it: as yet nothing (CancelBooking, UpdateBooking and MakeBooking are refused).

The flags that 1177 shows its buttons by and every text to a patient follow from this: turned on here, turned on
everywhere.
"""


def may_be_cancelled_there(
    visit: Visit, cancellable: bool | None, now: datetime, carried_out: Collection[Service] = CARRIED_OUT
) -> Decision[bool]:
    """May the resident cancel it on 1177 (besok-3)? What the unit has not said is a no."""
    return _open_to(visit, cancellable, now, "besok-3", Service.CANCEL in carried_out)


def may_be_rebooked_there(
    visit: Visit, rebookable: bool | None, now: datetime, carried_out: Collection[Service] = CARRIED_OUT
) -> Decision[bool]:
    """May the resident change its time on 1177 (besok-3)? What the unit has not said is a no."""
    return _open_to(visit, rebookable, now, "besok-3", Service.REBOOK in carried_out)


def may_time_be_chosen_there(
    visit: Visit, now: datetime, carried_out: Collection[Service] = CARRIED_OUT
) -> Decision[bool]:
    """May the resident book a time by themselves, from an open call letter that still holds (besok-4)?"""
    is_open = visit.call_letter == CallLetterKind.OPEN
    return _open_to(visit, is_open, now, "besok-4", Service.BOOK in carried_out)


def _open_to(
    visit: Visit, allowed: bool | None, now: datetime, clause: str, is_carried_out: bool
) -> Decision[bool]:
    if visit.cancelled:
        return Decision(False, Reason.CANCELLED, clause)
    if has_begun(visit, now):
        return Decision(False, Reason.PASSED, clause)
    if not allowed:
        return Decision(False, Reason.NOT_ALLOWED_BY_UNIT, clause)
    if not is_carried_out:
        return Decision(False, Reason.NOT_CARRIED_OUT, clause)
    return Decision(True, Reason.ALLOWED_BY_UNIT, clause)
