"""Who is reminded of a booked visit, and when (paminnelse-1, 2, besok-5, distans-3, barn-5, policy-barn-2)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from routine_cases import (
    ADULT,
    EMAIL,
    MOBILE,
    REGION,
    RESIDENT,
    SHADOW_UNIT,
    SMS,
    START,
    UNIT,
    VISIT,
    resident,
    visit,
)

from routine.children import Role
from routine.decision import Decision, StaffTask, Wait
from routine.facts import CallLetterKind
from routine.figures import Quiet, Reminders
from routine.quiet import quiet_until
from routine.reasons import Reason
from routine.region import Region
from routine.reminder import (
    Consent,
    NoReminder,
    Remind,
    ReminderFacts,
    is_consented,
    reminder,
    reminder_worked_out,
    reminders_due_at,
)

STOCKHOLM = ZoneInfo("Europe/Stockholm")
HSA_ID = "SE2321000115-E000000000001"
ANOTHER = "SE2321000115-E000000000002"


def at(text: str) -> datetime:
    """A time in Sweden, in UTC, such as `2026-11-28 09:00`."""
    return datetime.fromisoformat(text).replace(tzinfo=STOCKHOLM).astimezone(UTC)


def with_reminders(**differs: Any) -> Region:
    figures = REGION.reminders.model_dump() | differs
    return REGION.model_copy(update={"reminders": Reminders(**figures)})


def with_quiet(begin: time, end: time) -> Region:
    return REGION.model_copy(update={"quiet": Quiet(**{"from": begin, "to": end, "urgent_hours": 2})})


GUARDIANS_COUNT = with_reminders(guardians_consent_counts=True)
NO_QUIET = with_quiet(time(0), time(0))
DUE = START - timedelta(hours=72)  # Saturday 2026-11-28 09:00 in Sweden
OWN = Consent(given=True, by=Role.SELF)
TO_STAFF = Consent(given=True, by=Role.SELF, to_staff=True)
GUARDIANS = Consent(given=True, by=Role.GUARDIAN, to_staff=True)


def facts(**differs: Any) -> ReminderFacts:
    usual: dict[str, Any] = {
        "visit": VISIT,
        "resident": RESIDENT,
        "unit": UNIT,
        "unit_id": HSA_ID,
        "now": DUE,
        "due_at": DUE,
        "consent": OWN,
    }
    return ReminderFacts(**usual | differs)


# consent (paminnelse-1, paminnelse-2, barn-5, policy-barn-2)

DAY = date(2026, 11, 24)
TWELVE = date(2013, 11, 25)  # turns 13 on the day after DAY
THIRTEEN = date(2013, 11, 24)  # turns 13 on DAY
NOT_BY_SELF_OR_GUARDIAN = [Role.OTHER, None]

CONSENTS = [
    ("on 1177", OWN, ADULT, REGION, Reason.CONSENT_GIVEN, "paminnelse-2"),
    ("to staff", TO_STAFF, ADULT, REGION, Reason.CONSENT_GIVEN, "paminnelse-1"),
    ("to this unit", replace(TO_STAFF, unit=HSA_ID), ADULT, REGION, Reason.CONSENT_GIVEN, "paminnelse-1"),
    ("to this unit in small letters", replace(TO_STAFF, unit=HSA_ID.lower()), ADULT, REGION, Reason.CONSENT_GIVEN, "paminnelse-1"),
    ("of a child on the 13th birthday", replace(OWN, on=DAY), THIRTEEN, REGION, Reason.CONSENT_GIVEN, "paminnelse-2"),
    ("of a guardian to staff where that counts", GUARDIANS, TWELVE, GUARDIANS_COUNT, Reason.CONSENT_GIVEN, "policy-barn-2"),
]  # fmt: skip

NO_CONSENTS = [
    ("nothing known", None, ADULT, REGION, Reason.CONSENT_UNKNOWN, "paminnelse-1"),
    ("a word that is not known", replace(OWN, given=None), ADULT, REGION, Reason.CONSENT_UNKNOWN, "paminnelse-1"),
    ("a no, or a consent withdrawn", replace(OWN, given=False), ADULT, REGION, Reason.CONSENT_REFUSED, "paminnelse-1"),
    ("a no to another unit", replace(TO_STAFF, given=False, unit=ANOTHER), ADULT, REGION, Reason.CONSENT_REFUSED, "paminnelse-1"),
    ("a yes to another unit", replace(TO_STAFF, unit=ANOTHER), ADULT, REGION, Reason.CONSENT_ELSEWHERE, "policy-samtycke-1"),
    ("elsewhere, and the age unknown", replace(TO_STAFF, unit=ANOTHER), None, REGION, Reason.CONSENT_ELSEWHERE, "policy-samtycke-1"),
    ("an age that is not known", OWN, None, REGION, Reason.AGE_UNKNOWN, "policy-barn-2"),
    ("an age that is not known, of a guardian", GUARDIANS, None, GUARDIANS_COUNT, Reason.AGE_UNKNOWN, "policy-barn-2"),
    ("somebody else", replace(OWN, by=Role.OTHER), ADULT, REGION, Reason.NOT_A_GUARDIAN, "paminnelse-1"),
    ("somebody else, for a child", replace(GUARDIANS, by=Role.OTHER), TWELVE, GUARDIANS_COUNT, Reason.NOT_A_GUARDIAN, "paminnelse-1"),
    ("a child under 13", OWN, TWELVE, REGION, Reason.TOO_YOUNG, "barn-2"),
    ("a child of 13, given the day before", replace(OWN, on=date(2026, 11, 23)), THIRTEEN, REGION, Reason.GUARDIAN_CONSENT_LAPSED, "policy-barn-2"),
    ("an adult, given as a child", replace(OWN, on=date(1993, 5, 4)), ADULT, REGION, Reason.GUARDIAN_CONSENT_LAPSED, "policy-barn-2"),
    ("a guardian on 1177", replace(GUARDIANS, to_staff=False), TWELVE, REGION, Reason.NOT_BY_PROXY, "barn-5"),
    ("a guardian on 1177, whatever the setting", replace(GUARDIANS, to_staff=False), TWELVE, GUARDIANS_COUNT, Reason.NOT_BY_PROXY, "barn-5"),
    ("a guardian to staff where that does not count", GUARDIANS, TWELVE, REGION, Reason.GUARDIAN_CONSENT_NOT_COUNTED, "policy-barn-2"),
    ("a guardian, from the 13th birthday", GUARDIANS, THIRTEEN, GUARDIANS_COUNT, Reason.GUARDIAN_CONSENT_LAPSED, "policy-barn-2"),
    ("a guardian on 1177, from the 13th birthday", replace(GUARDIANS, to_staff=False), THIRTEEN, REGION, Reason.GUARDIAN_CONSENT_LAPSED, "policy-barn-2"),
    ("a guardian of a grown child", GUARDIANS, ADULT, GUARDIANS_COUNT, Reason.GUARDIAN_CONSENT_LAPSED, "policy-barn-2"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "consent", "birth", "region", "reason", "clause"), CONSENTS, ids=[row[0] for row in CONSENTS]
)
def test_a_consent_counts_that_was_given(
    name: str, consent: Consent, birth: date, region: Region, reason: Reason, clause: str
) -> None:
    decision = is_consented(consent, birth, HSA_ID, DAY, region)
    assert (decision.answer, decision.reason, decision.clause) == (True, reason, clause)
    assert isinstance(asked_on(DAY, consent, birth, region).answer, Remind)


@pytest.mark.parametrize(
    ("name", "consent", "birth", "region", "reason", "clause"),
    NO_CONSENTS,
    ids=[row[0] for row in NO_CONSENTS],
)
def test_no_consent_is(
    name: str, consent: Consent | None, birth: date | None, region: Region, reason: Reason, clause: str
) -> None:
    decision = is_consented(consent, birth, HSA_ID, DAY, region)
    assert (decision.answer, decision.reason, decision.clause) == (False, reason, clause)
    asked = asked_on(DAY, consent, birth, region)
    assert (asked.answer, asked.reason, asked.clause) == (NoReminder(), reason, clause)


def asked_on(day: date, consent: Consent | None, birth: date | None, region: Region) -> Any:
    """The decision on a reminder that is due at nine on that day, to a phone that is the patient's own."""
    now = at(f"{day} 09:00")
    own = replace(SMS, since=day)
    return reminder(
        facts(now=now, due_at=now, consent=consent, resident=resident(birth=birth, contacts=(own,))), region
    )


