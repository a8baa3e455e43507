"""Whether a booked visit is reminded of by SMS, and when (paminnelse-1, 2, besok-5, distans-3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from models.times import later
from routine.addresses import phone_for_reminder
from routine.ages import AgeBand, age_band, swedish_day
from routine.approved import E1177, SMS, Use
from routine.channels import is_channel_approved
from routine.children import Role, lapses_on
from routine.decision import Decision, StaffTask, Wait
from routine.facts import CallLetterKind, Situation, Wishes
from routine.quiet import last_awake, quiet_until
from routine.reasons import Reason
from routine.region import Region
from routine.rules import (
    hand_over,
    has_begun,
    is_guardian_in_the_way,
    is_person_unknown,
    wait_or_hand_over,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A word on SMS reminders.

    Args:
        given: `None`: not known.
        by: in whose right it was given; `None`: not known.
        to_staff: to staff, who enter it in VAS; else in 1177's settings (paminnelse-2).
        unit: the HSA-id of the unit to whose staff it was given, for that unit (policy-samtycke-1); `None`: for
            all care, as one in 1177's settings always is.
        on: the day on which it was given, in Sweden; `None`: not known, and whoever says `by=Role.SELF` of a child
            vouches for it.
    """

    given: bool | None = None
    by: Role | None = None
    to_staff: bool = False
    unit: str | None = None
    on: date | None = None


def consent_in(wishes: Wishes) -> Consent | None:
    """The newest word on SMS reminders, as a consent; what staff entered says nothing of whose it is."""
    word = wishes.sms_reminders
    if word is None:
        return None
    return Consent(
        given=bool(word.value),
        by=Role(word.by) if word.by in (Role.SELF, Role.GUARDIAN) else None,
        to_staff=word.source != E1177,
        unit=word.unit,
        on=swedish_day(word.at),
    )


def is_consented(
    consent: Consent | None, birth: date | None, unit: str, day: date, region: Region
) -> Decision[bool]:
    """May this resident be reminded on that day: is there a consent, and does it count?

    A guardian's never does on 1177 (barn-5); given to staff it may, by the region's setting, until the 13th
    birthday begins (policy-barn-2). The child's own counts from then. One that does not say whose it is, is an
    adult's own.
    """
    if consent is None or consent.given is None:
        return Decision(False, Reason.CONSENT_UNKNOWN, "paminnelse-1")
    if not consent.given:
        return Decision(False, Reason.CONSENT_REFUSED, "paminnelse-1")
    if consent.to_staff and consent.unit is not None and consent.unit.upper() != unit.upper():
        return Decision(False, Reason.CONSENT_ELSEWHERE, "policy-samtycke-1")
    if consent.by is Role.OTHER:
        return Decision(False, Reason.NOT_A_GUARDIAN, "paminnelse-1")
    if birth is None:
        return Decision(False, Reason.AGE_UNKNOWN, "policy-barn-2")
    band = age_band(birth, day, region.ages)
    if consent.by is Role.GUARDIAN:
        return _by_guardian(consent, band, region)
    if consent.by is None and band is not AgeBand.ADULT:
        return Decision(False, Reason.CONSENT_UNKNOWN, "policy-barn-2")
    if band is AgeBand.CHILD:
        return Decision(False, Reason.TOO_YOUNG, "barn-2")
    if consent.on is not None and consent.on < lapses_on(birth, region.ages):
        return Decision(False, Reason.GUARDIAN_CONSENT_LAPSED, "policy-barn-2")
    return Decision(True, Reason.CONSENT_GIVEN, "paminnelse-1" if consent.to_staff else "paminnelse-2")


def _by_guardian(consent: Consent, band: AgeBand, region: Region) -> Decision[bool]:
    if band is not AgeBand.CHILD:
        return Decision(False, Reason.GUARDIAN_CONSENT_LAPSED, "policy-barn-2")
    if not consent.to_staff:
        return Decision(False, Reason.NOT_BY_PROXY, "barn-5")
    if not region.reminders.guardians_consent_counts:
        return Decision(False, Reason.GUARDIAN_CONSENT_NOT_COUNTED, "policy-barn-2")
    return Decision(True, Reason.CONSENT_GIVEN, "policy-barn-2")


def reminders_due_at(start: datetime, known_since: datetime, region: Region) -> tuple[datetime, ...]:
    """When the reminders of a visit are due, the earliest first, each once.

    1. one for each lead time, brought forward out of quiet hours, so that it is never later than its lead
       (distans-3: free cancelling is still ahead); none that fell before the visit was known
    2. if all fell before: one at once (besok-5), which quiet hours may hold

    Args:
        known_since: when the visit, or its present time, came to be known.
    """
    leads = sorted(region.reminders.lead_hours, reverse=True)
    planned = dict.fromkeys(last_awake(later(start, timedelta(hours=-hours)), region) for hours in leads)
    return tuple(at for at in planned if at >= known_since) or (known_since,)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderFacts(Situation):
    """All that a decision on one reminder of one visit rests on.

    Args:
        due_at: one of `reminders_due_at`.
        consent: as it now stands.
        reminded: this reminder has gone.
    """

    due_at: datetime
    consent: Consent | None = None
    reminded: bool = False


