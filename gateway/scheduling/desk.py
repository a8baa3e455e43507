"""What residents do by themselves, as our producer hands it on (besok-3, besok-4)."""

from __future__ import annotations

from collections.abc import Sequence

from anyio import from_thread

from engine.base.errors import Refused
from gateway.scheduling.ports import SelfService, ServiceAnswer, TimesAsked
from gateway.wake import Waker
from models.identity import PatientId
from models.self_service import SelfService as Case
from models.self_service import ServiceRequest
from systems.vas_times import FreeTime, UnitCatalogue
from tasks.people import identity_of
from tasks.self_service import choices, desk, facts


class ServiceDesk(SelfService):
    """The process of self-service, and the journal system behind it.

    Args:
        waker: asks for a run that goes on with what 1177 does not wait for any more.
    """

    def __init__(self, waker: Waker) -> None:
        self._waker = waker

    def ask(self, request: ServiceRequest) -> ServiceAnswer:
        """Have it done while 1177 waits."""
        answer = desk.ask(request)
        if answer.is_in_hand:
            from_thread.run_sync(self._waker.soon, Case.PROCESS)
        return ServiceAnswer(answer.told.result, answer.told.text, answer.booking)

    def whose(self, booking: str) -> PatientId | None:
        """Whose a booking is that was made here."""
        return facts.whose(booking)

    def free_times(self, asked: TimesAsked) -> Sequence[FreeTime]:
        """What they can choose from; 'person_unknown': nobody has such a number."""
        patient = identity_of(asked.patient)
        if patient is None:
            raise Refused("person_unknown")
        return choices.free_times(
            choices.Choice(
                unit=asked.unit,
                first=asked.first,
                last=asked.last,
                patient=patient,
                actor=asked.actor,
                by_agent=asked.by_agent,
                booking=asked.booking,
                time_type=asked.time_type,
                care_type=asked.care_type,
                performers=asked.performers,
            )
        )

    def catalogue(self, unit: str) -> UnitCatalogue:
        """What the unit offers."""
        return choices.catalogue(unit)
