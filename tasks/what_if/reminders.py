"""Reminders under other figures: these say when a visit is reminded of, so it is planned anew before it is judged.

1. A visit's *times* are read from what was kept each time that it was planned: each holds from when it was known
   until the visit got another time, or none.
2. Of each time, the reminders that the other figures plan are held against those that were planned then. One for the
   same moment rests on what was kept of it. One that was judged and is not planned any more would not have been.
3. One for a moment at which none was planned is judged by what was last known before it, as it would be then; where
   nothing was, by what was first kept of that time of the visit afterwards (`by_later_facts`); where nothing is, it
   is told that it cannot be judged.

Where nothing would go at a moment that the one plans and the other does not, nothing differs. What quiet hours would
hold (one *at once*: the others are planned out of them) is judged as it would be when they are over.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from engine.base import clock
from routine.decision import Wait
from routine.reasons import Reason
from routine.region import Region
from routine.reminder import Plan, PlannedThen, ReminderAsked, ReminderFacts, reminder, reminders_planned
from routine.rules_by_name import NOT_ASKED, PLANNED, REMINDER, REMINDER_PLAN, CannotRead
from tasks.what_if.anew import NOT_ASKED_THEN, UNIT_UNKNOWN, Anew, side_of
from tasks.what_if.findings import NOT_PLANNED, Difference, Side
from tasks.what_if.stored import KeptVisit, NotReadable, Row

ALWAYS = datetime.max.replace(tzinfo=UTC)
BEFORE = "planned_before_plans_were_kept"


@dataclass
class Time:
    """One time that a visit had.

    Args:
        since, until: from when on, and until when, it was planned for.
        moments: since when its reminders were planned for which moments; the newest last.
    """

    plan: Plan
    since: datetime
    until: datetime = ALWAYS
    moments: list[tuple[datetime, frozenset[datetime]]] = field(default_factory=list)

    def is_of(self, plan: Plan) -> bool:
        """Whether a plan is for this time."""
        ours = self.plan.start, self.plan.known_since, self.plan.silent
        return ours == (plan.start, plan.known_since, plan.silent)

    def planned_at(self, at: datetime) -> frozenset[datetime]:
        """For which moments its reminders were planned then."""
        known = [moments for since, moments in self.moments if since <= at]
        return known[-1] if known else frozenset()


@dataclass(frozen=True)
class Judged:
    """A reminder that was judged, and what that rested on; `asked` None: the unit is not listed."""

    row: Row
    said: dict[str, Any] = field(repr=False)
    asked: ReminderAsked | None = field(repr=False)


def judge_visit(anew: Anew, visit: KeptVisit) -> None:
    """Plan a visit's reminders anew, and judge each of the time that is asked about."""
    times: list[Time] = []
    judged: list[Judged] = []
    unreadable = 0
    for row in visit.rows:
        try:
            if row.rule == REMINDER_PLAN:
                _plan(times, row.at, _planned_then(row))
            else:
                asked, said = anew.facts_of(row)
                judged.append(Judged(row, said, asked))
        except NotReadable as error:
            if anew.since <= row.at < anew.until:
                unreadable += 1
                anew.found.not_decidable[row.rule, error.why] += 1
    _from_before(times, judged)
    if not (times or unreadable) and visit.plan:
        anew.found.not_decidable[REMINDER, BEFORE] += _in_time(anew, visit.plan)
        return
    for each in judged:
        if anew.since <= each.row.at < anew.until:
            _hold(anew, each)
    for time in times:
        if not unreadable:
            _judge_others(anew, visit, time, judged)


def _planned_then(row: Row) -> PlannedThen:
    try:
        then: PlannedThen = PLANNED.read(row.said()["facts"], None)
    except (CannotRead, KeyError):
        raise NotReadable("of_another_version") from None
    return then


def _plan(times: list[Time], at: datetime, then: PlannedThen) -> None:
    """It was planned so from then on."""
    last = times[-1] if times and times[-1].until == ALWAYS else None
    if last and (then.plan is None or not last.is_of(then.plan)):
        last.until, last = at, None
    if then.plan is None:
        return
    if last is None:
        last = Time(then.plan, at)
        times.append(last)
    last.moments.append((at, frozenset(then.moments)))


