"""Where the contact is that an alert is about, and what is withdrawn while the alert stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection, text

from engine import clock, inbox
from engine.database import columns, load
from engine.inbox import Arrival
from models.channel_switch import AT_REST, ChannelSwitch
from models.identity import PatientId
from models.inbound_contact import InboundContact
from models.risk_alert import RiskAlert
from routine.region import UnitPolicy
from tasks import clients, identities, saying

DERIVED = "vaxel"
"""The source of events that we make of others."""
JOURNAL_SYSTEM = "VAS"


@dataclass(frozen=True)
class Place:
    """A contact's channel, unit and patient, as far as they are known."""

    channel: str | None = None
    unit: str | None = None
    unit_name: str | None = None
    patient: str | None = field(default=None, repr=False)
    patient_hash: bytes | None = field(default=None, repr=False)


def places(connection: Connection, cases: Sequence[RiskAlert]) -> dict[str, Place]:
    """By the alert's key: what its events have told, and for the rest what the contact's own case knows.

    Staff name a contact without its channel. If several have one of that name, it is the newest.
    """
    query = (
        f"SELECT {columns(InboundContact)} FROM inbound_contact"
        " WHERE contact_id = ANY(:keys) AND received_at IS NOT NULL ORDER BY received_at"
    )
    found: dict[str, list[InboundContact]] = {}
    named = load(connection, InboundContact, query, {"keys": [case.key for case in cases]})
    identities.re_key(connection, named)
    for contact in named:
        found.setdefault(contact.contact_id, []).append(contact)
    return {case.key: _place(case, found.get(case.key, [])) for case in cases}


def _place(case: RiskAlert, named: Sequence[InboundContact]) -> Place:
    contact = next((one for one in reversed(named) if case.channel in (None, one.channel)), None)
    if contact is None:
        return Place(case.channel, case.unit, None, case.patient, case.patient_hash)
    return Place(
        contact.channel,
        case.unit or contact.unit,
        contact.unit_name,
        case.patient or contact.patient,
        case.patient_hash or contact.patient_hash,
    )


def settle(connection: Connection, cases: Sequence[RiskAlert]) -> None:
    """Keep on claimed cases what is known of their contacts."""
    for key, place in places(connection, cases).items():
        case = next(case for case in cases if case.key == key)
        case.channel, case.unit = place.channel, place.unit
        case.patient, case.patient_hash = place.patient, place.patient_hash


def withdraw_proposals(connection: Connection, case: RiskAlert, patient_hash: bytes | None = None) -> int:
    """Let every open proposal to the patient, or in the contact, be withdrawn; how many there are.

    Each hears of a flag once.

    Args:
        patient_hash: of the patient, where the case does not have it yet.
    """
    query = text(
        """
        SELECT key FROM channel_switch WHERE state <> ALL(:over)
            AND (contact_id = :contact OR patient_hash = ANY(:numbers))"""
    )
    patient = patient_hash or case.patient_hash
    numbers = list(identities.known(connection, [patient]).numbers(patient)) if patient else []
    given = {"over": list(AT_REST), "contact": case.key, "numbers": numbers}
    keys = list(connection.execute(query, given).scalars())
    flag, at = f"{case.id}:{case.flagged_at}", case.flagged_at or clock.now()
    process = ChannelSwitch.PROCESS
    inbox.put(
        connection,
        DERIVED,
        [Arrival(f"{flag}:{key}", "contact.risk_flagged", process, key, None, at, {}) for key in keys],
    )
    return len(keys)


def patient_of(place: Place) -> PatientId | None:
    """The patient, where the channel says who it is."""
    return PatientId.model_validate_json(place.patient) if place.patient else None


def unit_of(place: Place) -> UnitPolicy | None:
    """What the region has settled for the contact's unit; None: not known."""
    return clients.region().unit(place.unit or "")


def system(place: Place) -> str:
    """Where the alert waits, as staff call it."""
    return channel(place) if place.channel in saying.PLATFORMS else JOURNAL_SYSTEM


def channel(place: Place) -> str:
    """The channel that the contact is in, as staff call it."""
    named = clients.region().systems.get(place.channel or "")
    return named.name if named else JOURNAL_SYSTEM


def unit_name(place: Place) -> str | None:
    """The unit, as patients know it."""
    unit = unit_of(place)
    return unit.name if unit else place.unit_name
