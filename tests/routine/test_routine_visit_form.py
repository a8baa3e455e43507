"""Which form of visit may be booked (vard-1 to vard-3, policy-barn-3)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from routine_cases import ADULT, REGION, UNIT_ID
from switch_cases import DAY

from routine.decision import Decision
from routine.facts import Form
from routine.reasons import Reason
from routine.visit_form import (
    Booked,
    Wished,
    may_visit_be_booked,
    needs_documented_consent,
    what_is_amiss,
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
HELD = Booked(
    form=Form.VIDEO, unit=UNIT_ID, day=DAY, platform="platform24", e_id=True, agreed=True, birth=ADULT
)
UNKNOWN: dict[str, Any] = {"platform": None, "e_id": None, "agreed": None}

# the visit, and what staff have to see to
AMISS: list[tuple[str, dict[str, Any], list[tuple[Reason, str]]]] = [
    ("all is well", {}, []),
    ("nothing is known: no *no*", UNKNOWN, []),
    ("not even the form", UNKNOWN | {"form": None, "birth": None}, []),
    ("no e-identification", {"e_id": False}, [(Reason.NO_E_ID, "vard-2")]),
    ("none, for a chat", {"form": Form.CHAT, "e_id": False}, [(Reason.NO_E_ID, "vard-2")]),
    ("none, on site", {"form": Form.ON_SITE, "e_id": False}, []),
    ("none, by phone", {"form": Form.PHONE, "e_id": False}, []),
    ("a child without", {"e_id": False, "birth": CHILD}, [(Reason.NO_E_ID, "policy-barn-3")]),
    ("a child of whom nobody knows", {"e_id": None, "birth": CHILD}, [(Reason.E_ID_UNKNOWN, "vard-2")]),
    ("that child on site", {"form": Form.ON_SITE, "e_id": None, "birth": CHILD}, []),
    ("not agreed", {"agreed": False}, [(Reason.NOT_AGREED, "vard-1")]),
    ("video by LifeCare", {"platform": "lifecare"}, [(Reason.NOT_FOR_THIS_USE, "system-2")]),
    ("a chat by LifeCare", {"platform": "lifecare", "form": Form.CHAT}, []),
    ("video by SMS", {"platform": "sms"}, [(Reason.NOT_FOR_THIS_USE, "system-3")]),
    ("Teams, for nobody knows what", {"platform": "teams"}, [(Reason.PURPOSE_UNKNOWN, "system-2")]),
    ("an ordinary visit by Teams", {"platform": "teams", "video_for": "visit"},
     [(Reason.NOT_FOR_THIS_PURPOSE, "system-2")]),
    ("care planning by Teams", {"platform": "teams", "video_for": "care_planning"}, []),
    ("a conference by its system", {"platform": "mdk", "video_for": "mdk"}, []),
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
