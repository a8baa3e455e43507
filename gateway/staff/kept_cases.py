"""`gateway.staff.ports.Cases`: the cases in our tables, and who looked at them in our access log."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from uuid import UUID

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
from tasks.find_case import ANY, FoundCase, FoundCases, Within

SEARCHED = "cases"
"""Whose data a search is of, in the log: of whichever process."""


class KeptCases(Cases):
    """As the port has it."""

    def of_booking(self, member: Member, source: str, booking: str) -> FoundCases:
        """As the port has it."""
        return _searched(member, partial(find_case.by_booking, source=source, booking=booking), CLAUSE)

    def of_contact(self, member: Member, channel: str, contact: str) -> FoundCases:
        """As the port has it."""
        return _searched(member, partial(find_case.by_contact, channel=channel, contact=contact), CLAUSE)

    def of_patient(self, member: Member, patient: PatientId, why: str, within: Within = ANY) -> FoundCases:
        """As the port has it."""
        find = partial(find_case.by_patient, digest=people.digest(patient))
        return _searched(member, find, why, within, asked_for=patient)

    def of_phone(self, member: Member, number: str, why: str, within: Within = ANY) -> FoundCases:
        """As the port has it."""
        return _searched(member, partial(find_case.by_phone, number=number), why, within)

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

    def waiting(self, member: Member) -> FoundCases:
        """As the port has it."""
        unit = _own_unit(member)
        if unit is None:
            return FoundCases()
        with transaction() as connection:
            return _visible(member, find_case.that_wait(connection, unit))


def _searched(
    member: Member,
    find: Callable[..., FoundCases],
    why: str,
    within: Within = ANY,
    asked_for: PatientId | None = None,
) -> FoundCases:
    """What is found and may be seen: one entry in the log for each patient that it is of, or that was asked for.

    Only their own unit's is looked for, so that what another has neither fills the list nor shows in that it is cut.
    """
    own = replace(within, unit=_own_unit(member) or "", owner=member.hsa_id.upper())
    with transaction() as connection:
        found = _visible(member, find(connection, within=own))
        seen = (asked_for, *(each.patient for each in found.cases))
        whose: dict[str, PatientId] = {patient.id: patient for patient in seen if patient}
        searches = [
            access_by(member, Act.SEARCH, SEARCHED, why, patient=patient) for patient in whose.values()
        ]
        access_log.write(connection, searches or [access_by(member, Act.SEARCH, SEARCHED, why)], clock.now())
    return found


def _own_unit(member: Member) -> str | None:
    unit = member.commission.unit if member.commission else None
    return unit.upper() if unit else None


def _visible(member: Member, found: FoundCases) -> FoundCases:
    return replace(found, cases=[each for each in found.cases if _may_see(member, each)])


def _may_see(member: Member, case: FoundCase) -> bool:
    return may_see_case(member, case.units, case.owner).allowed
