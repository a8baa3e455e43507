"""Changing channel: may it be proposed, and where is it asked (byte-1 to byte-6, patient-3, policy-fara-1)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from routine.addresses import is_mobile
from routine.approved import PHONE, SMS, Use
from routine.channels import is_channel_approved, may_dialogue_be_held
from routine.children import Role, may_be_told
from routine.decision import Decision
from routine.override import is_reason_given
from routine.protected import Passage
from routine.reasons import Reason
from routine.region import Region, UnitPolicy


class Change(StrEnum):
    """The kinds of change that the routine tells apart."""

    TO_PHONE = "to_phone"
    FROM_PHONE = "from_phone"
    DIGITAL = "digital"


def kind_of_change(from_: str, to: str) -> Change:
    """Digital to phone (byte-1), phone to digital (byte-2), or digital to digital (byte-3)."""
    if to == PHONE:
        return Change.TO_PHONE
    return Change.FROM_PHONE if from_ == PHONE else Change.DIGITAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """A change of channel that staff propose, or that a caller asks for by a key press.

    Args:
        from_, to: channels such as `e1177`, `platform24`, `phone`.
        unit, unit_id: the unit's policy and HSA-id.
        safer_assessment: staff judge that talking makes a safer assessment (byte-1).
        adds_value: staff judge that it adds value for the patient (byte-4).
        key_pressed: the caller pressed the key for it (byte-2).
        e_id: the patient has e-identification; `None`: not known.
        role: in whose right the other side takes part in the contact.
        birth, deceased, protected: of the patient; `None`: not known.
        human_first: a risk of suicide stands (policy-suicid-1).
    """

    from_: str
    to: str
    unit: UnitPolicy
    unit_id: str
    safer_assessment: bool | None = None
    adds_value: bool | None = None
    key_pressed: bool = False
    e_id: bool | None = None
    role: Role | None = Role.SELF
    birth: date | None = field(default=None, repr=False)
    deceased: bool | None = None
    protected: bool | None = field(default=None, repr=False)
    human_first: bool = False

    @property
    def change(self) -> Change:
        return kind_of_change(self.from_, self.to)


def may_be_proposed(proposal: Proposal, day: date, region: Region) -> Decision[Passage]:
    """May the patient be asked? The first gate that has something to say decides; past them all, they may."""
    for gate in _GATES:
        if decision := gate(proposal, day, region):
            return decision
    return _why(proposal)


Gate = Callable[[Proposal, date, Region], Decision[Passage] | None]


def _no(reason: Reason, clause: str) -> Decision[Passage]:
    return Decision(Passage.NONE, reason, clause)


def _is_alive(proposal: Proposal, _: date, __: Region) -> Decision[Passage] | None:
    return _no(Reason.DECEASED, "policy-avliden-1") if proposal.deceased else None


def _human_first(proposal: Proposal, _: date, __: Region) -> Decision[Passage] | None:
    return _no(Reason.HUMAN_FIRST, "policy-suicid-1") if proposal.human_first else None


def _is_a_change(proposal: Proposal, _: date, __: Region) -> Decision[Passage] | None:
    return _no(Reason.NO_CHANGE, "patient-1") if proposal.from_ == proposal.to else None


def _comes_from_approved(proposal: Proposal, day: date, region: Region) -> Decision[Passage] | None:
    """Nothing is asked by a way that care may not use: the patient is referred instead (patient-4)."""
    if may_dialogue_be_held(proposal.from_, proposal.unit_id, day, region).allowed:
        return None
    return _no(Reason.CHANNEL_NOT_APPROVED, "patient-4")


def _has_its_sms(proposal: Proposal, day: date, region: Region) -> Decision[Passage] | None:
    """The link that a caller asks for goes by SMS (byte-2)."""
    if proposal.change is not Change.FROM_PHONE:
        return None
    approved = is_channel_approved(SMS, Use.LINK, proposal.unit_id, day, region)
    return None if approved.allowed else _no(approved.reason, approved.clause)


def _is_approved(proposal: Proposal, day: date, region: Region) -> Decision[Passage] | None:
    if proposal.to == PHONE:
        return None
    approved = is_channel_approved(proposal.to, Use.TEXT, proposal.unit_id, day, region)
    return None if approved.allowed else _no(approved.reason, approved.clause)


def _is_offered(proposal: Proposal, _: date, __: Region) -> Decision[Passage] | None:
    if proposal.to == PHONE or proposal.to in proposal.unit.offers:
        return None
    return _no(Reason.NOT_OFFERED, "byte-2" if proposal.change is Change.FROM_PHONE else "byte-3")


def _is_wanted(proposal: Proposal, _: date, __: Region) -> Decision[Passage] | None:
    """Why the change is made: what staff judge, or the caller's key press (byte-1, byte-2, byte-4)."""
    why = _why(proposal)
    return why if why.answer is Passage.NONE else None


def _may_be_asked(proposal: Proposal, day: date, region: Region) -> Decision[Passage] | None:
    """From 13 the guardian in a contact is not asked for the child (policy-barn-1); unknown age: staff."""
    told = may_be_told(proposal.role, proposal.birth, day, region, protected=proposal.protected)
    return None if told.allowed else Decision(Passage.STAFF, told.reason, told.clause)


