"""What patients wish, as our table has it: the newest word, and what has lapsed (policy-onskan-1)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import Insert
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from engine.base import clock
from engine.base.database import among_given, insert_all, load, named, table_of
from models.case import Event
from models.preferences import Preference
from models.staff import Preferences
from routine.preferences import counts_from, holds_at
from tasks import clients, identities

ON_1177 = "e1177"
OURS = "vaxel"
"""The source of what lapses by itself."""
ALL_CARE = ""
NOTHING = "null"
PREFERENCE: Table = table_of(Preference)
KEY = named(Preference.patient_hash, Preference.unit, Preference.name)
SET = tuple(column.name for column in PREFERENCE.columns if column.name not in KEY)
Key = tuple[str, str]
"""A unit, or all care, and a preference's name."""
Stored = dict[Key, Preference]


def stored_preferences(
    connection: Connection, patients: Sequence[bytes], who: identities.Known | None = None
) -> dict[bytes, Stored]:
    """By patient, every preference as it stands now: what has lapsed is withdrawn, whether or not the row says so.

    Whichever of the patient's numbers, and of the unit's identities, it was told under: the newest word holds
    (policy-onskan-1, policy-identitet-1). Two numbers of one patient have the same wishes in common.

    Args:
        who: the patients are now, where that is known already.
    """
    who = who or identities.known(connection, patients)
    numbers = {number for patient in patients for number in who.numbers(patient)}
    rows = load(connection, _of_numbers(), {"numbers": list(numbers)}) if numbers else []
    where = identities.known(connection, units=[row.unit for row in rows])
    wishes: dict[bytes, Stored] = {who.person(patient): {} for patient in patients}
    for row in rows:
        _lapse(row, clock.now())
        of_all = wishes[who.person(bytes(row.patient_hash))]
        before = of_all.get((where.unit(row.unit), row.name))
        if before is None or before.at <= row.at:
            of_all[where.unit(row.unit), row.name] = row
    return {patient: wishes[who.person(patient)] for patient in patients}


@cache
def _of_numbers() -> SelectOfScalar[Preference]:
    query = select(Preference).where(among_given(col(Preference.patient_hash), "numbers"))
    return query.order_by(col(Preference.at))


def _lapse(row: Preference, now: datetime) -> None:
    if row.lapses_at and row.lapses_at <= now:
        row.value, row.at, row.source, row.setter = NOTHING, row.lapses_at, OURS, None
        row.lapses_at, row.carried = None, False


def write_preferences(connection: Connection, rows: Sequence[Preference]) -> None:
    """Write rows, new ones and changed ones; none over a newer word."""
    unique = {(row.patient_hash, row.unit, row.name): row for row in rows}
    given = [unique[key].model_dump() for key in sorted(unique)]
    insert_all(connection, PREFERENCE, given, list(PREFERENCE.columns.keys()), _unless_newer)


def _unless_newer(put: Insert) -> Insert:
    said = {name: put.excluded[name] for name in SET}
    return put.on_conflict_do_update(
        index_elements=KEY, set_=said, where=col(Preference.at) <= put.excluded.at
    )


def is_wished(value: object) -> bool:
    """Whether a value opens something; null, no, and an empty list or address do not."""
    return bool(value)


def when_and_where(event: Event, given: Preferences) -> tuple[str, datetime]:
    """At which unit, or for all care, and from when on a word holds."""
    unit = holds_at(event.source == ON_1177, given.unit.hsa_id if given.unit else None)
    return unit or ALL_CARE, counts_from(given.at, event.received_at)


def to_be_carried(wishes: Stored) -> list[Preference]:
    """What the journal system has not been told; of a unit in shadow it is told nothing (policy-skugga-1)."""
    return [row for (unit, _), row in wishes.items() if not row.carried and not in_shadow(unit)]


def in_shadow(unit: str) -> bool:
    """Whether what is said to a unit is only worked out; all care is no unit, and an unknown unit is the sender's."""
    policy = clients.region().unit(unit)
    return policy is not None and policy.in_shadow


def next_lapse(wishes: Stored) -> datetime | None:
    """When something is due to lapse."""
    return min((row.lapses_at for row in wishes.values() if row.lapses_at), default=None)
