"""policy-personal-1: what a login gives a member of staff, and for how long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from importlib import import_module
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import REGION

from models.booking import VideoFor
from models.processes import MODELS
from routine.approved import System, Use
from routine.channels import is_channel_approved
from routine.reasons import Reason
from routine.staff import (
    CARE,
    WAITS_AT,
    Commission,
    Member,
    is_session_over,
    may_log_in,
    may_see_case,
    may_see_patients,
    reasons_for_staff,
    states_that_wait,
    units_that_see,
)

NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(("level", "may"), [(0, False), (1, False), (2, False), (3, True), (4, True)])
def test_staff_log_in_from_level_3_on(level: int, may: bool) -> None:
    assert may_log_in(level).allowed is may


@pytest.mark.parametrize(
    ("purpose", "reason"),
    [
        (CARE, Reason.COMMISSION_FOR_CARE),
        (CARE.upper(), Reason.COMMISSION_FOR_CARE),
        ("Administration", Reason.COMMISSION_FOR_OTHER),
        ("Vård och behandling och annat", Reason.COMMISSION_FOR_OTHER),
        ("", Reason.COMMISSION_FOR_OTHER),
        (None, Reason.NO_COMMISSION),
    ],
)
def test_a_patient_is_seen_with_a_commission_for_care_alone(purpose: str | None, reason: Reason) -> None:
    commission = None if purpose is None else Commission("SE2321000115-U1", purpose)
    decision = may_see_patients(Member("SE2321000115-P1", commission=commission))
    assert (decision.allowed, decision.reason) == (reason is Reason.COMMISSION_FOR_CARE, reason)


@pytest.mark.parametrize(
    ("since_login", "idle", "reason"),
    [
        (0 * MINUTE, 0 * MINUTE, Reason.STAFF_KNOWN),
        (29 * MINUTE, 29 * MINUTE, Reason.STAFF_KNOWN),
        (31 * MINUTE, 31 * MINUTE, Reason.SESSION_IDLE),
        (479 * MINUTE, 1 * MINUTE, Reason.STAFF_KNOWN),
        (481 * MINUTE, 1 * MINUTE, Reason.SESSION_TOO_LONG),
    ],
)
def test_a_login_ends_when_it_is_not_used_and_at_the_end_of_a_shift(
    since_login: timedelta, idle: timedelta, reason: Reason
) -> None:
    decision = is_session_over(NOW - since_login, NOW - idle, NOW)
    assert (decision.allowed, decision.reason) == (reason is not Reason.STAFF_KNOWN, reason)


E1, E2 = "SE2321000115-E000000000001", "SE2321000115-E000000000002"
ANNA = "SE2321000115-P000000000001"


@pytest.mark.parametrize(
    ("purpose", "own", "units", "owner", "reason"),
    [
        (CARE, E1, {E1}, None, Reason.CASE_AT_UNIT),
        (CARE, E1.lower(), {E1}, None, Reason.CASE_AT_UNIT),
        (CARE, E1, {E2, E1.lower()}, None, Reason.CASE_AT_UNIT),
        (CARE, E1, {E2}, None, Reason.CASE_ELSEWHERE),
        (CARE, E1, set(), None, Reason.CASE_ELSEWHERE),
        (CARE, None, {E1}, None, Reason.CASE_ELSEWHERE),
        ("Administration", E1, {E1}, None, Reason.COMMISSION_FOR_OTHER),
        (None, E1, {E1}, None, Reason.NO_COMMISSION),
        (CARE, E1, {E1}, ANNA.lower(), Reason.CASE_AT_UNIT),
        (CARE, E1, {E1}, "SE2321000115-P000000000002", Reason.OTHERS_FILE),
        (CARE, E1, {E2}, ANNA, Reason.CASE_ELSEWHERE),
    ],
)
def test_a_case_is_seen_with_a_commission_at_its_unit_and_a_file_by_its_owner_alone(
    purpose: str | None, own: str | None, units: set[str], owner: str | None, reason: Reason
) -> None:
    commission = Commission("SE2321000115-U1", purpose, unit=own) if purpose else None
    decision = may_see_case(Member(ANNA, commission=commission), units, owner)
    assert (decision.allowed, decision.reason) == (reason is Reason.CASE_AT_UNIT, reason)


# --- which units see a case, and where it waits for them

UNITS = st.sampled_from([f"SE2321000115-E{n:012}" for n in range(1, 6)])
SEVERAL = st.frozensets(UNITS, max_size=3)
"""All that a unit is, or was."""


def sees(unit: str, at: frozenset[str] | None, elsewhere: list[frozenset[str]]) -> bool:
    member = Member(ANNA, commission=Commission("SE2321000115-U1", CARE, unit=unit))
    return may_see_case(member, units_that_see(at, elsewhere)).allowed


@given(UNITS, SEVERAL, st.lists(SEVERAL, max_size=4))
def test_policy_personal_1_another_unit_never_sees_what_is_at_a_unit(
    unit: str, at: frozenset[str], elsewhere: list[frozenset[str]]
) -> None:
    """Wherever else the patient has something."""
    assert sees(unit, at, elsewhere) is (unit in at)


@given(UNITS, st.lists(SEVERAL, max_size=4))
def test_policy_personal_1_a_unit_never_sees_wishes_of_a_patient_who_has_nothing_there(
    unit: str, elsewhere: list[frozenset[str]]
) -> None:
    assert sees(unit, None, elsewhere) is any(unit in units for units in elsewhere)


@given(UNITS, st.lists(SEVERAL, max_size=4))
def test_policy_personal_1_nobody_sees_a_case_whose_unit_is_not_known(
    unit: str, elsewhere: list[frozenset[str]]
) -> None:
    assert not sees(unit, frozenset(), elsewhere)


@pytest.mark.parametrize(
    ("process", "waits"),
    [
        ("risk_alert", {"flagged", "alerted", "escalated", "called"}),
        ("inbound_contact", {"unanswered"}),
        ("channel_switch", {"unclear"}),
        ("participation", {"proposed"}),
        ("self_service", {"unclear"}),
        ("booking_publication", set()),
        ("preferences", set()),
    ],
)
def test_policy_personal_1_a_case_waits_for_staff_at_these_states(process: str, waits: set[str]) -> None:
    assert states_that_wait(process) == waits


def test_every_state_that_waits_for_staff_is_one_that_there_is() -> None:
    """And an alert waits until it is acknowledged, whatever states it may come to have."""
    states = {model.PROCESS: set(model.TRANSITIONS) for model in MODELS}
    assert all(waits <= states[process] for process, waits in WAITS_AT.items())
    assert states["risk_alert"] - states_that_wait("risk_alert") == {"acknowledged"}


HERE, ELSEWHERE = "SE2321000115-U1", "SE2321000115-U2"
LISTED: dict[str, Any] = {"name": "Video", "uses": frozenset({Use.VIDEO}), "check": "Diarienummer"}
NOT_APPROVED: list[dict[str, Any]] = [
    {"uses": frozenset({Use.TEXT})},
    {"check": None},
    {"since": (NOW + timedelta(days=1)).date()},
    {"until": (NOW - timedelta(days=1)).date()},
    {"units": frozenset({ELSEWHERE})},
    {"video_for": frozenset({VideoFor.MDK})},
]


@pytest.mark.parametrize("purpose", [VideoFor.VISIT, None])
@pytest.mark.parametrize("differs", NOT_APPROVED, ids=lambda differs: next(iter(differs)))
def test_system_2_a_visit_on_a_platform_that_is_listed_and_not_approved_waits_for_staff(
    differs: dict[str, Any], purpose: VideoFor | None
) -> None:
    region = REGION.model_copy(update={"systems": {"video": System(**LISTED | differs)}})
    decision = is_channel_approved("video", Use.VIDEO, HERE, NOW.date(), region, purpose)
    assert not decision.allowed
    assert decision.reason in reasons_for_staff("booking_publication")


@pytest.mark.parametrize(
    ("process", "reason"),
    [
        ("booking_publication", Reason.NOT_LISTED),
        ("booking_publication", Reason.UNIT_UNKNOWN),
        ("booking_publication", Reason.PLATFORM_UNKNOWN),
        ("inbound_contact", Reason.NOT_CHECKED),
        ("nothing_of_ours", Reason.NOT_CHECKED),
    ],
)
def test_policy_personal_1_what_else_is_parked_waits_for_ops(process: str, reason: Reason) -> None:
    assert reason not in reasons_for_staff(process)


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.PROCESS)
def test_each_flow_is_handed_what_of_its_own_waits_for_staff(model: Any) -> None:
    flow: Any = getattr(import_module(f"flows.{model.PROCESS}"), model.PROCESS)
    assert set(flow.process.for_staff) == reasons_for_staff(model.PROCESS)
