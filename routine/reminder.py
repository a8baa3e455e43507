"""Whether a booked visit is reminded of, and when (paminnelse-1, 2, besok-5, distans-3, policy-avisering-3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from models.times import later
from routine.addresses import first_usable, holding, phone_for_reminder
from routine.ages import AgeBand, age_band, swedish_day
from routine.approved import E1177, MAIL, SMS, Use
from routine.channels import is_channel_approved
from routine.children import Role, lapses_on
from routine.decision import Decision, StaffTask, Wait
from routine.facts import CallLetterKind, Contact, ContactKind, Situation, Wishes
from routine.quiet import last_awake, quiet_until
from routine.reasons import Reason
from routine.region import Region
from routine.rules import (
    hand_over,
    has_begun,
    is_guardian_in_the_way,
    is_human_first,
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
        at: from when on it counts; `None`: not known, and a STOPP that was ever sent is newer.
    """

    given: bool | None = None
    by: Role | None = None
    to_staff: bool = False
    unit: str | None = None
    on: date | None = None
    at: datetime | None = None


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
        at=word.at,
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


@dataclass(frozen=True, slots=True)
class Planned:
    """A reminder of a visit: when it is due, and so many hours before; `None`: at once, for a late booking."""

    at: datetime
    lead: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What the reminders of a visit are planned by.

    Args:
        start: its present time.
        known_since: when the visit, or its present time, came to be known.
        silent: it came so with a replay or a load, which is no news: nothing goes at once (policy-avisering-2).
        gone: how many reminders of this time have gone.
        settled: the moment of the last one that is dealt with; `None`: what was let be is owed still.
    """

    start: datetime
    known_since: datetime
    silent: bool = False
    gone: int = 0
    settled: datetime | None = None


def first_lead_at(start: datetime, region: Region) -> datetime:
    """When a visit that was booked early enough is first reminded of, brought forward out of quiet hours."""
    return _lead_at(start, max(region.reminders.lead_hours), region)


def _lead_at(start: datetime, hours: int, region: Region) -> datetime:
    return last_awake(later(start, timedelta(hours=-hours)), region)


def reminders_planned(plan: Plan, region: Region) -> tuple[Planned, ...]:
    """The reminders of a visit, the earliest first; of those that would come in one minute, the first.

    1. one for each lead time, brought forward out of quiet hours, so that it is never later than its lead
       (distans-3: free cancelling is still ahead); none that fell before the visit was known
    2. if all fell before: one at once (besok-5), which quiet hours may hold
    """
    planned: list[Planned] = []
    for hours in sorted(region.reminders.lead_hours, reverse=True):
        at = _lead_at(plan.start, hours, region)
        if at >= plan.known_since and not (planned and at - planned[-1].at < timedelta(minutes=1)):
            planned.append(Planned(at, hours))
    if planned or plan.silent:
        return tuple(planned)
    return (Planned(plan.known_since, None),)


def reminders_due_at(start: datetime, known_since: datetime, region: Region) -> tuple[datetime, ...]:
    """When the reminders of a visit are due, as `reminders_planned` has them.

    Args:
        known_since: when the visit, or its present time, came to be known.
    """
    plan = Plan(start=start, known_since=known_since)
    return tuple(each.at for each in reminders_planned(plan, region))


def planned_then(plan: Plan | None, region: Region) -> PlannedThen:
    """How a visit's reminders are planned now, to be held against other figures."""
    moments = tuple(each.at for each in reminders_planned(plan, region)) if plan else ()
    return PlannedThen(plan=plan, moments=moments)


def next_reminder(plan: Plan, now: datetime, region: Region) -> Planned | None:
    """The one that is owed next; of several that are past, the last: one is enough. `None`: no more are.

    As many are owed as there are leads, less those that have gone: where the region's leads are changed, a visit that
    has been reminded of is not reminded of once more for the same.
    """
    planned = reminders_planned(plan, region)
    left = planned[min(plan.gone, len(planned)) :]
    owed = [each for each in left if plan.settled is None or each.at > plan.settled]
    if not owed or plan.start <= now:
        return None
    past = [each for each in owed if each.at <= now]
    return past[-1] if past else owed[0]


NEWS = timedelta(hours=1)
"""What comes so soon after a source has told of its visit follows from that: its ceiling is of an hour."""


