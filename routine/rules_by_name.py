"""Every rule of the region's figures that timelines tell of, by name, to be asked anew (`vaxel what-if`).

A rule that takes no figure answers the same under any, and is not here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from pydantic import ConfigDict, TypeAdapter, ValidationError

from routine.asked import (
    AskedAnswer,
    AskedChange,
    AskedChannel,
    AskedFile,
    AskedGuidance,
    AskedHeight,
    AskedLate,
    AskedLink,
    AskedPassage,
    AskedReferral,
    AskedSwitch,
    AskedTransfer,
)
from routine.call_letter import digital_call_letter, paper
from routine.channel_switch import after_refusal, may_be_overridden, may_be_proposed
from routine.channels import may_dialogue_be_held
from routine.contact import (
    Guide,
    NoGuide,
    is_answer_as_routine,
    is_guided_to_service,
    is_referral_sent,
    is_unanswered,
    where_to_answer,
)
from routine.decision import Decision
from routine.facts import Facts
from routine.gate import may_leave
from routine.image_transfer import may_be_transferred
from routine.images import is_kept, may_be_stored
from routine.key_press import may_link_go
from routine.notice import notice
from routine.proposal import is_contact_found
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import Region, UnitPolicy
from routine.reminder import PlannedThen, ReminderAsked, reminder
from routine.requested_notice import RequestedFacts, policy_to_tell_by, requested_notice
from routine.risk import how_high
from routine.self_service import may_be_asked_of_journal_system
from routine.visit_form import Booked, what_is_amiss

Place = tuple[str, ...]
TOP: tuple[Place, ...] = (("unit",),)


class CannotRead(Exception):
    """What was kept is not what the rule is asked with in this version: it cannot be decided anew."""


class UnitNotListed(Exception):
    """The region that is asked by does not list the unit: whatever it was about is parked there."""


@dataclass(frozen=True)
class Kept:
    """How what a rule was asked with is read again.

    Args:
        facts: the frozen dataclass.
        units: where the unit's policy stands in it. It is not kept, only that there was one: it is that of the region
            that is asked by.
        unlisted: the rule itself answers for a unit that the region does not list.
    """

    facts: type[Any]
    units: tuple[Place, ...] = ()
    unlisted: bool = False

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        """A field that a later version has dropped is no answer to what it asks: it is refused."""
        return TypeAdapter(tuple[self.facts], config=ConfigDict(extra="forbid"))  # type: ignore[name-defined]

    def read(self, said: dict[str, Any], unit: UnitPolicy | None) -> Any:
        """The facts again; fields that were added since have their defaults.

        Args:
            said: as it was kept, from JSON; it is changed.
            unit: the unit's policy by the region that is asked by.

        Raises:
            CannotRead: it is not of this version.
            UnitNotListed: the region does not list the unit.
        """
        for *above, name in self.units:
            at: Any = said
            for each in above:
                at = at.get(each) if isinstance(at, dict) else None
            if isinstance(at, dict) and at.get(name) is True:
                if unit is None and not self.unlisted:
                    raise UnitNotListed
                at[name] = unit
        try:
            return self._adapter.validate_python((said,))[0]
        except ValidationError:
            raise CannotRead from None


def _as_listed(said: dict[str, Any], unit: UnitPolicy | None, region: Region) -> UnitPolicy | None:
    return unit


def _told_by(said: dict[str, Any], unit: UnitPolicy | None, region: Region) -> UnitPolicy | None:
    return policy_to_tell_by(unit, region, only_ours=said.get("only_ours") is True)


@dataclass(frozen=True)
class NamedRule:
    """A rule that can be asked anew.

    Args:
        decide: the rule itself: the facts, then the region.
        does: codes of the answers by which something is done (`engine.tables.decisions.answer_code`).
        policy: by whose policy it decides: what was kept, the unit's as the region lists it, then the region.
    """

    kept: Kept
    decide: Callable[[Any, Region], Decision[Any]]
    does: frozenset[str]
    policy: Callable[[dict[str, Any], UnitPolicy | None, Region], UnitPolicy | None] = _as_listed


def may_be_asked(asked: AskedSwitch, region: Region) -> Decision[Passage]:
    """May the question of a change of channel be put, by the routine or past it (byte-1, byte-4, policy-fara-1)?"""
    if asked.overridden:
        return may_be_overridden(asked.proposal, "given", asked.day, region)
    return may_be_proposed(asked.proposal, asked.day, region)


def may_caller_be_sent(asked: AskedLink, region: Region) -> Decision[Passage]:
    """May the link go to a caller now (byte-2, policy-fara-1)?"""
    return may_link_go(
        asked.proposal,
        asked.number,
        asked.texted,
        asked.pressed_at,
        asked.now,
        asked.day,
        region,
        overridden=asked.overridden,
    )


def guided(asked: AskedGuidance, region: Region) -> Decision[Guide | NoGuide]:
    """Is the patient guided to a ready service (byte-5)?"""
    return is_guided_to_service(
        asked.topic,
        asked.role,
        asked.birth,
        asked.day,
        region,
        is_there=asked.is_there,
        protected=asked.protected,
    )


def may_file_be_fetched(asked: AskedTransfer, region: Region) -> Decision[bool]:
    """Is the storage appointed, and did the file come in a contact of the patient's (bilder-1, policy-bild-4)?"""
    appointed = may_be_stored(region)
    if not appointed.allowed:
        return appointed
    if not asked.is_found:
        return is_contact_found(0)
    return may_be_transferred(asked.is_of_patient, deceased=asked.deceased)


