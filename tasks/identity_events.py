"""What is told of a person or a unit as such goes to every process that knows them: merges, deaths, and deaths taken
back (policy-identitet-1, policy-avliden-1, policy-avliden-2). In silence: nobody is told of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import sqlalchemy
from pydantic import BaseModel
from sqlalchemy import Connection, Table, tuple_
from sqlalchemy.dialects.postgresql import Insert

from engine.base.database import among, if_new, insert_all, named, table_of
from engine.tables.events import EventContext, Handled, Spread, for_case, handled, spread
from engine.tables.timeline import Entry
from models.booking_messages import PatientAlive, PatientDeceased, PatientMerged, UnitMerged
from models.case import Case, Outcome
from models.encryption import ring
from models.resident import Kind, Merge, Resident
from models.stored_events import Nothing
from routine.identity import NEWEST_MERGE, NEWEST_STATEMENT, holds_from
from tasks import identities

MERGE: Table = table_of(Merge)
RESIDENT: Table = table_of(Resident)
TOLD = ("patient.merged", "unit.merged", "patient.deceased", "patient.alive")
"""What is told of a person or a unit."""
ORDER = named(Resident.at, Resident.said_at, Resident.received_at)
"""By which the newest statement is known."""
Keys = Collection[str]
D = TypeVar("D", bound=BaseModel)


@dataclass(frozen=True)
class Touched:
    """Which cases of a process an event of a person or a unit touches.

    Args:
        model: of the cases.
        all_of_a_person: a merge touches all cases of the person, not only those that get another number by it.
    """

    model: type[Case]
    all_of_a_person: bool = False


def spread_over(model: type[Case], *, all_of_a_person: bool = False) -> list[Spread]:
    """How what is told of a person or a unit is spread: it is kept, and each case that it touches gets an event.

    Args:
        all_of_a_person: as `Touched` has it.
    """
    touched = Touched(model, all_of_a_person)
    return [
        spread("patient.merged", PatientMerged, _for_each(_patient_merged, touched), keeps=True),
        spread("unit.merged", UnitMerged, _for_each(_unit_merged, touched), keeps=True),
        spread("patient.deceased", PatientDeceased, _for_each(_life, touched), keeps=True),
        spread("patient.alive", PatientAlive, _for_each(_life, touched), keeps=True),
    ]


def _for_each(
    keep: Callable[[D, EventContext[None], Touched], Keys], touched: Touched
) -> Callable[[D, EventContext[None]], Outcome]:
    """Keep what is told, and leave an event for each case that it touches."""

    def to_each(said: D, context: EventContext[None]) -> Outcome:
        for key in keep(said, context, touched):
            context.put(for_case(context.event, key))
        return Outcome.SPREAD

    return to_each


def handled_in_a_case(*, but: Collection[str] = ()) -> list[Handled[Any, Any]]:
    """How a case handles what is told of its person or unit: who that is now, is looked up when all are applied.

    Args:
        but: the types that the process handles itself.
    """
    return [handled(type, Nothing, noted) for type in TOLD if type not in but]


def noted(case: Case, said: Nothing, context: EventContext[Any]) -> Entry:
    """What the timeline of a case says of it."""
    merged = context.event.type.endswith(".merged")
    return context.entry("event_applied", Outcome.APPLIED, NEWEST_MERGE if merged else NEWEST_STATEMENT)


# --- who is now known as whom


def _patient_merged(said: PatientMerged, context: EventContext[None], touched: Touched) -> Keys:
    connection = context.connection
    old, new = ring().digest(said.from_.id), ring().digest(said.to.id)
    _keep_merge(context, Kind.PATIENT, old.hex(), new.hex(), said.to.model_dump_json())
    found = identities.known(connection, [old, new])
    numbers = [bytes.fromhex(each) for each in found.persons.everyone]
    rows = _cases_of(connection, touched.model, "patient_hash", numbers)
    return [
        row.key
        for row in rows
        if touched.all_of_a_person
        or found.person(bytes(row.given_hash or row.patient_hash)) != bytes(row.patient_hash)
    ]


def _unit_merged(said: UnitMerged, context: EventContext[None], touched: Touched) -> Keys:
    old, new = said.from_.hsa_id, said.to.hsa_id
    _keep_merge(context, Kind.UNIT, old, new, said.to.model_dump_json())
    if "unit" not in table_of(touched.model).c:
        return []
    found = identities.known(context.connection, units=[old, new])
    rows = _cases_of(context.connection, touched.model, "unit", list(found.places.everyone))
    return [row.key for row in rows if found.unit(row.given_unit or row.unit) != row.unit]


def _keep_merge(context: EventContext[None], kind: Kind, old: str, new: str, known_as: str) -> None:
    event = context.event
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
    insert_all(context.connection, MERGE, [merge.model_dump()], list(MERGE.columns.keys()), if_new)


def _cases_of(connection: Connection, model: type[Case], column: str, values: Sequence[Any]) -> Sequence[Any]:
    of_model = table_of(model).c
    query = sqlalchemy.select(*of_model).where(among(of_model[column], values)).order_by(of_model.key)
    return connection.execute(query).all()


# --- life and death


def _life(said: PatientDeceased, context: EventContext[None], touched: Touched) -> Keys:
    """A death, or one that is taken back: of all the numbers that the person has had."""
    connection, event = context.connection, context.event
    number = ring().digest(said.patient.id)
    statement = Resident(
        patient_hash=number,
        deceased=event.type == "patient.deceased",
        at=holds_from(said.at, event.occurred_at),
        said_at=event.occurred_at,
        received_at=event.received_at,
    )
    insert_all(connection, RESIDENT, [statement.model_dump()], list(RESIDENT.columns.keys()), _if_newest)
    numbers = identities.known(connection, [number]).numbers(number)
    return [row.key for row in _cases_of(connection, touched.model, "patient_hash", list(numbers))]


def _if_newest(put: Insert) -> Insert:
    said = {name: put.excluded[name] for name in (*named(Resident.deceased), *ORDER)}
    newer = tuple_(*(said[name] for name in ORDER)) > tuple_(*(RESIDENT.c[name] for name in ORDER))
    return put.on_conflict_do_update(index_elements=named(Resident.patient_hash), set_=said, where=newer)