def _can_log_in(proposal: Proposal, _: date, __: Region) -> Decision[Passage] | None:
    if proposal.to == PHONE or proposal.e_id is not False:
        return None
    return _no(Reason.NO_E_ID, "byte-2" if proposal.change is Change.FROM_PHONE else "byte-3")


def _is_switched_on(proposal: Proposal, _: date, __: Region) -> Decision[Passage] | None:
    return _no(Reason.UNIT_IN_SHADOW, "policy-skugga-1") if proposal.unit.in_shadow else None


def _is_safe(proposal: Proposal, _: date, __: Region) -> Decision[Passage] | None:
    """A protected person is led nowhere by us: staff do it by their system's routine (policy-skydd-1)."""
    if proposal.deceased is None or proposal.protected is None:
        return Decision(Passage.WAIT, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    return Decision(Passage.STAFF, Reason.MANUAL_HANDLING, "policy-skydd-1") if proposal.protected else None


_CLOSED: tuple[Gate, ...] = (
    _is_alive,
    _is_a_change,
    _comes_from_approved,
    _has_its_sms,
    _is_approved,
    _is_safe,
    _may_be_asked,
    _is_switched_on,
)
"""Those that no reason opens: what we never send, staff do by themselves."""

_GATES: tuple[Gate, ...] = (
    _is_alive,
    _human_first,
    _is_a_change,
    _comes_from_approved,
    _has_its_sms,
    _is_approved,
    _is_offered,
    _is_wanted,
    _is_safe,
    _may_be_asked,
    _can_log_in,
    _is_switched_on,
)


_OF_A_CALL: tuple[Gate, ...] = (
    _comes_from_approved,
    _has_its_sms,
    _is_approved,
    _is_offered,
    _is_wanted,
    _is_switched_on,
)
"""Those that ask nothing of the patient: who calls is not known."""


def may_key_be_offered(proposal: Proposal, day: date, region: Region) -> Decision[Passage]:
    """May whoever calls the unit choose this channel by a key (byte-2)? Not every unit offers it."""
    for gate in _OF_A_CALL:
        if decision := gate(proposal, day, region):
            return decision
    return _why(proposal)


def may_caller_have_link(
    proposal: Proposal, number: str | None, texted: int, day: date, region: Region
) -> Decision[Passage]:
    """May the link that a caller has pressed a key for go to them by SMS (byte-2, policy-knapp-1)?

    Who it is, and so whether they may be led further, is asked once they have logged in.

    Args:
        number: that the call is from, in E.164; `None`: hidden.
        texted: how many times a link has been asked for from it the last day.
    """
    offered = may_key_be_offered(proposal, day, region)
    if offered.answer is not Passage.SEND:
        return offered
    if number is None or not is_mobile(number, region):
        return _no(Reason.CALLER_UNKNOWN, "policy-knapp-1")
    if texted >= region.links.texted_a_day:
        return _no(Reason.TEXTED_ENOUGH, "policy-knapp-1")
    return offered


def _why(proposal: Proposal) -> Decision[Passage]:
    match proposal.change:
        case Change.TO_PHONE if proposal.safer_assessment:
            return Decision(Passage.SEND, Reason.SAFER_ASSESSMENT, "byte-1")
        case Change.TO_PHONE:
            return _no(Reason.NO_SAFER_ASSESSMENT, "byte-1")
        case Change.FROM_PHONE if proposal.key_pressed:
            return Decision(Passage.SEND, Reason.KEY_PRESS, "byte-2")
        case Change.FROM_PHONE:
            return _no(Reason.NO_KEY_PRESS, "byte-2")
        case _ if proposal.adds_value:
            return Decision(Passage.SEND, Reason.ADDED_VALUE, "byte-4")
        case _:
            return _no(Reason.NO_ADDED_VALUE, "byte-4")


def where_is_it_asked(from_: str, to: str) -> Decision[str]:
    """The channel in which the patient is asked: the one that they came through (byte-1, byte-3, patient-3).

    A caller who pressed the key has the link by SMS (byte-2).
    """
    change = kind_of_change(from_, to)
    if change is Change.FROM_PHONE:
        return Decision(SMS, Reason.KEY_PRESS, "byte-2")
    return Decision(from_, Reason.SAME_CHANNEL, "byte-1" if change is Change.TO_PHONE else "byte-3")


def after_refusal(channel: str, unit_id: str, day: date, region: Region) -> Decision[bool]:
    """Does the contact stay where it is when the patient declines, or lets the link lapse (byte-6)?

    `False`: the channel is not approved, and the patient is referred (patient-4).
    """
    if may_dialogue_be_held(channel, unit_id, day, region).allowed:
        return Decision(True, Reason.STAYS, "byte-6")
    return Decision(False, Reason.CHANNEL_NOT_APPROVED, "byte-6")


def may_be_overridden(
    proposal: Proposal, reason_given: str | None, day: date, region: Region
) -> Decision[Passage]:
    """What becomes of a proposal when staff go past the gates with a reason (policy-fara-1).

    Every gate opens but those of `_CLOSED`: there staff go on by themselves, and we do not stand in their way.
    """
    if not is_reason_given(reason_given):
        return _no(Reason.OVERRIDE_WITHOUT_REASON, "policy-fara-1")
    for gate in _CLOSED:
        if gate(proposal, day, region):
            return Decision(Passage.STAFF, Reason.NOT_TO_OVERRIDE, "policy-fara-1")
    return Decision(Passage.SEND, Reason.OVERRIDDEN, "policy-fara-1")
