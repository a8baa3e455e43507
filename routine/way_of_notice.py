"""By which way of contact a notice goes: SMS or e-mail, as the resident wishes (val-1, avisering-1)."""

from __future__ import annotations

from collections.abc import Collection

from routine.addresses import first_usable, holding
from routine.ages import swedish_day
from routine.approved import MAIL, SMS, Use
from routine.channels import is_channel_approved
from routine.decision import Decision, StaffTask, Wait
from routine.facts import Contact, ContactKind, Situation
from routine.reasons import Reason
from routine.region import Region
from routine.rules import is_guardian_in_the_way

FAILURES = frozenset({Reason.NOT_REACHED, Reason.CONTACT_UNUSABLE, Reason.AGE_UNKNOWN})
"""No way is left, though one was wished. That nothing may go to a number which may be a guardian's is no failure:
what was wished there has lapsed. One whose age nobody knows may be grown, and have wished it."""


def way_of_notice(
    facts: Situation, unreached: Collection[str], region: Region
) -> Decision[Contact | Wait | StaffTask | None]:
    """The first in rank of the ways that the resident wishes and that may be used; `None`: there is none, and why.

    Args:
        unreached: the numbers and addresses at which a message of the same has not arrived (policy-avisering-3).
    """
    day = swedish_day(facts.now)
    wished = [contact for contact in holding(facts.resident, day) if contact.wished]
    if not wished:
        return Decision(None, Reason.NOTICE_NOT_WISHED, "val-1")
    approved = [contact for contact in wished if _channel(contact, facts, region).allowed]
    if not approved:
        refused = _channel(wished[0], facts, region)
        return Decision(None, refused.reason, refused.clause)
    untried = [contact for contact in approved if contact.value not in unreached]
    if not untried:
        return Decision(None, Reason.NOT_REACHED, "policy-avisering-3")
    usable, whose = first_usable(untried, facts.resident, day, region)
    if usable is None:
        return Decision(None, whose.reason, whose.clause)
    if held := is_guardian_in_the_way(facts, region, whose):
        return Decision(held.answer, held.reason, held.clause)
    return Decision(usable, whose.reason, whose.clause)


def _channel(contact: Contact, facts: Situation, region: Region) -> Decision[bool]:
    """Is the way of contact approved for notices (system-3, avisering-1)?"""
    channel = SMS if contact.kind == ContactKind.PHONE else MAIL
    return is_channel_approved(channel, Use.NOTICE, facts.unit_id, swedish_day(facts.now), region)
