"""Contacts as our table has them: what other processes may ask of them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import Connection, func
from sqlmodel import col, select
from sqlmodel.sql.expression import SelectOfScalar

from engine.base.database import among, load, load_each
from engine.tables import inbox
from models.case import Event
from models.encryption import ring
from models.events import SMS
from models.inbound_contact import InboundContact
from models.stored_events import ContactBegun
from routine.senders import address_of


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


def newest_stops(connection: Connection, numbers: Collection[str]) -> dict[str, datetime]:
    """When each of these mobile numbers (E.164) last answered STOPP by SMS, also where that is not yet applied."""
    if not numbers:
        return {}
    by_hash = {writer_hash(number): number for number in numbers}
    writer, at = col(InboundContact.reply_hash), func.max(col(InboundContact.received_at))
    told = select(writer, at).where(among(writer, by_hash), InboundContact.says_stop).group_by(writer)
    found = {by_hash[bytes(number)]: when for number, when in connection.execute(told) if number and when}
    waiting = inbox.unapplied(InboundContact.PROCESS).where(Event.source == SMS)
    for event in load_each(connection, waiting)[0]:
        if event.type != "contact.received":
            continue
        said = ContactBegun.model_validate_json(event.data).contact
        number = by_hash.get(writer_hash(address_of(SMS, said.reply_address) or ""))
        if said.says_stop and number:
            found[number] = max(found.get(number, event.occurred_at), event.occurred_at)
    return found


def writer_hash(address: str) -> bytes:
    """By which whoever writes from a mailbox or a number is known."""
    return ring().digest(address.casefold())
