"""Who may check in for whom, at which visits, and when (barn-1, barn-2, policy-incheckning-1)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from routine.ages import swedish_day
from routine.children import Act, WhoActs, may_act
from routine.decision import Decision
from routine.facts import Form
from routine.reasons import Reason
from routine.region import Region


class Offer(StrEnum):
    """What somebody who has logged in at a unit's code is offered for one visit."""

    PRESS = "press"
    """They can check in."""
    DESK = "desk"
    """It is there, and they go to the desk with it."""
    NOTHING = "nothing"
    """It is not shown to them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BookedHere:
    """A booked visit at the unit whose code was read.

    Args:
        stands: it is neither cancelled, ended nor another's, and its patient lives.
        start: `None`: it has no time, as an open call letter.
        over_at: when it ends; `None`: not known.
        form: `None`: not known.
        by_themselves: the patient can check in by themselves; `None`: not known, which is no *no*.
        in_journal: the journal system has it, which is told of who has arrived.
    """

    stands: bool
    start: datetime | None
    over_at: datetime | None = None
    form: Form | None = None
    by_themselves: bool | None = None
    in_journal: bool = True


def may_person_check_in(protected: bool | None, *, in_shadow: bool) -> Decision[bool]:
    """Is whoever has logged in shown visits at all? If not, the desk, in words that say nothing (policy-skydd-2).

    Args:
        protected: whoever has logged in; `None`: the person register has not answered.
        in_shadow: the unit is.
    """
    if in_shadow:
        return Decision(False, Reason.UNIT_IN_SHADOW, "policy-skugga-1")
    if protected is None:
        return Decision(False, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    if protected:
        return Decision(False, Reason.MANUAL_HANDLING, "policy-skydd-1")
    return Decision(True, Reason.NOTHING_IN_THE_WAY, "policy-incheckning-1")


def what_is_offered(visit: BookedHere, person: WhoActs, now: datetime, region: Region) -> Decision[Offer]:
    """What is a person offered for a visit?

    Whose it is comes first: of a visit that is not theirs nothing shows, not even that it is there.
    """
    day = swedish_day(now)
    may = may_act(Act.CHECK_IN, person.role, person.birth, day, region, protected=person.protected)
    if not may.allowed:
        return Decision(Offer.NOTHING, may.reason, may.clause)
    if not visit.stands:
        return Decision(Offer.NOTHING, Reason.VISIT_GONE, "policy-incheckning-1")
    if visit.start is None or swedish_day(visit.start) != day:
        return Decision(Offer.NOTHING, Reason.NOT_TODAY, "policy-incheckning-1")
    if visit.form not in (None, Form.ON_SITE):
        return Decision(Offer.NOTHING, Reason.NOT_ON_SITE, "policy-incheckning-1")
    if visit.by_themselves is False or not visit.in_journal:
        return Decision(Offer.DESK, Reason.AT_THE_DESK, "policy-incheckning-1")
    if visit.over_at is not None and visit.over_at <= now:
        return Decision(Offer.DESK, Reason.PASSED, "policy-incheckning-1")
    return Decision(Offer.PRESS, may.reason, may.clause)


def is_arrival_told(visit: BookedHere | None, now: datetime, *, in_shadow: bool) -> Decision[bool]:
    """Is the journal system still told that the patient of a visit has arrived (policy-incheckning-1)?

    Asked right before it is told, also hours after the press where it was down: on the day of the visit, while that
    stands. What begins later on the day, or is over by now, is told: they have come.

    Args:
        visit: as it is now; `None`: it is not known any more.
        in_shadow: its unit is, by now.
    """
    if in_shadow:
        return Decision(False, Reason.UNIT_IN_SHADOW, "policy-skugga-1")
    if visit is None or not visit.stands:
        return Decision(False, Reason.VISIT_GONE, "policy-incheckning-1")
    if visit.start is None or swedish_day(visit.start) != swedish_day(now):
        return Decision(False, Reason.NOT_TODAY, "policy-incheckning-1")
    return Decision(True, Reason.CHECKED_IN, "policy-incheckning-1")


def is_arrival_noted(known: bool) -> Decision[bool]:
    """Is a patient noted as there whose check-in the journal system has not taken? If not, it is for the desk.

    Args:
        known: it has noted them already; `False`: it has refused.
    """
    reason = Reason.ARRIVAL_KNOWN if known else Reason.ARRIVAL_REFUSED
    return Decision(known, reason, "policy-incheckning-1")
