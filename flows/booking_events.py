"""How the events of a booking change its case: highest version first, older ones noted and ignored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, text

from engine import clock, inbox
from engine.inbox import Arrival
from engine.process import Applied
from engine.timeline import Entry
from flows import bulk_loads
from models.booking import Booking
from models.booking_publication import BookingPublication, Resident, State
from models.case import Event, Outcome
from models.encryption import ring
from models.identity import PatientId, Unit
from models.sealed import opened, seal
from routine.occasion import Occasion, Snapshot, Standing, after
from tasks import occasions

Case = BookingPublication
SNAPSHOTS = {
    "booking.created": Occasion.BOOKED,
    "booking.changed": Occasion.CHANGED,
    "booking.cancelled": Occasion.CANCELLED,
}
DERIVED = "vaxel"
"""The source of events that we made of one that concerns many cases."""


def apply(
    connection: Connection, cases: Sequence[Case], events: Mapping[str, Sequence[Event]]
) -> Applied[Case]:
    """Apply the waiting events to claimed cases, each case's in the order of their versions."""
    loads = bulk_loads.among(connection, [event for waiting in events.values() for event in waiting])
    now_known_as = _merges(connection)
    outcomes: dict[int, Outcome] = {}
    told: list[tuple[Case, Entry]] = []
    for case in cases:
        for event in reversed(events[case.key]):
            outcome = _apply_one(case, event, event.number in loads, now_known_as)
            outcomes[event.number or 0] = outcome
            told.append((case, _entry(event, outcome)))
        heard = {outcomes[event.number or 0] for event in events[case.key]}
        if heard == {Outcome.OLDER} and (case.parked or case.state == State.CLOSED):
            case.due_at = None  # nothing has changed: it stays where it was
    return Applied(outcomes, told)


def _entry(event: Event, outcome: Outcome) -> Entry:
    detail: dict[str, str | int] = {"type": event.type, "event": str(event.id)}
    if event.version is not None:
        detail["version"] = event.version
    what = "event_applied" if outcome is Outcome.APPLIED else "event_ignored"
    return Entry(what, outcome, detail=detail)


def _apply_one(case: Case, event: Event, is_load: bool, now_known_as: Mapping[str, str]) -> Outcome:
    data = json.loads(event.data)
    if event.version is not None and case.version is not None and event.version <= case.version:
        return Outcome.OLDER
    if event.type in SNAPSHOTS:
        booking = _as_known_now(Booking.model_validate(data["booking"]), now_known_as)
        _snapshot(case, event, booking, is_load=is_load)
    elif event.type == "booking.ended":
        case.ended_at = event.occurred_at
        case.version = event.version
    elif event.type in ("patient.merged", "unit.merged") and case.snapshot:
        _hold(case, _as_known_now(Booking.model_validate_json(case.snapshot), now_known_as))
    _walk_again(case)
    return Outcome.APPLIED


def _walk_again(case: Case) -> None:
    """The case goes through its steps again; what has been done is not done twice."""
    case.parked, case.tries, case.waiting_since = None, 0, None
    known = case.snapshot is not None
    case.state = State.RECEIVED if known else State.CLOSED
    case.due_at = clock.now() if known else None


def _snapshot(case: Case, event: Event, booking: Booking, *, is_load: bool) -> None:
    """Take in a booking as it now stands, and what the resident is to hear of it."""
    came = Snapshot(
        occasion=SNAPSHOTS[event.type],
        start=booking.start,
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        echo=booking.caused_by is not None,
        replay=booking.replay is True,
        is_load=is_load,
    )
    now = after(_standing(case), came)
    _hold(case, booking)
    case.version = case.version if event.version is None else event.version
    case.ended_at = None
    case.cancelled, case.replayed = now.cancelled, now.silent
    case.time_at, case.letter_failed, case.booked_at = now.time_at, now.letter_failed, now.booked_at
    case.occasion, case.occasion_at, case.echo = now.occasion, now.occasion_at, now.echo


def _standing(case: Case) -> Standing:
    return Standing(
        known=case.version is not None,
        start=case.start,
        cancelled=case.cancelled,
        time_at=case.time_at,
        booked_at=case.booked_at,
        occasion=Occasion(case.occasion) if case.occasion else None,
        occasion_at=case.occasion_at,
        echo=case.echo,
        silent=case.replayed,
        letter_failed=case.letter_failed,
    )


