"""What a patient wishes is carried to the journal system (onskemal-1, paminnelse-2)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection

from engine.steps.stage import from_tables, step
from engine.steps.verdicts import Call, Done, Go, Rest, Verdict
from engine.tables.timeline import Entry
from models.identity import PatientId
from models.preferences import PatientPreferences, Preference, State
from routine.reasons import Reason
from tasks import clients, people
from tasks.preferences import effect_keys
from tasks.preferences.stored import (
    OURS,
    Stored,
    next_lapse,
    stored_preferences,
    to_be_carried,
    write_preferences,
)

BACKOFF = [2, 10, 60, 300, 1800, 7200]


@dataclass(frozen=True)
class Carrying:
    """One call: what was set at one unit, by one person, at one moment."""

    patient: PatientId
    unit: str
    rows: Sequence[Preference] = field(repr=False)
    then: Go


@dataclass(frozen=True)
class PreferenceFacts:
    """What is known of a patient when something is carried."""

    wishes: Stored = field(repr=False)
    deceased: bool


def preference_facts(
    connection: Connection, cases: Sequence[PatientPreferences]
) -> Mapping[uuid.UUID, PreferenceFacts]:
    """The preferences as they stand, and whether the patient lives."""
    patients = [case.patient_hash for case in cases if case.patient_hash]
    wishes, dead = stored_preferences(connection, patients), people.deceased(connection, patients)
    return {
        case.id: PreferenceFacts(wishes.get(case.patient_hash or b"", {}), case.patient_hash in dead)
        for case in cases
    }


def judge_carrying(case: PatientPreferences, known: PreferenceFacts) -> Verdict[Carrying]:
    """Carry what has not been carried, the oldest first, until all is; then rest until something lapses."""
    if known.deceased:
        return Rest(State.CARRIED, (Entry("preferences", Reason.DECEASED, "policy-avliden-1"),))
    rows = sorted(to_be_carried(known.wishes), key=lambda row: (row.at, row.unit, row.role, row.name))
    at_rest = Rest(State.CARRIED, due_at=next_lapse(known.wishes))
    if not rows or case.patient is None:
        return at_rest
    first = rows[0]
    together = [row for row in rows if _sayer(row) == _sayer(first)]
    entries = (_lapsed(together), _carried(together))
    if len(together) < len(rows):
        then = Go(State.CHANGED, tuple(filter(None, entries)))
    else:
        then = Rest(State.CARRIED, tuple(filter(None, entries)), at_rest.due_at)
    unit = next(unit for (unit, _), row in known.wishes.items() if row is first)
    return Call(Carrying(PatientId.model_validate_json(case.patient), unit, together, then))


def _sayer(row: Preference) -> tuple[Any, ...]:
    return row.unit, row.at, row.role, row.setter, row.source


def names(rows: Sequence[Preference]) -> dict[str, str | int]:
    """For the timeline: which preferences, never how they are set."""
    return {"names": " ".join(sorted(row.name for row in rows))}


def _lapsed(rows: Sequence[Preference]) -> Entry | None:
    if rows[0].source != OURS:
        return None
    return Entry("preferences", Reason.GUARDIAN_CONSENT_LAPSED, "policy-barn-2", names(rows))


def _carried(rows: Sequence[Preference]) -> Entry:
    return Entry("preferences_carried", "applied", "onskemal-1", names(rows))


def record_carried(
    connection: Connection, carried: Sequence[tuple[PatientPreferences, Sequence[Preference]]]
) -> None:
    """The journal system has them."""
    rows = [row for _, each in carried for row in each]
    for row in rows:
        row.carried = True
    write_preferences(connection, rows)


@step(
    system="vas",
    backoff=BACKOFF,
    facts=from_tables(preference_facts),
    gate=judge_carrying,
    record=record_carried,
)
def carry_preferences(what: Carrying) -> Done[Sequence[Preference]]:
    """Tell the journal system what the patient wishes (onskemal-1); an older word undoes no newer one there."""
    first = what.rows[0]
    policy = clients.region().unit(what.unit)
    unit = {"hsa_id": what.unit, "name": policy.name if policy else None} if what.unit else None
    id = clients.vas().post_preferences(
        effect_keys.preferences(what.patient, what.rows),
        patient=what.patient.model_dump(mode="json"),
        changes={row.name: json.loads(row.value) for row in what.rows},
        unit=unit,
        at=first.at,
        set_by={"role": first.role, "id": first.setter},
    )
    return Done(what.then, id, found=what.rows)
