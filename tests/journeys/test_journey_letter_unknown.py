"""An inbox letter of which nobody knows whether it arrived: whatever is found out, the resident is told once."""

from __future__ import annotations

import pytest
from town import INBOX_UNIT, Town, with_deadline

from engine.ops import by_hand
from flows.registry import PROCESSES


@pytest.mark.parametrize("arrived", [True, False])
async def test_the_resident_is_told_once_whatever_became_of_the_letter(town: Town, arrived: bool) -> None:
    with_deadline(0.5)
    (number,) = town.residents(1, notified_by_1177=["SMS"])
    kind = "timeout_after" if arrived else "timeout_before"
    town.has_fault("e1177", kind, times=1, seconds=1, operation="AddMessageToPatientPortalInbox")
    town.books(number, unit=INBOX_UNIT)
    await town.comes_to_rest()
    for effect in town.unknown_effects():
        by_hand.resolve(PROCESSES, effect, arrived=arrived)
    await town.comes_to_rest()
    assert len(town.inbox(number)) == 1
    assert town.notices(number) == 1
