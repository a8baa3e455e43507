"""What counts as consent to a change of channel (byte-1, byte-2, byte-3, policy-lank-1, barn-1)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from routine_cases import ADULT, NOW, REGION
from switch_cases import DAY, THIRTEEN, TWELVE

from routine.channel_switch import Change
from routine.children import Role
from routine.consent import (
    OURS,
    SENTENCE,
    Login,
    is_link_alive,
    is_login_consent,
    journal_sentence,
    may_answer,
    may_vouch,
)
from routine.decision import Decision
from routine.reasons import Reason

TOMORROW = date(2026, 11, 25)


LOGIN = Login(made_at=NOW - timedelta(hours=1), followed=True, level=3, role=Role.SELF, birth=ADULT)
LIFE = timedelta(hours=72)


def login(**differs: Any) -> Login:
    return replace(LOGIN, **differs)


@pytest.mark.parametrize("change", [Change.FROM_PHONE, Change.DIGITAL])
@pytest.mark.parametrize(
    ("case", "consents", "reason", "clause"),
    [
        pytest.param(login(), True, Reason.LOGGED_IN, None, id="clicked and logged in"),
        pytest.param(login(level=4), True, Reason.LOGGED_IN, None, id="more strongly than need be"),
        pytest.param(login(followed=False), False, Reason.LINK_NOT_FOLLOWED, None, id="not clicked"),
        pytest.param(login(level=None), False, Reason.NOT_LOGGED_IN, None, id="a click alone"),
        pytest.param(login(level=2), False, Reason.LOGIN_TOO_WEAK, "policy-lank-1", id="too weak a login"),
        pytest.param(login(level=0), False, Reason.LOGIN_TOO_WEAK, "policy-lank-1", id="no assurance at all"),
        pytest.param(login(confirmed=True), True, Reason.LOGGED_IN, None, id="a confirmed samordningsnummer"),
        pytest.param(
            login(confirmed=False),
            False,
            Reason.LOGIN_TOO_WEAK,
            "policy-lank-1",
            id="one that is not confirmed",
        ),
        pytest.param(login(used=True), False, Reason.LINK_USED, "policy-lank-1", id="a used link"),
        pytest.param(login(made_at=NOW - LIFE), False, Reason.LINK_EXPIRED, "policy-lank-1", id="too late"),
        pytest.param(login(role=None), False, Reason.LOGIN_BY_ANOTHER, None, id="in nobody's right"),
        pytest.param(login(role=Role.OTHER), False, Reason.NOT_A_GUARDIAN, "barn-1", id="another"),
        pytest.param(login(birth=None), False, Reason.AGE_UNKNOWN, "barn-2", id="age not known"),
    ],
)
def test_byte_2_and_byte_3_consent_is_the_link_and_a_login(
    change: Change, case: Login, consents: bool, reason: Reason, clause: str | None
) -> None:
    own = "byte-2" if change is Change.FROM_PHONE else "byte-3"
    assert is_login_consent(case, change, NOW, DAY, REGION) == Decision(consents, reason, clause or own)


THEIRS = REGION.model_copy(
    update={
        "systems": {**REGION.systems, "hope": REGION.systems["hope"].model_copy(update={"login": "theirs"})}
    }
)


@pytest.mark.parametrize(
    ("by", "target", "may"),
    [
        (OURS, "platform24", True),
        (OURS, "hope", True),
        ("hope", "hope", True),
        ("platform24", "platform24", False),
        ("platform24", "hope", False),
        ("hope", "platform24", False),
        ("staff", "hope", False),
        ("local-none", "local-none", False),
    ],
)
def test_policy_lank_1_our_provider_vouches_for_a_login_and_a_target_with_a_login_of_its_own(
    by: str, target: str, may: bool
) -> None:
    reason = Reason.APPROVED if may else Reason.LOGIN_NOT_VOUCHED
    assert may_vouch(by, target, THEIRS) == Decision(may, reason, "policy-lank-1")


GUARDIAN = login(role=Role.GUARDIAN, birth=TWELVE, protected=False)


@pytest.mark.parametrize(
    ("case", "day", "consents", "reason", "clause"),
    [
        pytest.param(GUARDIAN, DAY, True, Reason.LOGGED_IN, "byte-3", id="a guardian of one of 12"),
        pytest.param(
            replace(GUARDIAN, birth=THIRTEEN),
            DAY,
            False,
            Reason.CHILD_ACTS_ALONE,
            "barn-2",
            id="of one of 13",
        ),
        pytest.param(
            replace(GUARDIAN, birth=date(2013, 11, 25)),
            DAY,
            True,
            Reason.LOGGED_IN,
            "byte-3",
            id="the day before",
        ),
        pytest.param(
            replace(GUARDIAN, birth=date(2013, 11, 25)),
            TOMORROW,
            False,
            Reason.CHILD_ACTS_ALONE,
            "barn-2",
            id="the birthday",
        ),
        pytest.param(
            replace(GUARDIAN, protected=None),
            DAY,
            False,
            Reason.PERSON_UNKNOWN,
            "policy-skydd-1",
            id="not known",
        ),
        pytest.param(
            replace(GUARDIAN, protected=True),
            DAY,
            False,
            Reason.MANUAL_HANDLING,
            "policy-skydd-1",
            id="protected",
        ),
        pytest.param(login(birth=TWELVE), DAY, False, Reason.TOO_YOUNG, "barn-2", id="the child of 12"),
        pytest.param(login(birth=THIRTEEN), DAY, True, Reason.LOGGED_IN, "byte-3", id="the child of 13"),
        pytest.param(login(protected=True), DAY, True, Reason.LOGGED_IN, "byte-3", id="a protected patient"),
    ],
)
def test_barn_1_the_patient_consents_or_a_guardian_of_a_child_under_13(
    case: Login, day: date, consents: bool, reason: Reason, clause: str
) -> None:
    assert is_login_consent(case, Change.DIGITAL, NOW, day, REGION) == Decision(consents, reason, clause)


@pytest.mark.parametrize(
    ("case", "reason"),
    [
        (login(followed=False, used=True), Reason.LINK_NOT_FOLLOWED),
        (login(used=True, made_at=NOW - LIFE), Reason.LINK_USED),
        (login(used=True, level=None), Reason.LINK_USED),
        (login(made_at=NOW - LIFE, level=None), Reason.LINK_EXPIRED),
        (login(level=None, role=None), Reason.NOT_LOGGED_IN),
        (login(level=2, role=None), Reason.LOGIN_TOO_WEAK),
        (login(role=None, birth=None), Reason.LOGIN_BY_ANOTHER),
    ],
)
def test_of_two_things_that_are_wrong_the_first_on_the_way_is_said(case: Login, reason: Reason) -> None:
    assert is_login_consent(case, Change.DIGITAL, NOW, DAY, REGION).reason is reason


@pytest.mark.parametrize("case", [LOGIN, login(followed=False), login(used=True)])
def test_byte_1_no_login_is_consent_to_be_called(case: Login) -> None:
    with pytest.raises(ValueError, match="reply"):
        is_login_consent(case, Change.TO_PHONE, NOW, DAY, REGION)


@pytest.mark.parametrize(
    ("case", "age", "alive", "reason"),
    [
        pytest.param(LOGIN, timedelta(), True, Reason.APPROVED, id="new"),
        pytest.param(LOGIN, LIFE - timedelta(microseconds=1), True, Reason.APPROVED, id="at the last moment"),
        pytest.param(LOGIN, LIFE, False, Reason.LINK_EXPIRED, id="72 hours old"),
        pytest.param(LOGIN, LIFE + timedelta(days=9), False, Reason.LINK_EXPIRED, id="old"),
        pytest.param(login(used=True), timedelta(), False, Reason.LINK_USED, id="used"),
        pytest.param(login(used=True), LIFE, False, Reason.LINK_USED, id="used and old"),
        pytest.param(login(followed=False), timedelta(), True, Reason.APPROVED, id="not clicked yet"),
    ],
)
def test_policy_lank_1_a_link_is_single_use_and_lives_72_hours(
    case: Login, age: timedelta, alive: bool, reason: Reason
) -> None:
    assert is_link_alive(case, case.made_at + age, REGION) == Decision(alive, reason, "policy-lank-1")


def test_the_region_says_how_long_a_link_lives_and_how_strong_a_login_is() -> None:
    links = REGION.links.model_copy(update={"life_hours": 1, "level_of_assurance": 2})
    region = REGION.model_copy(update={"links": links})
    assert is_link_alive(LOGIN, NOW, region).reason is Reason.LINK_EXPIRED
    weak = login(made_at=NOW, level=2)
    assert is_login_consent(weak, Change.DIGITAL, NOW, DAY, region).allowed


@pytest.mark.parametrize(
    ("role", "birth", "protected", "may", "reason", "clause"),
    [
        (Role.SELF, ADULT, None, True, Reason.FOR_THEMSELVES, "barn-2"),
        (Role.SELF, ADULT, True, True, Reason.FOR_THEMSELVES, "barn-2"),
        (Role.SELF, TWELVE, None, False, Reason.TOO_YOUNG, "barn-2"),
        (Role.SELF, None, None, False, Reason.AGE_UNKNOWN, "barn-2"),
        (Role.GUARDIAN, TWELVE, False, True, Reason.GUARDIAN_AS_PROXY, "barn-1"),
        (Role.GUARDIAN, TWELVE, None, False, Reason.PERSON_UNKNOWN, "policy-skydd-1"),
        (Role.GUARDIAN, TWELVE, True, False, Reason.MANUAL_HANDLING, "policy-skydd-1"),
        (Role.GUARDIAN, THIRTEEN, False, False, Reason.CHILD_ACTS_ALONE, "barn-2"),
        (Role.GUARDIAN, ADULT, False, False, Reason.CHILD_ACTS_ALONE, "barn-2"),
        (Role.OTHER, ADULT, False, False, Reason.NOT_A_GUARDIAN, "barn-1"),
        (None, ADULT, False, False, Reason.ROLE_UNKNOWN, "barn-1"),
    ],
)
def test_who_may_answer_for_the_patient(
    role: Role | None, birth: date | None, protected: bool | None, may: bool, reason: Reason, clause: str
) -> None:
    assert may_answer(role, birth, DAY, REGION, protected=protected) == Decision(may, reason, clause)


@pytest.mark.parametrize(
    ("change", "sentence", "reason", "clause"),
    [
        (
            Change.TO_PHONE,
            "I samtycke med patient fortsätter samtalet på telefon",
            Reason.DOCUMENTED,
            "byte-1",
        ),
        (Change.FROM_PHONE, None, Reason.NOT_DOCUMENTED, "byte-2"),
        (Change.DIGITAL, None, Reason.NOT_DOCUMENTED, "byte-3"),
    ],
)
def test_only_consent_to_be_called_is_documented(
    change: Change, sentence: str | None, reason: Reason, clause: str
) -> None:
    assert journal_sentence(change) == Decision(sentence, reason, clause)


def test_the_sentence_is_the_routines_own() -> None:
    assert SENTENCE == "I samtycke med patient fortsätter samtalet på telefon"


def test_no_birth_and_no_protection_show_in_a_repr() -> None:
    shown = repr(login(protected=True))
    assert "1980" not in shown
    assert "protected" not in shown
