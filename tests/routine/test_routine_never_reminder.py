"""What must never be of a reminder, whatever the facts: hypothesis looks for a case that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from drawn_cases import MANY, drawn, few_differ, mostly, there_is
from hypothesis import given, settings
from hypothesis import strategies as st
from routine_cases import EMAIL, MOBILE, NOW, REGION, SHADOW_UNIT, SMS, UNIT, resident

from routine.ages import age_on, swedish_day, turns
from routine.children import Role
from routine.decision import StaffTask, Wait
from routine.facts import CallLetterKind, Contact, ContactKind, Visit
from routine.figures import Quiet
from routine.quiet import quiet_until
from routine.reasons import Reason
from routine.region import Region
from routine.reminder import Consent, NoReminder, Remind, ReminderFacts, reminder, reminders_due_at

HSA_ID = "SE2321000115-E000000000001"
ANOTHER = "SE2321000115-E000000000002"


def minutes(low: int, high: int) -> st.SearchStrategy[timedelta]:
    return st.integers(low, high).map(lambda each: timedelta(minutes=each))


DAY = 24 * 60
MAYBE = st.sampled_from([None, True, False])
NOT_FALSE = st.sampled_from([None, True])
CHILD, OF_13 = date(2018, 1, 1), date(2012, 2, 29)
BIRTHS = st.sampled_from([None, date(2013, 11, 24), OF_13, CHILD]) | st.dates(
    date(2008, 1, 1), date(2026, 9, 1)
)
OWN = Consent(given=True, by=Role.SELF)
GUARDIANS = Consent(given=True, by=Role.GUARDIAN, to_staff=True)
CONSENTS = few_differ(
    [OWN, GUARDIANS],
    2,
    {
        "given": st.sampled_from([None, False]),
        "by": st.none() | st.sampled_from(Role),
        "to_staff": st.booleans(),
        "unit": st.sampled_from([HSA_ID, ANOTHER]),
        "on": st.dates(date(2020, 1, 1), date(2026, 12, 31)),
    },
)
PHONES = st.builds(
    Contact,
    kind=st.just(ContactKind.PHONE),
    value=mostly(MOBILE, st.just("+4635131000")),
    wished=MAYBE,
    rank=st.none() | st.integers(1, 3),
    since=st.none() | st.dates(date(2020, 1, 1), date(2026, 12, 31)),
)
USUAL = ReminderFacts(
    visit=Visit(start=NOW + timedelta(hours=72)),
    resident=resident(contacts=(SMS,)),
    unit=UNIT,
    now=NOW,
    waiting_since=None,
    unit_id=HSA_ID,
    due_at=NOW,
    consent=OWN,
    reminded=False,
)


def differing(facts: ReminderFacts, **differs: Any) -> ReminderFacts:
    """With what differs, also of the visit and of the resident."""
    visit, resident = (
        replace(part, **{name: differs.pop(name) for name in [*differs] if hasattr(part, name)})
        for part in (facts.visit, facts.resident)
    )
    return replace(facts, visit=visit, resident=resident, **differs)


EVERYDAY = [
    USUAL,
    differing(USUAL, birth=OF_13, contacts=(replace(SMS, since=date(2026, 9, 1)),)),
    differing(USUAL, birth=CHILD, consent=GUARDIANS),
]
OTHERWISE: dict[str, st.SearchStrategy[Any]] = {
    "start": st.none() | (minutes(-60, 12 * 60) | minutes(-DAY, 5 * DAY)).map(lambda ahead: NOW + ahead),
    "call_letter": st.none() | st.sampled_from(CallLetterKind),
    "cancelled": st.just(True),
    "reservnummer": st.just(True),
    "birth": BIRTHS,
    "deceased": NOT_FALSE,
    "protected": NOT_FALSE,
    "contacts": st.sampled_from([None, (EMAIL,)]) | st.lists(PHONES, max_size=3).map(tuple),
    "guardians": st.none() | st.lists(MAYBE, max_size=2).map(tuple),
    "unit": st.just(SHADOW_UNIT),
    "waiting_since": minutes(0, 40).map(lambda ago: NOW - ago),
    "due_at": minutes(-DAY, DAY).map(lambda apart: NOW + apart),
    "consent": st.none() | CONSENTS,
    "reminded": st.just(True),
}
DIFFERING = few_differ(EVERYDAY, 3, OTHERWISE, differing)
APART = mostly(timedelta(), minutes(-60 * DAY, 60 * DAY), 2)


@st.composite
def cases(draw: st.DrawFn) -> ReminderFacts:
    """At any time of the day, and of the year."""
    facts, apart = draw(DIFFERING), draw(APART)
    start, since = facts.visit.start, facts.waiting_since
    return replace(
        facts,
        visit=replace(facts.visit, start=start and start + apart),
        now=facts.now + apart,
        waiting_since=since and since + apart,
        due_at=facts.due_at + apart,
    )


QUIETS = st.sampled_from(
    [REGION.quiet] * 3
    + [
        Quiet(**{"from": begin, "to": end, "urgent_hours": 2})
        for begin, end in [(time(12), time(13)), (time(0), time(6)), (time(8), time(8))]
    ]
)
REGIONS = st.builds(
    lambda quiet, guardians: REGION.model_copy(
        update={
            "quiet": quiet,
            "reminders": REGION.reminders.model_copy(update={"guardians_consent_counts": guardians}),
        }
    ),
    QUIETS,
    st.booleans(),
)
FACTS = cases()
ASKED = st.tuples(FACTS, REGIONS)

never = settings(max_examples=100)
Asked = tuple[ReminderFacts, Region]


def goes(asked: Asked) -> bool:
    """Does an SMS go out?"""
    return isinstance(reminder(*asked).answer, Remind)


def age(facts: ReminderFacts) -> int | None:
    birth = facts.resident.birth
    return None if birth is None else age_on(birth, swedish_day(facts.now))


@never
@given(ASKED)
def test_no_reminder_without_a_booked_time_and_a_consent(asked: Asked) -> None:
    facts, _ = asked
    if goes(asked):
        assert facts.visit.start is not None
        assert facts.visit.call_letter != CallLetterKind.OPEN
        assert not facts.visit.cancelled
        assert facts.consent is not None
        assert facts.consent.given is True


@never
@given(ASKED)
def test_no_reminder_to_the_deceased_or_while_it_is_not_known_that_they_live(asked: Asked) -> None:
    if asked[0].resident.deceased is not False:
        assert not goes(asked)


@never
@given(ASKED)
def test_nothing_at_all_is_done_for_the_deceased(asked: Asked) -> None:
    if asked[0].resident.deceased:
        assert reminder(*asked).answer == NoReminder()


@never
@given(ASKED)
def test_no_reminder_to_the_protected_or_while_that_is_not_known(asked: Asked) -> None:
    if asked[0].resident.protected is not False:
        assert not goes(asked)


@never
@given(ASKED)
def test_the_reason_for_a_protected_person_is_one_that_others_get_too(asked: Asked) -> None:
    decision = reminder(*asked)
    if asked[0].resident.protected and isinstance(decision.answer, StaffTask):
        assert decision.reason is Reason.MANUAL_HANDLING


@never
@given(ASKED)
def test_no_reminder_by_a_guardians_consent_from_13_or_where_it_does_not_count(asked: Asked) -> None:
    facts, region = asked
    if goes(asked) and facts.consent is not None and facts.consent.by not in {Role.SELF, None}:
        assert facts.consent.by is Role.GUARDIAN
        assert facts.consent.to_staff
        assert region.reminders.guardians_consent_counts
        assert (age(facts) or 0) < 13


@never
@given(ASKED)
def test_no_reminder_to_a_minor_by_a_consent_that_does_not_say_whose_it_is(asked: Asked) -> None:
    facts, region = asked
    if goes(asked) and facts.consent is not None and facts.consent.by is None:
        assert (age(facts) or 0) >= region.ages.adult


@never
@given(ASKED)
def test_no_reminder_to_a_number_of_a_guardian_from_13(asked: Asked) -> None:
    facts, region = asked
    answer = reminder(facts, region).answer
    years = age(facts)
    if isinstance(answer, Remind):
        birth = facts.resident.birth
        assert birth is not None
        assert years is not None
        if years >= 13:
            numbers = [one for one in facts.resident.contacts or () if one.value == answer.to]
            own = [one for one in numbers if one.since and one.since >= turns(birth, 13)]
            assert own or (years >= 18 and any(one.since is None for one in numbers))


@never
@given(ASKED)
def test_no_reminder_in_quiet_hours(asked: Asked) -> None:
    facts, region = asked
    if quiet_until(facts.now, region) is not None:
        assert not goes(asked)


@never
@given(ASKED)
def test_no_reminder_for_a_unit_in_shadow(asked: Asked) -> None:
    if asked[0].unit.in_shadow:
        assert not goes(asked)


@never
@given(ASKED)
def test_no_reminder_once_the_visit_has_begun_or_is_half_an_hour_off(asked: Asked) -> None:
    facts, _ = asked
    if facts.visit.start is not None and facts.now >= facts.visit.start - timedelta(minutes=30):
        assert reminder(*asked).answer == NoReminder()


@never
@given(ASKED)
def test_no_reminder_twice_or_before_it_is_due(asked: Asked) -> None:
    facts, region = asked
    if goes(asked):
        assert facts.now >= facts.due_at
        assert reminder(replace(facts, reminded=True), region).answer == NoReminder()


@never
@given(ASKED)
def test_a_wait_ends(asked: Asked) -> None:
    answer = reminder(*asked).answer
    if isinstance(answer, Wait):
        assert answer.until > asked[0].now


@never
@given(ASKED)
def test_what_is_held_in_quiet_hours_is_of_use_when_it_is_let_go(asked: Asked) -> None:
    facts, region = asked
    decision = reminder(facts, region)
    if decision.reason is Reason.QUIET_HOURS:
        assert isinstance(decision.answer, Wait)
        assert facts.visit.start is not None
        assert decision.answer.until < facts.visit.start - timedelta(minutes=30)
        assert quiet_until(decision.answer.until, region) is None


# that the promises can be broken: a case that goes, and no more once this one thing is so


def _but(**differs: Any) -> Callable[[ReminderFacts], ReminderFacts]:
    return lambda facts: replace(facts, **differs)


def _resident(**differs: Any) -> Callable[[ReminderFacts], ReminderFacts]:
    return lambda facts: replace(facts, resident=replace(facts.resident, **differs))


def _visit(**differs: Any) -> Callable[[ReminderFacts], ReminderFacts]:
    return lambda facts: replace(facts, visit=replace(facts.visit, **differs))


def _starting_in(ahead: timedelta) -> Callable[[ReminderFacts], ReminderFacts]:
    return lambda facts: replace(facts, visit=replace(facts.visit, start=facts.now + ahead))


def _guardians(facts: ReminderFacts) -> ReminderFacts:
    return replace(facts, consent=Consent(given=True, by=Role.GUARDIAN))


def _at_ten_in_the_evening(facts: ReminderFacts) -> ReminderFacts:
    return replace(facts, now=(facts.now + timedelta(days=1)).replace(hour=21, minute=0))


MADE_SO: list[tuple[str, Callable[[ReminderFacts], ReminderFacts], type]] = [
    ("deceased", _resident(deceased=True), NoReminder),
    ("not known to live", _resident(deceased=None), Wait),
    ("protected", _resident(protected=True), StaffTask),
    ("protection not known", _resident(protected=None), Wait),
    ("in shadow", _but(unit=SHADOW_UNIT), NoReminder),
    ("reminded", _but(reminded=True), NoReminder),
    ("cancelled", _visit(cancelled=True), NoReminder),
    ("open", _visit(call_letter=CallLetterKind.OPEN), NoReminder),
    ("without a time", _visit(start=None), NoReminder),
    ("begun", _starting_in(timedelta()), NoReminder),
    ("half an hour off", _starting_in(timedelta(minutes=30)), NoReminder),
    ("no consent known", _but(consent=None), NoReminder),
    ("consent withdrawn", _but(consent=Consent(given=False, by=Role.SELF)), NoReminder),
    ("by a guardian on 1177", _guardians, NoReminder),
    ("a number of before the 13th birthday", _resident(contacts=(replace(SMS, since=date(1980, 5, 6)),)), NoReminder),
    ("in quiet hours", _at_ten_in_the_evening, Wait),
]  # fmt: skip


@pytest.mark.parametrize(("name", "made_so", "then"), MADE_SO, ids=[row[0] for row in MADE_SO])
def test_it_is_that_alone_which_holds_a_reminder_back(
    name: str, made_so: Callable[[ReminderFacts], ReminderFacts], then: type
) -> None:
    def held_by_it(asked: Asked) -> bool:
        facts, region = asked
        return goes(asked) and isinstance(reminder(made_so(facts), region).answer, then)

    assert there_is(ASKED, held_by_it)


def test_the_cases_tried_here_have_each_of_these() -> None:
    reasons = [
        Reason.DECEASED,
        Reason.MANUAL_HANDLING,
        Reason.PERSON_UNKNOWN,
        Reason.UNIT_IN_SHADOW,
        Reason.REMINDED,
        Reason.PASSED,
        Reason.POINTLESS,
        Reason.QUIET_HOURS,
        Reason.TOO_EARLY,
        Reason.GUARDIAN_CONSENT_LAPSED,
    ]
    assert {reminder(*asked).reason for asked in drawn(ASKED, MANY)}.issuperset(reasons)


GOOD: list[tuple[str, Callable[[Asked], bool]]] = [
    ("an adult by their own consent", lambda a: (age(a[0]) or 0) >= 18),
    ("a child of 13 by its own number", lambda a: 13 <= (age(a[0]) or 0) < 18),
    ("a child under 13 by a guardian", lambda a: (age(a[0]) or 99) < 13),
]


@pytest.mark.parametrize(("name", "is_so"), GOOD, ids=[row[0] for row in GOOD])
def test_the_cases_tried_here_do_remind(name: str, is_so: Callable[[Asked], bool]) -> None:
    assert there_is(ASKED, lambda asked: is_so(asked) and goes(asked))


@pytest.mark.parametrize("kind", [StaffTask, Wait, NoReminder])
def test_the_cases_tried_here_do_all_else_too(kind: type) -> None:
    assert there_is(ASKED, lambda asked: isinstance(reminder(*asked).answer, kind))


# when they are due

LEADS = st.frozensets(st.integers(25, 24 * 30), min_size=1, max_size=5)
STARTS = minutes(-400 * DAY, 400 * DAY).map(lambda apart: NOW + apart)
AHEAD = minutes(1, 40 * DAY)


def planned(leads: frozenset[int], quiet: Quiet) -> Region:
    reminders = REGION.reminders.model_copy(update={"lead_hours": leads})
    return REGION.model_copy(update={"quiet": quiet, "reminders": reminders})


@never
@given(LEADS, QUIETS, STARTS, AHEAD)
def test_every_reminder_lies_before_the_visit_and_outside_quiet_hours_but_the_one_at_once(
    leads: frozenset[int], quiet: Quiet, start: datetime, ahead: timedelta
) -> None:
    region, known = planned(leads, quiet), start - ahead
    due = reminders_due_at(start, known, region)
    assert due
    assert all(known <= each < start for each in due)
    assert due == (known,) or all(quiet_until(each, region) is None for each in due)


@never
@given(LEADS, QUIETS, STARTS, AHEAD)
def test_each_but_the_one_at_once_comes_while_cancelling_is_free(
    leads: frozenset[int], quiet: Quiet, start: datetime, ahead: timedelta
) -> None:
    due = reminders_due_at(start, start - ahead, planned(leads, quiet))
    assert due == (start - ahead,) or all(start - each > timedelta(hours=24) for each in due)


@never
@given(LEADS, QUIETS, STARTS, AHEAD)
def test_a_visit_known_early_enough_has_one_more_than_24_hours_before(
    leads: frozenset[int], quiet: Quiet, start: datetime, ahead: timedelta
) -> None:
    if ahead > timedelta(hours=24):
        due = reminders_due_at(start, start - ahead, planned(leads, quiet))
        assert any(start - each > timedelta(hours=24) for each in due)


@never
@given(LEADS, QUIETS, STARTS, AHEAD)
def test_the_earliest_comes_first_and_there_are_no_more_than_leads(
    leads: frozenset[int], quiet: Quiet, start: datetime, ahead: timedelta
) -> None:
    due = reminders_due_at(start, start - ahead, planned(leads, quiet))
    assert list(due) == sorted(due)
    assert len(due) <= len(leads)


@pytest.mark.parametrize("at_once", [True, False])
def test_the_visits_tried_here_are_booked_both_early_and_late(at_once: bool) -> None:
    def is_so(drawn: tuple[datetime, timedelta]) -> bool:
        start, ahead = drawn
        return (reminders_due_at(start, start - ahead, REGION) == (start - ahead,)) is at_once

    assert there_is(st.tuples(STARTS, AHEAD), is_so)


def test_the_visits_tried_here_have_leads_in_quiet_hours() -> None:
    def is_so(start: datetime) -> bool:
        return quiet_until(start - timedelta(hours=72), REGION) is not None

    assert there_is(STARTS, is_so)
