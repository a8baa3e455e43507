"""How the events of a booking change its case: it goes through its steps again as it now stands."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from engine.base import clock
from engine.tables.events import Batch, EventContext, Events, Unchanged, Waiting, handled
from engine.tables.timeline import Entry
from models.booking import BookedBy, Booking
from models.booking_messages import BookingCancelled, BookingEnded, BookingSnapshot
from models.booking_publication import BookingPublication, State
from models.case import Event, Outcome
from models.e_identification import LOGGED_IN
from models.encryption import ring
from models.stored_events import BookingCorrected, MessageFailed, Nothing, VisitJoined
from routine.occasion import LastKnown, Occasion, Snapshot, after, is_anothers
from routine.visit_form import is_form_by_care
from tasks import bulk_loads, identities, identity_events
from tasks.booking_publication import effect_keys, join_link, same_visit, undelivered, wrong_patient
from tasks.booking_publication.facts import due_when_settled
from tasks.booking_publication.particulars import last_known_of, particulars_in, remember_told, words_in
from tasks.booking_publication.visits import JOINED
from tasks.identities import Known
from tasks.messages import MESSAGE_FAILED, not_reached

Stored = BookingSnapshot | BookingCancelled | BookingCorrected
"""What is stored of an event that has the whole booking."""
SNAPSHOTS = {
    "booking.created": Occasion.BOOKED,
    "booking.changed": Occasion.CHANGED,
    "booking.cancelled": Occasion.CANCELLED,
    wrong_patient.FORMER: Occasion.CANCELLED,
}


@dataclass(frozen=True)
class Facts:
    """What is known of all cases of a batch.

    Args:
        loads: the numbers of those events that came in a bulk load.
        who: the patients, and where the units are, now.
        changed: each snapshot that has been applied, and where its case was before.
    """

    loads: set[int]
    who: Known = field(repr=False)
    changed: list[tuple[Event, BookingPublication, same_visit.Place]] = field(default_factory=list)


Context = EventContext[Facts]


def _facts_of(connection: Connection, waiting: Sequence[Waiting[BookingPublication]]) -> Facts:
    every = [event for each in waiting for event, _ in each.events]
    return Facts(bulk_loads.among(connection, every), _who(connection, waiting))


# --- the booking as it now stands


def _snapshot_told(case: BookingPublication, said: Stored, context: Context) -> Sequence[Entry]:
    """A snapshot of it, and what the resident is to hear of that."""
    _re_key(case, context.facts.who)
    context.facts.changed.append((context.event, case, same_visit.place_of(case)))
    corrected = _snapshot(case, _as_known_now(said.booking, context.facts.who), context)
    _keep_given(case, said.booking)
    if isinstance(said, BookingCorrected):
        case.corrected, case.letter_astray = True, said.letter
    _walk_again(case)
    applied = context.entry("event_applied", Outcome.APPLIED)
    return [applied, corrected] if corrected else [applied]


def _ended(case: BookingPublication, said: BookingEnded, context: Context) -> Entry:
    case.ended_at = context.event.occurred_at
    _walk_again(case)
    return context.entry("event_applied", Outcome.APPLIED)


def _also_told(case: BookingPublication, said: Nothing, context: Context) -> Entry:
    """Another system tells of the same visit."""
    _walk_again(case)
    return context.entry("event_applied", Outcome.APPLIED)


def _joined(case: BookingPublication, said: VisitJoined, context: Context) -> Unchanged:
    """Somebody has joined the visit: what rests goes on resting."""
    if case.state in (State.SETTLED, State.SHADOWED):
        case.due_at = due_when_settled(case, case.form_review_at)
    return Unchanged(context.entry("joined", said.reason, said.clause))


def _notice_not_reached(case: BookingPublication, said: MessageFailed, context: Context) -> Entry | Unchanged:
    entry = not_reached("notice", context.event)
    return entry if undelivered.take_up(case, said.key) else Unchanged(entry)


def _has_logged_in(case: BookingPublication, said: Nothing, context: Context) -> Entry | Unchanged:
    """Whoever is to join it has logged in: what staff were asked is looked at again, once the rest is done."""
    entry = context.entry("event_applied", Outcome.APPLIED)
    if case.parked or case.form_task is None or case.state == State.CLOSED:
        return Unchanged(entry)
    case.form_review_at = clock.now()
    if case.state == State.SETTLED:
        case.due_at = case.form_review_at
    return entry


def _walk_again(case: BookingPublication) -> None:
    """The case goes through its steps again; what has been done is not done twice."""
    case.waiting_since = None
    known = case.snapshot is not None
    case.state = State.RECEIVED if known else State.CLOSED
    case.due_at = clock.now() if known else None


def _snapshot(case: BookingPublication, booking: Booking, context: Context) -> Entry | None:
    """Take in a booking as it now stands, and what the resident is to hear of it."""
    known = Booking.model_validate_json(case.snapshot) if case.snapshot else None
    if known:
        remember_told(case, known)
    was, came = last_known_of(case, known), _came(booking, known, context)
    corrected = wrong_patient.part(case, was, context) if is_anothers(was, came) else None
    now = after(was, came)
    _note_who_said(case, was, came, known, booking)
    _hold(case, booking)
    case.ended_at = None
    case.cancelled, case.replayed, case.booked_at = now.cancelled, now.silent, now.booked_at
    case.time_at, case.reworded_at, case.letter_failed = now.time_at, now.reworded_at, now.letter_failed
    case.occasion, case.occasion_at = now.occasion, now.occasion_at
    case.echo, case.by_patient = now.echo, now.by_patient
    case.echo_of = (booking.caused_by or case.echo_of) if now.echo else None
    return corrected


def _came(booking: Booking, known: Booking | None, context: Context) -> Snapshot:
    event = context.event
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
        is_load=event.number in context.facts.loads,
    )


def _note_who_said(
    case: BookingPublication, was: LastKnown, came: Snapshot, known: Booking | None, booking: Booking
) -> None:
    """Since when it says of e-identification what it does, and whether its form is still the patient's choice."""
    is_new = known is None or is_anothers(was, came)
    if known is None or is_new or known.e_id_confirmed is not booking.e_id_confirmed:
        case.e_id_at = came.occurred_at
    case.form_by_care = is_form_by_care(
        was.what.form,
        came.what.form,
        by_care=case.form_by_care,
        is_patients=is_new or came.by_patient or came.echo,
    )


