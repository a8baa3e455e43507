"""How a word on a patient's preferences changes what is held of them (onskemal-1, paminnelse-2, barn-5)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from engine.base import clock
from engine.tables.events import Batch, EventContext, Events, Waiting, handled
from engine.tables.timeline import Entry
from models.preferences import PatientPreferences, State
from models.staff import PreferencesChanged
from tasks import identities, identity_events
from tasks.preferences import wishes as wishes_now
from tasks.preferences.stored import Stored, next_lapse, stored_preferences, to_be_carried, write_preferences


@dataclass(frozen=True)
class Wishes:
    """By the key of a patient's case, what is held of them; two numbers of one patient have the same."""

    of: dict[str, Stored] = field(repr=False)


def _wishes_of(connection: Connection, waiting: Sequence[Waiting[PatientPreferences]]) -> Wishes:
    patients = {each.case.key: bytes.fromhex(each.case.key) for each in waiting}
    known = stored_preferences(connection, list(patients.values()))
    return Wishes({key: known[patient] for key, patient in patients.items()})


def _changed(
    case: PatientPreferences, said: PreferencesChanged, context: EventContext[Wishes]
) -> Sequence[Entry]:
    given = said.preferences
    case.patient, case.patient_hash = given.patient.model_dump_json(), bytes.fromhex(case.key)
    case.given_hash = None
    return wishes_now.hear(context.connection, context.event, given, context.facts.of[case.key])


def _carry_next(batch: Batch[PatientPreferences, Wishes]) -> None:
    """Carried next, or due when something lapses."""
    wishes = batch.facts.of
    for case in batch.cases:
        case.waiting_since = None
        if to_be_carried(wishes[case.key]):
            case.state, case.due_at = State.CHANGED, clock.now()
        else:
            case.state, case.due_at = State.CARRIED, next_lapse(wishes[case.key])
    identities.re_key(batch.connection, batch.cases)
    write_preferences(batch.connection, [row for each in wishes.values() for row in each.values()])


EVENTS: Events[PatientPreferences, Wishes] = Events(
    PatientPreferences,
    [
        handled(wishes_now.CHANGED, PreferencesChanged, _changed),
        *identity_events.handled_in_a_case(),
    ],
    load=_wishes_of,
    then=_carry_next,
    spread=identity_events.spread_over(PatientPreferences),
)
