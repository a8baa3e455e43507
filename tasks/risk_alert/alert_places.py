"""Where the contact is that an alert is about, and what is withdrawn while the alert stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection
from sqlmodel import col, select

from engine.base import clock
from engine.base.settings import Platform
from engine.tables import inbox
from models.case import Event
from models.channel_switch import ChannelSwitch
from models.events import ACKNOWLEDGED, FLAGS, STAFF, Arrival
from models.identity import PatientId
from models.inbound_contact import InboundContact
from models.risk_alert import RiskAlert
from routine.ages import swedish_day
from routine.channels import are_staff_alerted_in
from routine.region import UnitPolicy
from tasks import clients, conversation, identities
from tasks.channel_switch.stored import under_way
from tasks.inbound_contact import stored

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
    found: dict[str, list[InboundContact]] = {}
    opened, unopened = stored.each_with_ids(connection, [case.contact_id for case in cases])
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
    patient = patient_hash or case.patient_hash
    numbers = identities.known(connection, [patient]).numbers(patient) if patient else ()
    keys = under_way(connection, case.contact_id, case.channel, numbers)
    flag, at = f"{case.id}:{case.flagged_at}", case.flagged_at or clock.now()
    process = ChannelSwitch.PROCESS
    return [Arrival(f"{flag}:{key}", "contact.risk_flagged", process, key, None, at, {}) for key in keys]


def channels(connection: Connection, contact: str, *, alerts_only: bool) -> list[str]:
    """The channels that have a contact of this id, or an alert of one, be it that nobody has applied it yet.

    `NO_CHANNEL` stands for an alert that staff have raised before any channel told of the contact.
    """
    alerts = select(RiskAlert.key).where(
        RiskAlert.contact_id == contact, col(RiskAlert.flagged_at).is_not(None)
    )
    processes = [RiskAlert.PROCESS] + [InboundContact.PROCESS] * (not alerts_only)
    keys = [*connection.execute(alerts).scalars(), *inbox.keys_waiting(connection, processes, FLAGS, contact)]
    found = {channel for channel, _, id in (key.partition(":") for key in keys) if id == contact}
    if not alerts_only:
        found.update(stored.channels_of(connection, contact))
    return sorted(found - {NO_CHANNEL} or found)


def also_acknowledged(connection: Connection, case: RiskAlert, event: Event) -> str | None:
    """The key of what staff had flagged in this contact before its channel told of it: an acknowledgement is one of
    that, too. None: there is none."""
    key = f"{NO_CHANNEL}:{case.contact_id}"
    if case.key == key or event.type != ACKNOWLEDGED:
        return None
    flagged_at, acknowledged_at = col(RiskAlert.flagged_at), col(RiskAlert.acknowledged_at)
    query = select(RiskAlert.channel).where(
        RiskAlert.key == key,
        flagged_at <= event.received_at,
        acknowledged_at.is_(None) | (acknowledged_at < flagged_at),
    )
    alert = connection.execute(query).first()
    if alert is None:
        return None
    channel = alert.channel or stored.newest_channel_of(connection, case.contact_id)
    by_staff = alert.channel is None and event.source in STAFF
    return key if by_staff or channel == case.channel is not None else None


def patient_of(place: Place) -> PatientId | None:
    """The patient, where the channel says who it is."""
    return PatientId.model_validate_json(place.patient) if place.patient else None


def unit_of(place: Place) -> UnitPolicy | None:
    """What the region has settled for the contact's unit; None: not known."""
    return clients.region().unit(place.unit or "")


def platform(place: Place) -> Platform | None:
    """The platform that its staff are alerted in, who have the contact there; None: by a task."""
    found = place.channel
    if not conversation.is_platform(found):
        return None
    day = swedish_day(clock.now())
    return found if are_staff_alerted_in(found, place.unit or "", day, clients.region()).allowed else None


def system(place: Place) -> str:
    """Where the alert waits, as staff call it."""
    return channel(place) if platform(place) else JOURNAL_SYSTEM


def channel(place: Place) -> str:
    """The channel that the contact is in, as staff call it."""
    named = clients.region().systems.get(place.channel or "")
    return named.name if named else JOURNAL_SYSTEM


def unit_name(place: Place) -> str | None:
    """The unit, as patients know it."""
    unit = unit_of(place)
    return unit.name if unit else place.unit_name
