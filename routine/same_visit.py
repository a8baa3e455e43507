"""Two systems tell of one visit: one of their bookings stands for it (policy-dubblett-1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from models.booking import Booking
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region
from routine.way_in import platform_of

JOURNAL_SYSTEM = "vas"


@dataclass(frozen=True, slots=True, kw_only=True)
class BookingInSystem:
    """A booking, as one system tells of it.

    Args:
        key, source: of the booking, and of the system.
        patient: whose, as a keyed hash.
        unit, start: where and when.
        same_as: the key of the booking that the system says is of the same visit.
        shown: it stands on 1177 already.
        known_at: when it first came to us.
        time_at: when its system set what it says now.
        cancelled: as its own system tells.
    """

    key: str
    source: str
    patient: bytes | None = field(repr=False)
    unit: str
    start: datetime | None
    same_as: str | None = None
    shown: bool = False
    known_at: datetime
    time_at: datetime
    cancelled: bool = False


def stands_for(one: BookingInSystem, others: Iterable[BookingInSystem]) -> Decision[str | None]:
    """The key of another system's booking that stands for the visit in the place of this one; `None`: this one does.

    What stands on 1177 already goes on to, so that nobody is told twice; of two that come together, the journal
    system's. Of two that are cancelled, the first that was known. While two that are linked give different times,
    the time that was set last leads.
    """
    same = [one, *(each for each in others if each.cancelled is one.cancelled and _is_same(one, each))]
    newest = _set_last(same).start
    first = min(same, key=lambda each: (not each.cancelled and each.start != newest, _rank(each)))
    if first is one:
        return Decision(None, Reason.ONLY_BOOKING, "policy-dubblett-1")
    reason = Reason.SAME_VISIT if _is_linked(one, first) else Reason.LIKE_VISIT
    return Decision(first.key, reason, "policy-dubblett-1")


def does_it_stand_elsewhere(one: BookingInSystem, others: Iterable[BookingInSystem]) -> bool:
    """Is it cancelled in one system, while the same visit stands in another?"""
    return one.cancelled and bool(standing_too(one, others))


def standing_too(one: BookingInSystem, others: Iterable[BookingInSystem]) -> tuple[str, ...]:
    """The keys of what stands of the same visit in other systems; that which stands for it comes first."""
    same = [each for each in others if not each.cancelled and _is_same(one, each)]
    return tuple(each.key for each in sorted(same, key=_rank))


def told_together(one: Booking, others: Iterable[Booking], region: Region) -> Booking:
    """A booking; where it does not say itself where the visit is held, as other systems' of the same visit do.

    One that gives another form, or another platform, speaks of something else.

    Args:
        others: that which leads comes first.
    """
    for other in others:
        platforms = {platform_of(one, region), platform_of(other, region)} - {None}
        if other.form is one.form and len(platforms) < 2:
            said = {name: getattr(one, name) or getattr(other, name) for name in WHERE_HELD}
            one = one.model_copy(update=said)
    return one


WHERE_HELD = ("platform", "video_for", "join")
"""What a booking says of where a digital visit is held."""


def _is_same(one: BookingInSystem, other: BookingInSystem) -> bool:
    """One system says so, whatever times they give; or they are alike: patient, unit and start.

    However far apart they were told of: one system may be held up for days, and nobody is at one unit twice at once.
    """
    if one.source == other.source or one.patient != other.patient:
        return False
    alike = one.start is not None and (one.unit, one.start) == (other.unit, other.start)
    return alike or _is_linked(one, other)


def _is_linked(one: BookingInSystem, other: BookingInSystem) -> bool:
    return one.same_as == other.key or other.same_as == one.key


def _set_last(same: Iterable[BookingInSystem]) -> BookingInSystem:
    return max(same, key=lambda each: (each.time_at, each.source == JOURNAL_SYSTEM, each.key))


def _rank(told: BookingInSystem) -> tuple[bool, bool, datetime, str]:
    live = not told.cancelled
    return live and not told.shown, live and told.source != JOURNAL_SYSTEM, told.known_at, told.key
