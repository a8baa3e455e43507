"""The facts that a decision on a request rests on: who asks, and the booking as it stands."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError
from sqlalchemy import Connection

from engine.base.database import transaction
from engine.outer.looks import Looks
from engine.tables import effects
from models.case import Effect, EffectState
from models.identity import IdentityType, PatientId
from models.self_service import SelfService, ServiceRequest
from routine.children import Role, WhoActs
from routine.region import UnitPolicy
from routine.self_service import Service, ToChange, Wanted
from tasks import clients, identities, people
from tasks.booking_publication import changeable
from tasks.identities import Known
from tasks.people import Heard
from tasks.self_service import effect_keys, stored
from tasks.self_service.who_asks import Asker, asker_of, numbers_of, who_acts

Said = TypeVar("Said", bound=BaseModel)


@dataclass(frozen=True)
class RequestFacts:
    """What is known of a request.

    Args:
        booking: what is to be changed, or the open call letter that is answered; None: we know of none.
        unit: None: the region does not list it.
        done_as: the journal system has done it already: the booking that it led to.
        is_behind: something else that was asked for before, of the same booking, is still in hand.
        made_at: when the journal system made the booking for the patient, where that is all that we know of it: its
            webhook has not come.
        sent: what the journal system is sent under the request's key, once that is settled.
    """

    request: ServiceRequest = field(repr=False)
    patient: PatientId = field(repr=False)
    wanted: Wanted
    booking: ToChange | None
    unit: UnitPolicy | None
    done_as: str | None = None
    is_behind: bool = False
    made_at: datetime | None = None
    sent: Mapping[str, Any] | None = field(default=None, repr=False)


def request_of(case: SelfService) -> ServiceRequest:
    """What is asked for."""
    return ServiceRequest.model_validate_json(case.request or "")


def patient_in(case: SelfService) -> PatientId:
    """For whom, as they are known now."""
    return PatientId.model_validate_json(case.patient or "")


def request_if_readable(case: SelfService) -> ServiceRequest | None:
    """As `request_of`, of a case that a fault of ours may have stopped; None: it cannot be read."""
    return _if_readable(ServiceRequest, case.request)


def patient_if_readable(case: SelfService) -> PatientId | None:
    """As `patient_in`, of such a case; None: nobody can tell who it is."""
    return _if_readable(PatientId, case.patient)


def _if_readable(model: type[Said], said: str | None) -> Said | None:
    try:
        return model.model_validate_json(said or "")
    except ValidationError:
        return None


def ask_about_guardians(cases: Sequence[SelfService], looks: Looks) -> Mapping[uuid.UUID, Heard]:
    """Ask the register about those who ask for a child."""
    return people.ask_register([each for each in map(_asker_of, cases) if each.is_asked_about], looks)


def _asker_of(case: SelfService) -> Asker:
    return asker_of(request_of(case), patient_in(case), case.id)


def request_facts(
    connection: Connection, cases: Sequence[SelfService], answers: Mapping[uuid.UUID, Heard]
) -> Mapping[uuid.UUID, RequestFacts]:
    """What our own tables have of each, together with what was answered."""
    askers = {case.id: _asker_of(case) for case in cases}
    known = identities.known(connection, [number for each in askers.values() for number in numbers_of(each)])
    dead = identities.deceased(connection, [case.patient_hash for case in cases])
    asked = {
        each.key: each for each in effects.with_keys(connection, [effect_keys.asked(case) for case in cases])
    }
    _forget_what_is_done(connection, cases, asked)
    behind = stored.behind_others(connection, [case.id for case in cases])
    found = {}
    for case in cases:
        who = who_acts(askers[case.id], answers.get(case.id, Heard()), known)
        before = asked.get(effect_keys.asked(case))
        wanted = _wanted(case, who, deceased=case.patient_hash in dead)
        asked_before = before is not None and _may_be_there(before)
        booking = _booking(connection, case, known)
        facts = RequestFacts(
            request=request_of(case),
            patient=patient_in(case),
            wanted=replace(wanted, asked_before=asked_before),
            booking=booking,
            unit=clients.region().unit(case.unit or ""),
            done_as=before.provider_id if before and before.state == EffectState.DONE else None,
            is_behind=case.id in behind and not asked_before,
            made_at=None if booking or asked_before else _made_at(connection, case, known),
            sent=json.loads(before.request) if before and before.request else None,
        )
        found[case.id] = _of_a_stranger(facts, askers[case.id]) if who.role is Role.OTHER else facts
    return found


def _may_be_there(effect: Effect) -> bool:
    """Has the journal system been asked so that it may have done it, as far as anybody is sure?"""
    return effect.state != EffectState.NOT_SENT or effect.may_be_there


def _forget_what_is_done(
    connection: Connection, cases: Sequence[SelfService], asked: Mapping[str, Effect]
) -> None:
    """A worker may have died between that it was done and that its case says so."""
    done = {key for key, effect in asked.items() if effect.state == EffectState.DONE}
    stored.forget_requests(connection, [case.id for case in cases if effect_keys.asked(case) in done])


def _made_at(connection: Connection, case: SelfService, known: Known) -> datetime | None:
    if case.booking_id is None or case.patient_hash is None:
        return None
    return made_at(connection, case.booking_id, known.numbers(case.patient_hash))


def _wanted(case: SelfService, who: WhoActs, *, deceased: bool) -> Wanted:
    request = request_of(case)
    return Wanted(
        service=Service(request.service),
        who=who,
        by_agent=request.by_agent,
        start=request.start,
        end=request.end,
        from_letter=request.service == "book" and request.booking is not None,
        reservnummer=patient_in(case).type is IdentityType.RESERVNUMMER,
        deceased=deceased,
    )


def _of_a_stranger(facts: RequestFacts, asked: Asker) -> RequestFacts:
    """Who changes another's booking, and does not say whose it is, asks for themselves, as far as anybody says: of it
    nothing shows, not even that it is there."""
    if asked.is_named:
        return facts
    actor = people.identity_of(facts.request.actor)
    themselves = WhoActs(role=Role.SELF, birth=actor.birth_date if actor else None)
    wanted = replace(facts.wanted, who=themselves, reservnummer=False, deceased=False)
    return replace(facts, wanted=wanted, booking=None, made_at=None)


def _booking(connection: Connection, case: SelfService, known: Known) -> ToChange | None:
    if case.booking_id is None or case.patient_hash is None:
        return None
    return booking_to_change(connection, case.unit or "", case.booking_id, known.numbers(case.patient_hash))


def booking_to_change(
    connection: Connection, unit: str, booking: str, whose: frozenset[bytes]
) -> ToChange | None:
    """A booking by its id, as whoever acts for a patient finds it; None: we know of none.

    Args:
        whose: the keyed hashes of the patient's numbers.
    """
    found = changeable.with_booking_id(connection, unit, booking)
    return changeable.to_change(connection, [found], whose)[found.id] if found else None


def made_at(connection: Connection, booking: str, whose: frozenset[bytes]) -> datetime | None:
    """When the journal system made a booking that was asked for here, for a patient; None: it has made no such.

    Args:
        whose: as of `booking_to_change`.
    """
    made = stored.made_here(connection, booking)
    return made.answered_at if made and made.patient_hash in whose else None


def whose(booking: str) -> PatientId | None:
    """Whose a booking is that somebody has made here, of which the journal system may not have told yet; None: nobody
    has made it."""
    with transaction() as connection:
        made = stored.made_here(connection, booking)
    return patient_in(made) if made else None
