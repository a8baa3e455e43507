"""How a word on a patient's preferences changes what is held of them (onskemal-1, paminnelse-2, barn-5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from engine import clock
from engine.process import Applied
from engine.timeline import Entry
from models.case import Event, Outcome
from models.preferences import PatientPreferences, State
from models.staff import Preferences
from tasks import identities, identity_events
from tasks.preferences import wishes as wishes_now
from tasks.preferences.carry_preferences import Held, held, next_lapse, to_be_carried, write

Case = PatientPreferences
spread = identity_events.spread_over(PatientPreferences)


def apply(
    connection: Connection, cases: Sequence[Case], events: Mapping[str, Sequence[Event]]
) -> Applied[Case]:
    """Apply the waiting events to claimed patients, each patient's in the order they came."""
    outcomes: dict[int, Outcome] = {}
    told: list[tuple[Case, Entry]] = []
    patients = {case.key: bytes.fromhex(case.key) for case in cases}
    known = held(connection, list(patients.values()))
    for case in cases:
        wishes = known[patients[case.key]]
        for event in reversed(events[case.key]):
            outcomes[event.number or 0] = Outcome.APPLIED
            told += [(case, entry) for entry in _heard(connection, case, event, wishes)]
        _walk_on(case, wishes)
    identities.re_key(connection, cases)
    write(connection, [row for wishes in known.values() for row in wishes.values()])
    return Applied(outcomes, told, forget=outcomes.keys())


def _heard(connection: Connection, case: Case, event: Event, wishes: Held) -> list[Entry]:
    if identity_events.is_of_many(event):
        return [identity_events.entry(event)]
    given = Preferences.model_validate(json.loads(event.data)["preferences"])
    case.patient, case.patient_hash = given.patient.model_dump_json(), bytes.fromhex(case.key)
    case.given_hash = None
    return wishes_now.hear(connection, event, given, wishes)


def _walk_on(case: Case, wishes: Held) -> None:
    case.parked, case.tries, case.waiting_since = None, 0, None
    if to_be_carried(wishes):
        case.state, case.due_at = State.CHANGED, clock.now()
    else:
        case.state, case.due_at = State.CARRIED, next_lapse(wishes)
