"""How what somebody asks for becomes a case."""

from __future__ import annotations

from engine.base import clock
from engine.tables.events import Batch, Entries, EventContext, Events, Unchanged, handled, no_facts
from models.self_service import REQUESTED, SelfService, ServiceRequest
from tasks import identities, identity_events, people
from tasks.self_service import said_beside


def _requested(case: SelfService, said: ServiceRequest, context: EventContext[None]) -> Entries:
    """Somebody asks for it; a repeat is no news."""
    if case.requested_at is not None:
        return Unchanged(context.entry("event_ignored", "known"))
    case.request, case.said = said.model_dump_json(exclude_unset=True), said_beside.hashes_of(said)
    case.patient, case.patient_hash = said.patient.model_dump_json(), people.digest(said.patient)
    case.unit, case.service, case.booking_id = said.unit, said.service, said.booking
    case.requested_at, case.due_at = context.event.occurred_at, clock.now()
    clause = "besok-4" if said.service == "book" else "besok-3"
    return context.entry("asked_for", "applied", clause, service=said.service)


def _as_known_now(batch: Batch[SelfService, None]) -> None:
    identities.re_key(batch.connection, batch.cases)


EVENTS: Events[SelfService, None] = Events(
    SelfService,
    [handled(REQUESTED, ServiceRequest, _requested), *identity_events.handled_in_a_case()],
    load=no_facts,
    then=_as_known_now,
    has_begun=lambda case: case.requested_at is not None,
    spread=identity_events.spread_over(SelfService),
)
