"""A booking's way from VAS's webhook to 1177, through gateway, flow and sandbox."""

from __future__ import annotations

from town import ADULTS, Town


async def test_besok_1_and_besok_2_a_booked_visit_is_shown_on_1177_and_the_resident_has_one_sms(
    town: Town,
) -> None:
    town.resident()
    booking = town.booking()
    assert town.sends("created", booking)["status"] == 202
    await town.comes_to_rest()
    assert town.on_1177(ADULTS[0]) == [booking["id"]]
    assert town.engagements(booking) == ["Booking"]
    assert town.reached(ADULTS[0]) == {"sms": 1}
    assert town.standing(booking) == "settled"