@pytest.mark.parametrize(
    ("birth", "consents"),
    [(ADULT, True), (date(2008, 11, 24), True), (date(2008, 11, 25), False), (TWELVE, False)],
)
def test_a_consent_that_does_not_say_whose_it_is_is_an_adults_own(birth: date, consents: bool) -> None:
    decision = is_consented(replace(OWN, by=None), birth, HSA_ID, DAY, REGION)
    assert decision.allowed is consents
    if not consents:
        assert (decision.reason, decision.clause) == (Reason.CONSENT_UNKNOWN, "policy-barn-2")


def test_paminnelse_2_consent_in_1177_holds_for_all_care_whatever_unit_it_names() -> None:
    decision = is_consented(replace(OWN, to_staff=False, unit=ANOTHER), ADULT, HSA_ID, DAY, REGION)
    assert (decision.allowed, decision.clause) == (True, "paminnelse-2")


def test_an_own_consent_without_a_day_counts_from_13() -> None:
    assert is_consented(OWN, THIRTEEN, HSA_ID, DAY, REGION).allowed
    assert not is_consented(OWN, THIRTEEN, HSA_ID, DAY - timedelta(days=1), REGION).allowed


def test_the_region_says_from_which_age_a_consent_is_the_childs_own() -> None:
    region = REGION.model_copy(update={"ages": REGION.ages.model_copy(update={"own_login": 12})})
    assert is_consented(OWN, TWELVE, HSA_ID, DAY, region).allowed