@dataclass(frozen=True, slots=True)
class Remind:
    """An SMS goes out; `to` is a Swedish mobile number in E.164."""

    to: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoReminder:
    """None goes out."""


Reminder = Remind | StaffTask | Wait | NoReminder


def reminder(facts: ReminderFacts, region: Region) -> Decision[Reminder]:
    """What we do about the reminder now: send it, wait, leave it to staff, or let it be, with the reason.

    In shadow nothing leaves the house and nothing waits; `reminder_worked_out` says what would have.
    """
    decision = reminder_worked_out(facts, region)
    if facts.unit.in_shadow and not isinstance(decision.answer, NoReminder):
        return Decision(NoReminder(), Reason.UNIT_IN_SHADOW, "policy-skugga-1")
    return decision


def reminder_worked_out(facts: ReminderFacts, region: Region) -> Decision[Reminder]:
    """What would be done if the unit were not in shadow."""
    for step in (_not_owed, _not_consented, _not_yet, _not_in_quiet_hours, _not_known):
        if decision := step(facts, region):
            return decision
    approved = is_channel_approved(SMS, Use.REMINDER, facts.unit_id, swedish_day(facts.now), region)
    if not approved.allowed:
        return Decision(NoReminder(), approved.reason, approved.clause)
    phone, why = phone_for_reminder(facts.resident, swedish_day(facts.now), region)
    if phone is None:
        return Decision(NoReminder(), why.reason, why.clause)
    if held := is_guardian_in_the_way(facts, region, why):
        return Decision(held.answer, held.reason, held.clause)
    return Decision(Remind(phone.value), Reason.REMINDER, "besok-5")


def _none(reason: Reason, clause: str) -> Decision[Reminder]:
    return Decision(NoReminder(), reason, clause)


def _not_owed(facts: ReminderFacts, region: Region) -> Decision[Reminder] | None:
    visit = facts.visit
    if facts.resident.deceased:
        return _none(Reason.DECEASED, "policy-avliden-1")
    if visit.cancelled:
        return _none(Reason.CANCELLED, "paminnelse-1")
    if visit.start is None or visit.call_letter == CallLetterKind.OPEN:
        return _none(Reason.NO_BOOKED_TIME, "paminnelse-1")
    if facts.reminded:
        return _none(Reason.REMINDED, "besok-5")
    if has_begun(visit, facts.now):
        return _none(Reason.PASSED, "besok-5")
    if _is_pointless(visit.start, facts.now, region):
        return _none(Reason.POINTLESS, "policy-tystnad-1")
    return None


def _is_pointless(start: datetime, at: datetime, region: Region) -> bool:
    return at >= later(start, -timedelta(minutes=region.reminders.pointless_minutes))


def _not_consented(facts: ReminderFacts, region: Region) -> Decision[Reminder] | None:
    if facts.resident.reservnummer:
        return _none(Reason.RESERVNUMMER, "policy-reserv-1")
    day = swedish_day(facts.now)
    consented = is_consented(facts.consent, facts.resident.birth, facts.unit_id, day, region)
    return None if consented.allowed else _none(consented.reason, consented.clause)


def _not_yet(facts: ReminderFacts, _: Region) -> Decision[Reminder] | None:
    return Decision(Wait(facts.due_at), Reason.TOO_EARLY, "besok-5") if facts.now < facts.due_at else None


def _not_known(facts: ReminderFacts, region: Region) -> Decision[Reminder] | None:
    """Protected: staff remind, by their own routine. Not known for now: wait (policy-skydd-1)."""
    if is_person_unknown(facts):
        return wait_or_hand_over(facts, region, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    if facts.resident.protected:
        return hand_over()
    if facts.resident.contacts is None:
        return wait_or_hand_over(facts, region, Reason.CONTACT_UNKNOWN, "besok-5")
    return None


def _not_in_quiet_hours(facts: ReminderFacts, region: Region) -> Decision[Reminder] | None:
    """Held until they are over, and dropped if it would come too late to be of use then; a shadow does not wait."""
    over = quiet_until(facts.now, region)
    if over is None or facts.unit.in_shadow:
        return None
    start = facts.visit.start
    if start is not None and _is_pointless(start, over, region):
        return _none(Reason.POINTLESS, "policy-tystnad-1")
    return Decision(Wait(over), Reason.QUIET_HOURS, "policy-tystnad-1")