def as_one(found: Sequence[Decision[bool]]) -> Decision[tuple[Reason, ...]]:
    """All that is amiss with a visit as one decision, under the first's reason."""
    if not found:
        return Decision((), Reason.AGREED, "vard-1")
    return Decision(tuple(each.reason for each in found), found[0].reason, found[0].clause)


def _dialogue(asked: AskedChannel, region: Region) -> Decision[bool]:
    return may_dialogue_be_held(asked.channel, asked.unit_id, asked.day, region)


def may_be_asked_for(asked: AskedChange, region: Region) -> Decision[bool]:
    """May what a resident asks for be asked of the journal system (besok-3, besok-4)?"""
    return may_be_asked_of_journal_system(asked.wanted, asked.booking, asked.unit, asked.now, region)


SENDS = frozenset({"send"})
YES = frozenset({"yes"})
MESSAGE = frozenset({"send_sms", "send_mail"})
PLANNED = Kept(PlannedThen)
"""How a visit's reminders were planned: no decision, kept under this name beside them."""
REMINDER, REMINDER_PLAN = "reminder", "reminder_plan"

RULES: Mapping[str, NamedRule] = MappingProxyType(
    {
        "notice": NamedRule(Kept(Facts, TOP), notice, MESSAGE),
        "requested_notice": NamedRule(Kept(RequestedFacts, TOP), requested_notice, MESSAGE, _told_by),
        REMINDER: NamedRule(
            Kept(ReminderAsked, (("facts", "unit"),)),
            lambda asked, region: reminder(asked.facts, region),
            frozenset({"remind", "remind_by_mail"}),
        ),
        "call_letter": NamedRule(
            Kept(Facts, TOP), digital_call_letter, frozenset({"by_scheduling", "by_inbox"})
        ),
        "paper": NamedRule(Kept(Facts, TOP), paper, frozenset({"post"})),
        "visit_form": NamedRule(
            Kept(Booked), lambda visit, region: as_one(what_is_amiss(visit, region)), frozenset()
        ),
        "switch": NamedRule(Kept(AskedSwitch, (("proposal", "unit"),)), may_be_asked, SENDS),
        "link": NamedRule(Kept(AskedLink, (("proposal", "unit"),)), may_caller_be_sent, SENDS),
        "stays": NamedRule(
            Kept(AskedChannel), lambda a, region: after_refusal(a.channel, a.unit_id, a.day, region), YES
        ),
        "channel": NamedRule(Kept(AskedChannel), _dialogue, YES),
        "contact": NamedRule(
            Kept(AskedChannel),
            lambda a, region: where_to_answer(a.channel, a.unit_id, a.day, region),
            frozenset({"answer_there"}),
        ),
        "referral": NamedRule(
            Kept(AskedReferral, TOP),
            lambda a, region: is_referral_sent(a.contact, a.unit, a.unit_id, a.day, region),
            SENDS,
        ),
        "passage": NamedRule(
            Kept(AskedPassage),
            lambda a, region: may_leave(a.to, a.channel, a.use, a.unit_id, a.day, region),
            SENDS,
        ),
        "guidance": NamedRule(Kept(AskedGuidance), guided, frozenset({"guide"})),
        "unanswered": NamedRule(
            Kept(AskedLate, TOP), lambda a, region: is_unanswered(a.since, False, a.unit, a.now, region), YES
        ),
        "answer": NamedRule(
            Kept(AskedAnswer),
            lambda a, region: is_answer_as_routine(a.answer, a.chosen, a.unit_id, a.day, region),
            frozenset({"departs"}),
        ),
        "file": NamedRule(Kept(AskedFile), lambda a, region: is_kept(a.kind, a.bytes, a.scan, region), YES),
        "transfer": NamedRule(Kept(AskedTransfer), may_file_be_fetched, YES),
        "self_service": NamedRule(
            Kept(AskedChange, (*TOP, ("booking", "unit")), unlisted=True), may_be_asked_for, YES
        ),
        "escalation": NamedRule(
            Kept(AskedHeight),
            lambda a, region: how_high(a.risk, a.now, region, has_staff=a.has_staff),
            frozenset({"alert"}),
        ),
    }
)

