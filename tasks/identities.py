"""Who persons and units are now: every read of what is known of them goes by this (policy-identitet-1).

Merges are kept as they were told, and each row keeps under whom and at which unit it came (`given_hash`,
`given_unit`). Who is who follows from all merges at the time of reading, so that a merge can be undone, replaced, or
come late. `patient`, `patient_hash` and `unit` of a case are the present ones since its last event; for a query over
many rows, or of another process, ask for `numbers` and `units`:

    known = identities.known(connection, patients=[digest], units=[hsa_id])
    "... WHERE patient_hash = ANY(:numbers)", {"numbers": list(known.numbers(digest))}
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import sqlalchemy
from sqlalchemy import ARRAY, Connection, Text, bindparam, column, func, true, union_all
from sqlalchemy.orm import aliased
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from engine.base.database import among_given, load, load_each
from models.encryption import ring
from models.identity import PatientId, Unit
from models.resident import Kind, Merge, Resident
from routine.identity import Life, Merged, Statement, newest, present


@dataclass(frozen=True)
class _Kin:
    """One kind's identities: which each is now, and that as it was told (JSON)."""

    now: Mapping[str, str] = field(default_factory=dict, repr=False)
    told: Mapping[str, str] = field(default_factory=dict, repr=False)

    def present(self, key: str) -> str:
        return self.now.get(key, key)

    def all_of(self, key: str) -> frozenset[str]:
        """Every identity that is now the same as this one."""
        it = self.present(key)
        return frozenset({key, it, *(each for each, now in self.now.items() if now == it)})

    @property
    def everyone(self) -> frozenset[str]:
        """Every identity that any of these merges names."""
        return frozenset(self.now.keys() | self.told.keys())


@dataclass(frozen=True)
class Known:
    """Who these persons and units are now. One of whom no merge was told is who they were."""

    persons: _Kin = field(repr=False)
    places: _Kin = field(repr=False)

    def person(self, digest: bytes) -> bytes:
        """The present number's hash of whoever has, or had, this one."""
        return bytes.fromhex(self.persons.present(digest.hex()))

    def numbers(self, digest: bytes) -> frozenset[bytes]:
        """The hashes of all the numbers that the person has had."""
        return frozenset(map(bytes.fromhex, self.persons.all_of(digest.hex())))

    def patient(self, given: PatientId) -> PatientId:
        """The person as they are known now."""
        digest = ring().digest(given.id)
        now = self.person(digest)
        return (self.patient_of(now) if now != digest else None) or given

    def patient_of(self, digest: bytes) -> PatientId | None:
        """Whose number the hash is; None: no merge was told to it."""
        told = self.persons.told.get(digest.hex())
        return PatientId.model_validate_json(told) if told else None

    def unit(self, hsa_id: str) -> str:
        """The HSA-id of the unit that this one is now."""
        return self.places.present(hsa_id)

    def units(self, hsa_id: str) -> frozenset[str]:
        """The HSA-ids of all units that are now the same as this one."""
        return self.places.all_of(hsa_id)

    def at(self, given: Unit) -> Unit:
        """The unit as it is known now."""
        now = self.unit(given.hsa_id)
        return (self.unit_of(now) if now != given.hsa_id else None) or given

    def unit_of(self, hsa_id: str) -> Unit | None:
        """The unit with its name; None: no merge was told to it."""
        told = self.places.told.get(hsa_id)
        return Unit.model_validate_json(told) if told else None


def known(
    connection: Connection, patients: Iterable[bytes | None] = (), units: Iterable[str | None] = ()
) -> Known:
    """Who these are now, by all merges that were told of them.

    Args:
        patients: keyed hashes of numbers (`people.digest`).
        units: HSA-ids.
    """
    given = [(Kind.PATIENT, each.hex()) for each in {*patients} if each]
    given += [(Kind.UNIT, each) for each in {*units} if each]
    keys = {"kinds": [kind for kind, _ in given], "keys": [key for _, key in given]}
    opened, unopened = load_each(connection, _merges(), keys) if given else ([], [])
    return Known(*(_kin(kind, opened, unopened) for kind in (Kind.PATIENT, Kind.UNIT)))


def _kin(kind: Kind, opened: Sequence[Merge], unopened: Sequence[Merge]) -> _Kin:
    """Who those of one kind are now.

    A merge that does not open joins its two identities all the same; but nobody can be re-keyed to a name that is not
    to be read, so that they stand as they came.
    """
    now = present(
        Merged(
            each.occurred_at, each.received_at, f"{each.source}:{each.webhook_id}", each.from_key, each.to_key
        )
        for each in [*opened, *unopened]
        if each.kind == kind
    )
    told = sorted((each for each in opened if each.kind == kind), key=lambda one: one.occurred_at)
    return _Kin(now, {each.to_key: each.known_as for each in told})


