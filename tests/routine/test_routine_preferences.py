"""What a patient wishes: who may say it, where and how long it holds (onskemal-1, paminnelse-2, barn-5, policy-barn-2)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from models.staff import WISHES
from models.times import STOCKHOLM
from routine.decision import Decision
from routine.preferences import (
    Name,
    Setter,
    Wish,
    Word,
    counts_from,
    does_it_hold,
    holds_at,
    lapses_at,
    may_be_set,
)
from routine.reasons import Reason
from routine.region import Region
from routine.region_file import load_region

REGION = load_region()
COUNTS = REGION.model_copy(
    update={"reminders": REGION.reminders.model_copy(update={"guardians_consent_counts": True})}
)
DAY = date(2026, 11, 23)
CHILD, TEENAGER, ADULT = date(2015, 5, 5), date(2013, 11, 23), date(1980, 1, 1)
LAST_DAY_AS_CHILD = date(2013, 11, 24)
UNIT = "SE2321000115-E000000000001"
AT = datetime(2026, 11, 23, 8, tzinfo=UTC)


def may(
    name: Name,
    by: Setter,
    birth: date | None = ADULT,
    *,
    on_1177: bool = True,
    wished: bool = True,
    region: Region = REGION,
) -> Decision[bool]:
    return may_be_set(Word(name=name, wished=wished, on_1177=on_1177, by=by, birth=birth), DAY, region)


def test_the_names_are_those_of_the_event() -> None:
    assert set(Name) == WISHES


@pytest.mark.parametrize(
    ("name", "clause"),
    [
        (Name.DIGITAL_ONLY, "onskemal-1"),
        (Name.SMS_REMINDERS, "paminnelse-2"),
        (Name.NOTICE_BY, "avisering-1"),
        (Name.PHONE, "avisering-1"),
        (Name.EMAIL, "avisering-1"),
    ],
)
@pytest.mark.parametrize("birth", [ADULT, TEENAGER, None])
def test_onskemal_1_and_paminnelse_2_the_patient_sets_it_on_1177(
    name: Name, clause: str, birth: date | None
) -> None:
    assert may(name, Setter.SELF, birth) == Decision(True, Reason.WISH_SET, clause)
    assert may(name, Setter.SELF, birth, wished=False) == Decision(True, Reason.WISH_WITHDRAWN, clause)


@pytest.mark.parametrize("birth", [ADULT, TEENAGER, CHILD, None])
@pytest.mark.parametrize("by", [Setter.SELF, Setter.STAFF])
@pytest.mark.parametrize("wished", [True, False])
def test_onskemal_1_or_to_staff_who_enter_it(birth: date | None, by: Setter, wished: bool) -> None:
    reason = Reason.WISH_SET if wished else Reason.WISH_WITHDRAWN
    assert may(Name.DIGITAL_ONLY, by, birth, on_1177=False, wished=wished) == Decision(
        True, reason, "onskemal-1"
    )
    assert may(Name.SMS_REMINDERS, by, birth, on_1177=False, wished=wished) == Decision(
        True, reason, "paminnelse-1"
    )


@pytest.mark.parametrize("name", [Name.DIGITAL_ONLY, Name.SMS_REMINDERS])
@pytest.mark.parametrize("birth", [CHILD, LAST_DAY_AS_CHILD])
@pytest.mark.parametrize("region", [REGION, COUNTS])
def test_barn_5_a_guardian_cannot_wish_these_on_1177_for_a_child_under_13(
    name: Name, birth: date, region: Region
) -> None:
    assert may(name, Setter.GUARDIAN, birth, region=region) == Decision(False, Reason.NOT_BY_PROXY, "barn-5")


@pytest.mark.parametrize("name", Name)
def test_barn_1_a_guardian_may_take_back_anything_there_and_set_the_rest(name: Name) -> None:
    taken_back = may(name, Setter.GUARDIAN, CHILD, wished=False)
    assert (taken_back.allowed, taken_back.reason) == (True, Reason.WISH_WITHDRAWN)
    forbidden = name in (Name.DIGITAL_ONLY, Name.SMS_REMINDERS)
    assert may(name, Setter.GUARDIAN, CHILD).allowed is not forbidden


@pytest.mark.parametrize("name", Name)
@pytest.mark.parametrize("wished", [True, False])
@pytest.mark.parametrize("birth", [TEENAGER, ADULT])
def test_barn_2_from_13_a_guardian_sets_and_takes_back_nothing_there(
    name: Name, wished: bool, birth: date
) -> None:
    no = may(name, Setter.GUARDIAN, birth, wished=wished)
    assert (no.allowed, no.reason) == (False, Reason.CHILD_ACTS_ALONE)


@pytest.mark.parametrize("name", Name)
def test_who_has_no_business_on_1177_sets_nothing_there(name: Name) -> None:
    assert may(name, Setter.STAFF) == Decision(False, Reason.NOT_A_GUARDIAN, "barn-1")
    assert may(name, Setter.SELF, CHILD) == Decision(False, Reason.TOO_YOUNG, "barn-2")
    assert may(name, Setter.GUARDIAN, None) == Decision(False, Reason.AGE_UNKNOWN, "policy-barn-1")


@pytest.mark.parametrize(
    ("birth", "region", "allowed", "reason"),
    [
        pytest.param(CHILD, REGION, False, Reason.GUARDIAN_CONSENT_NOT_COUNTED, id="the region does not count it"),
        pytest.param(CHILD, COUNTS, True, Reason.WISH_SET, id="the region counts it"),
        pytest.param(LAST_DAY_AS_CHILD, COUNTS, True, Reason.WISH_SET, id="on the last day as a child"),
        pytest.param(TEENAGER, COUNTS, False, Reason.GUARDIAN_CONSENT_LAPSED, id="on the 13th birthday"),
        pytest.param(None, COUNTS, False, Reason.AGE_UNKNOWN, id="of unknown age"),
    ],
)  # fmt: skip
def test_policy_barn_2_a_guardians_consent_to_staff_counts_by_the_regions_setting(
    birth: date | None, region: Region, allowed: bool, reason: Reason
) -> None:
    found = may(Name.SMS_REMINDERS, Setter.GUARDIAN, birth, on_1177=False, region=region)
    assert found == Decision(allowed, reason, "policy-barn-2")


@pytest.mark.parametrize("name", [each for each in Name if each is not Name.SMS_REMINDERS])
def test_policy_barn_2_the_rest_a_guardian_tells_staff_until_the_13th_birthday(name: Name) -> None:
    assert may(name, Setter.GUARDIAN, CHILD, on_1177=False).allowed
    no = Decision(False, Reason.CHILD_ACTS_ALONE, "policy-barn-2")
    assert may(name, Setter.GUARDIAN, TEENAGER, on_1177=False) == no
    unknown = Decision(False, Reason.AGE_UNKNOWN, "policy-barn-2")
    assert may(name, Setter.GUARDIAN, None, on_1177=False) == unknown


def test_policy_barn_2_what_a_guardian_takes_back_with_staff_ends_whatever_the_setting() -> None:
    ended = Decision(True, Reason.WISH_WITHDRAWN, "policy-barn-2")
    assert may(Name.SMS_REMINDERS, Setter.GUARDIAN, CHILD, on_1177=False, wished=False) == ended
    assert may(Name.SMS_REMINDERS, Setter.GUARDIAN, None, on_1177=False, wished=False) == ended
    assert not may(Name.SMS_REMINDERS, Setter.GUARDIAN, TEENAGER, on_1177=False, wished=False).allowed


def test_paminnelse_2_what_is_set_on_1177_holds_for_all_care_and_to_staff_at_their_unit() -> None:
    assert holds_at(True, UNIT) is None
    assert holds_at(False, UNIT) == UNIT
    assert holds_at(False, None) is None


@pytest.mark.parametrize(
    ("value", "minutes", "source", "holds", "reason"),
    [
        (True, 0, "e1177", True, Reason.SAME_WISH),
        (True, 1, "vas", True, Reason.SAME_WISH),
        (None, 1, "e1177", True, Reason.WISH_SET),
        (None, 0, "e1177", True, Reason.WISH_SET),
        (None, 1, "vas", True, Reason.NEWER_FROM_ANOTHER),
        (False, 0, "vas", True, Reason.NEWER_FROM_ANOTHER),
        (None, -1, "e1177", False, Reason.NEWER_HELD),
        (None, -1, "vas", False, Reason.NEWER_HELD),
        (True, -1, "vas", False, Reason.NEWER_HELD),
    ],
)
def test_policy_onskan_1_the_newer_word_holds_whichever_system_it_came_from(
    value: object, minutes: int, source: str, holds: bool, reason: Reason
) -> None:
    new = Wish(value, AT + timedelta(minutes=minutes), source)
    assert does_it_hold(new, Wish(True, AT, "e1177")) == Decision(holds, reason, "policy-onskan-1")


def test_policy_onskan_1_a_first_word_and_one_after_a_lapse_are_no_conflict() -> None:
    new = Wish(True, AT, "e1177")
    first = Decision(True, Reason.WISH_SET, "policy-onskan-1")
    assert does_it_hold(new, None) == does_it_hold(new, Wish(None, AT, None)) == first


def test_policy_onskan_1_a_clock_that_is_ahead_does_not_keep_later_words_out() -> None:
    hour = timedelta(hours=1)
    assert counts_from(AT + hour, AT) == counts_from(AT, AT) == counts_from(AT, AT + hour) == AT


def test_policy_barn_2_what_was_set_for_a_child_lapses_as_the_13th_birthday_begins() -> None:
    birthday = datetime(2028, 5, 5, tzinfo=STOCKHOLM)
    assert lapses_at(CHILD, True, AT, REGION.ages) == birthday
    assert lapses_at(CHILD, True, birthday - timedelta(seconds=1), REGION.ages) == birthday
    assert lapses_at(CHILD, True, birthday, REGION.ages) is None
    assert lapses_at(ADULT, True, AT, REGION.ages) is None
    assert lapses_at(None, True, AT, REGION.ages) is None
    assert lapses_at(CHILD, False, AT, REGION.ages) is None
