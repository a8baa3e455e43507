"""Where the contact is that an alert is about, and what is withdrawn while the alert stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, text

from engine import clock
from engine.database import columns, load_each
from models.case import Event
from models.channel_switch import AT_REST, ChannelSwitch
from models.events import ACKNOWLEDGED, FLAGS, STAFF, Arrival
from models.identity import PatientId
from models.inbound_contact import InboundContact
from models.risk_alert import RiskAlert
from routine.region import UnitPolicy
from tasks import clients, conversation, identities

NO_CHANNEL = "staff"
"""In place of the channel in the key of an alert that staff have raised before any channel told of the contact."""
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

    Of one that staff have flagged before any channel told of it: the newest contact of that name. A contact that does
    not open holds no alert up: where it is stands in clear.
    """
    query = (
        f"SELECT {columns(InboundContact)} FROM inbound_contact"
        " WHERE contact_id = ANY(:keys) AND received_at IS NOT NULL"
    )
    found: dict[str, list[InboundContact]] = {}
    given = {"keys": [case.contact_id for case in cases]}
    opened, unopened = load_each(connection, InboundContact, query, given)
    for contact in unopened:
        contact.patient = None
    named = sorted([*opened, *unopened], key=lambda contact: contact.received_at or contact.created_at)
    identities.re_key(connection, named)
    for contact in named:
        found.setdefault(contact.contact_id, []).append(contact)
    return {case.key: _place_of_alert(case, found.get(case.contact_id, [])) for case in cases}


def _place_of_alert(case: RiskAlert, named: Sequence[InboundContact]) -> Place:
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


def withdrawals(connection: Connection, case: RiskAlert, patient_hash: bytes | None = None) -> list[Arrival]:
    """By which every open proposal to the patient, or in the contact, is withdrawn: each hears of a flag once.

    Args:
        patient_hash: of the patient, where the case does not have it yet.
    """
    query = text(
        """
        SELECT key FROM channel_switch WHERE state <> ALL(:over) AND (contact_case = :key
            OR contact_id = :contact AND (contact_case IS NULL OR CAST(:channel AS text) IS NULL)
            OR patient_hash = ANY(:numbers))"""
    )
    patient = patient_hash or case.patient_hash
    numbers = list(identities.known(connection, [patient]).numbers(patient)) if patient else []
    given: dict[str, Any] = {"over": list(AT_REST), "numbers": numbers}
    given |= {"contact": case.contact_id, "channel": case.channel, "key": f"{case.channel}:{case.contact_id}"}
    keys = list(connection.execute(query, given).scalars())
    flag, at = f"{case.id}:{case.flagged_at}", case.flagged_at or clock.now()
    process = ChannelSwitch.PROCESS
    return [Arrival(f"{flag}:{key}", "contact.risk_flagged", process, key, None, at, {}) for key in keys]


def channels(connection: Connection, contact: str, *, alerts_only: bool) -> list[str]:
    """The channels that have a contact of this id, or an alert of one, be it that nobody has applied it yet.

    `NO_CHANNEL` stands for an alert that staff have raised before any channel told of the contact.
    """
    query = text(
        """
        SELECT split_part(key, ':', 1) FROM risk_alert WHERE contact_id = :contact AND flagged_at IS NOT NULL
        UNION SELECT split_part(key, ':', 1) FROM event WHERE process = ANY(:processes) AND applied_at IS NULL
            AND type = ANY(:types) AND key <> '' AND substr(key, strpos(key, ':') + 1) = :contact
        UNION SELECT channel FROM inbound_contact WHERE contact_id = :contact AND NOT :alerts_only"""
    )
    processes = [RiskAlert.PROCESS] + [InboundContact.PROCESS] * (not alerts_only)
    given = {"contact": contact, "processes": processes, "types": list(FLAGS)}
    found = set(connection.execute(query, given | {"alerts_only": alerts_only}).scalars())
    return sorted(found - {NO_CHANNEL} or found)


def also_acknowledged(connection: Connection, case: RiskAlert, event: Event) -> str | None:
    """The key of what staff had flagged in this contact before its channel told of it: an acknowledgement is one of
    that, too. None: there is none."""
    key = f"{NO_CHANNEL}:{case.contact_id}"
    query = text(
        """
        SELECT EXISTS (SELECT FROM risk_alert WHERE key = :key AND flagged_at <= :at
            AND (acknowledged_at IS NULL OR acknowledged_at < flagged_at)
            AND (channel IS NULL AND :by_staff OR :channel = COALESCE(channel, (SELECT channel FROM inbound_contact
                WHERE contact_id = :contact AND received_at IS NOT NULL ORDER BY received_at DESC LIMIT 1))))"""
    )
    given: dict[str, Any] = {"key": key, "channel": case.channel, "contact": case.contact_id}
    given |= {"by_staff": event.source in STAFF, "at": event.received_at}
    is_one = case.key != key and event.type == ACKNOWLEDGED and connection.execute(query, given).scalar()
    return key if is_one else None


def patient_of(place: Place) -> PatientId | None:
    """The patient, where the channel says who it is."""
    return PatientId.model_validate_json(place.patient) if place.patient else None


def unit_of(place: Place) -> UnitPolicy | None:
    """What the region has settled for the contact's unit; None: not known."""
    return clients.region().unit(place.unit or "")


def system(place: Place) -> str:
    """Where the alert waits, as staff call it."""
    return channel(place) if place.channel in conversation.PLATFORMS else JOURNAL_SYSTEM


def channel(place: Place) -> str:
    """The channel that the contact is in, as staff call it."""
    named = clients.region().systems.get(place.channel or "")
    return named.name if named else JOURNAL_SYSTEM


def unit_name(place: Place) -> str | None:
    """The unit, as patients know it."""
    unit = unit_of(place)
    return unit.name if unit else place.unit_name
