"""How a press becomes a case."""

from __future__ import annotations

from engine.base import clock
from engine.tables.events import Batch, Entries, EventContext, Events, Unchanged, handled, no_facts
from models.check_in import PRESSED, CheckedIn, CheckIn
from tasks import identities, identity_events, people


def _pressed(case: CheckIn, said: CheckedIn, context: EventContext[None]) -> Entries:
    """They have come; a second press is no news."""
    if case.pressed_at is not None:
        return Unchanged(context.entry("event_ignored", "known"))
    case.patient, case.patient_hash = said.patient.model_dump_json(), people.digest(said.patient)
    case.booking_case, case.booking_id = said.case, said.booking
    case.unit, case.unit_name = said.unit.hsa_id, said.unit.name
    case.pressed_at, case.due_at = context.event.occurred_at, clock.now()
    return context.entry("check_in", "applied", "policy-incheckning-1")


def _re_key(batch: Batch[CheckIn, None]) -> None:
    identities.re_key(batch.connection, batch.cases)


EVENTS: Events[CheckIn, None] = Events(
    CheckIn,
    [handled(PRESSED, CheckedIn, _pressed), *identity_events.handled_in_a_case()],
    load=no_facts,
    then=_re_key,
    has_begun=lambda case: case.pressed_at is not None,
    spread=identity_events.spread_over(CheckIn),
)
