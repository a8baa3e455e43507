"""`gateway.staff.ports.Cases`: the cases in our tables, and who looked at them in our access log."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from uuid import UUID

from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import transaction
from engine.ops import access_log, by_hand
from engine.ops.access_log import Act
from flows.registry import PROCESSES
from gateway.staff.logged import access_by
from gateway.staff.ports import Cases, CaseTold
from models.identity import PatientId
from routine.staff import CLAUSE, Member, may_see_case
from tasks import find_case, people
from tasks.find_case import FoundCase

SEARCHED = "cases"
"""Whose data a search is of, in the log: of whichever process."""


class KeptCases(Cases):
    """As the port has it."""

    def of_booking(self, member: Member, source: str, booking: str) -> Sequence[FoundCase]:
        """As the port has it."""
        return _searched(member, partial(find_case.by_booking, source=source, booking=booking), CLAUSE)

    def of_contact(self, member: Member, channel: str, contact: str) -> Sequence[FoundCase]:
        """As the port has it."""
        return _searched(member, partial(find_case.by_contact, channel=channel, contact=contact), CLAUSE)

    def of_patient(self, member: Member, patient: PatientId, why: str) -> Sequence[FoundCase]:
        """As the port has it."""
        find = partial(find_case.by_patient, digest=people.digest(patient))
        return _searched(member, find, why, asked_for=patient)

    def of_phone(self, member: Member, number: str, why: str) -> Sequence[FoundCase]:
        """As the port has it."""
        return _searched(member, partial(find_case.by_phone, number=number), why)

    def story_of(self, member: Member, id: UUID) -> CaseTold | None:
        """As the port has it: logged, then read."""
        with transaction() as connection:
            found = find_case.by_id(connection, id)
            if found is None or not _may_see(member, found):
                return None
            look = access_by(member, Act.LOOK, found.process, CLAUSE, subject=id, patient=found.patient)
            access_log.write(connection, [look], clock.now())
        try:
            return CaseTold(found, by_hand.story({found.process: PROCESSES[found.process]}, id))
        except by_hand.NotFound:  # it was deleted meanwhile
            return None

    def waiting(self, member: Member) -> Sequence[FoundCase]:
        """As the port has it."""
        unit = member.commission.unit if member.commission else None
        if unit is None:
            return []
        with transaction() as connection:
            return _visible(member, find_case.that_wait(connection, unit.upper()))


def _searched(
    member: Member,
    find: Callable[[Connection], Sequence[FoundCase]],
    why: str,
    asked_for: PatientId | None = None,
) -> Sequence[FoundCase]:
    """What is found and may be seen: one entry in the log for each patient that it is of, or that was asked for."""
    with transaction() as connection:
        cases = _visible(member, find(connection))
        found = (asked_for, *(each.patient for each in cases))
        whose: dict[str, PatientId] = {patient.id: patient for patient in found if patient}
        searches = [
            access_by(member, Act.SEARCH, SEARCHED, why, patient=patient) for patient in whose.values()
        ]
        access_log.write(connection, searches or [access_by(member, Act.SEARCH, SEARCHED, why)], clock.now())
    return cases


def _visible(member: Member, cases: Sequence[FoundCase]) -> list[FoundCase]:
    return [each for each in cases if _may_see(member, each)]


def _may_see(member: Member, case: FoundCase) -> bool:
    return may_see_case(member, case.units, case.owner).allowed
