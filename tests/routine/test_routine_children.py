"""Who acts, sees and is told for a child (barn-1 to barn-5, policy-barn-1, policy-barn-2), to the day."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from routine_cases import MOBILE, REGION

from routine.ages import swedish_day
from routine.children import (
    NOT_BY_PROXY,
    Act,
    Role,
    does_guardian_act,
    is_contact_the_patients,
    lapses_on,
    may_act,
    may_be_told,
)
from routine.decision import Decision
from routine.facts import Contact, ContactKind
from routine.figures import Ages
from routine.reasons import Reason

BIRTH = date(2013, 12, 1)
BEFORE_13, ON_13 = date(2026, 11, 30), date(2026, 12, 1)
BEFORE_16, ON_16 = date(2029, 11, 30), date(2029, 12, 1)
ON_18 = date(2031, 12, 1)
GROWN = date(2060, 1, 1)
BY_PROXY = sorted(set(Act) - NOT_BY_PROXY)
BUT_JOURNAL = sorted(set(Act) - {Act.READ_JOURNAL})
UP_A_YEAR = REGION.model_copy(update={"ages": Ages(own_login=14, own_journal=17, adult=19)})

Said = tuple[bool, Reason, str]


def said(decision: Decision[bool]) -> Said:
    return decision.allowed, decision.reason, decision.clause


def guardian(act: Act, day: date, protected: bool | None = False) -> Said:
    return said(may_act(act, Role.GUARDIAN, BIRTH, day, REGION, protected=protected))


def themselves(act: Act, day: date) -> Said:
    return said(may_act(act, Role.SELF, BIRTH, day, REGION, protected=False))


AS_PROXY = (True, Reason.GUARDIAN_AS_PROXY, "barn-1")
ALONE = (False, Reason.CHILD_ACTS_ALONE, "barn-2")
SELF = (True, Reason.FOR_THEMSELVES, "barn-2")

GUARDIAN = [
    # what, the day before the 13th birthday, that day
    (Act.RUN_ERRAND, AS_PROXY, ALONE),
    (Act.HANDLE_TIMES, AS_PROXY, ALONE),
    (Act.SEE_TIMES, AS_PROXY, (False, Reason.CHILD_ACTS_ALONE, "barn-3")),
    (Act.SEE_CARE, AS_PROXY, ALONE),
    (Act.JOIN_VIDEO, AS_PROXY, ALONE),
    (Act.CHECK_IN, AS_PROXY, ALONE),
    (
        Act.READ_JOURNAL,
        (True, Reason.GUARDIAN_AS_PROXY, "barn-4"),
        (False, Reason.CHILD_ACTS_ALONE, "barn-4"),
    ),
    (Act.WISH_DIGITAL_ONLY, (False, Reason.NOT_BY_PROXY, "barn-5"), ALONE),
    (Act.CONSENT_TO_REMINDERS, (False, Reason.NOT_BY_PROXY, "barn-5"), ALONE),
    (Act.SHARE_WITH_CARE, (False, Reason.NOT_BY_PROXY, "barn-5"), ALONE),
]


@pytest.mark.parametrize(("act", "under_13", "from_13"), GUARDIAN, ids=[act for act, *_ in GUARDIAN])
def test_a_guardian_until_the_13th_birthday_and_never_again(act: Act, under_13: Said, from_13: Said) -> None:
    assert guardian(act, BIRTH) == guardian(act, BEFORE_13) == under_13
    assert {guardian(act, day) for day in (ON_13, BEFORE_16, ON_16, ON_18, GROWN)} == {from_13}


@pytest.mark.parametrize(
    ("birth", "day", "expected"),
    [
        (BIRTH, BIRTH, (True, Reason.GUARDIAN_AS_PROXY, "barn-1")),
        (BIRTH, BEFORE_13, (True, Reason.GUARDIAN_AS_PROXY, "barn-1")),
        (BIRTH, ON_13, (False, Reason.CHILD_ACTS_ALONE, "barn-2")),
        (BIRTH, GROWN, (False, Reason.CHILD_ACTS_ALONE, "barn-2")),
        (None, BEFORE_13, (False, Reason.AGE_UNKNOWN, "barn-1")),
    ],
)
def test_barn_1_a_guardian_acts_for_one_under_13_and_not_where_the_age_is_not_known(
    birth: date | None, day: date, expected: Said
) -> None:
    assert said(does_guardian_act(birth, day, REGION.ages)) == expected
    assert does_guardian_act(BIRTH, ON_13, UP_A_YEAR.ages).allowed, "the age is the region's"


def test_the_table_of_guardians_leaves_nothing_out() -> None:
    assert {act for act, *_ in GUARDIAN} == set(Act)


@pytest.mark.parametrize("act", BUT_JOURNAL)
def test_a_child_acts_from_the_13th_birthday_on_their_own(act: Act) -> None:
    assert themselves(act, BEFORE_13) == (False, Reason.TOO_YOUNG, "barn-2")
    assert themselves(act, ON_13) == themselves(act, ON_18) == SELF


JOURNAL = [
    (BEFORE_13, (False, Reason.TOO_YOUNG, "barn-2")),
    (ON_13, (False, Reason.TOO_YOUNG_FOR_JOURNAL, "barn-4")),
    (BEFORE_16, (False, Reason.TOO_YOUNG_FOR_JOURNAL, "barn-4")),
    (ON_16, (True, Reason.FOR_THEMSELVES, "barn-4")),
    (ON_18, (True, Reason.FOR_THEMSELVES, "barn-4")),
]


@pytest.mark.parametrize(("day", "expected"), JOURNAL, ids=[str(day) for day, _ in JOURNAL])
def test_a_child_reads_their_own_journal_from_16(day: date, expected: Said) -> None:
    assert themselves(Act.READ_JOURNAL, day) == expected


def test_between_13_and_16_nobody_reads_the_journal() -> None:
    for day in (ON_13, date(2028, 2, 29), BEFORE_16):
        assert not guardian(Act.READ_JOURNAL, day)[0]
        assert not themselves(Act.READ_JOURNAL, day)[0]


@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("day", [BEFORE_13, ON_13, ON_16, ON_18])
def test_never_both_the_guardian_and_the_child(act: Act, day: date) -> None:
    assert not (guardian(act, day)[0] and themselves(act, day)[0])


def test_between_booking_and_visit_the_birthday_moves_the_right_from_guardian_to_child() -> None:
    assert guardian(Act.HANDLE_TIMES, BEFORE_13) == AS_PROXY
    assert guardian(Act.JOIN_VIDEO, date(2026, 12, 8)) == ALONE
    assert themselves(Act.JOIN_VIDEO, date(2026, 12, 8)) == SELF


LEAP = date(2012, 2, 29)


@pytest.mark.parametrize(
    ("day", "by_guardian", "alone"),
    [
        (date(2025, 2, 28), True, False),
        (date(2025, 3, 1), False, True),
    ],
)
def test_one_born_on_29_february_is_13_on_1_march(day: date, by_guardian: bool, alone: bool) -> None:
    of_guardian = may_act(Act.RUN_ERRAND, Role.GUARDIAN, LEAP, day, REGION, protected=False)
    of_child = may_act(Act.RUN_ERRAND, Role.SELF, LEAP, day, REGION)
    assert (of_guardian.allowed, of_child.allowed) == (by_guardian, alone)


@pytest.mark.parametrize(("day", "reads"), [(date(2028, 2, 28), False), (date(2028, 2, 29), True)])
def test_one_born_on_29_february_is_16_that_day_in_a_leap_year(day: date, reads: bool) -> None:
    assert may_act(Act.READ_JOURNAL, Role.SELF, LEAP, day, REGION).allowed is reads


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        (datetime(2026, 11, 30, 22, 59, 59, tzinfo=UTC), True),
        (datetime(2026, 11, 30, 23, 0, tzinfo=UTC), False),
    ],
)
def test_the_13th_birthday_begins_at_midnight_in_sweden(moment: datetime, allowed: bool) -> None:
    assert guardian(Act.SEE_CARE, swedish_day(moment))[0] is allowed


@pytest.mark.parametrize("role", [None, Role.OTHER])
@pytest.mark.parametrize("act", Act)
@pytest.mark.parametrize("birth", [None, BIRTH, date(1980, 5, 5)])
def test_nobody_else_acts_whether_the_role_is_another_or_unknown(
    role: Role | None, act: Act, birth: date | None
) -> None:
    decision = may_act(act, role, birth, BEFORE_13, REGION, protected=False)
    reason = Reason.NOT_A_GUARDIAN if role else Reason.ROLE_UNKNOWN
    assert said(decision) == (False, reason, "barn-1")


@pytest.mark.parametrize("role", [Role.SELF, Role.GUARDIAN])
@pytest.mark.parametrize("act", Act)
def test_an_unknown_age_opens_nothing(role: Role, act: Act) -> None:
    decision = may_act(act, role, None, BEFORE_13, REGION, protected=False)
    clause = "barn-2" if role is Role.SELF else "policy-barn-1"
    assert said(decision) == (False, Reason.AGE_UNKNOWN, clause)


PROXY_LINK = [
    # protected, what a guardian is answered
    (False, AS_PROXY),
    (None, (False, Reason.PERSON_UNKNOWN, "policy-skydd-1")),
    (True, (False, Reason.MANUAL_HANDLING, "policy-skydd-1")),
]


@pytest.mark.parametrize(("protected", "expected"), PROXY_LINK, ids=["no", "unknown", "yes"])
def test_protection_breaks_the_proxy_link_and_not_knowing_opens_nothing(
    protected: bool | None, expected: Said
) -> None:
    assert guardian(Act.RUN_ERRAND, BEFORE_13, protected) == expected


def test_protection_that_nobody_gave_is_unknown() -> None:
    unsaid = may_act(Act.RUN_ERRAND, Role.GUARDIAN, BIRTH, BEFORE_13, REGION)
    assert said(unsaid) == (False, Reason.PERSON_UNKNOWN, "policy-skydd-1")
    assert may_be_told(Role.GUARDIAN, BIRTH, BEFORE_13, REGION) == unsaid


@pytest.mark.parametrize("protected", [None, True])
def test_what_no_proxy_can_do_is_told_before_protection(protected: bool | None) -> None:
    for act in Act:
        clause = "barn-5" if act in NOT_BY_PROXY else "policy-skydd-1"
        assert guardian(act, BEFORE_13, protected)[2] == clause


@pytest.mark.parametrize("protected", [None, True, False])
def test_from_13_the_age_decides_and_protection_is_not_told(protected: bool | None) -> None:
    assert guardian(Act.SEE_TIMES, ON_13, protected) == (False, Reason.CHILD_ACTS_ALONE, "barn-3")


@pytest.mark.parametrize("protected", [None, True, False])
def test_whoever_acts_for_themselves_is_let_in_protected_or_not(protected: bool | None) -> None:
    decision = may_act(Act.SEE_TIMES, Role.SELF, BIRTH, ON_13, REGION, protected=protected)
    assert said(decision) == SELF


def test_of_several_guardians_only_the_protected_one_is_left_out() -> None:
    mother, father = True, False
    answers = [guardian(Act.SEE_TIMES, BEFORE_13, protected)[0] for protected in (mother, father)]
    assert answers == [False, True]


TOLD = [
    ("the guardian of a child of 12", Role.GUARDIAN, BIRTH, BEFORE_13, AS_PROXY),
    (
        "the guardian of a child of 13",
        Role.GUARDIAN,
        BIRTH,
        ON_13,
        (False, Reason.CHILD_ACTS_ALONE, "policy-barn-1"),
    ),
    (
        "one who was the guardian of a grown person",
        Role.GUARDIAN,
        BIRTH,
        GROWN,
        (False, Reason.CHILD_ACTS_ALONE, "policy-barn-1"),
    ),
    ("a child of 12", Role.SELF, BIRTH, BEFORE_13, (False, Reason.TOO_YOUNG, "barn-2")),
    ("a child of 13", Role.SELF, BIRTH, ON_13, SELF),
    ("a grown person", Role.SELF, BIRTH, GROWN, SELF),
    ("one of unknown age", Role.SELF, None, ON_13, (False, Reason.AGE_UNKNOWN, "barn-2")),
    (
        "the guardian of one of unknown age",
        Role.GUARDIAN,
        None,
        ON_13,
        (False, Reason.AGE_UNKNOWN, "policy-barn-1"),
    ),
    ("a relative", Role.OTHER, BIRTH, BEFORE_13, (False, Reason.NOT_A_GUARDIAN, "barn-1")),
    ("nobody knows who", None, BIRTH, BEFORE_13, (False, Reason.ROLE_UNKNOWN, "barn-1")),
]


@pytest.mark.parametrize(("who", "role", "birth", "day", "expected"), TOLD, ids=[who for who, *_ in TOLD])
def test_who_is_told(who: str, role: Role | None, birth: date | None, day: date, expected: Said) -> None:
    assert said(may_be_told(role, birth, day, REGION, protected=False)) == expected


@pytest.mark.parametrize(("protected", "expected"), PROXY_LINK, ids=["no", "unknown", "yes"])
def test_a_guardian_is_told_only_where_neither_is_protected(protected: bool | None, expected: Said) -> None:
    assert said(may_be_told(Role.GUARDIAN, BIRTH, BEFORE_13, REGION, protected=protected)) == expected


UNDATED = None
THE_DAY_BEFORE, THE_DAY = BEFORE_13, ON_13
THEIRS = (True, Reason.FOR_THEMSELVES, "barn-2")
WHOSE = (False, Reason.CONTACT_OWNER_UNKNOWN, "policy-barn-1")
LAPSED = (False, Reason.GUARDIAN_CONTACT_LAPSED, "policy-barn-2")

CONTACTS = [
    # given on, used on
    ("a guardian's, under 13", date(2020, 1, 1), BEFORE_13, AS_PROXY),
    ("undated, under 13", UNDATED, BEFORE_13, AS_PROXY),
    ("a guardian's, at 13", THE_DAY_BEFORE, ON_13, LAPSED),
    ("the child's from the birthday, at 13", THE_DAY, ON_13, THEIRS),
    ("undated, at 13", UNDATED, ON_13, WHOSE),
    ("undated, at 17", UNDATED, ON_18 - timedelta(days=1), WHOSE),
    ("undated, at 18", UNDATED, ON_18, THEIRS),
    ("a guardian's, at 18", THE_DAY_BEFORE, ON_18, LAPSED),
    ("a guardian's, grown", THE_DAY_BEFORE, GROWN, LAPSED),
    ("their own, grown", THE_DAY, GROWN, THEIRS),
]


@pytest.mark.parametrize(
    ("which", "since", "day", "expected"), CONTACTS, ids=[which for which, *_ in CONTACTS]
)
def test_whose_a_way_of_contact_is(which: str, since: date | None, day: date, expected: Said) -> None:
    contact = Contact(kind=ContactKind.PHONE, value=MOBILE, since=since)
    assert said(is_contact_the_patients(contact, BIRTH, day, REGION.ages)) == expected


@pytest.mark.parametrize("since", [None, date(1990, 1, 1), date(2026, 12, 1)])
def test_of_an_unknown_age_nobody_knows_whose_the_contact_is(since: date | None) -> None:
    contact = Contact(kind=ContactKind.PHONE, value=MOBILE, since=since)
    unknown = is_contact_the_patients(contact, None, ON_13, REGION.ages)
    assert said(unknown) == (False, Reason.AGE_UNKNOWN, "policy-barn-1")


def test_what_a_guardian_gave_lapses_on_the_13th_birthday() -> None:
    assert lapses_on(BIRTH, REGION.ages) == ON_13
    assert lapses_on(LEAP, REGION.ages) == date(2025, 3, 1)


@pytest.mark.parametrize(
    ("since", "expected"), [(date(2025, 2, 28), LAPSED), (date(2025, 3, 1), THEIRS), (LEAP, LAPSED)]
)
def test_a_contact_of_one_born_on_29_february(since: date, expected: Said) -> None:
    contact = Contact(kind=ContactKind.PHONE, value=MOBILE, since=since)
    assert said(is_contact_the_patients(contact, LEAP, date(2026, 3, 1), REGION.ages)) == expected


def test_the_ages_are_the_regions() -> None:
    at_13, at_16 = ON_13, ON_16
    assert may_act(Act.SEE_CARE, Role.GUARDIAN, BIRTH, at_13, UP_A_YEAR, protected=False).allowed
    assert not may_act(Act.READ_JOURNAL, Role.SELF, BIRTH, at_16, UP_A_YEAR).allowed
    assert may_be_told(Role.GUARDIAN, BIRTH, at_13, UP_A_YEAR, protected=False).allowed
    assert lapses_on(BIRTH, UP_A_YEAR.ages) == date(2027, 12, 1)
    undated = Contact(kind=ContactKind.PHONE, value=MOBILE)
    assert not is_contact_the_patients(undated, BIRTH, ON_18, UP_A_YEAR.ages).allowed
