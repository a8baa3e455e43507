"""What residents can choose from on 1177, and whose times they may see: nothing is done, and nothing is kept of it.

Whether they may is asked of the person register where a guardian asks for a child (barn-1), and waited for; the times
are asked of the journal system, which alone knows which are free (besok-4).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from engine.base import clock
from engine.base.database import transaction
from engine.base.errors import Refused
from engine.outer.looks import answered
from engine.outer.questions import Questions
from models.identity import PatientId
from routine.ages import swedish_day
from routine.children import Act, may_act
from routine.decision import Decision
from routine.reasons import Reason
from routine.self_service import may_times_be_shown
from systems.vas_times import FreeTime, UnitCatalogue
from tasks import clients, identities, people
from tasks.people import Heard
from tasks.self_service.facts import booking_to_change, made_at
from tasks.self_service.who_asks import Asker, asker, numbers_of, who_acts


@dataclass(frozen=True, kw_only=True)
class Choice:
    """Free times that somebody asks for; the fields as of `systems.vas_times.VasTimes.timeslots`."""

    unit: str
    first: date
    last: date
    patient: PatientId
    actor: str
    by_agent: bool
    booking: str | None = None
    time_type: str | None = None
    care_type: str | None = None
    performers: tuple[str, ...] = ()


def free_times(choice: Choice) -> list[FreeTime]:
    """The times that they can choose from.

    Raises:
        Refused: they may not choose, and why; or the journal system's own no.
        VaxelError: it does not say.
    """
    may = _may_choose(choice)
    if not may.allowed:
        raise Refused(may.reason)
    return clients.vas_times().timeslots(
        choice.unit,
        choice.first,
        choice.last,
        booking=choice.booking,
        time_type=choice.time_type,
        care_type=choice.care_type,
        performers=choice.performers,
    )


def catalogue(unit: str) -> UnitCatalogue:
    """What the unit offers.

    Raises:
        Refused: the region does not list it, or it is in shadow.
        VaxelError: the journal system does not say.
    """
    policy = clients.region().unit(unit)
    if policy is None or policy.in_shadow:
        raise Refused(Reason.UNIT_UNKNOWN if policy is None else Reason.UNIT_IN_SHADOW)
    return clients.vas_times().catalogue(unit)


def may_see_times(patient: PatientId, actor: str) -> Decision[bool]:
    """May somebody see the patient's times, as the register has them to each other (barn-1, barn-2, barn-3)?

    Args:
        actor: a number of 12 figures.
    """
    asked = asker(patient, actor, by_agent=False)
    heard = _told_by_register(asked)
    with transaction() as connection:
        known = identities.known(connection, numbers_of(asked))
    who, region = who_acts(asked, heard, known), clients.region()
    return may_act(
        Act.SEE_TIMES, who.role, who.birth, swedish_day(clock.now()), region, protected=who.protected
    )


def _told_by_register(asked: Asker) -> Heard:
    """What the register says of whoever asks, where it is asked: waited for."""
    return answered(people.ask_register, [asked], Questions())[asked.id] if asked.is_asked_about else Heard()


def _may_choose(choice: Choice) -> Decision[bool]:
    asked, made_here = asker(choice.patient, choice.actor, by_agent=choice.by_agent), False
    heard, booking = _told_by_register(asked), None
    with transaction() as connection:
        known = identities.known(connection, numbers_of(asked))
        if choice.booking:
            whose = known.numbers(people.digest(choice.patient))
            booking = booking_to_change(connection, choice.unit, choice.booking, whose)
            made_here = booking is None and made_at(connection, choice.booking, whose) is not None
    return may_times_be_shown(
        who_acts(asked, heard, known),
        booking,
        clients.region().unit(choice.unit),
        clock.now(),
        clients.region(),
        by_agent=choice.by_agent,
        by_booking=choice.booking is not None,
        made_here=made_here,
    )
