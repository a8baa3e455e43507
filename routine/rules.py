"""A table of rules, read from the top: the first that holds decides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from models.times import STOCKHOLM
from routine.ages import swedish_day
from routine.decision import Answer, Decision, StaffTask, Wait
from routine.facts import Facts, Situation, Visit
from routine.protected import Passage, may_guardians_be_told
from routine.reasons import Reason
from routine.region import Region

HUMAN_ASKED_AGAIN = timedelta(seconds=30)
"""How soon it is looked again whether a human has acted."""


@dataclass(frozen=True, slots=True)
class Rule:
    """If it holds of the facts, then for this reason, by this clause."""

    holds: Callable[[Facts], bool]
    reason: Reason
    clause: str

    def gives(self, answer: Answer) -> Decision[Answer]:
        return Decision(answer, self.reason, self.clause)


def first(rules: Sequence[Rule], facts: Facts) -> Rule | None:
    """The topmost rule that holds, if any does."""
    return next((rule for rule in rules if rule.holds(facts)), None)


def _is_past(limit: datetime | None, visit: Visit, now: datetime) -> bool:
    if limit is not None:
        return limit <= now
    if isinstance(visit.valid_until, datetime):
        return visit.valid_until <= now
    return visit.valid_until is not None and visit.valid_until < swedish_day(now)


def is_visit_over(visit: Visit, now: datetime) -> bool:
    """Has the visit ended, or the open call letter run out? One without any time is never over."""
    return _is_past(visit.end or visit.start, visit, now)


def visit_over_at(visit: Visit) -> datetime | None:
    """When `is_over` turns true; `None`: never by itself."""
    return visit.end or visit.start or over_at(visit.valid_until)


def over_at(last: date | datetime | None) -> datetime | None:
    """When what holds until then is over; a day holds to its end, in Sweden."""
    if last is None or isinstance(last, datetime):
        return last
    return datetime.combine(last + timedelta(days=1), time(), tzinfo=STOCKHOLM)


def has_begun(visit: Visit, now: datetime) -> bool:
    """Is it too late to tell of the visit: has it begun, or has the open call letter run out?"""
    return _is_past(visit.start, visit, now)


def is_person_unknown(facts: Situation) -> bool:
    """Has nobody said whether the person lives, or whether their identity is protected?"""
    return facts.resident.protected is None or facts.resident.deceased is None


def _wait_end(facts: Situation, region: Region) -> datetime:
    return (facts.waiting_since or facts.now) + region.wait_for_person


def is_wait_over(facts: Situation, region: Region) -> bool:
    """Has the case waited as long as it may, or does its visit come before that?"""
    end, start = _wait_end(facts, region), facts.visit.start
    return facts.waiting_since is not None and (facts.now >= end or (start is not None and start <= end))


def wait(facts: Situation, region: Region, reason: Reason, clause: str) -> Decision[Wait]:
    """Not known for now: never send meanwhile."""
    return Decision(Wait(_wait_end(facts, region)), reason, clause)


def wait_or_hand_over(
    facts: Situation, region: Region, reason: Reason, clause: str
) -> Decision[Wait | StaffTask]:
    """Not known for now: wait, then hand to staff."""
    return hand_over() if is_wait_over(facts, region) else wait(facts, region, reason, clause)


def is_guardian_in_the_way(
    facts: Situation, region: Region, whose: Decision[bool]
) -> Decision[Wait | StaffTask] | None:
    """What stands in the way of a message to a guardian of a child; `None`: nothing, or it is the patient's own.

    Args:
        whose: why the way of contact may be used.
    """
    if whose.reason is not Reason.GUARDIAN_AS_PROXY:
        return None
    may = may_guardians_be_told(facts.resident.guardians)
    if may.answer is Passage.WAIT:
        return wait_or_hand_over(facts, region, may.reason, may.clause)
    return hand_over() if may.answer is Passage.STAFF else None


def is_human_first(facts: Situation) -> Decision[Wait] | None:
    """A risk of suicide stands: nothing goes by itself before a human has acted; then it goes (policy-suicid-1).

    It is held and not dropped: a visit is still to be known of, once somebody has spoken with the patient.
    """
    if facts.resident.deceased is True or not facts.resident.human_first:
        return None
    return Decision(Wait(facts.now + HUMAN_ASKED_AGAIN), Reason.HUMAN_FIRST, "policy-suicid-1")


def hand_over() -> Decision[StaffTask]:
    """Staff tell the patient.

    One reason and one clause, whatever the cause: nothing may tell a protected person's case from that of one
    for whom a register did not answer (policy-skydd-2).
    """
    return Decision(StaffTask(), Reason.MANUAL_HANDLING, "policy-skydd-1")
