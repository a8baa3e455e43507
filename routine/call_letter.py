"""The call letter: digital always, on paper where it is needed (onskemal-1 to 3, distans-2)."""

from __future__ import annotations

from dataclasses import dataclass

from routine.ages import age_on, swedish_day
from routine.decision import Decision, StaffTask, Wait
from routine.facts import Facts, Form
from routine.notice import is_nothing_changed, is_notice_owed, will_1177_notify
from routine.reasons import Reason
from routine.region import CallLetterWay, Region
from routine.rules import (
    Rule,
    first,
    hand_over,
    has_begun,
    is_human_first,
    is_person_unknown,
    is_wait_over,
    wait,
    wait_or_hand_over,
)
from routine.visit_form import NEEDS_E_ID
from routine.wishes import wished_digital_only


@dataclass(frozen=True, slots=True)
class ByScheduling:
    """The index and our producer are the letter: nothing more is sent."""


@dataclass(frozen=True, slots=True)
class ByInbox:
    """One message in the 1177 inbox; `notify`: 1177 is asked to tell the resident that it is there."""

    notify: bool


@dataclass(frozen=True, slots=True)
class Post:
    """A letter on paper, sent by the journal system."""


@dataclass(frozen=True, slots=True)
class NoLetter:
    """No letter of this sort."""


DigitalLetter = ByScheduling | ByInbox | NoLetter | Wait | StaffTask
PaperLetter = Post | NoLetter | Wait | StaffTask

NO_LETTER: tuple[Rule, ...] = (
    Rule(lambda f: f.resident.deceased is True, Reason.DECEASED, "policy-avliden-1"),
    Rule(lambda f: f.visit.cancelled, Reason.CANCELLED, "onskemal-3"),
    Rule(lambda f: f.event.same_visit is not None, Reason.SAME_VISIT, "policy-dubblett-1"),
    Rule(lambda f: has_begun(f.visit, f.now), Reason.PASSED, "onskemal-3"),
)
"""Read from the top: there is nothing to call the patient to."""

NO_PAPER: tuple[Rule, ...] = (
    *NO_LETTER,
    Rule(lambda f: f.event.replay, Reason.REPLAY, "policy-avisering-2"),
    Rule(lambda f: is_nothing_changed(f) and not f.event.paper_stale, Reason.SAME_TIME, "policy-papper-1"),
    Rule(lambda f: f.visit.printed is True, Reason.PRINTED, "policy-papper-1"),
)
"""Read from the top: paper would be wrong, or has gone already."""


def digital_call_letter(facts: Facts, region: Region) -> Decision[DigitalLetter]:
    """How the digital call letter reaches 1177 now; in shadow not at all, see `digital_worked_out`."""
    decision = digital_worked_out(facts, region)
    if facts.unit.in_shadow and not isinstance(decision.answer, NoLetter):
        return Decision(NoLetter(), Reason.UNIT_IN_SHADOW, "policy-skugga-1")
    return decision


def digital_worked_out(facts: Facts, region: Region) -> Decision[DigitalLetter]:
    """How it would reach 1177 if the unit were not in shadow."""
    if held := is_human_first(facts):
        return Decision(held.answer, held.reason, held.clause)
    if rule := first(NO_LETTER, facts):
        return rule.gives(NoLetter())
    if facts.resident.reservnummer:
        return Decision(NoLetter(), Reason.RESERVNUMMER, "policy-reserv-1")
    if facts.unit.call_letter is CallLetterWay.SCHEDULING and not facts.event.inbox_stale:
        return _letter(facts, ByScheduling())
    return _by_inbox(facts, region)


