"""Killed while a resident's request is carried out: it is done once, and they hear of it once."""

from __future__ import annotations

from functools import partial

import pytest
from killed import APART, OWNERS, POINTS, Death, kill
from self_service_town import SelfServiceTown, hours

from tasks.self_service import desk
from tasks.self_service.ask_vas import BACKOFF

NINE, TEN = hours(9, 10)


@pytest.fixture
def town(self_service_town: SelfServiceTown) -> SelfServiceTown:
    """VAS has two times in eight days."""
    self_service_town.offers(NINE, TEN)
    return self_service_town


def test_every_step_of_self_service_that_calls_somebody_is_killed() -> None:
    ours = {name: stage for name, (owner, stage) in OWNERS.items() if owner == "self_service"}
    assert {(name, system) for name, stage in ours.items() for system in stage.step.systems} == {
        ("ask_vas", "vas"),
        ("tell_staff_unclear", "vas"),
    }


@pytest.mark.parametrize("point", POINTS)
async def test_avisering_1_of_what_a_gateway_that_died_had_in_hand_the_resident_hears_once(
    town: SelfServiceTown, point: str
) -> None:
    """design.md, Effects happen once. 1177 heard nothing, so the booking's own notice tells of it."""
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    heard = town.notices(patient)
    kill(
        Death("ask_vas", "vas", point),
        town.clock,
        partial(desk.ask, town.asked("rebook", patient, booking, TEN)),
    )
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    await town.hears_from_vas()
    assert (town.standing_of_requests(), len(town.done()), town.unknown_effects()) == (["done"], 1, {})
    assert town.starts_on_1177(patient) == [TEN.isoformat()]
    assert town.notices(patient) == heard + 1
    assert town.asks_1177("rebook", patient, booking, TEN)["result"] == "OK"
    assert len(town.done()) == 1


@pytest.mark.parametrize("point", APART)
async def test_besok_4_what_a_killed_worker_leaves_is_booked_once(town: SelfServiceTown, point: str) -> None:
    """It was in hand, since VAS was away when 1177 waited."""
    patient = town.resident()
    town.has_fault("vas", "down", times=1)
    assert "behandlas" in town.asks_1177("book", patient, at=NINE)["text"]
    town.is_well_again()
    town.waits(seconds=20)
    kill(Death("ask_vas", "vas", point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    await town.hears_from_vas()
    assert (town.standing_of_requests(), len(town.done()), town.unknown_effects()) == (["done"], 1, {})
    assert [each["booking"] for each in town.seen_on_1177(patient)] == [town.requests()[0].led_to]
    assert town.notices(patient) == 1


@pytest.mark.parametrize("point", APART)
async def test_policy_avisering_2_a_no_that_a_gateway_died_with_is_told_once(
    town: SelfServiceTown, point: str
) -> None:
    first, second = town.residents(2)
    assert town.asks_1177("book", first, at=NINE)["result"] == "OK"
    await town.hears_from_vas()
    kill(Death("ask_vas", "vas", point), town.clock, partial(desk.ask, town.asked("book", second, at=NINE)))
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    assert (sorted(town.standing_of_requests()), len(town.done())) == (["done", "heard"], 1)
    assert [town.notices(each) for each in (first, second)] == [0, 1]


@pytest.mark.parametrize("point", POINTS)
async def test_syfte_3_a_worker_that_is_killed_while_it_tells_staff_leaves_them_one_task(
    town: SelfServiceTown, point: str
) -> None:
    """A kind of time without a name is none of the contract's, and nobody understands what VAS says of it."""
    asked = town.asked("book", town.resident(), at=NINE).model_copy(update={"time_type": ""})
    assert desk.ask(asked).is_in_hand
    kill(Death("tell_staff_unclear", "vas", point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    assert (town.standing_of_requests(), town.unknown_effects()) == (["parked:vas_refused"], {})
    assert town.staff_tasks() == ["not_settled"]


@pytest.mark.parametrize("point", APART)
async def test_syfte_3_of_what_ops_do_not_mend_a_killed_worker_leaves_staff_one_task(
    town: SelfServiceTown, point: str
) -> None:
    """It dies in the hour in which the ladder ends."""
    town.has_fault("vas", "not_authorised", operation="POST /bookings")
    assert "behandlas" in town.asks_1177("book", town.resident(), at=NINE)["text"]
    while town.requests()[0].tries < len(BACKOFF):
        town.waits(hours=2)
        await town.runs_one("self_service")
    town.waits(hours=2)
    kill(Death("tell_staff_unclear", "vas", point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    assert (town.standing_of_requests(), town.unknown_effects()) == (["parked:not_authorised"], {})
    assert town.staff_tasks() == ["not_settled"]