def is_at_once(due: Planned, plan: Plan) -> bool:
    """Does the reminder follow at once from what a source has told, whose ceiling it then has (policy-kalla-1)?

    One for a late booking or for another time does, held over the night too, and one whose lead comes as soon as the
    visit is known. What is planned for longer has none: thousands are due in one morning, and whoever looks after the
    source has had the time since to see what it told of.
    """
    return due.at - plan.known_since < NEWS


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderFacts(Situation):
    """All that a decision on one reminder of one visit rests on.

    Args:
        due_at: one of `reminders_due_at`.
        consent: as it now stands.
        reminded: this reminder has gone.
        stopped_at: when a number of the resident's last answered STOPP; `None`: none has.
        unreached: the numbers and addresses at which this reminder has not arrived.
    """

    due_at: datetime
    consent: Consent | None = None
    reminded: bool = False
    stopped_at: datetime | None = None
    unreached: frozenset[str] = field(default=frozenset(), repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class ReminderAsked:
    """What a reminder is judged by, and what its visit's reminders are planned by."""

    facts: ReminderFacts
    plan: Plan


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedThen:
    """How the reminders of a visit were planned: by what, and for when; `plan` None: it has no time any more."""

    plan: Plan | None
    moments: tuple[datetime, ...] = ()


@dataclass(frozen=True, slots=True)
class Remind:
    """An SMS goes out; `to` is a mobile number in E.164."""

    to: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class RemindByMail:
    """The SMS has not arrived, and the resident has chosen e-mail for notices: `to` is an address."""

    to: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class NoReminder:
    """None goes out."""


Reminder = Remind | RemindByMail | StaffTask | Wait | NoReminder


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
    for step in (_not_owed, _not_consented, _not_yet, _not_alone, _not_in_quiet_hours, _not_known, _stopped):
        if decision := step(facts, region):
            return decision
    return _by_what_means(facts, region)


def _by_what_means(facts: ReminderFacts, region: Region) -> Decision[Reminder]:
    """By SMS to the first number that may be used; where that did not arrive, to the next.

    Then by e-mail, if the resident has chosen that for notices (avisering-1), and else not at all: a reminder is no
    task for staff.
    """
    day = swedish_day(facts.now)
    approved = is_channel_approved(SMS, Use.REMINDER, facts.unit_id, day, region)
    if not approved.allowed:
        return Decision(NoReminder(), approved.reason, approved.clause)
    usable, whose = phone_for_reminder(facts.resident, day, region, facts.unreached)
    if usable is None and facts.unreached:
        usable, whose = _mail_instead(facts, region)
    if usable is None:
        return Decision(NoReminder(), whose.reason, whose.clause)
    if held := is_guardian_in_the_way(facts, region, whose):
        return Decision(held.answer, held.reason, held.clause)
    by = Remind if usable.kind == ContactKind.PHONE else RemindByMail
    return Decision(by(usable.value), Reason.REMINDER, "besok-5")


def _mail_instead(facts: ReminderFacts, region: Region) -> tuple[Contact | None, Decision[bool]]:
    """An address that the resident has chosen to be given notice at (avisering-1), where no SMS has arrived."""
    day = swedish_day(facts.now)
    untried = [each for each in holding(facts.resident, day) if each.value not in facts.unreached]
    chosen = [each for each in untried if each.kind == ContactKind.EMAIL and each.wished]
    if not chosen or not is_channel_approved(MAIL, Use.NOTICE, facts.unit_id, day, region).allowed:
        return None, Decision(False, Reason.NOT_REACHED, "policy-avisering-3")
    return first_usable(chosen, facts.resident, day, region)


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


def _not_alone(facts: ReminderFacts, _: Region) -> Decision[Reminder] | None:
    """While a risk of suicide stands that no human has acted on, nothing goes by itself (policy-suicid-1)."""
    first = is_human_first(facts)
    return None if first is None else Decision(first.answer, first.reason, first.clause)


def _stopped(facts: ReminderFacts, _: Region) -> Decision[Reminder] | None:
    """A STOPP from a number of the resident's, whoever sent it, ends an older consent (paminnelse-1)."""
    stopped, consent = facts.stopped_at, facts.consent
    if stopped is None or (consent is not None and consent.at is not None and consent.at > stopped):
        return None
    return _none(Reason.SAYS_STOP, "paminnelse-1")


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
