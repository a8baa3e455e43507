"""What the engagement index should hold for a booking: exactly one engagement, or none (besok-1)."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

from sqlalchemy import Connection

from engine.steps.verdicts import Park
from models.booking_publication import BookingPublication, State
from models.booking_publication import Engagement as OurEngagement
from routine.decision import Decision
from routine.publication import Category
from routine.reasons import Reason
from systems.engagement_index import Engagement, Transaction
from tasks import clients, identities
from tasks.booking_publication import engagements, same_visit
from tasks.booking_publication.facts import booking_of, shown_on_1177
from tasks.booking_publication.form_facts import is_amiss

Case = BookingPublication


@dataclass(frozen=True)
class Plan:
    """What the index should hold for a case, and what has to be said to it.

    Args:
        shown: the rule's answer.
        wanted: the engagement that should be there; None: none.
        stands: it is there already, just so.
        remove: what we have put there and that should not be.
        in_shadow: nothing is said, only compared.
        is_for_staff: staff are to hear of its form or platform next, or have heard of it.
        is_with_staff: they have a task of that.
    """

    shown: Decision[Category | None]
    wanted: Engagement | None
    stands: bool
    remove: tuple[Engagement, ...]
    in_shadow: bool
    is_for_staff: bool = False
    is_with_staff: bool = False

    @property
    def next(self) -> State:
        """Where the case goes once the index shows it."""
        return State.QUESTIONED if self.is_for_staff else State.SHOWN

    @property
    def transactions(self) -> list[Transaction]:
        """What is to be said; an engagement that stands is not said again."""
        said = [Transaction(engagement, delete=True) for engagement in self.remove]
        return said + ([Transaction(self.wanted)] if self.wanted and not self.stands else [])


def index_plans(connection: Connection, cases: Sequence[Case]) -> dict[uuid.UUID, Plan | Park]:
    """What is to be in the index for each case, by the rules and by what we have put there before."""
    ours: dict[uuid.UUID, list[OurEngagement]] = {}
    for each in engagements.of_cases(connection, [case.id for case in cases]):
        ours.setdefault(each.case_id, []).append(each)
    dead = identities.deceased(connection, [case.patient_hash for case in cases])
    same = same_visit.found(connection, cases)
    return {
        case.id: _plan(case, ours.get(case.id, []), case.patient_hash in dead, same.get(case.id))
        for case in cases
    }


def _plan(
    case: Case, ours: Sequence[OurEngagement], deceased: bool, same: same_visit.SameVisit | None
) -> Plan:
    booking = booking_of(case)
    shown = shown_on_1177(case, booking, deceased=deceased, same=same)
    wanted = _engagement(case, booking.patient.id, shown.answer) if shown.answer else None
    standing = {key_of(row): row for row in ours if row.wanted or not row.accepted}
    stands = wanted is not None and _stands(standing.get(wanted.key), wanted)
    remove = tuple(_as_sent(row) for key, row in standing.items() if wanted is None or key != wanted.key)
    unit = clients.region().unit(case.unit)
    in_shadow = unit is not None and unit.in_shadow
    is_with_staff = case.form_task is not None
    is_for_staff = is_with_staff or is_amiss(case, booking)
    return Plan(shown, wanted, stands, remove, in_shadow, is_for_staff, is_with_staff)


def _engagement(case: Case, patient: str, category: Category) -> Engagement:
    named = cast(Literal["Booking", "Invitation"], str(category))
    return Engagement(patient, named, case.unit, case.booking_id, case.time_at)


def key_of(row: OurEngagement) -> tuple[str, str, str, str]:
    return row.resident, row.categorization, row.unit, row.booking_id


def _as_sent(row: OurEngagement) -> Engagement:
    named = cast(Literal["Booking", "Invitation"], row.categorization)
    return Engagement(row.resident, named, row.unit, row.booking_id)


def _stands(row: OurEngagement | None, wanted: Engagement) -> bool:
    return row is not None and row.wanted and row.accepted and row.most_recent == wanted.most_recent_content


def parked_for(plan: Plan) -> Park | None:
    waits = plan.shown.reason is Reason.UNIT_UNKNOWN
    return Park(plan.shown.reason, plan.shown.clause) if waits else None
