"""What a patient wishes, as it is held, and its way to the journal system (onskemal-1, paminnelse-2)."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table

from engine import clock
from engine.database import columns, insert_all, load, table_of
from engine.flow import step
from engine.timeline import Entry
from engine.verdicts import Call, Done, Go, Rest, Verdict
from models.case import Event
from models.identity import PatientId
from models.preferences import PatientPreferences, Preference, State
from models.staff import Preferences
from routine.preferences import Name, counts_from, holds_at
from routine.reasons import Reason
from tasks import clients, effect_keys, identities, people

BACKOFF = [2, 10, 60, 300, 1800, 7200]
ON_1177 = "e1177"
OURS = "vaxel"
"""The source of what lapses by itself."""
ALL_CARE = ""
NOTHING = "null"
PREFERENCE: Table = table_of(Preference)
SET = ("value", "at", "lapses_at", "source", "role", "setter", "carried")
Key = tuple[str, str]
"""A unit, or all care, and a preference's name."""
Held = dict[Key, Preference]


# --- as it is held


def held(
    connection: Connection, patients: Sequence[bytes], who: identities.Known | None = None
) -> dict[bytes, Held]:
    """By patient, every preference as it stands now: what has lapsed is withdrawn, whether or not the row says so.

    Whichever of the patient's numbers, and of the unit's identities, it was told under: the newest word holds
    (policy-onskan-1, policy-identitet-1). Two numbers of one patient have the same wishes in common.

    Args:
        who: the patients are now, where that is known already.
    """
    query = f"SELECT {columns(Preference)} FROM preference WHERE patient_hash = ANY(:numbers) ORDER BY at"
    who = who or identities.known(connection, patients)
    numbers = list({number for patient in patients for number in who.numbers(patient)})
    rows = load(connection, Preference, query, {"numbers": numbers}) if numbers else []
    where = identities.known(connection, units=[row.unit for row in rows])
    wishes: dict[bytes, Held] = {who.person(patient): {} for patient in patients}
    for row in rows:
        _lapse(row, clock.now())
        of_all = wishes[who.person(bytes(row.patient_hash))]
        before = of_all.get((where.unit(row.unit), row.name))
        if before is None or before.at <= row.at:
            of_all[where.unit(row.unit), row.name] = row
    return {patient: wishes[who.person(patient)] for patient in patients}


def phones_of(connection: Connection, patient: bytes) -> list[str]:
    """The phone numbers that the patient has given, for all care or at a unit, as they wrote them."""
    wishes = held(connection, [patient]).get(patient, {})
    said = [json.loads(row.value) for row in wishes.values() if row.name == Name.PHONE]
    return [number for number in said if number]


def _lapse(row: Preference, now: datetime) -> None:
    if row.lapses_at and row.lapses_at <= now:
        row.value, row.at, row.source, row.setter = NOTHING, row.lapses_at, OURS, None
        row.lapses_at, row.carried = None, False


def write(connection: Connection, rows: Sequence[Preference]) -> None:
    """Write rows, new ones and changed ones; none over a newer word."""
    unique = {(row.patient_hash, row.unit, row.name): row for row in rows}
    given = [unique[key].model_dump() for key in sorted(unique)]
    moves = ", ".join(f"{name} = EXCLUDED.{name}" for name in SET)
    then = f"ON CONFLICT (patient_hash, unit, name) DO UPDATE SET {moves} WHERE preference.at <= EXCLUDED.at"
    insert_all(connection, PREFERENCE, given, list(PREFERENCE.columns.keys()), then)


def is_wished(value: object) -> bool:
    """Whether a value opens something; null, no, and an empty list or address do not."""
    return bool(value)


def when_and_where(event: Event, given: Preferences) -> tuple[str, datetime]:
    """At which unit, or for all care, and from when on a word holds."""
    unit = holds_at(event.source == ON_1177, given.unit.hsa_id if given.unit else None)
    return unit or ALL_CARE, counts_from(given.at, event.received_at)


def to_be_carried(wishes: Held) -> list[Preference]:
    """What the journal system has not been told; of a unit in shadow it is told nothing (policy-skugga-1)."""
    return [row for (unit, _), row in wishes.items() if not row.carried and not in_shadow(unit)]


def in_shadow(unit: str) -> bool:
    """Whether what is said to a unit is only worked out; all care is no unit, and an unknown unit is the sender's."""
    policy = clients.region().unit(unit)
    return policy is not None and policy.in_shadow


def next_lapse(wishes: Held) -> datetime | None:
    """When something is due to lapse."""
    return min((row.lapses_at for row in wishes.values() if row.lapses_at), default=None)


# --- to the journal system


@dataclass(frozen=True)
class Carrying:
    """One call: what was set at one unit, by one person, at one moment."""

    patient: PatientId
    unit: str
    rows: Sequence[Preference] = field(repr=False)
    then: Go


@dataclass(frozen=True)
class Known:
    """What is known of a patient when something is carried."""

    wishes: Held = field(repr=False)
    deceased: bool


def read(
    connection: Connection, cases: Sequence[PatientPreferences], _seen: object
) -> Mapping[uuid.UUID, Known]:
    """The preferences as they stand, and whether the patient lives."""
    patients = [case.patient_hash for case in cases if case.patient_hash]
    wishes, dead = held(connection, patients), people.deceased(connection, patients)
    return {
        case.id: Known(wishes.get(case.patient_hash or b"", {}), case.patient_hash in dead) for case in cases
    }


def gate(case: PatientPreferences, known: Known) -> Verdict:
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


def note(connection: Connection, carried: Sequence[tuple[PatientPreferences, Carrying]]) -> None:
    """The journal system has them."""
    rows = [row for _, each in carried for row in each.rows]
    for row in rows:
        row.carried = True
    write(connection, rows)


@step(system="vas", backoff=BACKOFF, read=read, gate=gate, record=note)
def carry_preferences(what: Carrying) -> Done:
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
    return Done(what.then, id)
