"""What outer systems are asked about a resident: only what the decision turns out to need.

Asked for a chunk of cases right before its gate: as old as the asking took, seconds while the systems are
well, up to a call's deadline for each round of their threads while they are slow. A system that does not
answer leaves its part unknown, and the rules know what to do about that.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from engine import breaker, clock, incidents
from engine.errors import Incident, Refused, SystemDown, VaxelError
from engine.settings import SystemName
from engine.steps import threads
from models.identity import IdentityType, PatientId
from routine.decision import Decision, Wait
from routine.facts import Contact, ContactKind, Facts, Portal, Resident
from routine.reasons import Reason
from systems.person import ContactInformation, Person
from tasks import clients

Decide = Callable[[Facts], Decision[Any]]
Answer = TypeVar("Answer")
Key = TypeVar("Key")
ROOTS = {
    IdentityType.PERSONNUMMER: "1.2.752.129.2.1.3.1",
    IdentityType.SAMORDNINGSNUMMER: "1.2.752.129.2.1.3.3",
}
KINDS = {"sms": ContactKind.PHONE, "email": ContactKind.EMAIL}


def residents(
    known: Mapping[uuid.UUID, Facts], patients: Mapping[uuid.UUID, PatientId], decide: Decide
) -> dict[uuid.UUID, Resident]:
    """Ask until every decision can be made, or nothing more is to be had.

    Args:
        known: by case, what is known so far.
        decide: the rule; what it waits for is what is asked.
    """
    facts = {id: replace(each, waiting_since=None) for id, each in known.items()}
    asked: set[tuple[Reason, uuid.UUID]] = set()
    for _ in QUESTIONS:
        for reason, question in QUESTIONS.items():
            ids = [
                id
                for id, each in facts.items()
                if _needs(decide(each)) is reason and (reason, id) not in asked
            ]
            asked |= {(reason, id) for id in ids}
            for id, learnt in question({id: patients[id] for id in ids}).items():
                facts[id] = replace(facts[id], resident=replace(facts[id].resident, **learnt))
    return {id: each.resident for id, each in facts.items()}


def _needs(decision: Decision[Any]) -> Reason | None:
    return decision.reason if isinstance(decision.answer, Wait) else None


def register(patients: Mapping[Key, PatientId]) -> dict[Key, dict[str, Any]]:
    """Protected identity and death, from PU, 500 in a call; one whom PU does not know stays unknown."""
    return {
        id: {"protected": person.protected, "deceased": person.deceased}
        for id, person in _people(patients).items()
    }


@dataclass(frozen=True, slots=True)
class Guardian:
    """A guardian in the register. `protected`: protected identity; None: the register does not know them."""

    number: str = field(repr=False)
    protected: bool | None = field(repr=False)


def guardians(children: Mapping[Key, PatientId]) -> dict[Key, tuple[Guardian, ...]]:
    """The guardians of children, from PU, 500 in a call; a child of whom PU tells nothing is left out."""
    listed = {id: person.guardians or () for id, person in _people(children, relations=True).items()}
    kinds = {root: kind for kind, root in ROOTS.items()}
    people = {number: kinds[root] for each in listed.values() for root, number in each if root in kinds}
    marks = register({number: PatientId(id=number, type=kind) for number, kind in people.items()})
    return {
        id: tuple(Guardian(number, marks.get(number, {}).get("protected")) for _, number in each)
        for id, each in listed.items()
    }


def _people(patients: Mapping[Key, PatientId], *, relations: bool = False) -> dict[Key, Person]:
    """What PU says of those whom it knows."""
    wanted = [(ROOTS[patient.type], patient.id) for patient in patients.values() if patient.type in ROOTS]
    until = breaker.look(["person"]).get("person") if wanted else None
    if not wanted or _is_left_alone(until):
        return {}
    try:
        found = clients.person().people(wanted, relations=relations)
    except VaxelError as error:
        _note("person", error)
        return {}
    _heard("person", until)
    return {
        id: person for id, patient in patients.items() if (person := found.get(patient.id)) and person.known
    }


def _guardians(patients: Mapping[uuid.UUID, PatientId]) -> dict[uuid.UUID, dict[str, Any]]:
    """Whether the guardians of these children have protected identity."""
    found = guardians(patients)
    return {id: {"guardians": tuple(each.protected for each in found[id])} for id in found}


def _portal(patients: Mapping[uuid.UUID, PatientId]) -> dict[uuid.UUID, dict[str, Any]]:
    """Whether 1177 is used, and notifies."""
    found = _each("e1177", patients, lambda patient: clients.inbox().is_active(patient.id))
    return {id: {"portal": Portal(each.status, bool(each.methods))} for id, each in found.items()}


def _contacts(patients: Mapping[uuid.UUID, PatientId]) -> dict[uuid.UUID, dict[str, Any]]:
    """The ways of contact and wishes on record, from PU."""
    found = _each("person", patients, lambda p: clients.person().contact(p.id, ROOTS[p.type]))
    return {id: _wishes(each) for id, each in found.items()}


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


def _each(
    system: SystemName, patients: Mapping[uuid.UUID, PatientId], ask: Callable[[PatientId], Answer]
) -> dict[uuid.UUID, Answer]:
    """Ask for each person once, in the system's threads."""
    until = breaker.look([system]).get(system) if patients else None
    if not patients or _is_left_alone(until):
        return {}
    people = {patient.id: patient for patient in patients.values()}
    asked = {number: threads(system).submit(ask, patient) for number, patient in people.items()}
    answers = {
        number: answer for number, each in asked.items() if (answer := _answer(system, each)) is not None
    }
    if answers:
        _heard(system, until)
    return {id: answers[patient.id] for id, patient in patients.items() if patient.id in answers}


def _answer(system: SystemName, asked: Future[Answer]) -> Answer | None:
    try:
        return asked.result()
    except VaxelError as error:
        _note(system, error)
        return None


def _note(system: SystemName, error: VaxelError) -> None:
    """A system that is down as a whole is left alone for a while, whoever noticed it."""
    if isinstance(error, SystemDown):
        breaker.trip(system)
    if isinstance(error, Incident | Refused):
        incidents.note(system, error.reason)


def _is_left_alone(until: datetime | None) -> bool:
    return until is not None and until > clock.now()


def _heard(system: SystemName, until: datetime | None) -> None:
    """A system that was down has answered again."""
    if until is not None:
        breaker.close(system)


QUESTIONS: Mapping[Reason, Callable[[Mapping[uuid.UUID, PatientId]], dict[uuid.UUID, dict[str, Any]]]] = {
    Reason.PERSON_UNKNOWN: register,
    Reason.PORTAL_UNKNOWN: _portal,
    Reason.CONTACT_UNKNOWN: _contacts,
    Reason.GUARDIAN_UNKNOWN: _guardians,
}
