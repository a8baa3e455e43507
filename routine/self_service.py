"""What the resident can do with a booking on 1177.se (besok-3, besok-4)."""

from __future__ import annotations

from datetime import datetime

from routine.decision import Decision
from routine.facts import CallLetterKind, Visit
from routine.reasons import Reason
from routine.rules import has_begun


def may_be_cancelled_there(visit: Visit, cancellable: bool | None, now: datetime) -> Decision[bool]:
    """May the resident cancel it on 1177 (besok-3)? What the unit has not said is a no."""
    return _open_to(visit, cancellable, now, "besok-3")


def may_be_rebooked_there(visit: Visit, rebookable: bool | None, now: datetime) -> Decision[bool]:
    """May the resident change its time on 1177 (besok-3)? What the unit has not said is a no."""
    return _open_to(visit, rebookable, now, "besok-3")


def may_time_be_chosen_there(visit: Visit, now: datetime) -> Decision[bool]:
    """May the resident book a time by themselves, from an open call letter that still holds (besok-4)?"""
    return _open_to(visit, visit.call_letter == CallLetterKind.OPEN, now, "besok-4")


def _open_to(visit: Visit, allowed: bool | None, now: datetime, clause: str) -> Decision[bool]:
    if visit.cancelled:
        return Decision(False, Reason.CANCELLED, clause)
    if has_begun(visit, now):
        return Decision(False, Reason.PASSED, clause)
    if not allowed:
        return Decision(False, Reason.NOT_ALLOWED_BY_UNIT, clause)
    return Decision(True, Reason.ALLOWED_BY_UNIT, clause)
