"""Members of staff who log in: what a login gives them, and for how long (policy-personal-1)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType

from routine.decision import Decision
from routine.reasons import Reason

CLAUSE = "policy-personal-1"
FIGURES = "policy-uppfoljning-1"
CARE = "Vård och behandling"
"""The purpose of a commission (medarbetaruppdrag) in which a patient is cared for, as HSA has it."""
LEAST_LEVEL = 3
IDLE = timedelta(minutes=30)
LONGEST = timedelta(hours=8)
NOTED_EVERY = timedelta(seconds=10)
"""How precisely it is known when somebody was last active."""
WAITS_AT: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "risk_alert": frozenset({"flagged", "alerted", "escalated", "called"}),
        "inbound_contact": frozenset({"unanswered"}),
        "channel_switch": frozenset({"unclear"}),
        "participation": frozenset({"proposed"}),
        "self_service": frozenset({"unclear"}),
    }
)
"""By process, the states at which a case waits for staff of its unit (policy-personal-1): an alert that nobody has
acknowledged, an answer that is late, one that has to be read, or to be written down, and what a resident asked for on
1177 of which nobody can tell how it ended, until the journal system has their task."""
PARKED_FOR: Mapping[str, frozenset[Reason]] = MappingProxyType(
    {
        "booking_publication": frozenset(
            {
                Reason.NOT_FOR_THIS_USE,
                Reason.NOT_CHECKED,
                Reason.NOT_APPROVED_YET,
                Reason.NO_LONGER_APPROVED,
                Reason.NOT_AT_THIS_UNIT,
                Reason.NOT_FOR_THIS_PURPOSE,
                Reason.PURPOSE_UNKNOWN,
            }
        )
    }
)
"""By process, the reasons for which a parked case waits for staff of its unit (policy-personal-1): they have been
told, nothing of ours is wrong, and what they do takes it up again. A visit on a platform that is not approved for it
is moved (system-2)."""


@dataclass(frozen=True)
class Commission:
    """What an employer has commissioned a member of staff to do, and where (medarbetaruppdrag).

    Args:
        hsa_id: its own.
        purpose: one of HSA's, such as `CARE`.
        right: what may be read and written by it, such as "Läsa;Vård och omsorg;SJF"; None: not said.
        unit: HSA-id of the care unit (vårdenhet); None: not said.
    """

    hsa_id: str
    purpose: str
    right: str | None = None
    unit: str | None = None


@dataclass(frozen=True)
class Member:
    """A member of staff as they are logged in.

    Args:
        hsa_id: in upper case.
        commission: that they chose at the login; None: they have none.
    """

    hsa_id: str
    name: str | None = field(default=None, repr=False)
    commission: Commission | None = None


def may_log_in(level: int) -> Decision[bool]:
    """Was the login sure enough?"""
    sure = level >= LEAST_LEVEL
    return Decision(sure, Reason.STAFF_KNOWN if sure else Reason.LOGIN_TOO_WEAK, CLAUSE)


def may_see_patients(member: Member) -> Decision[bool]:
    """May they see anything about a patient? With a commission to care for patients, which has a unit."""
    commission = member.commission
    if commission is None:
        return Decision(False, Reason.NO_COMMISSION, CLAUSE)
    if commission.purpose.casefold() != CARE.casefold():
        return Decision(False, Reason.COMMISSION_FOR_OTHER, CLAUSE)
    return Decision(True, Reason.COMMISSION_FOR_CARE, CLAUSE)


def may_see_case(member: Member, units: Collection[str], owner: str | None = None) -> Decision[bool]:
    """May they see a case? With a commission for care at its unit; a file only who has put it there (bilder-2).

    Args:
        units: HSA-ids of all units that the case's unit is, or was; compared without regard to case.
        owner: whose file it is, by HSA-id; None: it is no file.
    """
    caring = may_see_patients(member)
    if not caring.allowed:
        return caring
    if owner is not None and owner.upper() != member.hsa_id.upper():
        return Decision(False, Reason.OTHERS_FILE, "bilder-2")
    unit = member.commission.unit if member.commission else None
    is_here = unit is not None and unit.upper() in {each.upper() for each in units}
    return Decision(is_here, Reason.CASE_AT_UNIT if is_here else Reason.CASE_ELSEWHERE, CLAUSE)


def units_that_see(at: Collection[str] | None, elsewhere: Iterable[Collection[str]]) -> frozenset[str]:
    """The units whose staff may see a case (policy-personal-1): its own; what is of all care, such as a patient's
    wishes, each where the patient has something else.

    Args:
        at: HSA-ids of all units that the case's unit is, or was; (): not known; None: it is of all care.
        elsewhere: the same, of each of the patient's other cases.
    """
    return frozenset(at) if at is not None else frozenset(unit for units in elsewhere for unit in units)


def states_that_wait(process: str) -> frozenset[str]:
    """Where a case of this process waits for staff of its unit, though it is not parked (policy-personal-1)."""
    return WAITS_AT.get(process, frozenset())


def reasons_for_staff(process: str) -> frozenset[Reason]:
    """For which reasons a parked case of this process is staff's to see to (policy-personal-1); else ops'."""
    return PARKED_FOR.get(process, frozenset())


def is_session_over(began_at: datetime, seen_at: datetime, now: datetime) -> Decision[bool]:
    """Is their session over: too long since they were active, or since they logged in?"""
    if now - seen_at >= IDLE:
        return Decision(True, Reason.SESSION_IDLE, CLAUSE)
    if now - began_at >= LONGEST:
        return Decision(True, Reason.SESSION_TOO_LONG, CLAUSE)
    return Decision(False, Reason.STAFF_KNOWN, CLAUSE)


def may_see_figures(member: Member, unit: str | None) -> Decision[bool]:
    """May they see how a unit follows the routine: their own unit, as of the commission they chose?

    Args:
        unit: HSA-id; `None`: the region as a whole, which all see who care for patients.
    """
    of_patients = may_see_patients(member)
    if not of_patients.allowed:
        return of_patients
    own = member.commission.unit if member.commission else None
    is_own = unit is None or (own is not None and own.upper() == unit.upper())
    return Decision(is_own, Reason.FIGURES_SHOWN if is_own else Reason.FIGURES_OF_OTHER, FIGURES)
