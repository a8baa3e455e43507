"""A load of visits already booked is no news (policy-avisering-2)."""

from __future__ import annotations

from routine.decision import Decision, Reason
from routine.region import Region


def is_bulk_load(created: int, region: Region) -> Decision[bool]:
    """Are so many bookings made a load: a unit connected, an index rebuilt?

    Args:
        created: `booking.created` and `booking.changed` events from one source by batch within `region.bulk_window`.
    """
    if created >= region.bulk_threshold:
        return Decision(True, Reason.REPLAY, "policy-avisering-2")
    return Decision(False, Reason.NOT_BULK, "policy-avisering-2")
