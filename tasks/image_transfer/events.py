"""How events change a file's case: it is asked for, deleted, journalled, wished again; or opens no more."""

from __future__ import annotations

from datetime import datetime

from engine.base import clock
from engine.ops import access_log
from engine.ops.access_log import Act
from engine.tables.events import Batch, EventContext, Events, handled, no_facts, spread
from engine.tables.timeline import Entry
from models.encryption import ring
from models.image_transfer import FETCHING, GONE, LIES_THERE, NOTHING_FOUND, ImageTransfer, State
from models.stored_events import FileJournalled, FileRequested, Nothing
from models.transfer import (
    DELETED,
    JOURNALLED,
    REQUESTED,
    UNREADABLE,
    WISHED_AGAIN,
    TransferJournalled,
    TransferRequested,
)
from routine.image_transfer import Ending, is_removed, may_be_fetched_again, reminded_at
from routine.images import is_file_over
from tasks import clients, identities, identity_events
from tasks.image_transfer import accesses, stored
from tasks.image_transfer.spreading import to_each_file, to_their_own_file

Context = EventContext[None]


def due_at(case: ImageTransfer) -> datetime | None:
    """When a case is taken up again as it stands, where nothing has come of it."""
    if case.state in (State.TOLD, State.REMINDED) and case.deleted_at:
        until = case.deleted_at
        return reminded_at(until, clients.region()) if case.state == State.TOLD else until
    at_rest = case.state in (State.DELETED, State.SHADOWED) or case.requested_at is None
    return None if at_rest else clock.now()


# --- asked for


def _requested(case: ImageTransfer, said: FileRequested, context: Context) -> Entry:
    """A member of staff asks for it; told again it changes nothing."""
    if case.requested_at is not None:
        return context.entry("event_ignored", "known")
    given = said.transfer
    (attachment,) = given.attachments
    case.transfer, case.system, case.contact_id = given.id, given.from_, given.contact
    case.ref, case.filename = attachment.ref, attachment.filename
    case.staff, case.owner_id = given.by.model_dump_json(), given.by.hsa_id.upper()
    case.patient, case.patient_hash = given.patient.model_dump_json(), ring().digest(given.patient.id)
    case.unit, case.unit_name, case.given_hash, case.given_unit = (
        given.unit.hsa_id,
        given.unit.name,
        None,
        None,
    )
    case.requested_at, case.fetches, case.state = context.event.received_at, 1, State.REQUESTED
    return context.entry("file_requested", "applied", "bilder-1")


def _wished_again(case: ImageTransfer, said: Nothing, context: Context) -> Entry:
    """It is fetched anew, if it is not there (bilder-4). What still lay there when its time was over has expired."""
    connection, event = context.connection, context.event
    decision = may_be_fetched_again(lies_there=_is_there(case, event.received_at))
    if not decision.allowed:
        return context.entry("event_ignored", decision.reason, decision.clause)
    if stored.drop_keys(connection, [case.id]):
        accesses.log(connection, [accesses.by_itself(case, Act.EXPIRE)])
    case.requested_at, case.fetches = event.received_at, case.fetches + 1
    for column, nothing in NOTHING_FOUND.items():
        setattr(case, column, nothing)
    case.journalled_at, case.reason, case.state = None, None, State.REQUESTED
    return context.entry("file_wished_again", decision.reason, decision.clause)


def _is_there(case: ImageTransfer, at: datetime) -> bool:
    """Is it on its way, or does it lie there? Not where it is parked on it, nor past its time, removed or not."""
    if case.state in FETCHING:
        return case.parked is None
    over = case.deleted_at is None or is_file_over(case.deleted_at, at).allowed
    return case.state in LIES_THERE and not over


# --- gone from the storage


def _discarded(case: ImageTransfer, said: Nothing, context: Context) -> Entry:
    """Its owner has deleted it, or does not want it any more."""
    return _leaves(case, context, Ending.DISCARDED)


def _unreadable(case: ImageTransfer, said: Nothing, context: Context) -> Entry:
    """What lies there opens no more: its key is gone, or its bytes have changed."""
    return _leaves(case, context, Ending.UNREADABLE)


def _journalled(case: ImageTransfer, said: FileJournalled, context: Context) -> Entry:
    """It is in the journal: nobody needs what lies of it in the storage; it may be gone already (policy-bild-5)."""
    entry = _leaves(case, context, Ending.JOURNALLED)
    if case.state == State.JOURNALLED and entry.what != "event_ignored":
        case.journalled_at = context.event.occurred_at
        if not said.logged:
            assert said.by is not None
            access = accesses.by_staff(case, said.by, Act.JOURNALLED)
            access_log.write(context.connection, [access], clock.now())
    return entry


def _leaves(case: ImageTransfer, context: Context, ending: Ending) -> Entry:
    """Nothing opens it from now on; its bytes go next."""
    connection, event = context.connection, context.event
    there, was_there = case.state in LIES_THERE | FETCHING, case.state in GONE
    decision = is_removed(ending, lies_there=there, was_there=was_there)
    if not decision.allowed:
        return context.entry("event_ignored", decision.reason, decision.clause)
    stored.drop_keys(connection, [case.id])
    case.state = State.JOURNALLED if ending is Ending.JOURNALLED else State.DISCARDED
    case.reason = str(decision.reason)
    case.deleted_at = min(case.deleted_at or event.received_at, event.received_at)
    return context.entry("file_ended", decision.reason, decision.clause)


def _set_due(batch: Batch[ImageTransfer, None]) -> None:
    for case in batch.cases:
        case.waiting_since, case.due_at = None, due_at(case)
    identities.re_key(batch.connection, batch.cases)


EVENTS: Events[ImageTransfer, None] = Events(
    ImageTransfer,
    [
        handled(REQUESTED, FileRequested, _requested),
        handled(WISHED_AGAIN, Nothing, _wished_again),
        handled(DELETED, Nothing, _discarded),
        handled(UNREADABLE, Nothing, _unreadable),
        handled(JOURNALLED, FileJournalled, _journalled),
        *identity_events.handled_in_a_case(),
    ],
    load=no_facts,
    then=_set_due,
    spread=[
        *identity_events.spread_over(ImageTransfer),
        spread(REQUESTED, TransferRequested, to_each_file),
        spread(JOURNALLED, TransferJournalled, to_their_own_file),
    ],
)
