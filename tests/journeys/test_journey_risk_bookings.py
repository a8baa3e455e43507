"""While a risk stands, what a booking would send by itself is held, and goes once a human has acted (policy-suicid-1)."""

from __future__ import annotations

from typing import Any

import pytest
from test_journey_risk import RiskTown, risk_town
from town import INBOX_UNIT, PAPER_UNIT, TIMED

HELD: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "a notice by SMS": ({}, {"sms": 1}),
    "a call letter by the inbox": ({"unit": INBOX_UNIT, "call_letter": TIMED}, {"inbox": 1, "sms": 1}),
    "a letter on paper": ({"unit": PAPER_UNIT}, {"letters": 1, "sms": 1}),
}


async def _bookings_run(town: RiskTown) -> None:
    for _ in range(2):
        await town.runs_bookings()


@pytest.mark.parametrize("what", HELD)
async def test_policy_suicid_1_it_is_held_until_a_human_has_it_and_then_goes(
    risk_town: RiskTown, what: str
) -> None:
    fields, reached = HELD[what]
    patient = risk_town.resident()
    contact = risk_town.writes(patient, risk="suicide")
    await risk_town.comes_to_rest()
    booking = risk_town.books(patient, **fields)
    for _ in range(3):
        await _bookings_run(risk_town)
        risk_town.waits(seconds=40)
    assert risk_town.reached(patient) == {}
    assert risk_town.on_1177(patient) == [booking["id"]]
    risk_town.acknowledges(contact)
    await risk_town.runs()
    for _ in range(3):
        await _bookings_run(risk_town)
        risk_town.waits(seconds=31)
    assert risk_town.reached(patient) == reached
    assert risk_town.case(booking).state == "settled"


async def test_other_patients_bookings_are_not_held(risk_town: RiskTown) -> None:
    at_risk, other = risk_town.residents(2)
    risk_town.writes(at_risk, risk="suicide")
    await risk_town.comes_to_rest()
    risk_town.books(other)
    await _bookings_run(risk_town)
    assert risk_town.reached(other) == {"sms": 1}


async def test_a_risk_that_is_stored_and_not_yet_taken_up_holds_too(risk_town: RiskTown) -> None:
    patient = risk_town.resident()
    contact = risk_town.writes(patient)
    await risk_town.comes_to_rest()
    risk_town.flags(contact)
    risk_town.books(patient)
    await _bookings_run(risk_town)
    assert risk_town.reached(patient) == {}


__all__ = ["risk_town"]
