"""What a visit's reminders are planned by, and the keys of what is sent."""

from __future__ import annotations

from engine.tables.decisions import Decided
from models.times import in_utc
from models.visit_reminder import VisitReminder
from routine.reminder import Plan, Planned, planned_then
from routine.rules_by_name import REMINDER_PLAN
from tasks import clients


def plan_of(case: VisitReminder) -> Plan | None:
    """As the rules plan by; None: it has no time."""
    if case.start is None or case.known_since is None:
        return None
    return Plan(
        start=case.start,
        known_since=case.known_since,
        silent=case.silent,
        gone=case.gone,
        settled=case.settled,
    )


def planned_as(case: VisitReminder, plan: Plan | None) -> Decided:
    """How its reminders are planned now, kept so that they can be planned anew by other figures."""
    kept = planned_then(plan, clients.region())
    return Decided(rule=REMINDER_PLAN, facts=kept, unit=case.unit or "", clause="besok-5")


def source_of(case: VisitReminder) -> str:
    """The system that tells of the visit."""
    return case.key.partition(":")[0]


def first_key(case: VisitReminder, due: Planned) -> str:
    """One reminder for each lead of a time that a patient has: two systems that tell of one visit have it together.

    A visit that moved, and moved back, is reminded of anew: `gone_before` tells those apart.
    """
    lead = f"{due.lead}h" if due.lead else "at_once"
    patient = case.patient_hash.hex() if case.patient_hash else ""
    return f"reminder:{patient}:{in_utc(case.start)}:{lead}:{case.gone_before}"


def message_key(case: VisitReminder, due: Planned) -> str:
    """Where a message of the reminder has not arrived: one for each way that it goes on by."""
    first = first_key(case, due)
    return newest_key(case) if first == case.sent_as else first


def newest_key(case: VisitReminder) -> str:
    """The newest message of the newest reminder."""
    return f"{case.sent_as}:{case.unreached}" if case.unreached else case.sent_as or ""


def unreached_keys(case: VisitReminder, due: Planned) -> list[str]:
    """The messages of this reminder that have not arrived."""
    first = first_key(case, due)
    if first != case.sent_as:
        return []
    return [f"{first}:{at}" if at else first for at in range(case.unreached)]


def task_key(case: VisitReminder, due: Planned) -> str:
    """One task for staff for each reminder."""
    return f"staff_task:reminder:{case.id}:{in_utc(case.start)}:{due.lead}"
