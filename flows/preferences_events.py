"""How a word on a patient's preferences changes what is held of them (onskemal-1, paminnelse-2, barn-5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import Connection

from engine import clock
from engine.process import Applied
from engine.timeline import Entry
from models.case import Event, Outcome
from models.encryption import ring
from models.preferences import PatientPreferences, Preference, State
from models.staff import WISHES, Preferences
from routine.ages import swedish_day
from routine.decision import Decision
from routine.preferences import Name, Setter, Wish, Word, does_it_hold, lapses_at, may_be_set
from routine.reasons import Reason
from tasks import clients
from tasks.preferences import (
    ON_1177,
    OURS,
    Wishes,
    held,
    in_shadow,
    is_wished,
    next_lapse,
    to_be_carried,
    when_and_where,
    write,
)

Case = PatientPreferences


def apply(
    connection: Connection, cases: Sequence[Case], events: Mapping[str, Sequence[Event]]
) -> Applied[Case]:
    """Apply the waiting events to claimed patients, each patient's in the order they came."""
    outcomes: dict[int, Outcome] = {}
    told: list[tuple[Case, Entry]] = []
    patients = {case.key: bytes.fromhex(case.key) for case in cases}
    known = held(connection, list(patients.values()))
    for case in cases:
        wishes = known[patients[case.key]]
        case.patient_hash = patients[case.key]
        for event in reversed(events[case.key]):
            outcomes[event.number or 0] = Outcome.APPLIED
            told += [(case, entry) for entry in _apply_one(case, event, wishes)]
        _walk_on(case, wishes)
    write(connection, [row for wishes in known.values() for row in wishes.values()])
    return Applied(outcomes, told, forget=outcomes.keys())


def _walk_on(case: Case, wishes: Wishes) -> None:
    case.parked, case.tries, case.waiting_since = None, 0, None
    if to_be_carried(wishes):
        case.state, case.due_at = State.CHANGED, clock.now()
    else:
        case.state, case.due_at = State.CARRIED, next_lapse(wishes)


@dataclass
class Said:
    """What comes of the words of one event: by what, why and clause, which preferences; never how they are set."""

    event: Event
    names: dict[tuple[str, Reason, str], list[str]] = field(default_factory=dict)

    def told(self, what: str, name: Name, decision: Decision[bool]) -> None:
        self.names.setdefault((what, decision.reason, decision.clause), []).append(str(name))

    def entries(self) -> list[Entry]:
        about: dict[str, str | int] = {"source": self.event.source, "event": str(self.event.id)}
        return [
            Entry(what, reason, clause, about | {"names": " ".join(names)})
            for (what, reason, clause), names in self.names.items()
        ]


def _apply_one(case: Case, event: Event, wishes: Wishes) -> list[Entry]:
    """Each word of the event by itself: does it count, and is it the newest?"""
    given = Preferences.model_validate(json.loads(event.data)["preferences"])
    case.patient = given.patient.model_dump_json()
    said = Said(event)
    for name in sorted(map(Name, WISHES & given.model_fields_set)):
        value = _value(getattr(given, name))
        word = Word(
            name=name,
            wished=is_wished(value),
            on_1177=event.source == ON_1177,
            by=Setter(given.set_by.role),
            birth=given.patient.birth_date,
        )
        may = may_be_set(word, swedish_day(clock.now()), clients.region())
        if may.allowed:
            _hold(event, given, word, value, wishes, said, may)
        else:
            said.told("preferences", name, may)
    return said.entries()


def _value(given: object) -> object:
    """As it is kept: an empty list or address is a withdrawal too."""
    return given if given or given is False else None


def _hold(
    event: Event,
    given: Preferences,
    word: Word,
    value: object,
    wishes: Wishes,
    said: Said,
    may: Decision[bool],
) -> None:
    """Keep the word if it is the newest."""
    unit, at = when_and_where(event, given)
    before = wishes.get((unit, word.name))
    decision = does_it_hold(Wish(value, at, event.source), _standing(before))
    is_told = decision.reason in (Reason.SAME_WISH, Reason.NEWER_HELD)
    said.told("preferences", word.name, decision if is_told else may)
    if not decision.allowed:
        return
    if decision.reason is Reason.NEWER_FROM_ANOTHER:
        said.told("preferences_conflict", word.name, decision)
    if in_shadow(unit):
        shadow = Decision(False, Reason.UNIT_IN_SHADOW, "policy-skugga-1")
        said.told("preferences_worked_out", word.name, shadow)
    wishes[unit, word.name] = Preference(
        patient_hash=ring().digest(given.patient.id),
        unit=unit,
        name=word.name,
        value=json.dumps(value),
        at=at,
        lapses_at=lapses_at(word.birth, word.wished, at, clients.region().ages),
        source=event.source,
        role=given.set_by.role,
        setter=given.set_by.id,
        # What the journal system says itself and we held already it need not be told.
        carried=decision.reason is Reason.SAME_WISH and event.source != ON_1177,
    )


def _standing(row: Preference | None) -> Wish | None:
    if row is None:
        return None
    return Wish(json.loads(row.value), row.at, None if row.source == OURS else row.source)


def spread(connection: Connection, events: Sequence[Event]) -> None:
    """No event of a patient's preferences concerns many."""
    raise ValueError("no such event")
