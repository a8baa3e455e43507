"""What is known of a visit when it is to be reminded of: from our tables, and from the person register."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection

from engine.base import clock
from engine.outer.looks import Ask, Looks
from models.identity import PatientId
from models.visit_reminder import VisitReminder
from routine.decision import Decision
from routine.facts import ContactKind, Resident, Visit
from routine.region import UnitPolicy
from routine.reminder import (
    Planned,
    Remind,
    RemindByMail,
    ReminderFacts,
    consent_in,
    is_at_once,
    next_reminder,
    reminder,
    reminder_worked_out,
)
from routine.wishes import ways_of_contact
from tasks import clients, messages, resident_lookup
from tasks.booking_publication.visits import join_addresses
from tasks.ceilings import REMINDER, sent_this_hour
from tasks.inbound_contact.stored import newest_stops
from tasks.residents import recorded, resident_by, with_answers
from tasks.visit_reminder.plan import plan_of, source_of, unreached_keys

Answers = Mapping[uuid.UUID, Resident]


@dataclass(frozen=True)
class Due:
    """The reminder that is owed next, and all that its decision rests on.

    Args:
        sent: how many that follow at once have gone in the last hour, of those that its source has a ceiling for;
            None: it has no ceiling, since it was planned for longer (policy-kalla-1).
        link: where the visit is joined, if it is digital.
    """

    planned: Planned
    facts: ReminderFacts
    sent: int | None = None
    link: str | None = field(default=None, repr=False)


def unit_policy(case: VisitReminder) -> UnitPolicy | None:
    """What the region has settled for the unit; None: not known."""
    return clients.region().unit(case.unit or "")


def whose_visit(case: VisitReminder) -> PatientId:
    """Whose visit it is."""
    return PatientId.model_validate_json(case.patient or "")


def ask_resident(cases: Sequence[VisitReminder], looks: Looks) -> Answers:
    """Ask the person register for what the rule needs to decide these; of one who has not consented, nothing."""
    drafts = looks.drafts.read_once(cases, _known)

    def about(case: VisitReminder, ask: Ask) -> Resident:
        due = drafts[case.id]
        if due is None:
            return Resident()
        return resident_lookup.resident(due.facts, whose_visit(case), _worked_out, ask)

    return looks.each(cases, about)


def _worked_out(facts: ReminderFacts) -> Decision[Any]:
    return reminder_worked_out(facts, clients.region())


def reminders_due(
    connection: Connection, cases: Sequence[VisitReminder], answers: Answers
) -> Mapping[uuid.UUID, Due | None]:
    """The facts anew, in the transaction that writes *sending*, with what was just answered."""
    found = _known(connection, cases)
    learnt = {id: with_answers(due.facts, answers.get(id)) for id, due in found.items() if due}
    numbers = {id: _numbers_of(facts.resident) for id, facts in learnt.items()}
    stops = newest_stops(connection, {number for each in numbers.values() for number in each})
    for id, facts in learnt.items():
        at = max((stops[each] for each in numbers[id] if each in stops), default=None)
        learnt[id] = replace(facts, stopped_at=at)
    links, keys = (
        join_addresses(connection, [case.key for case in cases]),
        {case.id: case.key for case in cases},
    )
    known = {
        id: due and replace(due, facts=learnt[id], link=links.get(keys[id])) for id, due in found.items()
    }
    return known | _counted(connection, cases, known)


def _counted(
    connection: Connection, cases: Sequence[VisitReminder], known: Mapping[uuid.UUID, Due | None]
) -> dict[uuid.UUID, Due]:
    """Those that follow at once from what their source has told, with how many have gone before each."""
    at_once = [
        (due, case)
        for case in cases
        if (due := known[case.id]) and (plan := plan_of(case)) and is_at_once(due.planned, plan)
    ]
    sent = sent_this_hour(connection, REMINDER, {source_of(case) for _, case in at_once}, len(at_once))
    counted = {}
    for due, case in at_once:
        counted[case.id] = replace(due, sent=sent[source_of(case)])
        sent[source_of(case)] += isinstance(
            reminder(due.facts, clients.region()).answer, Remind | RemindByMail
        )
    return counted


def _known(connection: Connection, cases: Sequence[VisitReminder]) -> dict[uuid.UUID, Due | None]:
    """What our own tables know of them."""
    now, region = clock.now(), clients.region()
    plans = {case.id: plan_of(case) for case in cases}
    owed = {id: next_reminder(plan, now, region) if plan else None for id, plan in plans.items()}
    of_residents = recorded(connection, [_who_and_where(case) for case in cases if case.patient_hash])
    unreached = _unreached(connection, cases, owed)
    return {
        case.id: Due(
            planned,
            ReminderFacts(
                visit=Visit(start=case.start),
                resident=resident_by(whose_visit(case), of_residents[_who_and_where(case)]),
                unit=unit,
                unit_id=case.unit or "",
                now=now,
                waiting_since=case.waiting_since,
                due_at=planned.at,
                consent=consent_in(of_residents[_who_and_where(case)].wishes),
                unreached=unreached.get(case.id, frozenset()),
            ),
        )
        if (planned := owed[case.id]) and (unit := unit_policy(case))
        else None
        for case in cases
    }


def _who_and_where(case: VisitReminder) -> tuple[bytes, str]:
    return case.patient_hash or b"", case.unit or ""


def _numbers_of(resident: Resident) -> list[str]:
    ways = ways_of_contact(resident) or ()
    return [each.value for each in ways if each.kind is ContactKind.PHONE]


def _unreached(
    connection: Connection, cases: Sequence[VisitReminder], owed: Mapping[uuid.UUID, Planned | None]
) -> dict[uuid.UUID, frozenset[str]]:
    """Where messages of the reminder that is owed have not arrived."""
    keys = {case.id: unreached_keys(case, due) for case in cases if case.unreached and (due := owed[case.id])}
    every = [key for each in keys.values() for key in each]
    to = messages.sent_to(connection, every) if every else {}
    return {id: frozenset(to[key] for key in each if key in to) for id, each in keys.items()}
