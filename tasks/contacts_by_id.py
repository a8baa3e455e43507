"""The contact that staff name by its id, as its channel has it: without the channel."""

from __future__ import annotations

import uuid
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from sqlalchemy import Connection

from models.inbound_contact import InboundContact
from tasks import identities
from tasks.inbound_contact import stored

Found = Sequence[InboundContact]


class Naming(Protocol):
    """A case about a contact that staff have named."""

    id: uuid.UUID
    contact_id: str


def contacts_of(connection: Connection, cases: Sequence[Naming]) -> Mapping[uuid.UUID, Found]:
    """By case, the contacts with the id that staff named."""
    ids = {case.contact_id for case in cases if case.contact_id}
    found: dict[str, list[InboundContact]] = {}
    named = stored.with_ids(connection, ids) if ids else []
    identities.re_key(connection, named)
    for contact in named:
        found.setdefault(contact.contact_id, []).append(contact)
    return {case.id: found.get(case.contact_id, []) for case in cases}


def place_of(contact: InboundContact) -> dict[str, Any]:
    """What a case about the contact keeps of it: who and where, now and as it came."""
    return {name: getattr(contact, name) for name in ("unit", "given_unit", "patient_hash", "given_hash")}
