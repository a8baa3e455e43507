"""What patients wish just now, at a unit: here letters, notices and reminders read it, and nowhere else.

A word counts from the moment when it is stored, whether or not it has been applied: what a patient withdraws ends at
once, also for what is planned. Words of all the patient's numbers count, and those of all that their unit has been.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache

from sqlalchemy import Connection
from sqlmodel import col
from sqlmodel.sql.expression import SelectOfScalar

from engine.base import clock
from engine.base.database import among_given, load
from engine.tables import inbox
from engine.tables.timeline import Entry
from models.case import Event
from models.encryption import ring
from models.preferences import PatientPreferences, Preference
from models.staff import WISHES, Preferences, PreferencesChanged
from routine.ages import swedish_day
from routine.decision import Decision
from routine.facts import Wish, Wishes
from routine.preferences import Name, Setter, Word, does_it_hold, lapses_at, may_be_set
from routine.reasons import Reason
from routine.wishes import newest
from tasks import clients, identities
from tasks.preferences.stored import (
    ALL_CARE,
    ON_1177,
    OURS,
    Stored,
    in_shadow,
    is_wished,
    stored_preferences,
    when_and_where,
)

CHANGED = "preferences.changed"


def at_units(
    connection: Connection, asked: Iterable[tuple[bytes, str]], who: identities.Known | None = None
) -> dict[tuple[bytes, str], Wishes]:
    """The newest words of patients (keyed hashes) at units (HSA-ids), as a rule takes them.

    Args:
        who: the patients are now, where that is known already.
    """
    wanted = set(asked)
    found = wishes_now(connection, sorted({patient for patient, _ in wanted}), who)
    now = identities.known(connection, units=[unit for _, unit in wanted] if any(found.values()) else [])
    return {(patient, unit): _wishes_at(found[patient], now.unit(unit)) for patient, unit in wanted}


def _wishes_at(wishes: Stored, unit: str) -> Wishes:
    if not wishes:
        return Wishes()
    words = {
        str(name): newest(_as_said(wishes.get((where, name)), where) for where in (ALL_CARE, unit))
        for name in Name
    }
    return Wishes(**words)


def wishes_now(
    connection: Connection, patients: Sequence[bytes], who: identities.Known | None = None
) -> dict[bytes, Stored]:
    """By patient, every preference as it stands now, with the words that are stored and not yet applied.

    Args:
        who: the patients are now, where that is known already.
    """
    who = who or identities.known(connection, patients)
    found = stored_preferences(connection, patients, who)
    numbers = {number.hex(): patient for patient in patients for number in who.numbers(patient)}
    for event in _waiting(connection, list(numbers)):
        if event.type == CHANGED:
            said = PreferencesChanged.model_validate_json(event.data)
            hear(connection, event, said.preferences, found[numbers[event.key]])
    return found


def _waiting(connection: Connection, keys: Sequence[str]) -> list[Event]:
    return load(connection, _waiting_words(), {"keys": list(keys)})


@cache
def _waiting_words() -> SelectOfScalar[Event]:
    return inbox.unapplied(PatientPreferences.PROCESS).where(among_given(col(Event.key), "keys"))


# --- what a word changes


def hear(connection: Connection, event: Event, given: Preferences, wishes: Stored) -> list[Entry]:
    """Take the words of one event into what is held; gives what is to be told of them.

    Each by itself: does it count, and is it the newest?
    """
    unit, at = when_and_where(event, given)
    now = identities.known(connection, units=[unit]).unit(unit)
    return _each(event, given, Place(unit, now, at), wishes)


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


def _each(event: Event, given: Preferences, where: Place, wishes: Stored) -> list[Entry]:
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
    wishes: Stored,
    said: Said,
    may: Decision[bool],
) -> None:
    """Keep the word if it is the newest."""
    event, at = said.event, where.at
    before = wishes.get((where.now, word.name))
    decision = does_it_hold(Wish(value, at, event.source), _as_said(before, where.now))
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


def _as_said(row: Preference | None, unit: str) -> Wish | None:
    if row is None:
        return None
    source = None if row.source == OURS else row.source
    return Wish(json.loads(row.value), row.at, source, row.role, unit or None)


def phones_of(connection: Connection, patient: bytes) -> list[str]:
    """The phone numbers that the patient has given, for all care or at a unit, as they wrote them."""
    wishes = stored_preferences(connection, [patient]).get(patient, {})
    said = [json.loads(row.value) for row in wishes.values() if row.name == Name.PHONE]
    return [number for number in said if number]
