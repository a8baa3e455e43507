"""Which form of visit may be booked (vard-1 to vard-3, policy-barn-3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from routine_cases import ADULT, REGION, UNIT_ID
from switch_cases import DAY

from routine.children import Role
from routine.decision import Decision
from routine.facts import Form
from routine.figures import Unknown
from routine.reasons import Reason
from routine.region import Region
from routine.staff_text import visit_amiss
from routine.visit_form import (
    Booked,
    Wished,
    asked_again_at,
    depends_on_protection,
    has_e_id,
    is_form_by_care,
    is_login_an_answer,
    is_task_over,
    may_visit_be_booked,
    needs_documented_consent,
    what_is_amiss,
    who_joins,
)

DIGITAL = [Form.VIDEO, Form.CHAT]
DISTANT = [Form.VIDEO, Form.CHAT, Form.PHONE]
VIDEO = Wished(form=Form.VIDEO, day=DAY, agreed=True, fit=True, e_id=True, birth=ADULT)


def wished(**differs: Any) -> Wished:
    return replace(VIDEO, **differs)


def booked(**differs: Any) -> Decision[bool]:
    return may_visit_be_booked(wished(**differs), REGION)


@pytest.mark.parametrize("form", Form)
def test_vard_1_what_is_agreed_and_fit_is_booked(form: Form) -> None:
    assert booked(form=form) == Decision(True, Reason.AGREED, "vard-1")


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(("agreed", "reason"), [(False, Reason.NOT_AGREED), (None, Reason.AGREEMENT_UNKNOWN)])
def test_vard_1_the_patient_decides_on_the_form(form: Form, agreed: bool | None, reason: Reason) -> None:
    assert booked(form=form, agreed=agreed) == Decision(False, reason, "vard-1")


@pytest.mark.parametrize("form", DISTANT)
@pytest.mark.parametrize(
    ("fit", "reason"), [(False, Reason.NOT_FIT_FOR_FORM), (None, Reason.FITNESS_UNKNOWN)]
)
def test_vard_1_care_decides_whether_it_can_be_held_at_a_distance(
    form: Form, fit: bool | None, reason: Reason
) -> None:
    assert booked(form=form, fit=fit) == Decision(False, reason, "vard-1")


@pytest.mark.parametrize("fit", [None, False, True])
def test_vard_1_a_visit_on_site_needs_no_such_judgement(fit: bool | None) -> None:
    assert booked(form=Form.ON_SITE, fit=fit) == Decision(True, Reason.AGREED, "vard-1")


@pytest.mark.parametrize("form", DIGITAL)
@pytest.mark.parametrize(("e_id", "reason"), [(False, Reason.NO_E_ID), (None, Reason.E_ID_UNKNOWN)])
@pytest.mark.parametrize("birth", [ADULT, None])
def test_vard_2_staff_make_sure_of_e_identification_before_a_digital_visit(
    form: Form, e_id: bool | None, reason: Reason, birth: date | None
) -> None:
    assert booked(form=form, e_id=e_id, birth=birth) == Decision(False, reason, "vard-2")


@pytest.mark.parametrize("form", [Form.PHONE, Form.ON_SITE])
@pytest.mark.parametrize("e_id", [False, None])
def test_vard_2_a_visit_on_site_or_by_phone_needs_none(form: Form, e_id: bool | None) -> None:
    assert booked(form=form, e_id=e_id) == Decision(True, Reason.AGREED, "vard-1")


@pytest.mark.parametrize("form", DIGITAL)
@pytest.mark.parametrize(
    ("birth", "clause"),
    [
        pytest.param(date(2013, 11, 25), "vard-2", id="turns 13 the day after"),
        pytest.param(date(2013, 11, 24), "policy-barn-3", id="turns 13 that day"),
        pytest.param(date(2010, 11, 24), "policy-barn-3", id="turns 16 that day"),
        pytest.param(date(2008, 11, 25), "policy-barn-3", id="turns 18 the day after"),
        pytest.param(date(2008, 11, 24), "vard-2", id="turns 18 that day"),
        pytest.param(None, "vard-2", id="age not known"),
    ],
)
def test_policy_barn_3_a_child_of_13_without_e_identification_has_no_digital_visit(
    form: Form, birth: date | None, clause: str
) -> None:
    assert booked(form=form, e_id=False, birth=birth) == Decision(False, Reason.NO_E_ID, clause)
    assert booked(form=form, e_id=None, birth=birth) == Decision(False, Reason.E_ID_UNKNOWN, "vard-2")


@pytest.mark.parametrize(
    ("differs", "reason"),
    [
        ({"e_id": None, "fit": None, "agreed": None}, Reason.E_ID_UNKNOWN),
        ({"e_id": False, "fit": False, "agreed": False}, Reason.NO_E_ID),
        ({"fit": False, "agreed": None}, Reason.NOT_FIT_FOR_FORM),
        ({"fit": None, "agreed": False}, Reason.FITNESS_UNKNOWN),
    ],
)
def test_of_two_hindrances_the_first_is_said(differs: dict[str, Any], reason: Reason) -> None:
    assert booked(**differs).reason is reason


@pytest.mark.parametrize("form", Form)
def test_vard_3_no_form_needs_a_documented_consent(form: Form) -> None:
    assert needs_documented_consent(form) == Decision(False, Reason.NOT_DOCUMENTED, "vard-3")


def test_no_birth_shows_in_a_repr() -> None:
    assert "1980" not in repr(VIDEO)


CHILD = date(DAY.year - 14, 1, 1)
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
BEFORE_NOON = NOON - timedelta(seconds=1)
HELD = Booked(
    form=Form.VIDEO, unit=UNIT_ID, day=DAY, platform="platform24", e_id=True, agreed=True, birth=ADULT
)
AT_TEAMS = "https://teams.microsoft.com/l/1"
UNKNOWN: dict[str, Any] = {"platform": None, "e_id": None, "agreed": None}
NO_WAY_IN = (Reason.NO_WAY_IN, "policy-anslutning-1")
ASKED = [(Reason.E_ID_UNKNOWN, "vard-2"), (Reason.AGREEMENT_UNKNOWN, "vard-1"), NO_WAY_IN]

# the visit, and what staff have to see to
AMISS: list[tuple[str, dict[str, Any], list[tuple[Reason, str]]]] = [
    ("all is well", {}, []),
    ("nothing is known of a video visit", UNKNOWN, ASKED),
    ("nor of a chat", UNKNOWN | {"form": Form.CHAT}, ASKED),
    ("nothing is known of a visit by phone: no *no*", UNKNOWN | {"form": Form.PHONE}, []),
    ("nor of one on site", UNKNOWN | {"form": Form.ON_SITE}, []),
    ("not even the form", UNKNOWN | {"form": None, "birth": None}, []),
    ("the patient has booked it, and so chosen its form", {"agreed": None, "by_patient": True}, []),
    ("and has not agreed all the same", {"agreed": False, "by_patient": True}, [(Reason.NOT_AGREED, "vard-1")]),
    ("not agreed, by phone", {"form": Form.PHONE, "agreed": False}, [(Reason.NOT_AGREED, "vard-1")]),
    ("has logged in once", {"e_id": None, "logged_in_at": NOON}, []),
    ("has logged in since staff said no", {"e_id": False, "said_at": NOON, "logged_in_at": NOON}, []),
    ("had logged in before staff said no", {"e_id": False, "said_at": NOON, "logged_in_at": BEFORE_NOON},
     [(Reason.NO_E_ID, "vard-2")]),
    ("no e-identification", {"e_id": False}, [(Reason.NO_E_ID, "vard-2")]),
    ("none, for a chat", {"form": Form.CHAT, "e_id": False}, [(Reason.NO_E_ID, "vard-2")]),
    ("none, on site", {"form": Form.ON_SITE, "e_id": False}, []),
    ("none, by phone", {"form": Form.PHONE, "e_id": False}, []),
    ("a child without", {"e_id": False, "birth": CHILD}, [(Reason.NO_E_ID, "policy-barn-3")]),
    ("a child of whom nobody knows", {"e_id": None, "birth": CHILD}, [(Reason.E_ID_UNKNOWN, "vard-2")]),
    ("that child on site", {"form": Form.ON_SITE, "e_id": None, "birth": CHILD}, []),
    ("not agreed", {"agreed": False}, [(Reason.NOT_AGREED, "vard-1")]),
    ("video by LifeCare", {"platform": "lifecare"}, [(Reason.NOT_FOR_THIS_USE, "system-2")]),
    ("a chat by LifeCare, of which nobody says where", {"platform": "lifecare", "form": Form.CHAT}, [NO_WAY_IN]),
    ("video by SMS", {"platform": "sms"}, [(Reason.NOT_FOR_THIS_USE, "system-3")]),
    ("Teams, for nobody knows what", {"platform": "teams"}, [(Reason.PURPOSE_UNKNOWN, "system-2")]),
    ("an ordinary visit by Teams", {"platform": "teams", "video_for": "visit"},
     [(Reason.NOT_FOR_THIS_PURPOSE, "system-2")]),
    ("care planning by Teams", {"platform": "teams", "video_for": "care_planning", "join": AT_TEAMS}, []),
    ("a conference by its system", {"platform": "mdk", "video_for": "mdk"}, [NO_WAY_IN]),
    ("neither platform nor address", {"platform": None}, [NO_WAY_IN]),
    ("that, by phone: we ring", {"platform": None, "form": Form.PHONE}, []),
    ("the platform is known by its address", {"platform": None, "join": AT_TEAMS, "video_for": "care_planning"}, []),
    ("and is not approved for it", {"platform": None, "join": AT_TEAMS, "video_for": "visit"},
     [(Reason.NOT_FOR_THIS_PURPOSE, "system-2")]),
    ("an address at a host that is not listed", {"join": "https://evil.example/"},
     [(Reason.JOINED_ELSEWHERE, "system-2")]),
    ("a platform that nobody has listed", {"platform": "skype"}, [(Reason.PLATFORM_UNKNOWN, "policy-okand-1")]),
    ("that, on site", {"platform": "skype", "form": Form.ON_SITE}, [(Reason.PLATFORM_UNKNOWN, "policy-okand-1")]),
    ("Teams on site: nothing is held on it", {"platform": "teams", "form": Form.ON_SITE}, []),
    ("all at once", {"platform": "sms", "e_id": False, "agreed": False},
     [(Reason.NOT_FOR_THIS_USE, "system-3"), (Reason.NO_E_ID, "vard-2"), (Reason.NOT_AGREED, "vard-1")]),
]  # fmt: skip


@pytest.mark.parametrize(("differs", "found"), [row[1:] for row in AMISS], ids=[row[0] for row in AMISS])
def test_vard_1_vard_2_system_2_what_is_amiss_with_a_booked_visit(
    differs: dict[str, Any], found: list[tuple[Reason, str]]
) -> None:
    told = what_is_amiss(replace(HELD, **differs), REGION)
    assert [(decision.reason, decision.clause) for decision in told] == found


def asking(*about: Unknown, **more: Any) -> Region:
    """A region that has staff asked about these."""
    figures = REGION.digital_visits.model_copy(update={"ask_about": frozenset(about), **more})
    return REGION.model_copy(update={"digital_visits": figures})


@pytest.mark.parametrize(
    ("about", "reasons"),
    [
        ([], []),
        ([Unknown.E_ID], [Reason.E_ID_UNKNOWN]),
        ([Unknown.AGREEMENT], [Reason.AGREEMENT_UNKNOWN]),
        ([*Unknown], [Reason.E_ID_UNKNOWN, Reason.AGREEMENT_UNKNOWN]),
    ],
)
def test_vard_1_vard_2_what_is_not_known_is_asked_as_the_region_has_it(
    about: list[Unknown], reasons: list[Reason]
) -> None:
    told = what_is_amiss(replace(HELD, **UNKNOWN | {"platform": "platform24"}), asking(*about))
    assert [decision.reason for decision in told] == reasons


def test_vard_2_the_e_identification_of_one_of_13_to_17_is_asked_about_everywhere() -> None:
    told = what_is_amiss(replace(HELD, e_id=None, birth=CHILD), asking())
    assert [decision.reason for decision in told] == [Reason.E_ID_UNKNOWN]


def test_vard_1_what_is_known_to_be_wrong_is_told_everywhere() -> None:
    told = what_is_amiss(replace(HELD, e_id=False, agreed=False), asking())
    assert [decision.reason for decision in told] == [Reason.NO_E_ID, Reason.NOT_AGREED]


@pytest.mark.parametrize(
    ("birth", "role"),
    [
        pytest.param(date(2013, 11, 25), Role.GUARDIAN, id="turns 13 the day after"),
        pytest.param(date(2013, 11, 24), Role.SELF, id="turns 13 that day"),
        pytest.param(ADULT, Role.SELF, id="grown"),
        pytest.param(None, Role.SELF, id="age not known"),
    ],
)
def test_barn_1_barn_2_a_guardian_joins_for_a_child_under_13_on_the_day_of_the_visit(
    birth: date | None, role: Role
) -> None:
    clause = "barn-1" if role is Role.GUARDIAN else "barn-2"
    assert (who := who_joins(birth, DAY, REGION)).answer is role
    assert who.clause == clause


@pytest.mark.parametrize(
    ("differs", "decision"),
    [
        ({"e_id": True}, Decision(True, Reason.NOTHING_IN_THE_WAY, "vard-2")),
        ({"e_id": None}, Decision(None, Reason.E_ID_UNKNOWN, "vard-2")),
        ({"e_id": False}, Decision(False, Reason.NO_E_ID, "vard-2")),
        ({"e_id": None, "logged_in_at": NOON, "said_at": NOON}, Decision(True, Reason.LOGGED_IN, "vard-2")),
        ({"e_id": None, "logged_in_at": BEFORE_NOON, "said_at": NOON}, Decision(True, Reason.LOGGED_IN, "vard-2")),
        ({"e_id": False, "logged_in_at": BEFORE_NOON}, Decision(True, Reason.LOGGED_IN, "vard-2")),
    ],
)  # fmt: skip
def test_vard_2_who_has_logged_in_once_has_e_identification(
    differs: dict[str, Any], decision: Decision[bool | None]
) -> None:
    assert has_e_id(replace(HELD, **differs)) == decision


@pytest.mark.parametrize("hours", [1, 24, 48])
def test_vard_1_staff_are_asked_again_before_the_patient_is_reminded(hours: int) -> None:
    """The visit is on a Thursday at 9 in Sweden, and is reminded of 72 hours before."""
    start = datetime(2026, 12, 3, 8, tzinfo=UTC)
    region = asking(*Unknown, ask_again_hours=hours)
    assert asked_again_at(start, region) == start - timedelta(hours=72 + hours)


def test_vard_1_a_reminder_that_is_brought_forward_out_of_the_night_brings_the_question_with_it() -> None:
    """At 6 in the morning nobody is reminded: it comes before 21 the evening before."""
    start = datetime(2026, 12, 3, 5, tzinfo=UTC)
    assert asked_again_at(start, REGION) < start - timedelta(hours=72 + 24 + 9)


@pytest.mark.parametrize(
    ("differs", "cancelled", "reason", "clause"),
    [
        ({"e_id": None, "logged_in_at": NOON}, False, Reason.LOGGED_IN, "vard-2"),
        ({}, False, Reason.NOTHING_IN_THE_WAY, "vard-2"),
        ({"form": Form.ON_SITE, "e_id": None}, False, Reason.NOTHING_IN_THE_WAY, "vard-1"),
        ({"logged_in_at": NOON}, True, Reason.CANCELLED, "vard-1"),
    ],
)
def test_vard_1_vard_2_a_task_that_says_what_is_not_so_any_more_is_taken_back(
    differs: dict[str, Any], cancelled: bool, reason: Reason, clause: str
) -> None:
    over = is_task_over(replace(HELD, **differs), [], cancelled=cancelled)
    assert over == Decision(True, reason, clause)


def test_policy_dubblett_1_a_task_goes_where_another_system_s_booking_comes_to_stand_for_the_visit() -> None:
    over = is_task_over(HELD, [], cancelled=False, elsewhere=True)
    assert over == Decision(True, Reason.SAME_VISIT, "policy-dubblett-1")


def test_vard_1_a_task_of_which_something_is_left_has_a_new_one_in_its_place() -> None:
    visit = replace(HELD, e_id=None, logged_in_at=NOON, agreed=False)
    over = is_task_over(visit, what_is_amiss(visit, REGION), cancelled=False)
    assert over == Decision(True, Reason.ASKED_ANEW, "vard-1")


def test_vard_1_vard_2_a_task_says_each_thing_with_its_clause_and_that_the_visit_stands() -> None:
    found = what_is_amiss(replace(HELD, **UNKNOWN), REGION)
    first, again = visit_amiss(found).body, visit_amiss(found, again=True).body
    assert ("e-legitimation" in first, "(vard-2)" in first, "(vard-1)" in first) == (True, True, True)
    assert first.endswith("ändra bokningen om det behövs.")
    assert again == f"Besöket närmar sig, och det här behöver lösas innan dess. {first}"


def test_policy_avliden_1_a_task_about_one_who_has_died_is_taken_back_whatever_else_is_so() -> None:
    over = is_task_over(HELD, [], cancelled=True, elsewhere=True, deceased=True)
    assert over == Decision(True, Reason.DECEASED, "policy-avliden-1")


@pytest.mark.parametrize(
    ("differs", "answers"),
    [({"e_id": None}, True), ({"e_id": False}, True), ({"agreed": None}, False), ({}, False)],
)
def test_vard_2_a_login_answers_for_e_identification_and_for_nothing_else(
    differs: dict[str, Any], answers: bool
) -> None:
    assert is_login_an_answer(what_is_amiss(replace(HELD, **differs), REGION)) is answers


@pytest.mark.parametrize(
    ("was", "now", "by_care"),
    [
        (Form.ON_SITE, Form.VIDEO, True),
        (None, Form.VIDEO, True),
        (Form.VIDEO, Form.VIDEO, False),
        (None, Form.ON_SITE, False),
        (Form.VIDEO, None, False),
    ],
)
def test_vard_1_a_form_that_care_gives_a_visit_is_not_the_patient_s_choice(
    was: Form | None, now: Form | None, by_care: bool
) -> None:
    assert is_form_by_care(was, now, by_care=False, is_patients=False) is by_care
    assert is_form_by_care(was, now, by_care=True, is_patients=False) is True
    assert is_form_by_care(was, now, by_care=True, is_patients=True) is False


def test_vard_1_vard_2_a_task_is_true_whatever_ages_a_region_has_and_the_first_time_too() -> None:
    """From which age somebody logs in is the region's (`[ages] own_login`); a visit booked late is near at once."""
    said = visit_amiss(what_is_amiss(replace(HELD, **UNKNOWN), REGION), again=True).body
    assert ("13" in said, "för ung för att logga in själv" in said, "är inte löst" in said) == (
        False,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("protected", "birth", "handles", "amiss"),
    [
        (True, ADULT, False, True),
        (True, ADULT, True, False),
        (True, date(2019, 1, 1), True, True),
        (False, ADULT, False, False),
        (None, ADULT, False, False),
    ],
)
def test_policy_skydd_1_who_is_not_let_in_at_the_link_is_told_to_staff_and_no_word_says_why(
    protected: bool | None, birth: date, handles: bool, amiss: bool
) -> None:
    systems = {id: system.model_copy(update={"protected": handles}) for id, system in REGION.systems.items()}
    region = REGION.model_copy(update={"systems": systems})
    visit = replace(HELD, protected=protected, birth=birth)
    told = [Decision(False, Reason.MANUAL_HANDLING, "policy-anslutning-1")] if amiss else []
    assert list(what_is_amiss(visit, region)) == told
    assert depends_on_protection(visit, region) is (not handles or birth != ADULT)
