"""Which channels are approved, for what, where and when (system-1 to 5, val-1, val-2)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from types import MappingProxyType

from models.identity import LOCAL
from routine.approved import E1177, INSECURE, MAIL, PHONE, System, Use
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region

CLAUSES: Mapping[Use, str] = MappingProxyType(
    {
        Use.TEXT: "system-1",
        Use.VIDEO: "system-2",
        Use.REMINDER: "system-3",
        Use.NOTICE: "system-3",
        Use.LINK: "byte-2",
    }
)
"""The clause that says which channels a use is open to."""


def is_channel_approved(
    channel: str, use: Use, unit: str, day: date, region: Region, purpose: str | None = None
) -> Decision[bool]:
    """May the channel be used for this, at this unit, on this day?

    Args:
        channel: such as `platform24`, `sms` or `local-hjarta`.
        unit: HSA-id.
        purpose: such as `care_planning`; `None`: not known, which is no leave for a channel with purposes.
    """
    system, clause = region.systems.get(channel), _clause(channel, use)
    if system is None:
        return Decision(False, Reason.NOT_LISTED, clause)
    if use not in system.uses:
        return Decision(False, Reason.NOT_FOR_THIS_USE, clause)
    if system.check is None:
        return Decision(False, Reason.NOT_CHECKED, "system-5")
    reason = _outside(system, day) or _elsewhere(system, unit) or _other_purpose(system, use, purpose)
    return Decision(reason is None, reason or Reason.APPROVED, clause)


def _clause(channel: str, use: Use) -> str:
    if channel.startswith(LOCAL):
        return "system-4"
    if channel == MAIL and use is Use.NOTICE:
        return "avisering-1"
    return "system-3" if channel in INSECURE and use not in INSECURE[channel] else CLAUSES[use]


def _outside(system: System, day: date) -> Reason | None:
    if system.since is not None and day < system.since:
        return Reason.NOT_APPROVED_YET
    return Reason.NO_LONGER_APPROVED if system.until is not None and system.until < day else None


def _elsewhere(system: System, unit: str) -> Reason | None:
    if system.units is None or unit.upper() in {each.upper() for each in system.units}:
        return None
    return Reason.NOT_AT_THIS_UNIT


def _other_purpose(system: System, use: Use, purpose: str | None) -> Reason | None:
    purposes = system.video_for if use is Use.VIDEO and system.video_for else system.only_for
    if purposes is None or purpose in purposes:
        return None
    return Reason.PURPOSE_UNKNOWN if purpose is None else Reason.NOT_FOR_THIS_PURPOSE


def may_dialogue_be_held(channel: str, unit: str, day: date, region: Region) -> Decision[bool]:
    """May a contact that came by this channel be answered, and go on, there (system-1, system-4, val-2)?

    A solution with purposes is answered in: what the contact is about is its own purpose.
    """
    if channel == PHONE:
        return Decision(True, Reason.APPROVED, "val-2")
    approved = is_channel_approved(channel, Use.TEXT, unit, day, region)
    if approved.reason is Reason.PURPOSE_UNKNOWN:
        return Decision(True, Reason.APPROVED, approved.clause)
    return approved


def are_staff_alerted_in(channel: str, unit: str, day: date, region: Region) -> Decision[bool]:
    """Are the staff who have the contact alerted in the channel itself (suicid-1)? Else by a task.

    In a unit's own solution only while it is approved there: nobody is sure to read it else (system-4, system-5).
    """
    if not channel.startswith(LOCAL):
        return Decision(True, Reason.RISK_OF_SUICIDE, "suicid-1")
    return may_dialogue_be_held(channel, unit, day, region)


def approved_channels(
    use: Use, unit: str, day: date, region: Region, purpose: str | None = None
) -> tuple[str, ...]:
    """The channels approved for this, in the region file's order."""
    return tuple(
        channel
        for channel in region.systems
        if is_channel_approved(channel, use, unit, day, region, purpose).allowed
    )


def ways_to_reach(unit: str, day: date, region: Region) -> tuple[str, ...]:
    """The ways by which anyone may reach the unit: 1177 always, what else it offers, and the phone (val-2)."""
    policy = region.unit(unit)
    offers = {E1177, *(policy.offers if policy else ())}
    return (*(each for each in approved_channels(Use.TEXT, unit, day, region) if each in offers), PHONE)


def channel_by_wish(wish: str | None, unit: str, day: date, region: Region) -> Decision[str]:
    """The channel for dialogue: the patient's wish as far as possible, as long as it is secure (val-1).

    Args:
        wish: the channel that the patient wishes; `None`: none that is known. Where it cannot be met, the first of
            `ways_to_reach` is the answer.
    """
    otherwise = ways_to_reach(unit, day, region)[0]
    if wish is None:
        return Decision(otherwise, Reason.WISH_UNKNOWN, "val-1")
    if wish == PHONE:
        return Decision(wish, Reason.WISH_MET, "val-2")
    if not may_dialogue_be_held(wish, unit, day, region).allowed:
        return Decision(otherwise, Reason.WISH_NOT_SECURE, "val-1")
    policy = region.unit(unit)
    if wish != E1177 and (policy is None or wish not in policy.offers):
        return Decision(otherwise, Reason.NOT_OFFERED, "val-1")
    return Decision(wish, Reason.WISH_MET, "val-1")