# what is done

LATER = DUE + timedelta(hours=1)
OPEN = visit(start=None, end=None, call_letter=CallLetterKind.OPEN, valid_until=date(2027, 1, 31))

NOT_REMINDED = [
    ("the deceased", {"resident": resident(deceased=True)}, Reason.DECEASED, "policy-avliden-1"),
    ("of a visit that is cancelled", {"visit": visit(cancelled=True)}, Reason.CANCELLED, "paminnelse-1"),
    ("of an open call letter", {"visit": OPEN}, Reason.NO_BOOKED_TIME, "paminnelse-1"),
    ("of an open call letter with a time", {"visit": visit(call_letter=CallLetterKind.OPEN)}, Reason.NO_BOOKED_TIME, "paminnelse-1"),
    ("of a visit without a time", {"visit": visit(start=None, end=None)}, Reason.NO_BOOKED_TIME, "paminnelse-1"),
    ("twice", {"reminded": True}, Reason.REMINDED, "besok-5"),
    ("of a visit that begins now", {"now": START}, Reason.PASSED, "besok-5"),
    ("of a visit that has begun", {"now": START + timedelta(minutes=1)}, Reason.PASSED, "besok-5"),
    ("half an hour before the visit", {"now": START - timedelta(minutes=30)}, Reason.POINTLESS, "policy-tystnad-1"),
    ("just before the visit", {"now": START - timedelta(microseconds=1)}, Reason.POINTLESS, "policy-tystnad-1"),
    ("with a reservnummer", {"resident": resident(reservnummer=True)}, Reason.RESERVNUMMER, "policy-reserv-1"),
    ("without a consent", {"consent": None}, Reason.CONSENT_UNKNOWN, "paminnelse-1"),
    ("after the consent is withdrawn", {"consent": replace(OWN, given=False)}, Reason.CONSENT_REFUSED, "paminnelse-1"),
    ("by a unit in shadow", {"unit": SHADOW_UNIT}, Reason.UNIT_IN_SHADOW, "policy-skugga-1"),
    ("without any contact", {"resident": resident(contacts=())}, Reason.CONTACT_UNUSABLE, "val-1"),
    ("by e-mail", {"resident": resident(contacts=(EMAIL,))}, Reason.CONTACT_UNUSABLE, "val-1"),
    ("by a land line", {"resident": resident(contacts=(replace(SMS, value="+4635131000"),))}, Reason.CONTACT_UNUSABLE, "val-1"),
    ("by a number that no longer holds", {"resident": resident(contacts=(replace(SMS, until=date(2026, 11, 27)),))}, Reason.CONTACT_UNUSABLE, "val-1"),
    ("by a guardian's number", {"resident": resident(birth=date(2012, 1, 1), contacts=(replace(SMS, since=date(2024, 12, 31)),))}, Reason.GUARDIAN_CONTACT_LAPSED, "policy-barn-2"),
    ("by a number that may be a guardian's", {"resident": resident(birth=date(2012, 1, 1))}, Reason.CONTACT_OWNER_UNKNOWN, "policy-barn-1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "differs", "reason", "clause"), NOT_REMINDED, ids=[row[0] for row in NOT_REMINDED]
)
def test_nobody_is_reminded(name: str, differs: dict[str, Any], reason: Reason, clause: str) -> None:
    decision = reminder(facts(**differs), REGION)
    assert (decision.answer, decision.reason, decision.clause) == (NoReminder(), reason, clause)


REMINDED = [
    ("when it is due", {}),
    ("when it is overdue", {"now": LATER}),
    ("until half an hour before the visit", {"now": START - timedelta(minutes=30, microseconds=1)}),
    ("of a timed call letter", {"visit": visit(call_letter=CallLetterKind.TIMED)}),
    ("of a visit without an end", {"visit": visit(end=None)}),
    ("by a phone with notices switched off", {"resident": resident(contacts=(replace(SMS, wished=False),))}),
    ("by a phone, though e-mail ranks first", {"resident": resident(contacts=(replace(EMAIL, rank=0), SMS))}),
    ("though 1177 is silent", {"resident": resident(portal=None)}),
]


@pytest.mark.parametrize(("name", "differs"), REMINDED, ids=[row[0] for row in REMINDED])
def test_whoever_consented_is_reminded(name: str, differs: dict[str, Any]) -> None:
    decision = reminder(facts(**differs), REGION)
    assert (decision.answer, decision.reason, decision.clause) == (
        Remind(MOBILE),
        Reason.REMINDER,
        "besok-5",
    )


HALF_AN_HOUR = timedelta(minutes=30)

WAITS = [
    ("for its time", {"now": DUE - timedelta(microseconds=1)}, DUE, Reason.TOO_EARLY, "besok-5"),
    ("for whether they live", {"resident": resident(deceased=None)}, DUE + HALF_AN_HOUR, Reason.PERSON_UNKNOWN, "policy-skydd-1"),
    ("for whether they are protected", {"resident": resident(protected=None)}, DUE + HALF_AN_HOUR, Reason.PERSON_UNKNOWN, "policy-skydd-1"),
    ("for the rest of that wait", {"resident": resident(protected=None), "waiting_since": DUE - timedelta(minutes=29)}, DUE + timedelta(minutes=1), Reason.PERSON_UNKNOWN, "policy-skydd-1"),
    ("for contact data", {"resident": resident(contacts=None)}, DUE + HALF_AN_HOUR, Reason.CONTACT_UNKNOWN, "besok-5"),
    ("for the morning", {"now": at("2026-11-28 21:00")}, at("2026-11-29 08:00"), Reason.QUIET_HOURS, "policy-tystnad-1"),
    ("until the very end of the night", {"now": at("2026-11-29 07:59:59.999999")}, at("2026-11-29 08:00"), Reason.QUIET_HOURS, "policy-tystnad-1"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "differs", "until", "reason", "clause"), WAITS, ids=[row[0] for row in WAITS]
)
def test_a_reminder_waits(
    name: str, differs: dict[str, Any], until: datetime, reason: Reason, clause: str
) -> None:
    decision = reminder(facts(**differs), REGION)
    assert (decision.answer, decision.reason, decision.clause) == (Wait(until), reason, clause)


ASKED_IN_VAIN = DUE - HALF_AN_HOUR

STAFF = [
    ("a protected person", {"resident": resident(protected=True)}),
    ("a protected person without contact data", {"resident": resident(protected=True, contacts=None)}),
    ("protection not known in time", {"resident": resident(protected=None), "waiting_since": ASKED_IN_VAIN}),
    ("life not known in time", {"resident": resident(deceased=None), "waiting_since": ASKED_IN_VAIN}),
    ("contact data not had in time", {"resident": resident(contacts=None), "waiting_since": ASKED_IN_VAIN}),
]


@pytest.mark.parametrize(("name", "differs"), STAFF, ids=[row[0] for row in STAFF])
def test_staff_remind_with_one_reason_whatever_the_cause(name: str, differs: dict[str, Any]) -> None:
    decision = reminder(facts(**differs), REGION)
    assert (decision.answer, decision.reason, decision.clause) == (
        StaffTask(),
        Reason.MANUAL_HANDLING,
        "policy-skydd-1",
    )


DEAD_AND_CANCELLED = {"resident": resident(deceased=True), "visit": visit(cancelled=True)}
NIGHT = at("2026-11-28 23:00")

BOTH = [
    ("the deceased before a cancelled visit", DEAD_AND_CANCELLED, Reason.DECEASED),
    ("cancelled before no time", {"visit": replace(OPEN, cancelled=True)}, Reason.CANCELLED),
    ("no time before reminded", {"visit": OPEN, "reminded": True}, Reason.NO_BOOKED_TIME),
    ("reminded before begun", {"reminded": True, "now": START}, Reason.REMINDED),
    ("begun before a reservnummer", {"now": START, "resident": resident(reservnummer=True)}, Reason.PASSED),
    ("pointless before no consent", {"now": START - HALF_AN_HOUR, "consent": None}, Reason.POINTLESS),
    ("a reservnummer before no consent", {"resident": resident(reservnummer=True), "consent": None}, Reason.RESERVNUMMER),
    ("no consent before too early", {"consent": None, "now": DUE - HALF_AN_HOUR}, Reason.CONSENT_UNKNOWN),
    ("no consent before protected", {"consent": None, "resident": resident(protected=True)}, Reason.CONSENT_UNKNOWN),
    ("too early before not known", {"now": DUE - HALF_AN_HOUR, "resident": resident(protected=None)}, Reason.TOO_EARLY),
    ("too early before protected", {"now": DUE - HALF_AN_HOUR, "resident": resident(protected=True)}, Reason.TOO_EARLY),
    ("not known before no contact data", {"resident": resident(deceased=None, contacts=None)}, Reason.PERSON_UNKNOWN),
    ("not known before protected", {"resident": resident(deceased=None, protected=True)}, Reason.PERSON_UNKNOWN),
    ("quiet hours before not known", {"now": NIGHT, "resident": resident(protected=None)}, Reason.QUIET_HOURS),
    ("quiet hours before protected", {"now": NIGHT, "resident": resident(protected=True)}, Reason.QUIET_HOURS),
    ("quiet hours before no number", {"now": NIGHT, "resident": resident(contacts=())}, Reason.QUIET_HOURS),
    ("no number before a unit in shadow", {"unit": SHADOW_UNIT, "resident": resident(contacts=())}, Reason.CONTACT_UNUSABLE),
    ("no consent before a unit in shadow", {"unit": SHADOW_UNIT, "consent": None}, Reason.CONSENT_UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("name", "differs", "reason"), BOTH, ids=[row[0] for row in BOTH])
def test_where_two_would_answer_it_is(name: str, differs: dict[str, Any], reason: Reason) -> None:
    assert reminder(facts(**differs), REGION).reason is reason


def test_no_number_and_no_birth_shows_in_a_repr() -> None:
    text = repr(reminder(facts(), REGION)) + repr(facts())
    assert MOBILE not in text
    assert "1980" not in text


# when they are due (besok-5, distans-3)

LONG_AGO = at("2026-01-01 12:00")

LEADS = [
    ("by day, to the hour", "2026-12-01 09:00", [72], ["2026-11-28 09:00"]),
    ("the last moment awake", "2026-12-01 20:59", [72], ["2026-11-28 20:59"]),
    ("the first quiet moment is brought forward", "2026-12-01 21:00", [72], ["2026-11-28 20:59"]),
    ("midnight is brought forward", "2026-12-01 00:00", [72], ["2026-11-27 20:59"]),
    ("early morning is brought forward to the evening before", "2026-12-01 07:59", [72], ["2026-11-27 20:59"]),
    ("the first moment awake in the morning", "2026-12-01 08:00", [72], ["2026-11-28 08:00"]),
    ("several, the earliest first", "2026-12-01 09:00", [25, 168, 72], ["2026-11-24 09:00", "2026-11-28 09:00", "2026-11-30 08:00"]),
    ("over the night when the clock goes forward", "2026-03-31 09:00", [72], ["2026-03-28 08:00"]),
    ("over the night when the clock goes back", "2026-10-27 09:00", [72], ["2026-10-24 10:00"]),
    ("in the night when the clock goes forward", "2026-04-01 05:00", [72], ["2026-03-28 20:59"]),
    ("in the night when the clock goes back", "2026-10-28 02:30", [72], ["2026-10-24 20:59"]),
]  # fmt: skip


@pytest.mark.parametrize(("name", "start", "leads", "due"), LEADS, ids=[row[0] for row in LEADS])
def test_a_visit_known_long_before_is_reminded_of(
    name: str, start: str, leads: list[int], due: list[str]
) -> None:
    region = with_reminders(lead_hours=frozenset(leads))
    assert reminders_due_at(at(start), LONG_AGO, region) == tuple(at(each) for each in due)


def test_without_quiet_hours_a_lead_is_to_the_hour_at_night_too() -> None:
    assert reminders_due_at(at("2026-12-01 03:00"), LONG_AGO, NO_QUIET) == (at("2026-11-28 03:00"),)


def test_hours_within_a_day_bring_a_reminder_forward_to_before_them() -> None:
    noon = with_quiet(time(12), time(13))
    assert reminders_due_at(at("2026-12-01 12:30"), LONG_AGO, noon) == (at("2026-11-28 11:59"),)


MOMENT = timedelta(microseconds=1)


def test_a_visit_known_at_the_very_moment_of_its_lead_has_that_one() -> None:
    assert reminders_due_at(START, DUE, REGION) == (DUE,)
    assert reminders_due_at(START, DUE - MOMENT, REGION) == (DUE,)
    two = with_reminders(lead_hours=frozenset({72, 25}))
    assert reminders_due_at(START, DUE, two) == (DUE, START - timedelta(hours=25))


def test_a_visit_booked_later_than_its_lead_has_one_at_once() -> None:
    assert reminders_due_at(START, DUE + MOMENT, REGION) == (DUE + MOMENT,)
    assert reminders_due_at(START, START - timedelta(hours=2), REGION) == (START - timedelta(hours=2),)


def test_a_visit_booked_between_two_leads_has_the_later_one_only() -> None:
    two = with_reminders(lead_hours=frozenset({72, 25}))
    assert reminders_due_at(START, DUE + MOMENT, two) == (START - timedelta(hours=25),)


def test_one_booked_after_the_lead_was_brought_forward_has_one_at_once_that_the_night_holds() -> None:
    start, known = at("2026-12-01 22:00"), at("2026-11-28 21:30")
    (due,) = reminders_due_at(start, known, REGION)
    decision = reminder(facts(visit=visit(start=start, end=None), now=due, due_at=due), REGION)
    assert due == known
    assert (decision.answer, decision.reason) == (Wait(at("2026-11-29 08:00")), Reason.QUIET_HOURS)


# held in quiet hours (policy-tystnad-1)

HELD = [
    ("released half an hour before the visit: of no use", "2026-12-01 08:30", None),
    ("released before the visit, with less than half an hour: of no use", "2026-12-01 08:29", None),
    ("released more than half an hour before the visit", "2026-12-01 08:30:00.000001", "2026-12-01 08:00"),
    ("the visit begins in the night", "2026-12-01 03:00", None),
    ("the visit is later that day", "2026-12-01 13:00", "2026-12-01 08:00"),
]


@pytest.mark.parametrize(("name", "start", "until"), HELD, ids=[row[0] for row in HELD])
def test_a_late_booking_in_the_night_is_held_and_dropped_where_it_comes_too_late(
    name: str, start: str, until: str | None
) -> None:
    now = at("2026-11-30 22:00")
    decision = reminder(facts(visit=visit(start=at(start), end=None), now=now, due_at=now), REGION)
    if until is None:
        assert (decision.answer, decision.reason) == (NoReminder(), Reason.POINTLESS)
    else:
        assert (decision.answer, decision.reason) == (Wait(at(until)), Reason.QUIET_HOURS)
    assert decision.clause == "policy-tystnad-1"


@pytest.mark.parametrize(
    ("night", "morning"), [("2026-03-28 21:00", "2026-03-29 08:00"), ("2026-10-25 02:30", "2026-10-25 08:00")]
)
def test_a_reminder_is_held_over_the_night_in_which_the_clock_changes(night: str, morning: str) -> None:
    later = visit(start=at(morning) + timedelta(hours=3), end=None)
    held = facts(visit=later, now=at(night), due_at=at(night))
    assert reminder(held, REGION).answer == Wait(at(morning))
    assert reminder(replace(held, now=at(morning)), REGION).answer == Remind(MOBILE)


def test_what_was_held_goes_when_the_night_is_over_and_not_before() -> None:
    held = facts(now=NIGHT)
    released = at("2026-11-29 08:00")
    assert reminder(held, REGION).answer == Wait(released)
    assert reminder(replace(held, now=released), REGION).answer == Remind(MOBILE)


def test_what_was_held_is_asked_about_anew_when_the_night_is_over() -> None:
    released = facts(now=at("2026-11-29 08:00"))
    assert (
        reminder(replace(released, consent=replace(OWN, given=False)), REGION).reason
        is Reason.CONSENT_REFUSED
    )
    assert reminder(replace(released, visit=visit(cancelled=True)), REGION).reason is Reason.CANCELLED
    assert reminder(replace(released, now=START - HALF_AN_HOUR), REGION).reason is Reason.POINTLESS


def test_without_quiet_hours_it_goes_at_night() -> None:
    assert reminder(facts(now=NIGHT), NO_QUIET).answer == Remind(MOBILE)


def test_how_late_is_of_no_use_is_the_regions_to_say() -> None:
    region = with_reminders(pointless_minutes=45)
    assert reminder(facts(now=START - timedelta(minutes=45)), region).reason is Reason.POINTLESS
    assert isinstance(reminder(facts(now=START - timedelta(minutes=45) - MOMENT), region).answer, Remind)


# the 13th birthday between planning and sending (policy-barn-2)

BIRTHDAY = at("2026-11-29 00:00")
BIRTH = date(2013, 11, 29)


def child(now: datetime, consent: Consent = GUARDIANS, since: date | None = date(2020, 1, 1)) -> Any:
    case = facts(
        now=now,
        due_at=DUE,
        consent=consent,
        resident=resident(birth=BIRTH, contacts=(replace(SMS, since=since),)),
    )
    quiet = GUARDIANS_COUNT.model_copy(update={"quiet": NO_QUIET.quiet})
    return reminder(case, quiet)


def test_a_guardian_is_reminded_until_the_13th_birthday_begins_in_sweden() -> None:
    assert child(DUE).answer == Remind(MOBILE)
    assert child(BIRTHDAY - MOMENT).answer == Remind(MOBILE)


def test_what_is_pending_for_a_guardian_lapses_as_the_birthday_begins() -> None:
    decision = child(BIRTHDAY)
    assert (decision.answer, decision.reason) == (NoReminder(), Reason.GUARDIAN_CONSENT_LAPSED)
    assert decision.clause == "policy-barn-2"


def test_a_reminder_held_over_the_night_to_the_birthday_lapses_in_it() -> None:
    held = facts(now=at("2026-11-28 22:00"), consent=GUARDIANS, resident=resident(birth=BIRTH))
    released = replace(held, now=at("2026-11-29 08:00"))
    assert reminder(held, GUARDIANS_COUNT).answer == Wait(at("2026-11-29 08:00"))
    assert reminder(released, GUARDIANS_COUNT).reason is Reason.GUARDIAN_CONSENT_LAPSED


def test_from_the_birthday_the_childs_own_consent_reaches_the_childs_own_number_only() -> None:
    own = replace(OWN, on=date(2026, 11, 29))
    assert child(BIRTHDAY, own).reason is Reason.GUARDIAN_CONTACT_LAPSED
    assert child(BIRTHDAY, own, since=None).reason is Reason.CONTACT_OWNER_UNKNOWN
    assert child(BIRTHDAY, own, since=date(2026, 11, 29)).answer == Remind(MOBILE)


def test_the_day_is_swedens_though_the_clock_is_in_utc() -> None:
    assert BIRTHDAY.date() == date(2026, 11, 28)
    assert quiet_until(BIRTHDAY, REGION) == at("2026-11-29 08:00")


@pytest.mark.parametrize(
    "differs",
    [{}, {"resident": resident(protected=True)}, {"resident": resident(protected=None)}, {"now": NIGHT}],
    ids=["to be sent", "protected", "not known", "at night"],
)
def test_policy_skugga_1_in_shadow_nothing_is_sent_waits_or_is_left_to_staff(differs: dict[str, Any]) -> None:
    decision = reminder(facts(unit=SHADOW_UNIT, **differs), REGION)
    assert decision == Decision(NoReminder(), Reason.UNIT_IN_SHADOW, "policy-skugga-1")


def test_in_shadow_nothing_is_held_at_night_so_that_it_shows_what_would_be_sent() -> None:
    assert isinstance(reminder_worked_out(facts(unit=SHADOW_UNIT, now=NIGHT), REGION).answer, Remind)


def test_two_leads_in_one_night_are_one_reminder() -> None:
    reminders = REGION.reminders.model_copy(update={"lead_hours": frozenset({26, 30})})
    region = REGION.model_copy(update={"reminders": reminders})
    assert reminders_due_at(at("2026-12-02 04:00"), at("2026-11-01 09:00"), region) == (
        at("2026-11-30 20:59"),
    )


def test_distans_3_a_lead_is_as_long_in_the_night_when_the_clock_changes() -> None:
    reminders = REGION.reminders.model_copy(update={"lead_hours": frozenset({25})})
    region = REGION.model_copy(update={"reminders": reminders})
    start = datetime(2026, 3, 29, 12, 0, tzinfo=STOCKHOLM)
    [due] = reminders_due_at(start, at("2026-03-01 09:00"), region)
    assert start.astimezone(UTC) - due.astimezone(UTC) == timedelta(hours=25)


def test_system_5_no_reminder_goes_by_an_sms_that_is_not_checked() -> None:
    systems = {**REGION.systems, "sms": REGION.systems["sms"].model_copy(update={"check": None})}
    decision = reminder(facts(), REGION.model_copy(update={"systems": systems}))
    assert decision == Decision(NoReminder(), Reason.NOT_CHECKED, "system-5")


def test_a_child_of_13_who_consented_after_the_birthday_is_reminded() -> None:
    later = replace(OWN, on=date(2026, 11, 25))
    assert is_consented(later, THIRTEEN, HSA_ID, date(2026, 11, 26), REGION).allowed
    assert is_consented(replace(OWN, on=DAY), THIRTEEN, HSA_ID, DAY, REGION).allowed
