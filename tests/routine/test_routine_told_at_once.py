"""Who has not heard at 1177, while they waited, that it is not done is told by a notice (avisering-1)."""

from __future__ import annotations

import pytest

from routine.decision import Decision
from routine.reasons import Reason
from routine.self_service import Outcome
from routine.told_at_once import is_refusal_told_later


def test_policy_avisering_2_whoever_heard_so_at_once_is_told_nothing_more() -> None:
    told = Decision(False, Reason.TOLD_AT_ONCE, "policy-avisering-2")
    assert is_refusal_told_later(Outcome.DECLINED) == told


@pytest.mark.parametrize("told", [None, Outcome.IN_HAND, Outcome.UNCLEAR])
def test_avisering_1_whoever_heard_that_it_is_in_hand_or_nothing_is_told(told: Outcome | None) -> None:
    assert is_refusal_told_later(told) == Decision(True, Reason.NOT_TOLD_AT_ONCE, "avisering-1")
