"""A notice that has not arrived: its booking is taken up again, by the next way (policy-avisering-3)."""

from __future__ import annotations

from typing import Any

from engine.base import clock
from models.booking_publication import BookingPublication, State
from tasks.booking_publication import effect_keys

PAST_THE_NOTICE = (State.LETTERED, State.SETTLED, State.REVIEWED, State.SHADOWED, State.CLOSED)


def given(case: BookingPublication) -> dict[str, Any]:
    """What is kept of a notice that is given now: what it tells, and how many messages of it have not arrived."""
    if effect_keys.is_notice_unreached(case):
        kept = (case.notified, case.notified_at, case.notified_by, case.unreached)
    else:
        kept = (case.occasion, case.occasion_at, effect_keys.notice(case), 0)
    return dict(zip(("notified", "notified_at", "notified_by", "unreached"), kept, strict=True))


def take_up(case: BookingPublication, key: str) -> bool:
    """The message with the key has not arrived: what it told is owed again.

    Returns: whether it is; not if something newer has been told, or is going to be.
    """
    if not _is_newest(case, key):
        return False
    if case.occasion is not None:  # its answer came after its receipt, or not at all
        for name, value in given(case).items():
            setattr(case, name, value)
    case.occasion, case.occasion_at = case.notified, case.notified_at
    case.unreached += 1
    case.waiting_since = None
    if case.state in PAST_THE_NOTICE:
        case.state = State.LETTERED
    case.due_at = clock.now()
    return True


def _is_newest(case: BookingPublication, key: str) -> bool:
    return key == (effect_keys.notice(case) if case.occasion is not None else effect_keys.last_notice(case))
