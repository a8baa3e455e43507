"""How events change a file's case: it is asked for, deleted, journalled, wished again; or opens no more."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from engine import access_log, clock
from engine.access_log import Act
from engine.events import Applied
from engine.timeline import Entry
from models.case import Event, Outcome
from models.encryption import ring
from models.identity import Staff
from models.image_transfer import FETCHING, GONE, LIES_THERE, NOTHING_FOUND, ImageTransfer, State
from models.transfer import DELETED, JOURNALLED, UNREADABLE, WISHED_AGAIN, Transfer
from routine.image_transfer import Ending, is_removed, may_be_fetched_again, reminded_at
from routine.images import is_over
from tasks import clients, identities, identity_events
from tasks.image_transfer import accesses, stored

REQUESTED = "transfer.requested"
Case = ImageTransfer


def apply(
    connection: Connection, cases: Sequence[Case], events: Mapping[str, Sequence[Event]]
) -> Applied[Case]:
    """Apply the waiting events to claimed cases, each case's in the order they came."""
    outcomes: dict[int, Outcome] = {}
    told: list[tuple[Case, Entry]] = []
    for case in cases:
        for event in reversed(events[case.key]):
            case.parked, case.tries, case.waiting_since = None, 0, None
            outcomes[event.number or 0] = Outcome.APPLIED
            told.append((case, _heard(connection, case, event)))
        case.due_at = due_at(case)
    identities.re_key(connection, cases)
    return Applied(outcomes, told, forget=outcomes.keys())


def due_at(case: Case) -> datetime | None:
    """When a case is taken up again as it stands, where nothing has come of it."""
    if case.state in (State.TOLD, State.REMINDED) and case.deleted_at:
        until = case.deleted_at
        return reminded_at(until, clients.region()) if case.state == State.TOLD else until
    at_rest = case.state in (State.DELETED, State.SHADOWED) or case.requested_at is None
    return None if at_rest else clock.now()


def _heard(connection: Connection, case: Case, event: Event) -> Entry:
    if identity_events.is_of_many(event):
        return identity_events.entry(event)
    return _HEARD[event.type](connection, case, event, json.loads(event.data))


def _entry(event: Event, what: str, reason: str, clause: str = "") -> Entry:
    return Entry(what, reason, clause, detail={"type": event.type, "event": str(event.id)})


# --- asked for


def _requested(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """A member of staff asks for it; told again it changes nothing."""
    if case.requested_at is not None:
        return _entry(event, "event_ignored", "known")
    given = Transfer.model_validate(data["transfer"])
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
    case.requested_at, case.fetches, case.state = event.received_at, 1, State.REQUESTED
    return _entry(event, "file_requested", "applied", "bilder-1")


def _wished_again(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """It is fetched anew, if it is not there (bilder-4). What still lay there when its time was over has expired."""
    decision = may_be_fetched_again(lies_there=_is_there(case, event.received_at))
    if not decision.allowed:
        return _entry(event, "event_ignored", decision.reason, decision.clause)
    if stored.drop_keys(connection, [case.id]):
        accesses.log(connection, [accesses.by_itself(case, Act.EXPIRE)])
    case.requested_at, case.fetches = event.received_at, case.fetches + 1
    for column, nothing in NOTHING_FOUND.items():
        setattr(case, column, nothing)
    case.journalled_at, case.reason, case.state = None, None, State.REQUESTED
    return _entry(event, "file_wished_again", decision.reason, decision.clause)


def _is_there(case: Case, at: datetime) -> bool:
    """Is it on its way, or does it lie there? Past its time it does not, though it has not been removed yet."""
    if case.state in FETCHING:
        return True
    over = case.deleted_at is None or is_over(case.deleted_at, at).allowed
    return case.state in LIES_THERE and not over


# --- gone from the storage


def _discarded(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """Its owner has deleted it, or does not want it any more."""
    return _leaves(connection, case, event, Ending.DISCARDED)


def _unreadable(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """What lies there opens no more: its key is gone, or its bytes have changed."""
    return _leaves(connection, case, event, Ending.UNREADABLE)


def _journalled(connection: Connection, case: Case, event: Event, data: dict[str, Any]) -> Entry:
    """It is in the journal: nobody needs what lies of it in the storage; it may be gone already (policy-bild-5)."""
    entry = _leaves(connection, case, event, Ending.JOURNALLED)
    if case.state == State.JOURNALLED and entry.what != "event_ignored":
        case.journalled_at = event.occurred_at
        if not data.get("logged"):
            by = Staff.model_validate(data["by"])
            access_log.write(connection, [accesses.by_staff(case, by, Act.JOURNALLED)], clock.now())
    return entry


def _leaves(connection: Connection, case: Case, event: Event, ending: Ending) -> Entry:
    """Nothing opens it from now on; its bytes go next."""
    there, was_there = case.state in LIES_THERE | FETCHING, case.state in GONE
    decision = is_removed(ending, lies_there=there, was_there=was_there)
    if not decision.allowed:
        return _entry(event, "event_ignored", decision.reason, decision.clause)
    stored.drop_keys(connection, [case.id])
    case.state = State.JOURNALLED if ending is Ending.JOURNALLED else State.DISCARDED
    case.reason = str(decision.reason)
    case.deleted_at = min(case.deleted_at or event.received_at, event.received_at)
    return _entry(event, "file_ended", decision.reason, decision.clause)


_HEARD: Mapping[str, Callable[[Connection, Case, Event, dict[str, Any]], Entry]] = {
    REQUESTED: _requested,
    WISHED_AGAIN: _wished_again,
    DELETED: _discarded,
    UNREADABLE: _unreadable,
    JOURNALLED: _journalled,
}