NOT_ASKED = frozenset(
    {
        Reason.PERSON_UNKNOWN,
        Reason.GUARDIAN_UNKNOWN,
        Reason.CONTACT_UNKNOWN,
        Reason.PORTAL_UNKNOWN,
        Reason.SERVICE_UNKNOWN,
    }
)
"""A rule that answers so would have had an outer system asked of something first."""

ELSEWHERE, PART, WORDS = (
    "not told on a timeline",
    "a part of what is told, and of its facts",
    "it rests on a patient's own words, or on who logged in, and is kept with the consent",
)
NOT_KEPT: Mapping[str, str] = MappingProxyType(
    {
        "are_staff_alerted_in": ELSEWHERE,
        "does_guardian_act": PART,
        "may_act": PART,
        "may_times_be_shown": ELSEWHERE,
        "can_be_handled": "a case at a unit that is not listed is parked",
        "is_bulk_load": PART,
        "is_consent_withdrawn": WORDS,
        "is_link_alive": WORDS,
        "is_login_consent": WORDS,
        "is_login_strong": WORDS,
        "is_read_by_a_human": PART,
        "is_reply_consent": WORDS,
        "is_taken_off": ELSEWHERE,
        "may_answer": WORDS,
        "may_be_given_out": "a held file is scanned again until it may be",
        "may_be_held_on": "a visit on a platform that is not approved is parked",
        "may_be_set": "a word on a preference is told with others, of one event",
        "may_caller_have_link": PART,
        "may_join": ELSEWHERE,
        "may_key_be_offered": ELSEWHERE,
        "may_reach_patient": "a text that may not go parks its case",
        "may_vouch": WORDS,
        "digital_worked_out": PART,
        "paper_worked_out": PART,
        "reminder_worked_out": PART,
        "requested_worked_out": PART,
        "worked_out": PART,
        "rebooked_as": PART,
        "way_in": ELSEWHERE,
        "what_is_offered": ELSEWHERE,
        "where_joined": ELSEWHERE,
        "who_is_called": "whom an alert goes to; how high it stands is kept",
        "who_joins": PART,
    }
)
"""Rules of figures that `tasks` ask too, and why they cannot be asked anew."""
