"""What is told of a person or a unit as such goes to every process that knows them: merges, deaths, and deaths taken
back (policy-identitet-1, policy-avliden-1, policy-avliden-2). In silence: nobody is told of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, text

from engine import inbox
from engine.database import insert_all, table_of
from engine.inbox import Arrival
from engine.timeline import Entry
from models.booking_messages import PatientDeceased, PatientMerged, UnitMerged
from models.case import Case, Event, Outcome
from models.encryption import ring
from models.resident import Kind, Merge, Resident
from routine.identity import NEWEST_MERGE, NEWEST_STATEMENT, holds_from
from tasks import identities

DERIVED = "vaxel"
"""The source of events that we made of one that concerns many cases."""
MERGE: Table = table_of(Merge)
RESIDENT: Table = table_of(Resident)
Keys = Collection[str]


def spread_over(
    model: type[Case], *, all_of_a_person: bool = False
) -> Callable[[Connection, Sequence[Event]], None]:
    """A process's `spread`: keep what is told, and make of it an event for each of its cases that it touches.

    Args:
        all_of_a_person: a merge touches all cases of the person, not only those that get another number by it.
    """

    def spread(connection: Connection, events: Sequence[Event]) -> None:
        for event in events:
            keys = TOLD[event.type](connection, event, model, all_of_a_person)
            arrivals = [
                Arrival(f"{event.id}:{key}", event.type, event.process, key, None, event.occurred_at, {})
                for key in keys
            ]
            inbox.put(connection, DERIVED, arrivals)
        inbox.close(connection, {event.number or 0: Outcome.SPREAD for event in events})

    return spread


def is_of_many(event: Event) -> bool:
    """Whether it was told of a person or a unit, and not of the case."""
    return event.type in TOLD


def entry(event: Event) -> Entry:
    """What the timeline of a case says of it."""
    clause = NEWEST_MERGE if event.type.endswith(".merged") else NEWEST_STATEMENT
    return Entry("event_applied", Outcome.APPLIED, clause, {"type": event.type, "event": str(event.id)})


# --- who is now known as whom


def _patient_merged(connection: Connection, event: Event, model: type[Case], everyone: bool) -> Keys:
    told = PatientMerged.model_validate(json.loads(event.data))
    old, new = ring().digest(told.from_.id), ring().digest(told.to.id)
    _keep_merge(connection, event, Kind.PATIENT, old.hex(), new.hex(), told.to.model_dump_json())
    found = identities.known(connection, [old, new])
    among = [bytes.fromhex(each) for each in found.persons.everyone]
    rows = _cases_of(connection, model, "patient_hash", among)
    return [
        row.key
        for row in rows
        if everyone or found.person(bytes(row.given_hash or row.patient_hash)) != bytes(row.patient_hash)
    ]


def _unit_merged(connection: Connection, event: Event, model: type[Case], everyone: bool) -> Keys:
    told = UnitMerged.model_validate(json.loads(event.data))
    old, new = told.from_.hsa_id, told.to.hsa_id
    _keep_merge(connection, event, Kind.UNIT, old, new, told.to.model_dump_json())
    if "unit" not in table_of(model).c:
        return []
    found = identities.known(connection, units=[old, new])
    rows = _cases_of(connection, model, "unit", list(found.places.everyone))
    return [row.key for row in rows if found.unit(row.given_unit or row.unit) != row.unit]


def _keep_merge(connection: Connection, event: Event, kind: Kind, old: str, new: str, known_as: str) -> None:
    merge = Merge(
        source=event.source,
        webhook_id=event.webhook_id,
        kind=kind,
        from_key=old,
        to_key=new,
        known_as=known_as,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
    )
    once = "ON CONFLICT (source, webhook_id) DO NOTHING"
    insert_all(connection, MERGE, [merge.model_dump()], list(MERGE.columns.keys()), once)


def _cases_of(connection: Connection, model: type[Case], column: str, among: Sequence[Any]) -> Sequence[Any]:
    query = text(f"SELECT * FROM {table_of(model).name} WHERE {column} = ANY(:among) ORDER BY key")
    return connection.execute(query, {"among": list(among)}).all()


# --- life and death


def _life(connection: Connection, event: Event, model: type[Case], everyone: bool) -> Keys:
    """A death, or one that is taken back: of all the numbers that the person has had."""
    told = PatientDeceased.model_validate(json.loads(event.data))
    number = ring().digest(told.patient.id)
    statement = Resident(
        patient_hash=number,
        deceased=event.type == "patient.deceased",
        at=holds_from(told.at, event.occurred_at),
        said_at=event.occurred_at,
        received_at=event.received_at,
    )
    order = ("at", "said_at", "received_at")
    newer = "({}) > ({})".format(
        ", ".join(f"EXCLUDED.{name}" for name in order), ", ".join(f"resident.{name}" for name in order)
    )
    moves = ", ".join(f"{name} = EXCLUDED.{name}" for name in ("deceased", *order))
    then = f"ON CONFLICT (patient_hash) DO UPDATE SET {moves} WHERE {newer}"
    insert_all(connection, RESIDENT, [statement.model_dump()], list(RESIDENT.columns.keys()), then)
    numbers = identities.known(connection, [number]).numbers(number)
    return [row.key for row in _cases_of(connection, model, "patient_hash", list(numbers))]


TOLD: Mapping[str, Callable[[Connection, Event, type[Case], bool], Keys]] = {
    "patient.merged": _patient_merged,
    "unit.merged": _unit_merged,
    "patient.deceased": _life,
    "patient.alive": _life,
}