def _from_before(times: list[Time], judged: Sequence[Judged]) -> None:
    """A visit that was planned before plans were kept has the plan that its reminders were judged by."""
    for each in judged:
        if each.asked and not any(time.is_of(each.asked.plan) for time in times):
            until = min((time.since for time in times if time.since > each.row.at), default=ALWAYS)
            times.append(Time(each.asked.plan, each.row.at, until))


def _in_time(anew: Anew, plan: Plan) -> int:
    return sum(anew.since <= each.at < anew.until for each in reminders_planned(plan, anew.region))


def _hold(anew: Anew, each: Judged) -> None:
    """One that was judged: anew where it is still planned for that moment; else it would not have been."""
    if each.asked is None or _is_planned(each.asked, anew.region):
        if not anew.hold(each.row, each.said, each.asked):
            anew.found.not_decidable[REMINDER, NOT_ASKED_THEN] += 1
        return
    anew.found.decided += 1
    row = each.row
    was = Side(row.answer, row.reason, row.clause)
    if row.answer != "no_reminder":
        anew.found.differs(row.case_id, Difference(REMINDER, row.unit, was, NOT_PLANNED))


def _is_planned(asked: ReminderAsked, region: Region) -> bool:
    return any(each.at == asked.facts.due_at for each in reminders_planned(asked.plan, region))


def _judge_others(anew: Anew, visit: KeptVisit, time: Time, judged: Sequence[Judged]) -> None:
    """Those for moments at which none was planned then."""
    own = [each for each in judged if each.asked is None or time.is_of(each.asked.plan)]
    taken = {each.asked.facts.due_at for each in own if each.asked}
    for planned in reminders_planned(time.plan, anew.region):
        at = max(planned.at, time.since)
        if planned.at in taken or not (anew.since <= at < min(anew.until, time.until, time.plan.start)):
            continue
        if not time.moments:
            anew.found.not_decidable[REMINDER, BEFORE] += 1
        elif planned.at not in time.planned_at(at):  # else it was planned then too, and nobody judged it
            _judge_moved(anew, visit, time, at, own)


def _judge_moved(anew: Anew, visit: KeptVisit, time: Time, at: datetime, own: Sequence[Judged]) -> None:
    """One at another moment, by what is nearest: known before it, else kept first after it."""
    before = [each for each in own if each.row.at <= at]
    near = before[-1] if before else own[0] if own else None
    if near is None:
        anew.found.not_decidable[REMINDER, "nothing_kept_of_the_visit"] += 1
        return
    if near.asked is None:
        anew.found.decided += 1
        anew.found.differs(visit.case_id, Difference(REMINDER, near.row.unit, NOT_PLANNED, UNIT_UNKNOWN))
        return
    if is_said_later(near.asked.facts, at):
        anew.found.not_decidable[REMINDER, "consent_came_later"] += 1
        return
    goes_at = _awake(near.asked.facts, at, anew.region)
    if goes_at >= min(time.until, clock.now()):
        return  # by then the visit has another time, or that is still to come
    would = side_of(reminder(moved(near.asked.facts, goes_at), anew.region))
    if would.reason in NOT_ASKED:
        anew.found.not_decidable[REMINDER, NOT_ASKED_THEN] += 1
        return
    anew.found.decided += 1
    anew.found.by_later_facts += not before
    if would.answer != "no_reminder":
        anew.found.differs(visit.case_id, Difference(REMINDER, near.row.unit, NOT_PLANNED, would))


def _awake(facts: ReminderFacts, at: datetime, region: Region) -> datetime:
    """When it would go: at that moment, or when the quiet hours that hold it are over (policy-tystnad-1)."""
    decision = reminder(moved(facts, at), region)
    match decision.answer:
        case Wait(until) if decision.reason is Reason.QUIET_HOURS:
            return until
        case _:
            return at


def is_said_later(facts: ReminderFacts, at: datetime) -> bool:
    """Whether the consent came after that moment: what was said before it is not known."""
    said = facts.consent.at if facts.consent else None
    return said is not None and said > at


def moved(facts: ReminderFacts, at: datetime) -> ReminderFacts:
    """The facts as they would be at another moment: nothing of that reminder has gone, or has not arrived."""
    stopped = facts.stopped_at
    return replace(
        facts,
        now=at,
        due_at=at,
        waiting_since=None,
        reminded=False,
        unreached=frozenset(),
        stopped_at=stopped if stopped is not None and stopped <= at else None,
    )
