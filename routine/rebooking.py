"""A cancelled and a booked visit of one patient, near in time, are one rebooking (policy-avisering-1)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region


@dataclass(frozen=True, slots=True)
class Cancelled:
    """A cancelled booking: its id, the patient's key, the unit's HSA-id, when the event came to us."""

    id: str
    patient: str = field(repr=False)
    unit: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Created:
    """A booking made, as it now stands.

    Args:
        id, patient, unit, at: as of `Cancelled`.
        paired: it already stands in the place of another.
        is_news: its own notice tells of it: it is no load, no replay, no echo and not cancelled, its unit is not
            in shadow, and it does not lie parked. Else nobody would hear of either.
    """

    id: str
    patient: str = field(repr=False)
    unit: str
    at: datetime
    paired: bool = False
    is_news: bool = True


def rebooked_as(cancelled: Cancelled, created: Iterable[Created], region: Region) -> Decision[str | None]:
    """The id of the booking that stands in the place of the cancelled one, or `None`.

    Of several: one at the same unit first, then the nearest in time, then by id. Before or after makes no
    difference: events come in any order.
    """

    def nearness(booking: Created) -> tuple[bool, timedelta, str]:
        elsewhere = booking.unit.upper() != cancelled.unit.upper()
        return elsewhere, abs(booking.at - cancelled.at), booking.id

    fitting = [booking for booking in created if _may_pair(cancelled, booking, region)]
    if not fitting:
        return Decision(None, Reason.NOT_PAIRED, "policy-avisering-1")
    return Decision(min(fitting, key=nearness).id, Reason.PAIRED, "policy-avisering-1")


def _may_pair(cancelled: Cancelled, booking: Created, region: Region) -> bool:
    return (
        booking.patient == cancelled.patient
        and booking.id != cancelled.id
        and not booking.paired
        and booking.is_news
        and abs(booking.at - cancelled.at) <= region.coalescing_window
    )
