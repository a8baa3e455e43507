"""How a word on a patient's preferences changes what is held of them (onskemal-1, paminnelse-2, barn-5)."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import Connection

from engine import clock
from engine.process import Applied
from engine.timeline import Entry
from flows import identity_events
from models.case import Event, Outcome
from models.encryption import ring
from models.preferences import PatientPreferences, Preference, State
from models.staff import WISHES, Preferences
from routine.ages import swedish_day
from routine.decision import Decision
from routine.preferences import Name, Setter, Wish, Word, does_it_hold, lapses_at, may_be_set
from routine.reasons import Reason
from tasks import clients, identities
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
spread = identity_events.spread_over(PatientPreferences)


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
        for event in reversed(events[case.key]):
            outcomes[event.number or 0] = Outcome.APPLIED
            told += [(case, entry) for entry in _heard(connection, case, event, wishes)]
        _walk_on(case, wishes)
    identities.re_key(connection, cases)
    write(connection, [row for wishes in known.values() for row in wishes.values()])
    return Applied(outcomes, told, forget=outcomes.keys())


def _heard(connection: Connection, case: Case, event: Event, wishes: Wishes) -> list[Entry]:
    if identity_events.is_of_many(event):
        return [identity_events.entry(event)]
    given = Preferences.model_validate(json.loads(event.data)["preferences"])
    case.patient, case.patient_hash = given.patient.model_dump_json(), bytes.fromhex(case.key)
    case.given_hash = None
    unit, at = when_and_where(event, given)
    now = identities.known(connection, units=[unit]).unit(unit)
    return _apply_one(event, given, Place(unit, now, at), wishes)


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


@dataclass(frozen=True)
class Place:
    """Where words hold, as told and as it is known now (all care: empty), and from when on."""

    told: str
    now: str
    at: datetime


def _apply_one(event: Event, given: Preferences, where: Place, wishes: Wishes) -> list[Entry]:
    """Each word of the event by itself: does it count, and is it the newest?"""
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
            _hold(given, word, value, where, wishes, said, may)
        else:
            said.told("preferences", name, may)
    return said.entries()


def _value(given: object) -> object:
    """As it is kept: an empty list or address is a withdrawal too."""
    return given if given or given is False else None


def _hold(
    given: Preferences,
    word: Word,
    value: object,
    where: Place,
    wishes: Wishes,
    said: Said,
    may: Decision[bool],
) -> None:
    """Keep the word if it is the newest."""
    event, at = said.event, where.at
    before = wishes.get((where.now, word.name))
    decision = does_it_hold(Wish(value, at, event.source), _standing(before))
    is_told = decision.reason in (Reason.SAME_WISH, Reason.NEWER_HELD)
    said.told("preferences", word.name, decision if is_told else may)
    if not decision.allowed:
        return
    if decision.reason is Reason.NEWER_FROM_ANOTHER:
        said.told("preferences_conflict", word.name, decision)
    if in_shadow(where.now):
        shadow = Decision(False, Reason.UNIT_IN_SHADOW, "policy-skugga-1")
        said.told("preferences_worked_out", word.name, shadow)
    wishes[where.now, word.name] = Preference(
        patient_hash=ring().digest(given.patient.id),
        unit=where.told,
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