def _hold(case: BookingPublication, booking: Booking) -> None:
    """Keep the snapshot, and beside it what is searched by."""
    source, _, _ = case.key.partition(":")
    case.source, case.booking_id, case.unit = source, booking.id, booking.unit.hsa_id
    case.patient_hash = ring().digest(booking.patient.id)
    case.start = booking.start
    same = booking.same_visit
    case.same_visit = f"{same.source}:{same.id}" if same else None
    case.series = effect_keys.series(booking.patient.id, booking.series) if booking.series else None
    case.snapshot = booking.model_dump_json(exclude_unset=True)
    join_link.make(case, booking)


# --- persons and units that have become others


def _merged(case: BookingPublication, said: Nothing, context: Context) -> Entry:
    """The same booking, of who its patient and where its unit is now; or whether the patient lives."""
    _re_key(case, context.facts.who)
    _walk_again(case)
    return identity_events.noted(case, said, context)


def _who(connection: Connection, waiting: Sequence[Waiting[BookingPublication]]) -> Known:
    """Who the patients, and where the units, of these cases and of what is told of them are now."""
    cases = [each.case for each in waiting]
    every = [said for each in waiting for _, said in each.events]
    told = [said.booking for said in every if isinstance(said, Stored)]
    patients = [ring().digest(booking.patient.id) for booking in told]
    held = [each for case in cases for each in (case.given_hash, case.patient_hash)]
    units = [booking.unit.hsa_id for booking in told]
    places = [each for case in cases for each in (case.given_unit, case.unit)]
    return identities.known(connection, [*patients, *held], [*units, *places])


def _as_known_now(booking: Booking, found: Known) -> Booking:
    now = {"patient": found.patient(booking.patient), "unit": found.at(booking.unit)}
    return booking.model_copy(update=now)


def _keep_given(case: BookingPublication, given: Booking) -> None:
    """Under whom, and at which unit, it was told, where that is another now."""
    number = ring().digest(given.patient.id)
    case.given_hash = None if number == case.patient_hash else number
    case.given_unit = None if given.unit.hsa_id == case.unit else given.unit.hsa_id


def _re_key(case: BookingPublication, found: Known) -> None:
    was = case.unit
    patient, unit = identities.re_key_person(case, found), identities.re_key_unit(case, found)
    if case.snapshot is None or not (patient or unit):
        return
    booking = Booking.model_validate_json(case.snapshot)
    now = {"patient": patient or booking.patient, "unit": unit or booking.unit}
    if case.told_unit == was:  # the place that the resident was told of is the same
        case.told_unit = unit.hsa_id if unit else was
    _hold(case, booking.model_copy(update=now))


# --- what follows


def _tell_same_visits(batch: Batch[BookingPublication, Facts]) -> None:
    for also_told in same_visit.also_told(batch.connection, batch.facts.changed):
        batch.put(also_told)


EVENTS: Events[BookingPublication, Facts] = Events(
    BookingPublication,
    [
        handled("booking.created", BookingSnapshot, _snapshot_told),
        handled("booking.changed", BookingSnapshot, _snapshot_told),
        handled("booking.cancelled", BookingCancelled, _snapshot_told),
        handled(wrong_patient.FORMER, BookingCorrected, _snapshot_told),
        handled("booking.ended", BookingEnded, _ended),
        handled(same_visit.ALSO_TOLD, Nothing, _also_told),
        handled(JOINED, VisitJoined, _joined),
        handled(MESSAGE_FAILED, MessageFailed, _notice_not_reached),
        handled(LOGGED_IN, Nothing, _has_logged_in),
        *(handled(name, Nothing, _merged) for name in identity_events.TOLD),
    ],
    load=_facts_of,
    then=_tell_same_visits,
    spread=identity_events.spread_over(BookingPublication),
    forgets=False,
)
