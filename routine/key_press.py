"""A caller's link by SMS (byte-2): it goes while they are on the line, and staff may have it go past a gate."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from routine.addresses import is_mobile
from routine.channel_switch import Proposal, may_caller_have_link, may_key_be_offered
from routine.decision import Decision
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import Region

ON_THE_LINE = timedelta(seconds=10)
"""So long after the key the caller may still be waiting for their link; then the call has come to a human."""


def is_caller_on_the_line(pressed_at: datetime, now: datetime) -> Decision[bool]:
    """Does the caller still wait for the link, so that it is not a surprise after the call (byte-2, syfte-3)?"""
    if now - pressed_at <= ON_THE_LINE:
        return Decision(True, Reason.KEY_PRESS, "byte-2")
    return Decision(False, Reason.CALLER_HAS_NO_LINK, "syfte-3")


def after_no_link() -> Decision[bool]:
    """The link could not be handed over in the call: it goes on to a human, and no link comes later (syfte-3)."""
    return Decision(False, Reason.CALLER_IN_QUEUE, "syfte-3")


def may_link_go_past(proposal: Proposal, number: str | None, day: date, region: Region) -> Decision[Passage]:
    """May the link go to a caller because staff have given a reason for it (policy-fara-1)?

    However often their number has had one, and when the call is over. Not to a number that takes no SMS, nor into
    what is not approved, offered or switched on.
    """
    offered = may_key_be_offered(proposal, day, region)
    if offered.answer is not Passage.SEND or number is None or not is_mobile(number, region):
        return Decision(Passage.STAFF, Reason.NOT_TO_OVERRIDE, "policy-fara-1")
    return Decision(Passage.SEND, Reason.OVERRIDDEN, "policy-fara-1")


def may_link_go(
    proposal: Proposal,
    number: str | None,
    texted: int,
    pressed_at: datetime,
    now: datetime,
    day: date,
    region: Region,
    *,
    overridden: bool,
) -> Decision[Passage]:
    """May the link go now: in the call, or because staff have had it go past the gates (byte-2, policy-fara-1)?

    Args:
        number, texted: as `may_caller_have_link`.
    """
    if overridden:
        return may_link_go_past(proposal, number, day, region)
    waits = is_caller_on_the_line(pressed_at, now)
    decision = may_caller_have_link(proposal, number, texted, day, region)
    if decision.answer is Passage.SEND and not waits.allowed:
        return Decision(Passage.STAFF, waits.reason, waits.clause)
    return decision
