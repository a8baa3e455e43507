"""While a risk stands that no human has acted on, a booking's messages are held (policy-suicid-1)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from routine_cases import BOOKED, CANCELLED, INBOX_UNIT, MOVED, NOW, REGION, event, facts, resident, visit

from routine.call_letter import digital_call_letter, paper
from routine.decision import Decision, Wait
from routine.facts import Event
from routine.notice import notice
from routine.reasons import Reason

HELD = resident(human_first=True)
Decide = Callable[..., Decision[Any]]
DECIDES = pytest.mark.parametrize("decide", [notice, digital_call_letter, paper])


@DECIDES
@pytest.mark.parametrize("what", [BOOKED, MOVED, CANCELLED, event(replay=True), event(paired=True)])
def test_policy_suicid_1_it_is_held_and_looked_at_again_within_half_a_minute(
    decide: Decide, what: Event
) -> None:
    decision = decide(facts(what, resident=HELD, unit=INBOX_UNIT), REGION)
    assert decision == Decision(Wait(NOW + timedelta(seconds=30)), Reason.HUMAN_FIRST, "policy-suicid-1")


@DECIDES
@pytest.mark.parametrize("unknown", [{"protected": None}, {"contacts": None}, {"portal": None}])
def test_it_is_held_whatever_else_is_not_known(decide: Decide, unknown: dict[str, None]) -> None:
    held = resident(human_first=True, **unknown)
    assert decide(facts(resident=held, unit=INBOX_UNIT), REGION).reason is Reason.HUMAN_FIRST


@DECIDES
def test_nothing_goes_to_the_deceased_whatever_stands(decide: Decide) -> None:
    dead = resident(human_first=True, deceased=True)
    assert decide(facts(resident=dead, unit=INBOX_UNIT), REGION).reason is Reason.DECEASED


@DECIDES
def test_once_a_human_has_it_it_goes_as_it_would_have(decide: Decide) -> None:
    case = facts(visit=visit(), unit=INBOX_UNIT)
    assert decide(case, REGION).reason is not Reason.HUMAN_FIRST
