"""Who acts, sees and is told for a child, on a given day (barn-1 to barn-5, policy-barn-1 to 3).

All turns at 00:00 in Sweden on a birthday: `day` is the day on which it is done. What is planned for a later
day (to join a visit, say) is asked for that day.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from routine.ages import AgeBand, age_band, age_on, turns
from routine.decision import Decision
from routine.facts import Contact
from routine.figures import Ages
from routine.reasons import Reason
from routine.region import Region


class Role(StrEnum):
    """In whose right somebody acts."""

    SELF = "self"
    GUARDIAN = "guardian"
    OTHER = "other"


class Act(StrEnum):
    """What a person may do for a patient."""

    RUN_ERRAND = "run_errand"
    HANDLE_TIMES = "handle_times"
    SEE_TIMES = "see_times"
    SEE_CARE = "see_care"
    JOIN_VIDEO = "join_video"
    CHECK_IN = "check_in"
    READ_JOURNAL = "read_journal"
    WISH_DIGITAL_ONLY = "wish_digital_only"
    CONSENT_TO_REMINDERS = "consent_to_reminders"
    SHARE_WITH_CARE = "share_with_care"


@dataclass(frozen=True, slots=True, kw_only=True)
class WhoActs:
    """Whoever has logged in, as they stand to the patient of a visit.

    Args:
        role: `None`: in nobody's right.
        birth: the patient's; `None`: not known.
        protected: the patient or the guardian, where it is a guardian; `None`: not known.
    """

    role: Role | None
    birth: date | None = field(default=None, repr=False)
    protected: bool | None = field(default=None, repr=False)


NOT_BY_PROXY = frozenset({Act.WISH_DIGITAL_ONLY, Act.CONSENT_TO_REMINDERS, Act.SHARE_WITH_CARE})
"""What a guardian cannot do for a child as proxy on 1177 (barn-5)."""


def may_act(
    act: Act,
    role: Role | None,
    birth: date | None,
    day: date,
    region: Region,
    *,
    protected: bool | None = None,
) -> Decision[bool]:
    """May someone in this role do this for the patient on that day, on 1177 or by a link of ours?

    Args:
        role: `None`: not known.
        protected: either of the patient and the guardian has protected identity, and then the proxy link is broken;
            `None`: of neither a yes, and of one of them not known, which opens nothing. Each of several guardians
            is asked for by themselves. A person who acts for themselves is let in all the same (skyddade-2).
    """
    if role is None:
        return Decision(False, Reason.ROLE_UNKNOWN, "barn-1")
    if role is Role.OTHER:
        return Decision(False, Reason.NOT_A_GUARDIAN, "barn-1")
    if birth is None:
        return Decision(False, Reason.AGE_UNKNOWN, "barn-2" if role is Role.SELF else "policy-barn-1")
    band = age_band(birth, day, region.ages)
    return _may_self(act, band) if role is Role.SELF else _may_guardian(act, band, protected)


def does_guardian_act(birth: date | None, day: date, ages: Ages) -> Decision[bool]:
    """Is the patient one for whom a guardian acts on that day (barn-1)? Only of such a one are guardians looked for.

    Who of them may do what, `may_act` says.
    """
    if birth is None:
        return Decision(False, Reason.AGE_UNKNOWN, "barn-1")
    if age_band(birth, day, ages) is AgeBand.CHILD:
        return Decision(True, Reason.GUARDIAN_AS_PROXY, "barn-1")
    return Decision(False, Reason.CHILD_ACTS_ALONE, "barn-2")


def _may_self(act: Act, band: AgeBand) -> Decision[bool]:
    if band is AgeBand.CHILD:
        return Decision(False, Reason.TOO_YOUNG, "barn-2")
    if act is not Act.READ_JOURNAL:
        return Decision(True, Reason.FOR_THEMSELVES, "barn-2")
    if band is AgeBand.OWN_LOGIN:
        return Decision(False, Reason.TOO_YOUNG_FOR_JOURNAL, "barn-4")
    return Decision(True, Reason.FOR_THEMSELVES, "barn-4")


def _may_guardian(act: Act, band: AgeBand, protected: bool | None) -> Decision[bool]:
    sees = "barn-4" if act is Act.READ_JOURNAL else "barn-3" if act is Act.SEE_TIMES else None
    if band is not AgeBand.CHILD:
        return Decision(False, Reason.CHILD_ACTS_ALONE, sees or "barn-2")
    if act in NOT_BY_PROXY:
        return Decision(False, Reason.NOT_BY_PROXY, "barn-5")
    if protected is None:
        return Decision(False, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    if protected:
        return Decision(False, Reason.MANUAL_HANDLING, "policy-skydd-1")
    return Decision(True, Reason.GUARDIAN_AS_PROXY, "barn-4" if act is Act.READ_JOURNAL else "barn-1")


def may_be_told(
    role: Role | None, birth: date | None, day: date, region: Region, *, protected: bool | None = None
) -> Decision[bool]:
    """May an SMS, an e-mail or a link go to someone in this role on that day (policy-barn-1)?

    For a child who does not log in alone yet it is a guardian who is told (barn-1). What may go to a protected
    person who is told for themselves, `routine.protected.may_be_sent_to` says.
    """
    told = may_act(Act.RUN_ERRAND, role, birth, day, region, protected=protected)
    if told.reason is Reason.CHILD_ACTS_ALONE:
        return Decision(False, told.reason, "policy-barn-1")
    return told


def is_contact_the_patients(contact: Contact, birth: date | None, day: date, ages: Ages) -> Decision[bool]:
    """May a way of contact on the patient's record be used on that day, or is it a guardian's?

    From the 13th birthday on, what was there before it was a guardian's and has lapsed, at any later age too
    (policy-barn-2); what has no date may be a guardian's until the child is grown (policy-barn-1).
    """
    if birth is None:
        return Decision(False, Reason.AGE_UNKNOWN, "policy-barn-1")
    age = age_on(birth, day)
    if age < ages.own_login:
        return Decision(True, Reason.GUARDIAN_AS_PROXY, "barn-1")
    if contact.since is None:
        if age < ages.adult:
            return Decision(False, Reason.CONTACT_OWNER_UNKNOWN, "policy-barn-1")
        return Decision(True, Reason.FOR_THEMSELVES, "barn-2")
    if contact.since < turns(birth, ages.own_login):
        return Decision(False, Reason.GUARDIAN_CONTACT_LAPSED, "policy-barn-2")
    return Decision(True, Reason.FOR_THEMSELVES, "barn-2")


def lapses_on(birth: date, ages: Ages) -> date:
    """The day at whose beginning all that a guardian gave for the child ends (policy-barn-2)."""
    return turns(birth, ages.own_login)
