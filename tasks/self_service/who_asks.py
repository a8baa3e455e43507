"""Whoever asks for something on 1177, as they stand to the patient (barn-1, barn-2)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

from engine.base import clock
from models.identity import PatientId
from models.self_service import ServiceRequest
from routine.ages import swedish_day
from routine.children import Role, WhoActs, does_guardian_act
from tasks import clients, identities, people


@dataclass
class Asker:
    """Whoever asks, as the register is asked about them (`people.Acted`).

    Args:
        patient: JSON of a `PatientId`.
        proxy: the number of whoever asks for somebody else.
        role: of `routine.children.Role`; None: staff of 1177.
        is_named: 1177 says itself for whom it is asked; if not, whose the booking is shows to nobody else.
    """

    patient: str | None = field(repr=False)
    proxy: str | None = field(repr=False)
    role: str | None
    is_named: bool = True
    id: uuid.UUID = field(default_factory=uuid.uuid4)

    @property
    def is_asked_about(self) -> bool:
        """Whether it is for the register to say that they may: a guardian acts for a child, for nobody else."""
        patient = people.patient_of(self)
        birth = patient.birth_date if patient else None
        is_child = does_guardian_act(birth, swedish_day(clock.now()), clients.region().ages).allowed
        return self.role == Role.GUARDIAN and is_child


def asker(patient: PatientId, actor: str, *, by_agent: bool) -> Asker:
    """Whoever asks: the patient, an agent, or somebody who would be the patient's guardian.

    Args:
        actor: a number of 12 figures; an HSA-id of an agent.
    """
    who = (patient.model_dump_json(), None if by_agent or actor == patient.id else actor)
    role = None if by_agent else Role.SELF if actor == patient.id else Role.GUARDIAN
    return Asker(*who, role)


def asker_of(request: ServiceRequest, patient: PatientId, case: uuid.UUID) -> Asker:
    """Whoever asks for something.

    Args:
        patient: as they are known now.
    """
    made = asker(patient, request.actor, by_agent=request.by_agent)
    return replace(made, is_named=request.is_named and request.service != "cancel", id=case)


def who_acts(asked: Asker, heard: people.Heard, known: identities.Known) -> WhoActs:
    """As the rules see them.

    Args:
        heard: what the register says, where it was asked.
        known: who the patient, and whoever asks, are now: a number that the patient has had is the patient's.
    """
    patient = people.patient_of(asked)
    birth = patient.birth_date if patient else None
    if asked.proxy is None:
        return WhoActs(role=Role(asked.role) if asked.role else None, birth=birth)
    actor, persons = people.identity_of(asked.proxy), {known.person(each) for each in numbers_of(asked)}
    if actor and len(persons) == 1:
        return WhoActs(role=Role.SELF, birth=birth)
    is_guardian = heard.guardian is not False and (asked.is_named or asked.is_asked_about)
    role = Role.GUARDIAN if actor and is_guardian else Role.OTHER
    return WhoActs(role=role, birth=birth, protected=heard.protected)


def numbers_of(asked: Asker) -> list[bytes]:
    """The keyed hashes of the numbers of the patient and of whoever asks."""
    actor = people.identity_of(asked.proxy) if asked.proxy else None
    return [people.digest(each) for each in (people.patient_of(asked), actor) if each]
