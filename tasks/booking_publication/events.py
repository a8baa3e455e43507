"""How the events of a booking change its case: highest version first, older ones noted and ignored."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection

from engine import clock
from engine.events import Applied
from engine.timeline import Entry
from models.booking import BookedBy, Booking
from models.booking_publication import BookingPublication, State
from models.case import Event, Outcome
from models.encryption import ring
from routine.occasion import Occasion, Snapshot, after, is_anothers
from tasks import effect_keys, identities, identity_events
from tasks.booking_publication import bulk_loads, same_visit, undelivered, wrong_patient
from tasks.booking_publication.particulars import particulars_in, remember_told, standing_of, words_in
from tasks.identities import Known
from tasks.messages import MESSAGE_FAILED, failed_key, not_reached

Case = BookingPublication
SNAPSHOTS = {
    "booking.created": Occasion.BOOKED,
    "booking.changed": Occasion.CHANGED,
    "booking.cancelled": Occasion.CANCELLED,
    wrong_patient.FORMER: Occasion.CANCELLED,
}
spread = identity_events.spread_all_over(BookingPublication)


def apply(
    connection: Connection, cases: Sequence[Case], events: Mapping[str, Sequence[Event]]
) -> Applied[Case]:
    """Apply the waiting events to claimed cases, each case's in the order of their versions."""
    loads = bulk_loads.among(connection, [event for waiting in events.values() for event in waiting])
    said = {event.number: json.loads(event.data) for waiting in events.values() for event in waiting}
    found = _known(connection, cases, said.values())
    outcomes: dict[int, Outcome] = {}
    told: list[tuple[Case, Entry]] = []
    changed: list[tuple[Event, Case, same_visit.Place]] = []
    for case in cases:
        _re_key(case, found)
        for event in reversed(events[case.key]):
            is_load, before = event.number in loads, same_visit.place_of(case)
            outcome, more = _apply_one(connection, case, event, said[event.number], is_load, found)
            outcomes[event.number or 0] = outcome
            if outcome is Outcome.APPLIED and event.type in SNAPSHOTS:
                changed.append((event, case, before))
            told += [(case, entry) for entry in (_entry(event, outcome), more) if entry]
        heard = {outcomes[event.number or 0] for event in events[case.key]}
        if heard == {Outcome.OLDER} and (case.parked or case.state == State.CLOSED):
            case.due_at = None  # nothing has changed: it stays where it was
    same_visit.look_again(connection, changed)
    return Applied(outcomes, told)


def _entry(event: Event, outcome: Outcome) -> Entry:
    if event.type == MESSAGE_FAILED:
        return not_reached("notice", event)
    if identity_events.is_of_many(event):
        return identity_events.entry(event)
    detail: dict[str, str | int] = {"type": event.type, "event": str(event.id)}
    if event.version is not None:
        detail["version"] = event.version
    what = "event_applied" if outcome is Outcome.APPLIED else "event_ignored"
    return Entry(what, outcome, detail=detail)


def _apply_one(
    connection: Connection, case: Case, event: Event, data: Mapping[str, Any], is_load: bool, found: Known
) -> tuple[Outcome, Entry | None]:
    """What became of the event, and what there is to tell beside that."""
    more: Entry | None = None
    if event.type == MESSAGE_FAILED:
        undelivered.take_up(case, failed_key(event))
        return Outcome.APPLIED, None
    if event.version is not None and case.version is not None and event.version <= case.version:
        return Outcome.OLDER, None
    if event.type in SNAPSHOTS:
        given = Booking.model_validate(data["booking"])
        more = _snapshot(connection, case, event, _as_known_now(given, found), is_load=is_load)
        _keep_given(case, given)
    elif event.type == "booking.ended":
        case.ended_at = event.occurred_at
        case.version = event.version
    if event.type == wrong_patient.FORMER:
        case.corrected, case.letter_astray = True, data["letter"]
    _walk_again(case)
    return Outcome.APPLIED, more


