"""What may be sent to a person with protected identity (skyddade-1, 2, policy-skydd-1, 2)."""

from __future__ import annotations

from collections.abc import Collection
from enum import StrEnum

from routine.approved import E1177, PHONE
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region


class Passage(StrEnum):
    """What becomes of something that is to leave us for a patient."""

    SEND = "send"
    WAIT = "wait"
    """Not known for now: ask again; staff take over when the wait is up."""
    STAFF = "staff"
    """Handed to staff, who do it by their own routine."""
    NONE = "none"
    """It is not sent, and nobody is asked to."""


VISIT = "visit"
"""To come to the unit."""


def may_be_sent_to(protected: bool | None, channel: str) -> Decision[Passage]:
    """May we send by this channel to a person, protected or not (policy-skydd-1)?

    The reason of a hand-over is the same as any other's, so that it tells nothing (policy-skydd-2).
    """
    if protected is None:
        return Decision(Passage.WAIT, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    if protected and channel != E1177:
        return Decision(Passage.STAFF, Reason.MANUAL_HANDLING, "policy-skydd-1")
    return Decision(Passage.SEND, Reason.NOTHING_IN_THE_WAY, "policy-skydd-1")


def may_guardians_be_told(guardians: Collection[bool | None] | None) -> Decision[Passage]:
    """May we send to a number on a child's record, which is a guardian's, nobody knows whose (policy-skydd-1)?

    One guardian who is protected is enough for staff to do it; so is that the register knows of none, since then it
    may be anybody's.

    Args:
        guardians: of each, whether they have protected identity; `None`: the register has not answered.
    """
    if guardians is None or (None in guardians and True not in guardians):
        return Decision(Passage.WAIT, Reason.GUARDIAN_UNKNOWN, "policy-skydd-1")
    if any(guardians) or not guardians:
        return Decision(Passage.STAFF, Reason.MANUAL_HANDLING, "policy-skydd-1")
    return Decision(Passage.SEND, Reason.GUARDIAN_AS_PROXY, "barn-1")


def can_system_handle_protected(channel: str, region: Region) -> Decision[bool]:
    """Does the system's own routine let staff answer a person with protected identity there (skyddade-1)?

    1177 and the phone always do (skyddade-2). Of a system that is not listed nothing is known, which is no leave.
    Whether it is approved, `routine.channels` says.
    """
    if channel in (E1177, PHONE):
        return Decision(True, Reason.NOTHING_IN_THE_WAY, "skyddade-2")
    system = region.systems.get(channel)
    allowed = system is not None and system.protected
    return Decision(allowed, Reason.NOTHING_IN_THE_WAY if allowed else Reason.MANUAL_HANDLING, "skyddade-1")


def ways_to_seek_care() -> Decision[tuple[str, ...]]:
    """The ways that are open to everyone, protected or not, known or not (skyddade-2)."""
    return Decision((E1177, PHONE, VISIT), Reason.NOTHING_IN_THE_WAY, "skyddade-2")
