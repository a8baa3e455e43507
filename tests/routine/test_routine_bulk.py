"""What is only missing is taken off without a word, a few at a time (policy-saknad-1)."""

from __future__ import annotations

import pytest
from routine_cases import REGION

from routine.bulk import is_taken_off
from routine.reasons import Reason


@pytest.mark.parametrize(
    ("missing", "taken", "reason"),
    [
        (1, True, Reason.GONE_FROM_SOURCE),
        (19, True, Reason.GONE_FROM_SOURCE),
        (20, True, Reason.GONE_FROM_SOURCE),
        (21, False, Reason.TOO_MANY_GONE),
        (5000, False, Reason.TOO_MANY_GONE),
    ],
)
def test_a_few_missing_are_taken_off_and_a_flood_is_only_reported(
    missing: int, taken: bool, reason: Reason
) -> None:
    decision = is_taken_off(missing, REGION)
    assert (decision.answer, decision.reason, decision.clause) == (taken, reason, "policy-saknad-1")


def test_a_region_may_let_none_be_taken_off() -> None:
    none = REGION.model_copy(update={"most_missing": 0})
    assert not is_taken_off(1, none).allowed
