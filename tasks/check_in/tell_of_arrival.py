"""The journal system is told that a patient has come to a visit (policy-incheckning-1)."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine.base import clock
from engine.base.errors import Refused
from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Done, Go, Park, Rest, Send, Verdict
from engine.tables.timeline import Entry
from models.check_in import CheckIn, State
from models.identity import PatientId
from routine.check_in import is_arrival_noted, is_arrival_told
from routine.decision import Decision
from tasks import clients, journal_system
from tasks.booking_publication import visits
from tasks.booking_publication.visits import KnownVisit
from tasks.check_in.visits_here import as_booked

BACKOFF = [1, 2, 5, 15, 60, 300, 900]
"""They wait in the hall: soon at first."""
REFUSALS = {"arrival_refused": False, "arrival_known": True}
"""Why the journal system does not take it that somebody has come; True: it has noted that already."""


@dataclass(frozen=True)
class Arrival:
    """What it is told, and how the case goes on then."""

    key: str
    booking: str
    body: Mapping[str, Any] = field(repr=False)
    at: datetime
    then: Go


def booked_visits(connection: Connection, cases: Sequence[CheckIn]) -> Mapping[uuid.UUID, KnownVisit | None]:
    """By case, its visit as it is booked now."""
    found = visits.of_cases(connection, [case.booking_case for case in cases if case.booking_case])
    return {case.id: found.get(case.booking_case) if case.booking_case else None for case in cases}


def judge_arrival(case: CheckIn, visit: KnownVisit | None) -> Verdict[Arrival]:
    """It is told, unless the visit is another day's by now, or stands no more."""
    unit = clients.region().unit(case.unit or "")
    if unit is None or case.patient is None or case.pressed_at is None:
        return Park("unit_unknown", "policy-okand-1")
    decision = is_arrival_told(as_booked(visit) if visit else None, clock.now(), in_shadow=unit.in_shadow)
    then = _rest(decision)
    if not decision.allowed:
        return then
    body = {
        "patient": PatientId.model_validate_json(case.patient).model_dump(mode="json"),
        "unit": journal_system.unit_in(case.unit or "", case.unit_name),
    }
    key = f"arrived:{case.id}"
    arrival = Arrival(key, case.booking_id or "", body, case.pressed_at, then)
    return Send(key, then, arrival)


def _rest(decision: Decision[bool]) -> Rest:
    state = State.ARRIVED if decision.allowed else State.AT_DESK
    return Rest(state, (Entry("arrival", decision.reason, decision.clause),))


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_tables(booked_visits),
    gate=judge_arrival,
    ask=journal_system.ask_of_posting,
)
def tell_of_arrival(arrival: Arrival) -> Done:
    """Tell the journal system, once, that the patient has come; what it refuses is the desk's (barn-1, barn-2)."""
    try:
        told = clients.vas().post_arrival(arrival.key, arrival.booking, at=arrival.at, **arrival.body)
    except Refused as refusal:
        if refusal.reason not in REFUSALS:
            raise
        return Done(_rest(is_arrival_noted(REFUSALS[refusal.reason])), sent=False)
    return Done(arrival.then, told)
