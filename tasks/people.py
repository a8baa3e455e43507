"""Who is written to in a contact, and what stands in the way: asked anew before anything leaves."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Protocol

from sqlalchemy import Connection

from engine.base import clock
from engine.outer import incidents
from engine.outer.looks import Ask, Looks
from engine.steps import verdicts
from models.case import Case
from models.encryption import ring
from models.identity import PatientId, kind_of
from models.times import later
from routine.ages import swedish_day
from routine.children import Role, does_guardian_act
from routine.gate import Addressee
from routine.identity import Life, is_death_disputed
from tasks import clients, identities, resident_lookup
from tasks.risk_alert import standing_risks

ASK_AGAIN = timedelta(seconds=20)
HUMAN_ASKED_AGAIN = timedelta(seconds=5)
"""How soon it is looked again whether a human has acted."""


class Acted(Protocol):
    """Something that somebody does for a patient, by themselves or by a proxy.

    `patient`: JSON of a `PatientId`; `proxy`: an identity number; `role`: of `Role`.
    """

    id: uuid.UUID
    patient: str | None
    proxy: str | None
    role: str | None


class Written(Acted, Protocol):
    """A case about someone who has written."""

    channel: str
    contact_id: str
    patient_hash: bytes | None


@dataclass(frozen=True, slots=True)
class Heard:
    """What the register says; None: it has not answered, or cannot be asked."""

    protected: bool | None = field(default=None, repr=False)
    deceased: bool | None = None
    guardian: bool | None = field(default=None, repr=False)
    """Whether whoever writes as a child's guardian is one, as the register has it; None: not asked, or no answer."""


Answers = Mapping[uuid.UUID, Heard]


def patient_of(case: Acted) -> PatientId | None:
    """The patient, where the channel says who it is."""
    return PatientId.model_validate_json(case.patient) if case.patient else None


def ask_register(cases: Sequence[Acted], looks: Looks) -> Answers:
    """Ask the register about patients, and about the proxies who act for them."""
    return looks.each(cases, hear)


def hear(case: Acted, ask: Ask) -> Heard:
    """Of both, where someone acts for the patient: protected if either is, known if both are.

    Whom a channel calls a guardian is one if the register says so; until it has, nothing is known (policy-skydd-1).
    """
    patient, child, acts_for = patient_of(case), _child_of(case), case.role != Role.SELF
    if patient is None:
        return Heard()
    proxy = _proxy_of(case) if acts_for else None
    _ask_together(ask, patient, proxy, child)
    found = resident_lookup.marks(patient, ask)
    if found is None:
        return Heard()
    marks: list[bool | None] = [found.protected]
    if acts_for:
        other = resident_lookup.marks(proxy, ask) if proxy else None
        marks.append(other.protected if other else None)
    guardians = resident_lookup.guardians(child, ask) if child else None
    is_guardian = None
    if guardians is not None:
        is_guardian = any(number == case.proxy for _, number in guardians)
    elif child:
        marks.append(None)
    protected = True if any(marks) else None if None in marks else False
    return Heard(protected, found.deceased, is_guardian)


def _ask_together(ask: Ask, patient: PatientId, proxy: PatientId | None, child: PatientId | None) -> None:
    """What one answer need not wait for another's."""
    people = [number for each in (patient, proxy) if each and (number := resident_lookup.number_of(each))]
    ask.soon(resident_lookup.MARKS, people)
    if child and (number := resident_lookup.number_of(child)):
        ask.soon(resident_lookup.RELATIONS, [number])


def _child_of(case: Acted) -> PatientId | None:
    """The patient, where someone writes as the guardian of one who does not act alone yet (barn-1)."""
    patient, day, ages = patient_of(case), swedish_day(clock.now()), clients.region().ages
    if case.role != Role.GUARDIAN or patient is None:
        return None
    return patient if does_guardian_act(patient.birth_date, day, ages).allowed else None


def _proxy_of(case: Acted) -> PatientId | None:
    return identity_of(case.proxy) if case.proxy else None


def identity_of(number: str) -> PatientId | None:
    """Of a personnummer or a samordningsnummer, 12 digits; None: it is neither."""
    kind = kind_of(number)
    return PatientId(id=number, type=kind) if kind else None


def addressees(
    connection: Connection, cases: Sequence[Written], answers: Answers
) -> dict[uuid.UUID, Addressee]:
    """To whom a message would go, with what our own tables know of deaths and of risks that stand."""
    lives = identities.lives(connection, [case.patient_hash for case in cases])
    at_risk = standing_risks.risks_that_stand(
        connection,
        [case.patient_hash for case in cases if case.patient_hash],
        [_contact(case) for case in cases],
    )
    return {
        case.id: _addressee(
            case,
            answers.get(case.id, Heard()),
            life=lives.get(case.patient_hash or b""),
            human_first=at_risk.concerns(case.patient_hash, _contact(case)),
        )
        for case in cases
    }


def _contact(case: Written) -> str:
    return f"{case.channel}:{case.contact_id}"


def _addressee(case: Written, heard: Heard, *, life: Life | None, human_first: bool) -> Addressee:
    """While the register says dead of one whom VAS says to live, nothing goes, and ops see it (policy-avliden-2)."""
    patient = patient_of(case)
    disputed = is_death_disputed(declared_alive=life is Life.ALIVE, deceased=heard.deceased)
    if disputed.allowed:
        incidents.note("person", disputed.reason)
    role = Role(case.role) if case.role else None
    return Addressee(
        role=Role.OTHER if heard.guardian is False else role,
        birth=patient.birth_date if patient else None,
        deceased=life is Life.DECEASED or heard.deceased,
        protected=heard.protected,
        human_first=human_first,
    )


def deceased(connection: Connection, patients: Iterable[bytes]) -> set[bytes]:
    """Those of these whom our own tables know to be dead (policy-avliden-1)."""
    return identities.deceased(connection, patients)


def digest(patient: PatientId) -> bytes:
    """By which a person is found without being shown."""
    return ring().digest(patient.id)


def wait_for_answer(case: Case) -> verdicts.Wait | None:
    """An outer system has not answered: ask again soon; None: that has been waited for long enough."""
    since = case.waiting_since or clock.now()
    if case.waiting_since and later(since, clients.region().wait_for_person) <= clock.now():
        return None
    return verdicts.Wait(clock.now() + ASK_AGAIN)