def _hold(case: Case, booking: Booking) -> None:
    """Keep the snapshot, and beside it what is searched by."""
    source, _, _ = case.key.partition(":")
    case.source, case.booking_id, case.unit = source, booking.id, booking.unit.hsa_id
    case.patient_hash = ring().digest(booking.patient.id)
    case.start = booking.start
    case.series = occasions.series(booking.patient.id, booking.series) if booking.series else None
    case.snapshot = booking.model_dump_json(exclude_unset=True)


# --- persons and units that have become others


def _merges(connection: Connection) -> dict[str, str]:
    """Old identity (its hash) or unit -> the present one, as JSON."""
    known: dict[str, str] = {}
    rows = connection.execute(
        text("SELECT patient_hash, merged_to FROM resident WHERE merged_to IS NOT NULL")
    )
    for old, closed in rows:
        known[bytes(old).hex()] = opened(Resident, "merged_to", closed, patient_hash=bytes(old))
    for unit, to in connection.execute(text("SELECT unit, merged_to FROM merged_unit")):
        known[unit] = to
    return known


def _as_known_now(booking: Booking, now_known_as: Mapping[str, str]) -> Booking:
    patient, unit = booking.patient, booking.unit
    for _ in range(len(now_known_as)):
        other = now_known_as.get(ring().digest(patient.id).hex())
        if other is None:
            break
        patient = PatientId.model_validate_json(other)
    for _ in range(len(now_known_as)):
        if unit.hsa_id not in now_known_as:
            break
        unit = Unit.model_validate_json(now_known_as[unit.hsa_id])
    return booking.model_copy(update={"patient": patient, "unit": unit})


def spread(connection: Connection, events: Sequence[Event]) -> None:
    """Note what is told of a person or a unit, and make of it one event for each case that it touches."""
    for event in events:
        touched = SPREADS[event.type](connection, json.loads(event.data), event.occurred_at)
        keys = connection.execute(text(touched[0]), touched[1]).scalars()
        arrivals = [
            Arrival(f"{event.id}:{key}", event.type, event.process, key, None, event.occurred_at, {})
            for key in keys
        ]
        inbox.put(connection, DERIVED, arrivals)
    inbox.close(connection, {event.number or 0: Outcome.SPREAD for event in events})


Touched = tuple[str, dict[str, Any]]
OF_PATIENTS = "SELECT key FROM booking_publication WHERE patient_hash = ANY(:patients)"


def _numbers_of(connection: Connection, patient: str) -> list[bytes]:
    """A person's number and all that it has become since, as hashes."""
    known, hashes = _merges(connection), [ring().digest(patient)]
    while (other := known.get(hashes[-1].hex())) and len(hashes) <= len(known):
        hashes.append(ring().digest(json.loads(other)["id"]))
    return hashes


def _deceased(connection: Connection, data: dict[str, Any], at: datetime) -> Touched:
    numbers = _numbers_of(connection, data["patient"]["id"])
    for number in numbers:
        _note_death(connection, number, at)
    return OF_PATIENTS, {"patients": numbers}


def _note_death(connection: Connection, number: bytes, at: datetime) -> None:
    put = text(
        "INSERT INTO resident (patient_hash, deceased_at) VALUES (:patient, :at)"
        " ON CONFLICT (patient_hash) DO UPDATE SET deceased_at = EXCLUDED.deceased_at"
    )
    connection.execute(put, {"patient": number, "at": at})


def _merged(connection: Connection, data: dict[str, Any], at: datetime) -> Touched:
    old = ring().digest(data["from"]["id"])
    put = text(
        "INSERT INTO resident (patient_hash, merged_to) VALUES (:patient, :to)"
        " ON CONFLICT (patient_hash) DO UPDATE SET merged_to = EXCLUDED.merged_to RETURNING deceased_at"
    )
    sealed = seal(Resident, "merged_to", json.dumps(data["to"]), patient_hash=old)
    given = {"patient": old, "to": sealed}
    if died := connection.execute(put, given).scalar():
        for number in _numbers_of(connection, data["to"]["id"]):
            _note_death(connection, number, died)
    return OF_PATIENTS, {"patients": [old]}


def _unit_merged(connection: Connection, data: dict[str, Any], at: datetime) -> Touched:
    put = text(
        "INSERT INTO merged_unit (unit, merged_to) VALUES (:unit, :to)"
        " ON CONFLICT (unit) DO UPDATE SET merged_to = EXCLUDED.merged_to"
    )
    given = {"unit": data["from"]["hsa_id"], "to": json.dumps(data["to"])}
    connection.execute(put, given)
    return "SELECT key FROM booking_publication WHERE unit = :unit", given


SPREADS = {"patient.deceased": _deceased, "patient.merged": _merged, "unit.merged": _unit_merged}