def _walk_again(case: Case) -> None:
    """The case goes through its steps again; what has been done is not done twice."""
    case.parked, case.tries, case.waiting_since = None, 0, None
    known = case.snapshot is not None
    case.state = State.RECEIVED if known else State.CLOSED
    case.due_at = clock.now() if known else None


def _snapshot(
    connection: Connection, case: Case, event: Event, booking: Booking, *, is_load: bool
) -> Entry | None:
    """Take in a booking as it now stands, and what the resident is to hear of it."""
    known = Booking.model_validate_json(case.snapshot) if case.snapshot else None
    if known:
        remember_told(case, known)
    was, came = standing_of(case, known), _came(event, booking, known, is_load=is_load)
    corrected = wrong_patient.part(connection, case, event, was) if is_anothers(was, came) else None
    now = after(was, came)
    _hold(case, booking)
    case.version = case.version if event.version is None else event.version
    case.ended_at = None
    case.cancelled, case.replayed, case.booked_at = now.cancelled, now.silent, now.booked_at
    case.time_at, case.reworded_at, case.letter_failed = now.time_at, now.reworded_at, now.letter_failed
    case.occasion, case.occasion_at = now.occasion, now.occasion_at
    case.echo, case.by_patient = now.echo, now.by_patient
    return corrected


def _came(event: Event, booking: Booking, known: Booking | None, *, is_load: bool) -> Snapshot:
    was_patients = known is not None and known.booked_by is BookedBy.PATIENT
    return Snapshot(
        occasion=SNAPSHOTS[event.type],
        patient=ring().digest(booking.patient.id),
        what=particulars_in(booking),
        words=words_in(booking),
        occurred_at=event.occurred_at,
        received_at=event.received_at,
        echo=booking.caused_by is not None,
        by_patient=booking.booked_by is BookedBy.PATIENT and not was_patients,
        replay=booking.replay is True,
        is_load=is_load,
    )


def _hold(case: Case, booking: Booking) -> None:
    """Keep the snapshot, and beside it what is searched by."""
    source, _, _ = case.key.partition(":")
    case.source, case.booking_id, case.unit = source, booking.id, booking.unit.hsa_id
    case.patient_hash = ring().digest(booking.patient.id)
    case.start = booking.start
    same = booking.same_visit
    case.same_visit = f"{same.source}:{same.id}" if same else None
    case.series = effect_keys.series(booking.patient.id, booking.series) if booking.series else None
    case.snapshot = booking.model_dump_json(exclude_unset=True)


# --- persons and units that have become others


def _known(connection: Connection, cases: Sequence[Case], said: Iterable[Mapping[str, Any]]) -> Known:
    """Who the patients, and where the units, of these cases and of what is told of them are now."""
    told = [each["booking"] for each in said if "patient" in each.get("booking", {})]
    patients = [ring().digest(each["patient"]["id"]) for each in told]
    held = [each for case in cases for each in (case.given_hash, case.patient_hash)]
    units = [each["unit"]["hsa_id"] for each in told]
    places = [each for case in cases for each in (case.given_unit, case.unit)]
    return identities.known(connection, [*patients, *held], [*units, *places])


def _as_known_now(booking: Booking, found: Known) -> Booking:
    now = {"patient": found.patient(booking.patient), "unit": found.at(booking.unit)}
    return booking.model_copy(update=now)


def _keep_given(case: Case, given: Booking) -> None:
    """Under whom, and at which unit, it was told, where that is another now."""
    number = ring().digest(given.patient.id)
    case.given_hash = None if number == case.patient_hash else number
    case.given_unit = None if given.unit.hsa_id == case.unit else given.unit.hsa_id


def _re_key(case: Case, found: Known) -> None:
    """A merge has come: the same booking, of who its patient and where its unit is now."""
    was = case.unit
    patient, unit = identities.re_key_person(case, found), identities.re_key_unit(case, found)
    if case.snapshot is None or not (patient or unit):
        return
    booking = Booking.model_validate_json(case.snapshot)
    now = {"patient": patient or booking.patient, "unit": unit or booking.unit}
    if case.told_unit == was:  # the place that the resident was told of is the same
        case.told_unit = unit.hsa_id if unit else was
    _hold(case, booking.model_copy(update=now))
