"""What we have put into the engagement index, as our table has it: for each engagement whose it is (besok-1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

import sqlalchemy
from sqlalchemy import ColumnElement, Connection, Row, Table, Update, and_, delete
from sqlalchemy.dialects.postgresql import Insert, distinct_on
from sqlmodel import col, not_, select
from sqlmodel.sql.expression import SelectOfScalar

from engine.base import clock
from engine.base.database import (
    among,
    among_given,
    given_rows,
    if_new,
    insert_all,
    load,
    named,
    packed,
    table_of,
)
from models.booking_publication import Engagement
from models.encryption import ring
from systems.engagement_index import Engagement as Stray

TABLE: Table = table_of(Engagement)
KEY = named(Engagement.resident_hash, Engagement.categorization, Engagement.unit, Engagement.booking_id)
SAID = KEY + named(Engagement.wanted)
ANEW = named(
    Engagement.case_id, Engagement.wanted, Engagement.most_recent, Engagement.accepted, Engagement.asked_at
)
"""What is written of one that we have had before."""


def of_cases(connection: Connection, cases: Sequence[UUID]) -> list[Engagement]:
    """What we have put there for these cases, and what we took away and still remember."""
    return load(connection, _of_cases(), {"cases": list(cases)})


def write_unless_taken(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> list[Engagement]:
    """Write rows, but none over another case's; gives whose each engagement is."""
    if not rows:
        return []
    insert_all(connection, TABLE, rows, list(TABLE.columns.keys()), _unless_of_another)
    return load(connection, _with_the_keys(), packed(TABLE, rows, KEY))


def _unless_of_another(put: Insert) -> Insert:
    said = {name: put.excluded[name] for name in ANEW}
    same_case = col(Engagement.case_id) == put.excluded.case_id
    return put.on_conflict_do_update(index_elements=KEY, set_=said, where=same_case)


def accept(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """The index has taken what these say: that it is wanted, or not."""
    connection.execute(_accepted(), packed(TABLE, rows, SAID))


# --- of cases


def is_shown(case_id: Any) -> ColumnElement[bool]:
    """Whether 1177 is to show a case, by a column with its id."""
    shown = select(Engagement.id).where(col(Engagement.case_id) == case_id, col(Engagement.wanted))
    return shown.exists()


def is_shown_to(connection: Connection, case: UUID, patient_hash: bytes | None) -> bool:
    """Whether 1177 is to show the case to this patient."""
    theirs = select(Engagement.id).where(
        Engagement.case_id == case, Engagement.resident_hash == patient_hash, col(Engagement.wanted)
    )
    return connection.execute(theirs).first() is not None


# --- compared with what the index holds


def residents(connection: Connection, after: bytes, most: int) -> Sequence[Row[bytes, str, UUID]]:
    """Of whom we have put something there, in the order of their hashes: one row of each, still sealed."""
    resident = col(Engagement.resident_hash)
    query = select(resident, col(Engagement.resident), col(Engagement.id)).where(resident > after)
    return connection.execute(query.ext(distinct_on(resident)).order_by(resident).limit(most)).all()


def accepted(connection: Connection, resident_hash: bytes) -> Sequence[Any]:
    """What the index has taken of a resident, by the columns that lie in clear."""
    clear = [column for column in TABLE.columns if column.name not in named(Engagement.resident)]
    query = sqlalchemy.select(*clear).where(col(Engagement.resident_hash) == resident_hash)
    return connection.execute(query.where(col(Engagement.accepted))).all()


def doubt(connection: Connection, ids: Sequence[UUID]) -> None:
    """The index does not hold it as it was told: it is to be told anew."""
    those = among(col(Engagement.id), ids)
    connection.execute(TABLE.update().where(those).values({col(Engagement.accepted): False}))


def forget_removed(connection: Connection, resident_hash: bytes, before: datetime) -> None:
    """What the index has taken away so long ago does not come back by itself."""
    gone = delete(Engagement).where(
        col(Engagement.resident_hash) == resident_hash, col(Engagement.accepted), not_(Engagement.wanted)
    )
    connection.execute(gone.where(col(Engagement.asked_at) < before))


def is_under_way(connection: Connection, unit: str, booking_id: str) -> bool:
    """Whether the index is being told of the booking."""
    query = select(Engagement.id).where(
        Engagement.unit == unit, Engagement.booking_id == booking_id, not_(Engagement.accepted)
    )
    return connection.execute(query).first() is not None


def adopt(connection: Connection, case: UUID, stray: Stray) -> None:
    """One that the index holds and we don't know becomes the case's, which takes it away."""
    row = Engagement(
        case_id=case,
        resident_hash=ring().digest(stray.resident),
        resident=stray.resident,
        categorization=stray.categorization,
        unit=stray.unit.upper(),
        booking_id=stray.business_object_id,
        wanted=False,
        asked_at=clock.now(),
    )
    insert_all(connection, TABLE, [row.model_dump()], list(TABLE.columns.keys()), if_new)


# --- statements that are made once


@cache
def _of_cases() -> SelectOfScalar[Engagement]:
    return select(Engagement).where(among_given(col(Engagement.case_id), "cases"))


@cache
def _with_the_keys() -> SelectOfScalar[Engagement]:
    return select(Engagement).join(given_rows(TABLE), and_(*_as_given(KEY)))


@cache
def _accepted() -> Update:
    return TABLE.update().where(*_as_given(SAID)).values({col(Engagement.accepted): True})


def _as_given(names: Sequence[str]) -> list[ColumnElement[bool]]:
    given = given_rows(TABLE).c
    return [TABLE.c[name] == given[name] for name in names]
