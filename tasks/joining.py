"""Whoever comes by the link of a digital visit: what they find, and that they have joined (barn-1, barn-2)."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field, replace

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import transaction
from engine.outer import incidents
from engine.outer.looks import answered
from engine.outer.questions import Questions
from models.identity import PatientId
from models.routes import token_hash
from routine.ages import swedish_day
from routine.children import Role, WhoActs, does_guardian_act
from routine.decision import Decision
from routine.joining import Landing, ToJoin, may_join
from routine.reasons import Reason
from routine.way_in import way_in
from systems.eid import LoggedIn
from tasks import clients, identities, people
from tasks.booking_publication import visits
from tasks.booking_publication.visits import KnownVisit

MENDED_BY_OPS = (Reason.JOINED_ELSEWHERE, Reason.NO_WAY_IN)
"""Why a visit cannot be joined at its time though nothing is wrong with it at the unit."""


@dataclass(frozen=True)
class Landed:
    """What somebody who has logged in comes to.

    Args:
        landing: what, and why.
        visit: None: it is not theirs, as far as is known, and nothing of it may be shown.
        to: where they go on to; None: nowhere.
    """

    landing: Decision[Landing]
    visit: KnownVisit | None = field(default=None, repr=False)
    to: str | None = field(default=None, repr=False)


@dataclass
class Acting:
    """Whoever has logged in, as the register is asked about them (`people.Acted`)."""

    patient: str | None = field(repr=False)
    proxy: str | None = field(repr=False)
    role: str | None
    id: uuid.UUID = field(default_factory=uuid.uuid4)


def is_link(token: str) -> bool:
    """Does the link lead to a visit, whichever?"""
    with transaction() as connection:
        return visits.by_link(connection, token_hash(token)) is not None


def landing_of(token: str, who: LoggedIn, *, joins: bool = False) -> Landed:
    """What they come to now.

    Args:
        joins: they want to go on. If they may, it is kept that they have joined when this returns.
    """
    link = token_hash(token)
    with transaction() as connection:
        visit = visits.by_link(connection, link)
        acting = _acting(connection, visit.patient if visit else None, who)
    heard = _heard(acting, who) if acting.role is not None else people.Heard()
    with transaction() as connection:
        return _found(connection, visits.by_link(connection, link), acting, heard, joins=joins)


def _found(
    connection: Connection, visit: KnownVisit | None, acting: Acting, heard: people.Heard, *, joins: bool
) -> Landed:
    """As the visit stands in this transaction; if it has become another's meanwhile, it is not theirs."""
    if visit is not None and visit.patient.model_dump_json() != acting.patient:
        visit = None
    to_join = _to_join(visit, deceased=heard.deceased is True) if visit else None
    region, who = clients.region(), _who_acts(acting, heard)
    landing = may_join(to_join, who, clock.now(), region)
    if visit is None or to_join is None or landing.answer in (Landing.NOT_THEIRS, Landing.NOT_KNOWN):
        return Landed(landing)
    if landing.reason in MENDED_BY_OPS:
        incidents.note(visit.source, landing.reason)
    if landing.answer is not Landing.OPEN:
        return Landed(landing, visit)
    if joins:
        visits.note_joined(connection, visit, landing)
    return Landed(landing, visit, way_in(to_join, region).answer)


def _heard(acting: Acting, who: LoggedIn) -> people.Heard:
    """What the register says, which may have a guardian under the number that they had before."""
    asked = [acting]
    if acting.role == Role.GUARDIAN and who.previous:
        asked.append(Acting(acting.patient, who.previous, acting.role))
    found = answered(people.ask_register, asked, Questions())
    is_guardian = any(found[each.id].guardian for each in asked)
    return replace(found[acting.id], guardian=True) if is_guardian else found[acting.id]


def _to_join(visit: KnownVisit, *, deceased: bool) -> ToJoin:
    """The visit as the rules see it."""
    return ToJoin(
        unit=visit.unit.hsa_id,
        stands=visit.stands and not deceased,
        cancelled=visit.cancelled,
        start=visit.start,
        over_at=visit.over_at,
        form=visit.form,
        platform=visit.platform,
        video_for=visit.video_for,
        join=visit.join,
    )


def _who_acts(acting: Acting, heard: people.Heard) -> WhoActs:
    role = Role(acting.role) if acting.role else None
    if heard.guardian is False:
        role = Role.OTHER
    patient = people.patient_of(acting)
    return WhoActs(role=role, birth=patient.birth_date if patient else None, protected=heard.protected)


def _acting(connection: Connection, patient: PatientId | None, who: LoggedIn) -> Acting:
    """The patient, by any number of theirs; of a child perhaps a guardian, which is asked; else in nobody's right."""
    if patient is None:
        return Acting(None, None, None)
    numbers = [
        each for number in (who.number, who.previous) if number and (each := people.identity_of(number))
    ]
    theirs, of_visit = [people.digest(each) for each in numbers], people.digest(patient)
    known = identities.known(connection, [of_visit, *theirs])
    if known.person(of_visit) in [known.person(each) for each in theirs]:
        return Acting(patient.model_dump_json(), None, Role.SELF)
    day, ages = swedish_day(clock.now()), clients.region().ages
    is_child = does_guardian_act(patient.birth_date, day, ages).allowed
    return Acting(patient.model_dump_json(), who.number, Role.GUARDIAN if is_child else None)
