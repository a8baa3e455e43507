"""Contacts as our table has them: what other processes may ask of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from engine.base.database import among, load, load_each
from models.inbound_contact import InboundContact


def with_keys(connection: Connection, keys: Collection[str]) -> list[InboundContact]:
    """The contacts with these keys: each its channel and its id."""
    return load(connection, select(InboundContact).where(among(col(InboundContact.key), keys)))


def with_ids(connection: Connection, ids: Collection[str]) -> list[InboundContact]:
    """Those that have come with one of these ids, whatever their channel."""
    return load(connection, _with_ids(ids))


def each_with_ids(
    connection: Connection, ids: Collection[str]
) -> tuple[list[InboundContact], list[InboundContact]]:
    """As `with_ids`: those that open, and those that don't."""
    return load_each(connection, _with_ids(ids))


def _with_ids(ids: Collection[str]) -> SelectOfScalar[InboundContact]:
    those = among(col(InboundContact.contact_id), ids)
    return select(InboundContact).where(those, col(InboundContact.received_at).is_not(None))


def patients_in(
    connection: Connection, keys: Collection[str], ids: Collection[str]
) -> Sequence[tuple[str, bytes]]:
    """Key and patient of the contacts with these keys, or with these ids in any channel, where it is known."""
    patient = col(InboundContact.patient_hash)
    those = among(col(InboundContact.key), keys) | among(col(InboundContact.contact_id), ids)
    found = connection.execute(select(col(InboundContact.key), patient).where(those))
    return [(key, number) for key, number in found if number is not None]


def channels_of(connection: Connection, id: str) -> Sequence[str]:
    """The channels that have a contact of this id."""
    query = select(InboundContact.channel).where(InboundContact.contact_id == id)
    return connection.execute(query).scalars().all()


def newest_channel_of(connection: Connection, id: str) -> str | None:
    """The channel in which a contact of this id came last."""
    received_at = col(InboundContact.received_at)
    query = select(InboundContact.channel).where(InboundContact.contact_id == id, received_at.is_not(None))
    return connection.execute(query.order_by(received_at.desc()).limit(1)).scalar()
