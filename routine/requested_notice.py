"""A notice that somebody asks for: something to do, or new information, in the system named (avisering-1).

The resident learns that there is something to log in for, once. Who cannot be told so is told by staff.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from routine.ages import swedish_day
from routine.approved import E1177, entry_to
from routine.channels import may_dialogue_be_held
from routine.decision import Decision, StaffTask, Wait
from routine.facts import Contact, Situation
from routine.notice import Notice, NoticeKind, Skip, send_by
from routine.quiet import quiet_until
from routine.reasons import Reason
from routine.region import Publish, Region, UnitPolicy
from routine.rules import hand_over, is_human_first, is_person_unknown, wait_or_hand_over
from routine.way_of_notice import FAILURES, way_of_notice


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestedFacts(Situation):
    """All that a decision on a notice that was asked for rests on.

    Args:
        kind: something to do, or new information.
        system: where it is, such as `e1177`.
        valid_until: from when on it is of no use; `None`: it always is.
        unreached: the numbers and addresses at which a message of it has not arrived.
        only_ours: it is of what nobody but we know: how it ended what was asked for on 1177, where they have left.
    """

    kind: NoticeKind
    system: str
    valid_until: datetime | None = None
    unreached: frozenset[str] = field(default=frozenset(), repr=False)
    only_ours: bool = False


def requested_notice(facts: RequestedFacts, region: Region) -> Decision[Notice]:
    """What we do about it now: send it, wait, leave it to staff, or skip it with the reason.

    In shadow nothing leaves the house; `requested_worked_out` says what would have.
    """
    decision = requested_worked_out(facts, region)
    if facts.unit.in_shadow and not isinstance(decision.answer, Skip):
        return Decision(Skip(), Reason.UNIT_IN_SHADOW, "policy-skugga-1")
    return decision


def requested_worked_out(facts: RequestedFacts, region: Region) -> Decision[Notice]:
    """The gate: the first step that has something to say decides; past them all, it is sent."""
    for step in _GATE:
        if decision := step(facts, region):
            return decision
    return _by_wished_way(facts, region)


def policy_to_tell_by(unit: UnitPolicy | None, region: Region, *, only_ours: bool) -> UnitPolicy | None:
    """Of a unit that the region's file does not list the region tells itself what only we know (avisering-1): its
    words name no unit. `None`: it waits for a person (policy-okand-1).

    Args:
        only_ours: as of `RequestedFacts`.
    """
    if unit is not None or not only_ours:
        return unit
    return UnitPolicy(name=region.name, turn_to=region.login.link, publish=Publish.VAXEL)


def where_to_log_in(system: str, region: Region) -> str | None:
    """The address at which a patient logs in to a system (avisering-2); `None`: the region's file has none."""
    if system == E1177:
        return region.login.link
    listed = region.systems.get(system)
    return entry_to(listed.entry, None) if listed and listed.entry else None


def is_withdrawn_in_time(*, gone: bool) -> Decision[bool]:
    """Is something done before its notice went, or was left to staff, so that none goes (avisering-1)?"""
    if gone:
        return Decision(False, Reason.NOTICE_GONE, "avisering-1")
    return Decision(True, Reason.WITHDRAWN, "avisering-1")


def _not_owed(facts: RequestedFacts, _: Region) -> Decision[Notice] | None:
    if facts.resident.deceased:
        return Decision(Skip(), Reason.DECEASED, "policy-avliden-1")
    if facts.valid_until is not None and facts.valid_until <= facts.now:
        return Decision(Skip(), Reason.PASSED, "policy-avisering-2")
    return None


def _a_human_first(facts: RequestedFacts, _: Region) -> Decision[Notice] | None:
    held = is_human_first(facts)
    return None if held is None else Decision(held.answer, held.reason, held.clause)


def _cannot_log_in(facts: RequestedFacts, _: Region) -> Decision[Notice] | None:
    """No letter tells of it either, as one does of a visit: staff do."""
    if facts.resident.reservnummer:
        return Decision(StaffTask(), Reason.RESERVNUMMER, "policy-reserv-1")
    return None


def _leads_nowhere(facts: RequestedFacts, region: Region) -> Decision[Notice] | None:
    """Nobody is led to a system that is not approved, or whose address is not known (system-1, avisering-2)."""
    approved = may_dialogue_be_held(facts.system, facts.unit_id, swedish_day(facts.now), region)
    if not approved.allowed:
        return Decision(StaffTask(), approved.reason, approved.clause)
    if where_to_log_in(facts.system, region) is None:
        return Decision(StaffTask(), Reason.NO_ADDRESS, "avisering-2")
    return None


def _is_quiet(facts: RequestedFacts, region: Region) -> Decision[Notice] | None:
    """Held until the quiet hours are over; in shadow nothing is, so that it shows what would be sent."""
    over = quiet_until(facts.now, region)
    if over is None or facts.unit.in_shadow:
        return None
    return Decision(Wait(over), Reason.QUIET_HOURS, "policy-tystnad-1")


def _1177_tells(facts: RequestedFacts, region: Region) -> Decision[Notice] | None:
    """Where the region says that 1177 itself tells of what is there, one who has its notices on has no second. Of
    what only we know it tells nobody."""
    if facts.only_ours or facts.system != E1177 or not region.notices.portal_notifies_of_requested:
        return None
    portal = facts.resident.portal
    if portal is None:
        return wait_or_hand_over(facts, region, Reason.PORTAL_UNKNOWN, "policy-avisering-1")
    if portal.active and portal.notifies:
        return Decision(Skip(), Reason.NOTIFIED_BY_1177, "policy-avisering-1")
    return None


def _only_by_staff(facts: RequestedFacts, region: Region) -> Decision[Notice] | None:
    """Protected: by staff. Not known for now: wait (policy-skydd-1)."""
    if is_person_unknown(facts):
        return wait_or_hand_over(facts, region, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    return hand_over() if facts.resident.protected else None


def _wish_unknown(facts: RequestedFacts, region: Region) -> Decision[Notice] | None:
    if facts.resident.contacts is None:
        return wait_or_hand_over(facts, region, Reason.CONTACT_UNKNOWN, "val-1")
    return None


_GATE: tuple[Callable[[RequestedFacts, Region], Decision[Notice] | None], ...] = (
    _not_owed,
    _a_human_first,
    _cannot_log_in,
    _leads_nowhere,
    _is_quiet,
    _1177_tells,
    _only_by_staff,
    _wish_unknown,
)


def _by_wished_way(facts: RequestedFacts, region: Region) -> Decision[Notice]:
    """With none left, staff tell of something to do, and of what only we know (policy-avisering-3); other information
    is there when they log in."""
    way = way_of_notice(facts, facts.unreached, region)
    if isinstance(way.answer, Contact):
        return Decision(send_by(way.answer, facts.kind), _OWED[facts.kind], "avisering-1")
    if way.answer is not None:
        return Decision(way.answer, way.reason, way.clause)
    if way.reason in FAILURES and (facts.kind is NoticeKind.TASK or facts.only_ours):
        return Decision(StaffTask(), Reason.NOT_REACHED, "policy-avisering-3")
    return Decision(Skip(), way.reason, way.clause)


_OWED = {NoticeKind.TASK: Reason.SOMETHING_TO_DO, NoticeKind.INFORMATION: Reason.NEW_INFORMATION}
