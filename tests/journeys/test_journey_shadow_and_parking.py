"""A unit in shadow, what is parked and taken up again, and what is refused at the door."""

from __future__ import annotations

from town import ADULTS, HALMSTAD, NEW_UNIT, SHADOW_UNIT, TIMED, Town, in_days, shown

from engine.ops import by_hand
from flows.registry import PROCESSES

GOES_LIVE = """
[units."SE2321000115-E000000000005"]
publish = "vaxel"
"""
IS_LISTED = """
[systems.skype]
name = "Skype"
uses = ["video"]
check = "Diarienummer"

[units."SE2321000115-E000000000099"]
name = "Kirurgmottagningen Halmstad"
turn_to = "031-390 06 99"
publish = "vaxel"
"""


async def test_in_shadow_nothing_at_all_is_sent_and_the_comparison_is_told(town: Town) -> None:
    """policy-skugga-1: worked out, held against what another system has put there, and nothing more."""
    here, absent = town.residents(2)
    town.resident(absent, active_on_1177=False, protected=True)
    same = town.booking(here, unit=SHADOW_UNIT)
    town.another_shows(same)
    begun = len(town.acts())
    town.sends("created", same)
    other = town.books(absent, unit=SHADOW_UNIT, call_letter=TIMED)
    gone = town.books(here, unit=SHADOW_UNIT)
    await town.comes_to_rest()
    town.cancels(gone)
    await town.comes_to_rest()
    assert town.acts()[begun:] == []
    assert [town.reached(number) for number in (here, absent)] == [{}, {}]
    assert town.standing(same) == town.standing(other) == "shadowed"
    assert town.why(same, "shadow_compared") == ("same_as_index", "policy-skugga-1")
    assert town.why(other, "shadow_compared")[0] == "differs_from_index"
    told = {entry["what"]: entry["detail"] for entry in town.story(same).timeline}
    assert told["notice_worked_out"] == {"would": "SendSms", "because": "visit_booked", "by": "besok-2"}
    assert town.on_1177(here) == []


async def test_a_unit_that_leaves_the_shadow_is_published_and_tells_nobody_of_old_bookings(
    town: Town,
) -> None:
    """policy-avisering-2: a month of bookings that were watched is no news on the day it is switched on."""
    number = town.resident()
    booking = town.books(unit=SHADOW_UNIT)
    await town.comes_to_rest()
    town.region_learns(GOES_LIVE)
    by_hand.retry(PROCESSES, town.case(booking).id)
    await town.comes_to_rest()
    assert (town.engagements(booking), town.reached(number)) == (["Booking"], {})
    assert town.standing(booking) == "settled"


async def test_an_unknown_unit_or_platform_is_parked_and_goes_on_when_the_region_knows_it(town: Town) -> None:
    """policy-okand-1: kept, shown to ops by its reason, and taken up again by `vaxel retry`."""
    numbers = town.residents(2)
    unit = town.books(numbers[0], unit=NEW_UNIT)
    platform = town.books(numbers[1], form="video", platform="skype")
    await town.comes_to_rest()
    assert (town.standing(unit), town.standing(platform)) == (
        "parked:unit_unknown",
        "parked:platform_unknown",
    )
    assert {line.parked for line in by_hand.cases(PROCESSES, parked=True)} == {
        "unit_unknown",
        "platform_unknown",
    }
    told = {"sms": 1, "tasks": ["platform_unknown"]}
    assert [town.reached(number) for number in numbers] == [{}, told]
    assert town.on_1177(numbers[1]) == [platform["id"]], "besok-1: shown all the same"
    town.region_learns(IS_LISTED)
    for booking in (unit, platform):
        by_hand.retry(PROCESSES, town.case(booking).id)
    await town.comes_to_rest()
    assert (town.standing(unit), town.standing(platform)) == ("settled", "settled")
    assert [town.reached(number) for number in numbers] == [{"sms": 1}, told]
    assert [town.on_1177(number) for number in numbers] == [[unit["id"]], [platform["id"]]]


async def test_a_booking_that_moves_to_an_unknown_unit_is_parked_and_no_longer_shown_at_the_old_one(
    town: Town,
) -> None:
    """besok-1: 1177 would ask a unit that no longer has it."""
    number = town.resident()
    booking = town.books()
    await town.comes_to_rest()
    town.changes(booking, unit=NEW_UNIT)
    await town.comes_to_rest()
    assert town.standing(booking) == "parked:unit_unknown"
    assert town.engagements(booking) == []
    assert town.reached(number) == {"sms": 1}


async def test_a_booking_that_is_cancelled_while_its_platform_is_parked_is_told_as_any(town: Town) -> None:
    """avisering-1: its patient had been told that it is booked."""
    number = town.resident()
    booking = town.books(form="video", platform="skype")
    await town.comes_to_rest()
    town.cancels(booking)
    await town.comes_to_rest()
    assert town.engagements(booking) == []
    assert town.reached(number) == {"sms": 2, "tasks": ["platform_unknown"]}


async def test_what_is_refused_is_listed_for_ops_by_path_and_without_any_value(town: Town) -> None:
    """contract.md: end before start, a wrong check digit; no case comes of it."""
    number = town.resident()
    whole = town.booking(call_letter=TIMED, purpose="Hemligt arende")
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)
    early = town.sends("created", whole | {"end": in_days(6).isoformat()}, id="msg-early")
    digit = town.sends("created", whole | {"patient": {"id": wrong, "type": "personnummer"}}, id="msg-digit")
    assert (early["status"], digit["status"]) == (422, 422)
    assert wrong not in shown(digit)
    refused = {each.webhook_id: each.paths for each in by_hand.refused()}
    assert refused == {"msg-early": "data.booking.end", "msg-digit": "data.booking.patient.id"}
    assert not any(
        value in shown([dict(each) for each in by_hand.refused()])
        for value in (wrong, "Hemligt", HALMSTAD["name"])
    )
    await town.comes_to_rest()
    assert by_hand.counts(PROCESSES) == {process: {} for process in PROCESSES}
    assert town.reached(ADULTS[0]) == {}
