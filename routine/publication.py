"""Which bookings are shown on 1177.se (besok-1)."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from routine.decision import Decision
from routine.facts import CallLetterKind, Resident, Visit
from routine.reasons import Reason
from routine.region import Region
from routine.rules import is_visit_over


class Category(StrEnum):
    """The engagement index's category: a booked visit, or a call letter."""

    BOOKING = "Booking"
    INVITATION = "Invitation"


def can_be_handled(unit_hsa_id: str, region: Region) -> Decision[bool]:
    """Is the unit known? If not, the booking is kept and parked with the reason."""
    if region.unit(unit_hsa_id) is None:
        return Decision(False, Reason.UNIT_UNKNOWN, "policy-okand-1")
    return Decision(True, Reason.BOOKED_VISIT, "besok-1")


def is_shown_on_1177(visit: Visit, resident: Resident, now: datetime) -> Decision[Category | None]:
    """Which engagement the index holds for the visit; `None`: none, and one that is there is deleted.

    Needs no answer from the person register: protected persons log in to 1177 as everyone does (skyddade-2),
    and only a death that is known ends it.
    """
    if resident.deceased:
        return Decision(None, Reason.DECEASED, "policy-avliden-1")
    if visit.cancelled:
        return Decision(None, Reason.CANCELLED, "besok-1")
    if is_visit_over(visit, now):
        return Decision(None, Reason.PASSED, "besok-1")
    if resident.reservnummer:
        return Decision(None, Reason.RESERVNUMMER, "policy-reserv-1")
    if visit.call_letter in (CallLetterKind.TIMED, CallLetterKind.OPEN):
        return Decision(Category.INVITATION, Reason.CALL_LETTER, "besok-1")
    return Decision(Category.BOOKING, Reason.BOOKED_VISIT, "besok-1")
