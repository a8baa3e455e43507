"""Answers to questions of consent, as our table keeps them: each once, and never changed (byte-1 to byte-4)."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from uuid import UUID

from sqlalchemy import Connection, Table
from sqlalchemy.dialects.postgresql import distinct_on
from sqlmodel import col, select

from engine.base.database import among, if_new, insert_all, load, table_of
from models.case import Event
from models.consent import Consent

TABLE: Table = table_of(Consent)


def keep_answers(connection: Connection, answers: Sequence[Consent]) -> None:
    """Keep answers, each under the id of the event that brought it; one that is kept stays as it is."""
    insert_all(connection, TABLE, [each.model_dump() for each in answers], list(TABLE.columns.keys()), if_new)


def newest(connection: Connection, cases: Collection[UUID]) -> dict[tuple[UUID, str], Consent]:
    """By case and question, the newest answer; of two at one moment the one that came last."""
    case_id, kind = col(Consent.case_id), col(Consent.kind)
    query = (
        select(Consent)
        .join(Event, col(Event.id) == col(Consent.id), isouter=True)
        .where(among(case_id, cases))
        .ext(distinct_on(case_id, kind))
        .order_by(case_id, kind, col(Consent.answered_at).desc(), col(Event.number).desc().nulls_last())
    )
    return {(answer.case_id, answer.kind): answer for answer in load(connection, query)}
