"""Risk of suicide: who is alerted, what is held, and how the alert escalates (suicid-1, policy-suicid-1)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from routine_cases import NOW, REGION, UNIT

from models.times import STOCKHOLM
from routine.decision import Decision
from routine.reasons import Reason
from routine.region import Region
from routine.risk import Alert, Risk, how_high, is_human_needed, may_go_by_itself, who_is_called

FLAGGED = Risk(flagged_at=NOW)
ACKNOWLEDGED = Risk(flagged_at=NOW, acknowledged_at=NOW + timedelta(minutes=1))
MINUTE, SECOND = timedelta(minutes=1), timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("risk", "needed", "reason", "clause"),
    [
        pytest.param(FLAGGED, True, Reason.RISK_OF_SUICIDE, "suicid-1", id="flagged"),
        pytest.param(ACKNOWLEDGED, False, Reason.ACKNOWLEDGED, "policy-suicid-1", id="a human has it"),
        pytest.param(None, False, Reason.NO_RISK_KNOWN, "suicid-1", id="none was flagged"),
    ],
)
def test_suicid_1_a_human_is_alerted_at_once(
    risk: Risk | None, needed: bool, reason: Reason, clause: str
) -> None:
    assert is_human_needed(risk) == Decision(needed, reason, clause)


@pytest.mark.parametrize(
    ("risk", "goes", "reason"),
    [
        pytest.param(FLAGGED, False, Reason.HUMAN_FIRST, id="flagged"),
        pytest.param(ACKNOWLEDGED, True, Reason.ACKNOWLEDGED, id="a human has it"),
        pytest.param(None, True, Reason.NO_RISK_KNOWN, id="none was flagged"),
    ],
)
def test_policy_suicid_1_nothing_goes_by_itself_until_a_human_has_acted(
    risk: Risk | None, goes: bool, reason: Reason
) -> None:
    assert may_go_by_itself(risk) == Decision(goes, reason, "policy-suicid-1")


def test_a_risk_stands_until_it_is_acknowledged() -> None:
    assert FLAGGED.stands
    assert not ACKNOWLEDGED.stands


ESCALATIONS = [
    ("before it was flagged, by a clock that lags", -5 * MINUTE, 0, 2),
    ("when it is flagged", 0 * MINUTE, 0, 2),
    ("just before two minutes", 2 * MINUTE - SECOND, 0, 2),
    ("at two minutes", 2 * MINUTE, 1, 5),
    ("just before five minutes", 5 * MINUTE - SECOND, 1, 5),
    ("at five minutes", 5 * MINUTE, 2, 10),
    ("just before ten minutes", 10 * MINUTE - SECOND, 2, 10),
    ("at ten minutes", 10 * MINUTE, 3, 20),
    ("just before twenty minutes", 20 * MINUTE - SECOND, 3, 20),
    ("at twenty minutes it is repeated", 20 * MINUTE, 3, 30, 1),
    ("just before thirty minutes", 30 * MINUTE - SECOND, 3, 30, 1),
    ("at thirty minutes again", 30 * MINUTE, 3, 40, 2),
    ("a day later it still is", 1440 * MINUTE, 3, 1450, 143),
]


@pytest.mark.parametrize(
    ("waited", "step", "next_in", "repeats"),
    [(*case[1:], 0)[:4] for case in ESCALATIONS],
    ids=[case[0] for case in ESCALATIONS],
)
def test_policy_suicid_1_the_alert_escalates_after_2_5_and_10_minutes(
    waited: timedelta, step: int, next_in: int, repeats: int
) -> None:
    assert how_high(FLAGGED, NOW + waited, REGION) == Decision(
        Alert(step, NOW + next_in * MINUTE, repeats), Reason.RISK_OF_SUICIDE, "policy-suicid-1"
    )


@pytest.mark.parametrize("waited", [-5, 0, 2, 10, 1440])
def test_an_acknowledged_alert_escalates_no_more(waited: int) -> None:
    assert how_high(ACKNOWLEDGED, NOW + waited * MINUTE, REGION) == Decision(
        None, Reason.ACKNOWLEDGED, "policy-suicid-1"
    )


def escalating(*minutes: int) -> Region:
    seconds = tuple(60 * each for each in minutes)
    contacts = REGION.contacts.model_copy(update={"escalation_seconds": seconds})
    return REGION.model_copy(update={"contacts": contacts})


def test_the_region_says_when_it_escalates() -> None:
    assert how_high(FLAGGED, NOW + 2 * MINUTE, escalating(3)).answer == Alert(0, NOW + 3 * MINUTE)
    assert how_high(FLAGGED, NOW + 3 * MINUTE, escalating(3)).answer == Alert(1, NOW + 6 * MINUTE)
    assert how_high(FLAGGED, NOW + 6 * MINUTE, escalating(3)).answer == Alert(1, NOW + 9 * MINUTE, 1)


def height(alert: Alert) -> int:
    return alert.step + alert.repeats


WAITS = st.timedeltas(timedelta(hours=-1), timedelta(days=3))
LADDERS = st.sets(st.integers(1, 60), min_size=1, max_size=6).map(lambda steps: escalating(*sorted(steps)))


def alert(waited: timedelta, region: Region) -> Alert:
    answer = how_high(FLAGGED, NOW + waited, region).answer
    assert answer is not None
    return answer


@given(WAITS, LADDERS)
def test_the_next_escalation_is_always_to_come(waited: timedelta, region: Region) -> None:
    assert alert(waited, region).next_at > NOW + waited


@given(WAITS, WAITS, LADDERS)
def test_the_alert_never_falls(one: timedelta, other: timedelta, region: Region) -> None:
    early, late = sorted((one, other))
    assert alert(early, region).step <= alert(late, region).step
    assert alert(early, region).next_at <= alert(late, region).next_at


@given(WAITS, LADDERS)
def test_it_escalates_just_one_step_when_it_was_said_to(waited: timedelta, region: Region) -> None:
    now = alert(waited, region)
    until = now.next_at - NOW
    assert height(alert(until - SECOND, region)) == height(now)
    assert height(alert(until, region)) == height(now) + 1


def test_the_alert_escalates_in_the_night_when_the_clocks_go_back() -> None:
    flagged = datetime(2026, 10, 25, 2, 59, tzinfo=STOCKHOLM)
    later = datetime(2026, 10, 25, 2, 10, fold=1, tzinfo=STOCKHOLM)
    assert later.astimezone(UTC) - flagged.astimezone(UTC) == 11 * MINUTE
    alert = how_high(Risk(flagged), later, REGION).answer
    assert alert is not None
    assert alert.step == 3


def test_what_was_acknowledged_before_it_was_flagged_still_stands() -> None:
    assert Risk(flagged_at=NOW, acknowledged_at=NOW - MINUTE).stands


FIRST, SECOND_ON_LIST, THIRD = "+46701740691", "+46701740692", "+46701740693"
LISTED = UNIT.model_copy(update={"on_call": (FIRST, SECOND_ON_LIST)})


def with_list(*numbers: str) -> Region:
    contacts = REGION.contacts.model_copy(update={"on_call": numbers})
    return REGION.model_copy(update={"contacts": contacts})


@pytest.mark.parametrize(
    ("step", "repeats", "number", "reason", "clause"),
    [
        pytest.param(0, 0, None, Reason.RISK_OF_SUICIDE, "suicid-1", id="at first the platform's staff"),
        pytest.param(1, 0, FIRST, Reason.ON_CALL, "policy-suicid-1", id="then the first on the list"),
        pytest.param(2, 0, SECOND_ON_LIST, Reason.ON_CALL, "policy-suicid-1", id="then the second"),
        pytest.param(3, 0, FIRST, Reason.ON_CALL, "policy-suicid-1", id="past the last anew"),
        pytest.param(3, 1, SECOND_ON_LIST, Reason.ON_CALL, "policy-suicid-1", id="and on, at the top"),
    ],
)
def test_policy_suicid_1_the_alert_escalates_along_the_units_list(
    step: int, repeats: int, number: str | None, reason: Reason, clause: str
) -> None:
    assert who_is_called(step, repeats, LISTED, REGION) == Decision(number, reason, clause)


def test_a_unit_without_a_list_has_the_regions() -> None:
    assert who_is_called(1, 0, UNIT, with_list(THIRD)).answer == THIRD
    assert who_is_called(1, 0, LISTED, with_list(THIRD)).answer == FIRST


def test_a_unit_that_nobody_knows_has_the_regions_too() -> None:
    assert who_is_called(1, 0, None, with_list(THIRD)).answer == THIRD


@pytest.mark.parametrize("step", [1, 2, 3])
def test_with_no_list_at_all_it_is_said(step: int) -> None:
    assert who_is_called(step, 0, UNIT, REGION) == Decision(None, Reason.NOBODY_ON_CALL, "policy-suicid-1")


@given(
    st.integers(1, 5),
    st.lists(st.integers(10**7, 10**9).map("+46{}".format), min_size=1, max_size=6, unique=True),
)
def test_everybody_on_the_list_is_called_in_the_end(top: int, numbers: list[str]) -> None:
    region = with_list(*numbers)
    escalated = [who_is_called(step, 0, None, region).answer for step in range(1, top)]
    repeated = [who_is_called(top, repeats, None, region).answer for repeats in range(len(numbers))]
    assert set(escalated + repeated) == set(numbers)