@cache
def _merges() -> SelectOfScalar[Merge]:
    """All that lead from one to the next of the `keys`, each of its kind in `kinds`, and of those that are found by
    them, however far away. Each is looked up by itself, and OFFSET keeps PostgreSQL from joining them, for which it
    would read all that is in the table.
    """
    kind, former, now = col(Merge.kind), col(Merge.from_key), col(Merge.to_key)
    texts = ARRAY(Text)
    given = func.unnest(bindparam("kinds", type_=texts), bindparam("keys", type_=texts)).table_valued(
        column("kind", Text), column("key", Text)
    )
    given = given.render_derived()
    kin = sqlalchemy.select(given.c.kind, given.c.key).cte("kin", recursive=True)
    beside = union_all(
        *(
            sqlalchemy.select(other.label("key")).where(kind == kin.c.kind, one == kin.c.key)
            for one, other in ((former, now), (now, former))
        )
    ).lateral()
    kin = kin.union(sqlalchemy.select(kin.c.kind, beside.c.key).join_from(kin, beside, true()))
    found = select(Merge).where(kind == kin.c.kind, former == kin.c.key).offset(0).lateral()
    return select(aliased(Merge, found)).join_from(kin, found, true())


# --- cases


def re_key(connection: Connection, cases: Sequence[Any]) -> Known:
    """Let cases stand under who their patient, and where their unit, is now; they keep under whom they came.

    Of the columns those that the case has: `patient`, `patient_hash`, `unit`, `unit_name`. One that is not claimed is
    only read so, and must not be written.
    """
    found = known(
        connection,
        [each for case in cases for each in (case.given_hash, case.patient_hash)],
        [each for case in cases if hasattr(case, "unit") for each in (case.given_unit, case.unit)],
    )
    for case in cases:
        if (patient := re_key_person(case, found)) and getattr(case, "patient", None):
            case.patient = patient.model_dump_json()
        unit = re_key_unit(case, found) if hasattr(case, "unit") else None
        if unit and hasattr(case, "unit_name"):
            case.unit_name = unit.name
    return found


def re_key_person(case: Any, found: Known) -> PatientId | None:
    """One case's patient; gives who it is now, if that has changed."""
    given = case.given_hash or case.patient_hash
    if given is None or (now := found.person(given)) == case.patient_hash:
        return None
    if patient := found.patient_of(now):
        case.given_hash, case.patient_hash = None if now == given else given, now
    return patient


def re_key_unit(case: Any, found: Known) -> Unit | None:
    """One case's unit; gives what it is now, if that has changed."""
    given = case.given_unit or case.unit
    if not given or (now := found.unit(given)) == case.unit:
        return None
    if unit := found.unit_of(now):
        case.given_unit, case.unit = None if now == given else given, now
    return unit


# --- life and death


def lives(
    connection: Connection, patients: Iterable[bytes | None], who: Known | None = None
) -> dict[bytes, Life]:
    """What holds of these persons, whichever of their numbers it was told of; one of whom nothing was told
    is not in it (policy-avliden-1, policy-avliden-2).

    Args:
        who: the patients are now, where that is known already.
    """
    asked = {each for each in patients if each}
    found = who or known(connection, asked)
    numbers = {each: found.numbers(each) for each in asked}
    every = {number for each in numbers.values() for number in each}
    rows = load(connection, _residents(), {"numbers": list(every)})
    told = {bytes(row.patient_hash): _statement(row) for row in rows}
    holds = {each: newest(told[one] for one in of if one in told) for each, of in numbers.items()}
    return {each: one.life for each, one in holds.items() if one}


@cache
def _residents() -> SelectOfScalar[Resident]:
    return select(Resident).where(among_given(col(Resident.patient_hash), "numbers"))


def _statement(row: Resident) -> Statement:
    life = Life.DECEASED if row.deceased else Life.ALIVE
    return Statement(row.at, row.said_at, row.received_at, life)


def deceased(connection: Connection, patients: Iterable[bytes | None]) -> set[bytes]:
    """Those of these who are dead, as far as the journal system has told (policy-avliden-1)."""
    return {each for each, life in lives(connection, patients).items() if life is Life.DECEASED}
