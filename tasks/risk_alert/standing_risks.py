"""Whether a risk of suicide stands that no human has acted on: then nothing goes by itself (policy-suicid-1)."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from sqlalchemy import Connection
from sqlmodel import col, select
from sqlmodel.sql.expression import Select, SelectOfScalar

from engine.base.database import among, among_given, load_each
from engine.tables import inbox
from models.case import Event
from models.encryption import ring
from models.events import FLAGS
from models.inbound_contact import InboundContact
from models.risk_alert import RiskAlert
from routine.risk import Risk, may_go_by_itself
from tasks import identities
from tasks.inbound_contact import stored
from tasks.risk_alert.alert_places import NO_CHANNEL


@dataclass(frozen=True)
class AtRisk:
    """Whom, and what contacts, a standing risk concerns."""

    patients: frozenset[bytes] = field(default=frozenset(), repr=False)
    """By every number that they have had."""
    contacts: frozenset[str] = frozenset()
    """By channel and id; what staff have flagged without its channel may be any channel's contact of that id."""

    def concerns(self, patient: bytes | None, contact: str | None = None) -> bool:
        """Whether a human comes first with this patient, or in this contact (its channel and id)."""
        return patient in self.patients or not self.contacts.isdisjoint({contact, _anywhere(_id(contact))})


def _anywhere(id: str) -> str:
    return f"{NO_CHANNEL}:{id}"


def _id(contact: str | None) -> str:
    return (contact or "").partition(":")[2]


def risks_that_stand(
    connection: Connection,
    patients: Collection[bytes],
    contacts: Collection[str] = (),
    who: identities.Known | None = None,
) -> AtRisk:
    """The risks that stand among these; one that is stored and not yet applied stands too.

    Args:
        contacts: by channel and id, such as `hope:K-1`.
        who: the patients are now, where that is known already.
    """
    found = who or identities.known(connection, patients)
    numbers = {number for each in patients for number in found.numbers(each)}
    given = {"numbers": list(numbers), "contacts": list(map(_id, contacts))}
    rows = [
        row
        for row in connection.execute(_flagged(), given)
        if not may_go_by_itself(Risk(row.flagged_at, row.acknowledged_at)).allowed
    ]
    waiting = _waiting(connection)
    return AtRisk(
        frozenset(
            n
            for each in [bytes(row.patient_hash) for row in rows if row.patient_hash]
            for n in found.numbers(each)
        )
        | {n for _, patient in waiting if patient in numbers for n in found.numbers(patient)},
        frozenset(row.key for row in rows) | {contact for contact, _ in waiting},
    )


def _waiting(connection: Connection) -> list[tuple[str, bytes | None]]:
    """Contact and patient of every flag that is stored and that nobody has applied yet: few, and for a second."""
    flags = _stored(connection, _waiting_flags())
    if not flags:
        return []
    keys = [event.key for event, _ in flags]
    received = inbox.unapplied(InboundContact.PROCESS).where(col(Event.type) == "contact.received")
    told = [
        (event.key or _anywhere(_contact(data)), _patient(data))
        for event, data in [*flags, *_stored(connection, received.where(among(col(Event.key), keys)))]
    ]
    named = [_contact(data) for event, data in flags if not event.key]  # by staff, without its channel
    return [*told, *stored.patients_in(connection, keys, named)]


@cache
def _flagged() -> Select[Any, Any, Any, Any]:
    patient, contact = col(RiskAlert.patient_hash), col(RiskAlert.contact_id)
    query = select(RiskAlert.key, RiskAlert.patient_hash, RiskAlert.flagged_at, RiskAlert.acknowledged_at)
    those = among_given(patient, "numbers") | among_given(contact, "contacts")
    return query.where(col(RiskAlert.flagged_at).is_not(None), those)


@cache
def _waiting_flags() -> SelectOfScalar[Event]:
    return inbox.unapplied(RiskAlert.PROCESS).where(col(Event.type).in_(FLAGS))


def _stored(connection: Connection, waiting: SelectOfScalar[Event]) -> list[tuple[Event, dict[str, Any]]]:
    """What an event says; of one that does not open, what its key says."""
    opened, unopened = load_each(connection, waiting)
    told = [(event, json.loads(event.data)) for event in opened]
    return told + [(event, {"contact": _id(event.key)}) for event in unopened]


def _contact(data: dict[str, Any]) -> str:
    contact = data["contact"]
    return contact if isinstance(contact, str) else str(contact["id"])


def _patient(data: dict[str, Any]) -> bytes | None:
    contact = data["contact"]
    patient = contact.get("patient") if isinstance(contact, dict) else None
    return ring().digest(patient["id"]) if patient else None
