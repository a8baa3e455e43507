"""What outer systems are asked about a resident: only what the decision turns out to need.

A system that does not answer leaves its part unknown, and the rules know what to do about that.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar

from engine.outer.looks import Ask
from engine.outer.questions import K, Kind, V
from models.identity import IdentityType, PatientId
from routine.decision import Decision, Wait
from routine.facts import Contact, ContactKind, Portal, Resident, Situation
from routine.reasons import Reason
from systems.e1177 import Active
from systems.person import MAX_PERSONS, ContactInformation, Person
from tasks import clients

S = TypeVar("S", bound=Situation)
Decide = Callable[[S], Decision[Any]]
Number = tuple[str, str]
"""The root (OID) of a kind of identity number, and the number."""
MARKS_HOLD = 2.0
"""Seconds for which the register's word on a person counts: someone may be protected from one moment to the next."""
HOLD = 4.0
"""As long for what else is asked: a call has to begin within 5 s of the oldest answer that let it through
(`GATE_SECONDS`), and needs a moment to."""
ROOTS = {
    IdentityType.PERSONNUMMER: "1.2.752.129.2.1.3.1",
    IdentityType.SAMORDNINGSNUMMER: "1.2.752.129.2.1.3.3",
}
KINDS = {"sms": ContactKind.PHONE, "email": ContactKind.EMAIL}


def one(ask: Callable[[K], V]) -> Callable[[Sequence[K]], Mapping[K, V]]:
    """A call that takes one key, as a kind of question has it."""
    return lambda keys: {key: ask(key) for key in keys}


def _people(*, relations: bool) -> Callable[[Sequence[Number]], Mapping[Number, Person]]:
    """What PU says of those whom it knows."""

    def ask(numbers: Sequence[Number]) -> Mapping[Number, Person]:
        found = clients.person().people(numbers, relations=relations)
        return {each: person for each in numbers if (person := found.get(each[1])) and person.known}

    return ask


MARKS = Kind("marks", "person", MARKS_HOLD, _people(relations=False), MAX_PERSONS)
"""Protected identity and death; one whom PU does not know stays unknown."""
RELATIONS = Kind("relations", "person", MARKS_HOLD, _people(relations=True), MAX_PERSONS)
"""With them a child's guardians, and a guardian's children."""
CONTACTS: Kind[Number, ContactInformation] = Kind(
    "contacts", "person", HOLD, one(lambda number: clients.person().contact(number[1], number[0]))
)
"""The ways of contact and wishes on record."""
ACTIVE: Kind[str, Active] = Kind(
    "active", "e1177", HOLD, one(lambda number: clients.inbox().is_active(number))
)
"""Whether 1177 is used, and notifies."""


def resident(facts: S, patient: PatientId, decide: Decide[S], ask: Ask) -> Resident:
    """What is known of a resident when the decision can be made, or nothing more is to be had.

    Args:
        facts: what is known so far.
        decide: the rule; what it waits for is what is asked.
    """
    facts, asked = replace(facts, waiting_since=None), set()
    while (reason := _needs(decide(facts))) in QUESTIONS and reason not in asked:
        asked.add(reason)
        facts = replace(facts, resident=replace(facts.resident, **QUESTIONS[reason](patient, ask)))
    return facts.resident


def _needs(decision: Decision[Any]) -> Reason | None:
    return decision.reason if isinstance(decision.answer, Wait) else None


def number_of(patient: PatientId) -> Number | None:
    """As the register has it; None: it can't be asked of a reservnummer."""
    root = ROOTS.get(patient.type)
    return (root, patient.id) if root else None


def marks(patient: PatientId, ask: Ask) -> Person | None:
    """Protected identity and death, from PU; None: it has not answered, or knows nothing."""
    number = number_of(patient)
    return ask(MARKS, number) if number else None


def relations(person: PatientId, ask: Ask) -> Person | None:
    """The marks of a person with whose guardian and whose ward they are, from PU; None: as `marks`."""
    number = number_of(person)
    return ask(RELATIONS, number) if number else None


def guardians(child: PatientId, ask: Ask) -> tuple[Number, ...] | None:
    """Who a child's guardians are, from PU; None: it has not answered, or knows nothing of the child."""
    found = relations(child, ask)
    return None if found is None else found.guardians or ()


def _register(patient: PatientId, ask: Ask) -> dict[str, Any]:
    found = marks(patient, ask)
    return {"protected": found.protected, "deceased": found.deceased} if found else {}


def _guardians(child: PatientId, ask: Ask) -> dict[str, Any]:
    """Whether the guardians of a child have protected identity; None of one whom the register does not know."""
    listed = guardians(child, ask)
    if listed is None:
        return {}
    found = ask.all(MARKS, [each for each in listed if each[0] in ROOTS.values()])
    people = [found.get(each) for each in listed]
    return {"guardians": tuple(person.protected if person else None for person in people)}


def _portal(patient: PatientId, ask: Ask) -> dict[str, Any]:
    found = ask(ACTIVE, patient.id)
    return {"portal": Portal(found.status, bool(found.methods))} if found else {}


def _contacts(patient: PatientId, ask: Ask) -> dict[str, Any]:
    number = number_of(patient)
    found = ask(CONTACTS, number) if number else None
    return _wishes(found) if found else {}


def _wishes(given: ContactInformation) -> dict[str, Any]:
    contacts = tuple(
        Contact(
            kind=KINDS[each.kind], value=each.value, wished=each.wished, rank=each.rank,
            since=each.registered, until=each.ended,
        )
        for each in given.channels
    )  # fmt: skip
    protected = {"protected": True} if given.protected else {}
    registered = {"digital_only": given.digital_only, "registered_at": given.changed_at}
    return {"contacts": contacts, **registered, **protected}


QUESTIONS: Mapping[Reason | None, Callable[[PatientId, Ask], dict[str, Any]]] = {
    Reason.PERSON_UNKNOWN: _register,
    Reason.PORTAL_UNKNOWN: _portal,
    Reason.CONTACT_UNKNOWN: _contacts,
    Reason.GUARDIAN_UNKNOWN: _guardians,
}
