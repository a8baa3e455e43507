"""How events plan the reminders of a visit: those of its present time, and none of another."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import among
from engine.tables.decisions import Decided, keep_decisions
from engine.tables.events import Batch, EventContext, Events, Unchanged, Waiting, for_case, handled, spread
from engine.tables.timeline import Entry
from models.case import Outcome
from models.stored_events import MessageFailed, Nothing
from models.visit_reminder import ReminderWished, State, VisitReminder, VisitTold
from routine.reminder import next_reminder
from tasks import bulk_loads, clients, identities, identity_events, people
from tasks.messages import MESSAGE_FAILED, not_reached
from tasks.visit_reminder.plan import newest_key, plan_of, planned_as


@dataclass(frozen=True)
class Facts:
    """What is known of all cases of a batch: which events came in a load, and who the patients are now."""

    loads: set[int]
    who: identities.Known = field(repr=False)


Context = EventContext[Facts]


def _facts_of(connection: Connection, waiting: Sequence[Waiting[VisitReminder]]) -> Facts:
    events = [event for each in waiting for event, _ in each.events]
    told = [people.digest(said.booking.patient) for each in waiting for _, said in each.said(VisitTold)]
    held = [number for each in waiting for number in (each.case.given_hash, each.case.patient_hash)]
    return Facts(bulk_loads.among(connection, events), identities.known(connection, [*told, *held]))


# --- the visit as it now stands


def _told(case: VisitReminder, said: VisitTold, context: Context) -> Entry:
    """It is as it says now: with another time it is planned anew."""
    booking, event = said.booking, context.event
    number = people.digest(booking.patient)
    if case.patient_hash is not None and not _is_same_person(case, number, context.facts.who):
        _begin_anew(case)
    start = None if event.type == "booking.cancelled" else booking.start
    if start != case.start:
        _have_time(case, start, event.received_at)
        case.silent = booking.replay is True or event.number in context.facts.loads
    case.patient, case.patient_hash, case.given_hash = booking.patient.model_dump_json(), number, None
    case.unit, case.given_unit = booking.unit.hsa_id, None
    return context.entry("event_applied", Outcome.APPLIED)


def _is_same_person(case: VisitReminder, number: bytes, who: identities.Known) -> bool:
    return case.patient_hash is not None and who.person(number) == who.person(case.patient_hash)


def _begin_anew(case: VisitReminder) -> None:
    """It was made for the wrong patient: whoever it is for has been reminded of nothing (policy-andring-2)."""
    case.start = case.former_start = case.sent_as = None
    case.gone = case.gone_before = case.unreached = 0


def _have_time(case: VisitReminder, start: datetime | None, known_since: datetime) -> None:
    """Another time, or none: no reminder of the one before goes any more."""
    if case.gone:
        case.former_start = case.start or case.former_start
    case.gone_before, case.gone = case.gone_before + case.gone, 0
    case.start, case.known_since = start, known_since


def _visit_over(case: VisitReminder, said: Nothing, context: Context) -> Entry:
    _have_time(case, None, context.event.received_at)
    return context.entry("event_applied", Outcome.APPLIED)


def _not_reached(case: VisitReminder, said: MessageFailed, context: Context) -> Entry | Unchanged:
    """The newest reminder has not arrived: it is owed still, by the next way (policy-avisering-3)."""
    entry = not_reached("reminder", context.event)
    if said.key != newest_key(case):
        return Unchanged(entry)
    case.gone, case.unreached = max(case.gone - 1, 0), case.unreached + 1
    return entry


def _plan_all(batch: Batch[VisitReminder, Facts]) -> None:
    """Each under who its patient is now, and due when its next reminder is: what was let be is judged anew.

    What a plan rests on is kept under the number of the entry that is written next, of the event that it follows
    from, in one savepoint with it: whoever is killed in between has written neither.
    """
    identities.re_key(batch.connection, batch.cases)
    now = clock.now()
    told: list[tuple[uuid.UUID, int, Decided]] = []
    for case in batch.cases:
        if case.parked or case.patient is None:
            continue
        case.settled = None
        plan = plan_of(case)
        planned = next_reminder(plan, now, clients.region()) if plan else None
        stands = State.PLANNED if planned else State.RESTING
        case.state = stands if case.start else State.CLOSED
        case.due_at, case.waiting_since = planned.at if planned else None, None
        told.append((case.id, case.entries, planned_as(case, plan)))
    keep_decisions(batch.connection, VisitReminder.PROCESS, now, told)


# --- a consent


def _consent_given(said: ReminderWished, context: EventContext[None]) -> Outcome:
    """Whoever consents when the time of a reminder has passed is owed one still (besok-5)."""
    number = people.digest(said.preferences.patient)
    numbers = identities.known(context.connection, [number]).numbers(number)
    theirs = (among(col(VisitReminder.patient_hash), numbers), col(VisitReminder.start) > clock.now())
    query = select(VisitReminder.key).where(*theirs, VisitReminder.state == State.RESTING)
    for key in context.connection.execute(query).scalars().all():
        context.put(for_case(context.event, key))
    return Outcome.SPREAD


def _consented(case: VisitReminder, said: Nothing, context: Context) -> Entry:
    return context.entry("event_applied", Outcome.APPLIED)


CONSENT = "preferences.changed"
EVENTS: Events[VisitReminder, Facts] = Events(
    VisitReminder,
    [
        handled("booking.created", VisitTold, _told),
        handled("booking.changed", VisitTold, _told),
        handled("booking.cancelled", VisitTold, _told),
        handled("booking.ended", Nothing, _visit_over),
        handled(MESSAGE_FAILED, MessageFailed, _not_reached),
        handled(CONSENT, Nothing, _consented),
        *identity_events.handled_in_a_case(),
    ],
    load=_facts_of,
    then=_plan_all,
    has_begun=lambda case: case.patient is not None,
    spread=[*identity_events.spread_over(VisitReminder), spread(CONSENT, ReminderWished, _consent_given)],
)
