"""A load of visits already booked is no news (policy-avisering-2), nor is what is only missing (policy-saknad-1)."""

from __future__ import annotations

from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region


def is_bulk_load(created: int, region: Region) -> Decision[bool]:
    """Are so many bookings made a load: a unit connected, an index rebuilt?

    Args:
        created: `booking.created` and `booking.changed` events from one source by batch within `region.bulk_window`.
    """
    if created >= region.bulk_threshold:
        return Decision(True, Reason.REPLAY, "policy-avisering-2")
    return Decision(False, Reason.NOT_BULK, "policy-avisering-2")


def is_taken_off(missing: int, region: Region) -> Decision[bool]:
    """Are visits that the journal system no longer lists taken off 1177, without a word to anyone?

    A few are; a flood is an error over there, and is only reported (policy-saknad-1).

    Args:
        missing: how many one comparison finds.
    """
    if missing > region.most_missing:
        return Decision(False, Reason.TOO_MANY_GONE, "policy-saknad-1")
    return Decision(True, Reason.GONE_FROM_SOURCE, "policy-saknad-1")
