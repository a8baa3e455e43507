"""Who joins a digital visit by its link, when, and where that leads (barn-1, barn-2, system-2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from types import MappingProxyType

from models.times import later
from routine.ages import swedish_day
from routine.children import Act, Role, WhoActs, may_act
from routine.decision import Decision
from routine.facts import Form
from routine.protected import can_system_handle_protected
from routine.reasons import Reason
from routine.region import Region
from routine.visit_form import NEEDS_E_ID, Booked, where_joined
from routine.way_in import platform_of

OURS = "policy-anslutning-1"


class Landing(StrEnum):
    """What whoever has logged in by a visit's link comes to."""

    OPEN = "open"
    """They go on to the visit."""
    EARLY = "early"
    OVER = "over"
    CANCELLED = "cancelled"
    HELD_OTHERWISE = "held_otherwise"
    """It is held on site or by phone by now."""
    UNIT = "unit"
    """It is theirs, and cannot be joined from here: the unit tells them how."""
    NOT_THEIRS = "not_theirs"
    """Nothing of it shows, not even at which unit it is."""
    NOT_KNOWN = "not_known"
    """The person register does not answer: nothing shows, and they try again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToJoin:
    """A booked visit, as whoever comes by its link finds it.

    Args:
        unit: HSA-id.
        stands: it is neither cancelled, ended nor another's, and its patient lives.
        over_at: when it ends; `None`: not known, and its start counts.
        join: the address that its system says it is joined at; `None`: none.
    """

    unit: str
    stands: bool
    cancelled: bool = False
    start: datetime | None = None
    over_at: datetime | None = None
    form: Form | None = None
    platform: str | None = None
    video_for: str | None = None
    join: str | None = field(default=None, repr=False)


_REFUSED: Mapping[tuple[Role | None, Reason], Landing] = MappingProxyType(
    {(Role.GUARDIAN, Reason.PERSON_UNKNOWN): Landing.NOT_KNOWN, (Role.SELF, Reason.AGE_UNKNOWN): Landing.UNIT}
)
"""Whoever may not act for the patient: all others come to one page, so that it tells nothing (policy-skydd-2).

The patient whose number has no date of birth is the patient all the same: it is theirs, and the unit tells them how.
"""


def may_join(visit: ToJoin | None, who: WhoActs, now: datetime, region: Region) -> Decision[Landing]:
    """What does whoever has logged in come to (barn-1, barn-2, policy-anslutning-1)?

    Whose the visit is comes first, as it is on its day (barn-1, barn-2); then whether it is there to be joined, and
    then whether its platform may be gone on to.

    Args:
        visit: `None`: their link leads to none.
    """
    if visit is None:
        return Decision(Landing.NOT_THEIRS, Reason.VISIT_GONE, OURS)
    may = may_act(Act.JOIN_VIDEO, who.role, who.birth, _day(visit, now), region, protected=who.protected)
    if not may.allowed:
        landing = _REFUSED.get((who.role, may.reason), Landing.NOT_THEIRS)
        gone = _not_there(visit, now) if landing is Landing.UNIT else None
        return gone or Decision(landing, may.reason, may.clause)
    unit = region.unit(visit.unit)
    if unit is None:
        return Decision(Landing.UNIT, Reason.UNIT_UNKNOWN, "policy-okand-1")
    if unit.in_shadow:
        return Decision(Landing.UNIT, Reason.UNIT_IN_SHADOW, "policy-skugga-1")
    return (
        _not_there(visit, now)
        or _not_now(visit, now, region)
        or _not_by_its_platform(visit, who, now, region)
        or Decision(Landing.OPEN, may.reason, may.clause)
    )


def _day(visit: ToJoin, now: datetime) -> date:
    """The later of today and the visit's: who acts alone by then is asked as that."""
    today = swedish_day(now)
    return max(today, swedish_day(visit.start)) if visit.start else today


def _not_there(visit: ToJoin, now: datetime) -> Decision[Landing] | None:
    if visit.cancelled:
        return Decision(Landing.CANCELLED, Reason.CANCELLED, OURS)
    if not visit.stands:
        has_begun = visit.start is not None and visit.start <= now
        return Decision(Landing.OVER if has_begun else Landing.UNIT, Reason.VISIT_GONE, OURS)
    if visit.start is None:
        return Decision(Landing.UNIT, Reason.VISIT_GONE, OURS)
    if visit.form is not None and visit.form not in NEEDS_E_ID:
        return Decision(Landing.HELD_OTHERWISE, Reason.NOT_DIGITAL, OURS)
    return None


def _not_now(visit: ToJoin, now: datetime, region: Region) -> Decision[Landing] | None:
    """By the moments, not by the clock on the wall: in October an hour comes twice."""
    early, late = (
        timedelta(minutes=each) for each in (region.joining.early_minutes, region.joining.late_minutes)
    )
    if visit.start and now < later(visit.start, -early):
        return Decision(Landing.EARLY, Reason.TOO_EARLY, OURS)
    over_at = visit.over_at or visit.start
    if over_at and now >= later(over_at, late):
        return Decision(Landing.OVER, Reason.PASSED, OURS)
    return None


def _not_by_its_platform(
    visit: ToJoin, who: WhoActs, now: datetime, region: Region
) -> Decision[Landing] | None:
    """What of its platform is in the way: the approval, the address, or who it can handle (system-2, skyddade-1)."""
    booked = Booked(
        form=visit.form,
        unit=visit.unit,
        day=swedish_day(now),
        platform=visit.platform,
        video_for=visit.video_for,
        join=visit.join,
    )
    joined = where_joined(booked, region)
    if joined.answer is None:
        return Decision(Landing.UNIT, joined.reason, joined.clause)
    handled = can_system_handle_protected(platform_of(visit, region) or "", region)
    if handled.allowed or who.protected is False:
        return None
    if who.protected is None:
        return Decision(Landing.NOT_KNOWN, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    return Decision(Landing.UNIT, handled.reason, handled.clause)