def _by_inbox(facts: Facts, region: Region) -> Decision[DigitalLetter]:
    """The 1177 inbox is open to protected persons too (policy-skydd-1), but not to the deceased."""
    if is_person_unknown(facts):
        return wait_or_hand_over(facts, region, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    reached = is_reached_on_1177(facts, region)
    if reached is None:
        return wait(facts, region, Reason.PORTAL_UNKNOWN, "policy-papper-1")
    if not reached.allowed:
        return Decision(NoLetter(), reached.reason, reached.clause)
    return _letter(facts, ByInbox(is_inbox_to_notify(facts, region)))


def is_inbox_to_notify(facts: Facts, region: Region) -> bool:
    """Is 1177 asked to tell of the letter? Not where it tells of the engagement (policy-avisering-1)."""
    if facts.unit.is_connected or not is_notice_owed(facts).allowed:
        return False
    return will_1177_notify(facts, region) is True


def _letter(facts: Facts, way: DigitalLetter) -> Decision[DigitalLetter]:
    if facts.visit.form == Form.VIDEO:
        return Decision(way, Reason.VIDEO_VISIT, "distans-2")
    return Decision(way, Reason.DIGITAL_CALL_LETTER, "onskemal-3")


def is_reached_on_1177(facts: Facts, region: Region) -> Decision[bool] | None:
    """Can the resident be called through 1177? `None`: 1177 has not answered, and the wait is not over."""
    portal = facts.resident.portal
    if facts.resident.inbox_exhausted:
        return Decision(False, Reason.UNREACHABLE_ON_1177, "policy-papper-1")
    if portal is not None:
        reason = Reason.REACHED_ON_1177 if portal.active else Reason.NOT_ACTIVE_ON_1177
        return Decision(portal.active, reason, "onskemal-3" if portal.active else "policy-papper-1")
    if is_wait_over(facts, region):
        return Decision(False, Reason.UNREACHABLE_ON_1177, "policy-papper-1")
    return None


def paper(facts: Facts, region: Region) -> Decision[PaperLetter]:
    """Does a letter on paper go, or do staff take over? In shadow neither, see `paper_worked_out`."""
    decision = paper_worked_out(facts, region)
    if facts.unit.in_shadow and not isinstance(decision.answer, NoLetter):
        return Decision(NoLetter(), Reason.UNIT_IN_SHADOW, "policy-skugga-1")
    return decision


def paper_worked_out(facts: Facts, region: Region) -> Decision[PaperLetter]:
    """What would go on paper if the unit were not in shadow."""
    if facts.event.letter_astray and not facts.resident.deceased:
        return Decision(StaffTask(), Reason.LETTER_ASTRAY, "policy-andring-2")
    if held := is_human_first(facts):
        return Decision(held.answer, held.reason, held.clause)
    if rule := first(NO_PAPER, facts):
        return rule.gives(NoLetter())
    if facts.resident.reservnummer:
        return _paper_by_reservnummer(facts)
    if is_person_unknown(facts):
        return wait_or_hand_over(facts, region, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    if facts.visit.form in NEEDS_E_ID and facts.visit.e_id is False:
        return _paper_instead(facts, region, Reason.NO_E_ID)
    reached = is_reached_on_1177(facts, region)
    if reached is None:
        return wait(facts, region, Reason.PORTAL_UNKNOWN, "policy-papper-1")
    return _paper_beside(facts, region) if reached.allowed else _paper_instead(facts, region, reached.reason)


def _paper_by_reservnummer(facts: Facts) -> Decision[PaperLetter]:
    """The person register does not know them; a mark known from elsewhere counts all the same."""
    return (
        hand_over() if facts.resident.protected else Decision(Post(), Reason.RESERVNUMMER, "policy-reserv-1")
    )


def _paper_beside(facts: Facts, region: Region) -> Decision[PaperLetter]:
    """The resident has the digital letter: paper by setting, never against a wish or to the protected.

    One reason for all who get none, so that it does not tell why (policy-skydd-2).
    """
    none: Decision[PaperLetter] = Decision(NoLetter(), Reason.REACHED_ON_1177, "onskemal-3")
    if facts.resident.protected or not (region.sends_paper(facts.unit) or facts.event.paper_stale):
        return none
    wished = wishes_digital_only(facts, region)
    if wished is None:
        return wait(facts, region, Reason.CONTACT_UNKNOWN, "onskemal-1")
    if wished:
        return none
    if facts.event.paper_stale:
        return Decision(Post(), Reason.PAPER_STALE, "policy-andring-1")
    return Decision(Post(), Reason.PAPER_BY_SETTING, "onskemal-3")


def _paper_instead(facts: Facts, region: Region, why: Reason) -> Decision[PaperLetter]:
    """The resident has no digital letter that they can read."""
    if facts.resident.protected:
        return hand_over()
    wished = wishes_digital_only(facts, region)
    if wished is None:
        return wait(facts, region, Reason.CONTACT_UNKNOWN, "onskemal-1")
    if wished:
        return Decision(StaffTask(), Reason.DIGITAL_ONLY_UNREACHABLE, "onskemal-1")
    return Decision(Post(), why, "policy-papper-1")


def wishes_digital_only(facts: Facts, region: Region) -> bool | None:
    """Has the resident actively wished digital only (onskemal-1)? No guardian can for a child (barn-5).

    Nor does it count of one whose age is not known, who may be a child. `None`: the register has not told yet. When
    the wait for it is over, paper goes: a letter too many harms less than a visit that nobody heard of.
    """
    birth, wished = facts.resident.birth, wished_digital_only(facts.resident)
    if birth is None or age_on(birth, swedish_day(facts.now)) < region.ages.own_login:
        return False
    if wished is None and is_wait_over(facts, region):
        return False
    return wished
