"""What a proposal is about and whether it stands: one contact, open, in a channel of ours (patient-3, byte-6)."""

from __future__ import annotations

from datetime import datetime

from routine.decision import Decision
from routine.reasons import Reason


def is_contact_found(contacts: int) -> Decision[bool]:
    """Is there the one contact that staff name by its id? What is about nobody, or about two, is about nobody."""
    if contacts > 1:
        return Decision(False, Reason.SEVERAL_CONTACTS, "policy-okand-1")
    if not contacts:
        return Decision(False, Reason.CONTACT_NOT_KNOWN, "policy-okand-1")
    return Decision(True, Reason.APPROVED, "patient-3")


def is_contact_open(closed_at: datetime | None) -> Decision[bool]:
    """Is there still a contact to go on with? Of one that is over nothing is asked, and it stays as it was."""
    over = closed_at is not None
    return Decision(not over, Reason.CONTACT_OVER if over else Reason.APPROVED, "byte-6")


def can_be_asked_by_us(has_way: bool) -> Decision[bool]:
    """Have we a way into the patient's own channel, in which they are asked (patient-3)? Else staff ask there."""
    return Decision(has_way, Reason.APPROVED if has_way else Reason.NO_WAY_OF_OURS, "patient-3")


def does_it_stand(proposed_at: datetime, other_at: datetime) -> Decision[bool]:
    """Of two proposals about one contact the later stands: a patient is asked one thing (patient-3)."""
    stands = proposed_at >= other_at
    return Decision(stands, Reason.APPROVED if stands else Reason.REPLACED, "patient-3")


def may_it_go_on(*, in_shadow: bool, deceased: bool | None) -> Decision[bool]:
    """The patient has consented: is it still carried out, by what has happened since to the unit and to them?"""
    if in_shadow:
        return Decision(False, Reason.UNIT_IN_SHADOW, "policy-skugga-1")
    if deceased:
        return Decision(False, Reason.DECEASED, "policy-avliden-1")
    return Decision(True, Reason.CONSENT_GIVEN, "patient-3")
