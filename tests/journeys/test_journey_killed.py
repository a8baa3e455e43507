"""Killed at every step of the real flow: the next run ends with one of each effect, or with one parked unknown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pytest
from killed import AFTER, BEFORE, OWNERS, POINTS, RECORDING, Death, deaths, kill
from town import HALMSTAD, INBOX_UNIT, PAPER_UNIT, TIMED, Town, in_days
from typer.testing import CliRunner

from cli.app import app
from engine.ops import by_hand
from flows.registry import PROCESSES

Json = dict[str, Any]
NOT_KNOWN = (BEFORE, AFTER, RECORDING)
"""Where it is not on record whether the call was made."""


async def booked(town: Town, number: str, **fields: Any) -> Json:
    return town.books(number, **fields)


async def moved(town: Town, number: str, **fields: Any) -> Json:
    booking = town.books(number, **fields)
    await town.comes_to_rest()
    return town.changes(booking, start=in_days(9))


async def cancelled(town: Town, number: str, **fields: Any) -> Json:
    booking = town.books(number, **fields)
    await town.comes_to_rest()
    return town.cancels(booking)


async def given_a_letter(town: Town, number: str, **fields: Any) -> Json:
    booking = town.books(number, **fields)
    await town.comes_to_rest()
    return town.changes(booking, call_letter=TIMED)


async def given_e_id(town: Town, number: str, **fields: Any) -> Json:
    booking = town.books(number, **fields)
    await town.comes_to_rest()
    return town.changes(booking, e_id_confirmed=True)


@dataclass(frozen=True)
class Story:
    """What is under way when the worker dies, and all that there should be of it in the end.

    Args:
        system: which of the step's systems is called.
        begins: up to the moment before.
        reached: how many of each reached the resident.
        index: what the index was told, what was identical or not there left out.
        cannot_be_asked: the system can't be asked what became of a call.
    """

    step: str
    system: str
    begins: Callable[..., Awaitable[Json]]
    reached: Mapping[str, Any]
    index: Sequence[str] = ("new",)
    booking: Mapping[str, Any] | None = None
    resident: Mapping[str, Any] | None = None
    receipts_late: bool = False
    cannot_be_asked: bool = False


INDEX = "engagement_index"
BY_INBOX: Json = {"unit": INBOX_UNIT, "call_letter": TIMED}
WITHOUT_E_ID: Json = {
    "form": "video", "platform": "platform24", "agreed_with_patient": True, "e_id_confirmed": False
}  # fmt: skip
UNREACHABLE: Json = {
    "active_on_1177": False,
    "preferences": {"notice_by": ["sms"], "digital_only": True},
}
TOLD_BY_1177: Json = {"protected": True, "notified_by_1177": ["SMS"]}
STORIES = {
    "put into the index": Story("index_bookings", INDEX, booked, {"sms": 1}),
    "moved in the index": Story("index_bookings", INDEX, moved, {"sms": 2}, ("new", "changed")),
    "taken off the index": Story("index_bookings", INDEX, cancelled, {"sms": 2}, ("new", "deleted")),
    "made an invitation in the index": Story(
        "index_bookings", INDEX, given_a_letter, {"sms": 1}, ("new", "deleted", "new")
    ),
    "found in the index": Story("find_in_index", INDEX, booked, {"sms": 1}),
    "found gone from the index": Story("find_in_index", INDEX, cancelled, {"sms": 2}, ("new", "deleted")),
    "told to staff, what is wrong with a digital visit": Story(
        "tell_staff_of_form",
        "vas",
        booked,
        {"sms": 1, "letters": 1, "tasks": ["no_e_id"]},
        booking=WITHOUT_E_ID,
    ),
    "taken back from staff, what is wrong no more": Story(
        "tell_staff_of_form",
        "vas",
        given_e_id,
        {"sms": 1, "letters": 1, "tasks": ["no_e_id"]},
        booking=WITHOUT_E_ID,
    ),
    "a call letter by the inbox": Story(
        "send_call_letter", "e1177", booked, {"inbox": 1, "sms": 1}, booking=BY_INBOX, cannot_be_asked=True
    ),
    "one more for a new time": Story(
        "send_call_letter",
        "e1177",
        moved,
        {"inbox": 2, "sms": 2},
        ("new", "changed"),
        booking=BY_INBOX,
        cannot_be_asked=True,
    ),
    "a letter on paper": Story(
        "post_letter", "vas", booked, {"letters": 1, "sms": 1}, booking={"unit": PAPER_UNIT}
    ),
    "one more on paper for a new time": Story(
        "post_letter",
        "vas",
        moved,
        {"letters": 2, "sms": 2},
        ("new", "changed"),
        booking={"unit": PAPER_UNIT},
    ),
    "a task for staff instead of paper": Story(
        "post_letter",
        "vas",
        booked,
        {"sms": 1, "tasks": ["digital_only_unreachable"]},
        resident=UNREACHABLE,
    ),
    "a notice by SMS, known by its receipt": Story("give_notice", "sms", booked, {"sms": 1}),
    "a notice by SMS, asked about": Story("give_notice", "sms", booked, {"sms": 1}, receipts_late=True),
    "a notice of a cancelled visit": Story(
        "give_notice", "sms", cancelled, {"sms": 2}, ("new", "deleted"), receipts_late=True
    ),
    "a notice by e-mail": Story(
        "give_notice",
        "mail",
        booked,
        {"mail": 1},
        resident={"preferences": {"notice_by": ["email"]}},
        cannot_be_asked=True,
    ),
    "a task for staff instead of a notice": Story(
        "give_notice",
        "vas",
        cancelled,
        {"by_1177": 1, "tasks": ["manual_handling"]},
        ("new", "deleted"),
        resident=TOLD_BY_1177,
    ),
}


def test_every_step_that_the_flows_have_is_killed_at_every_system_that_it_may_call() -> None:
    """A step that nobody is killed in here is a step of which nobody knows what a crash does."""
    ours = {name: stage for name, (owner, stage) in OWNERS.items() if owner == "booking_publication"}
    may_call = {(name, system) for name, stage in ours.items() for system in stage.step.systems}
    assert {(story.step, story.system) for story in STORIES.values()} == may_call
    may_not_be_asked = {
        (name, system) for name, stage in ours.items() for system in stage.step.cannot_be_asked
    }
    assert {
        (story.step, story.system) for story in STORIES.values() if story.cannot_be_asked
    } == may_not_be_asked


@pytest.mark.parametrize(("what", "point"), deaths(STORIES, POINTS, (AFTER,)))
async def test_what_a_killed_worker_leaves_ends_with_one_of_each(town: Town, what: str, point: str) -> None:
    """design.md, Effects happen once."""
    story = STORIES[what]
    number = town.resident(**(story.resident or {}))
    if story.receipts_late:
        town.has_fault("sms", "late_receipts", seconds=60)
    booking = await story.begins(town, number, **(story.booking or {}))
    kill(Death(story.step, story.system, point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    if story.cannot_be_asked and point in NOT_KNOWN:
        await a_human_settles(town, booking, story, arrived=point != BEFORE)
    assert town.unknown_effects() == {}
    assert town.reached(number) == story.reached
    assert town.standing(booking) == ("closed" if booking.get("cancelled_by") else "settled")
    told = [change for change in town.index_history(booking) if change not in ("identical", "not_there")]
    assert told == list(story.index)
    assert town.story(booking).timeline_whole


async def a_human_settles(town: Town, booking: Json, story: Story, *, arrived: bool) -> None:
    """The unknown is named for ops, nothing was sent twice, and `vaxel resolve` ends it, either way."""
    ((effect, system),) = town.unknown_effects().items()
    assert system == story.system
    (line,) = by_hand.cases(PROCESSES, parked=True)
    assert (line.id, line.unknown) == (town.case(booking).id, 1)
    assert ("effect_unknown", "unknown_effect", "") in town.told(booking)
    answer = "--arrived" if arrived else "--not-arrived"
    assert CliRunner().invoke(app, ["resolve", str(effect), answer]).exit_code == 0
    await town.comes_to_rest(within=900)


@pytest.mark.parametrize(
    ("point", "calls"), [(point, 1) for point in POINTS] + [(point, 2) for point in (BEFORE, AFTER)]
)
async def test_twins_with_one_phone_and_one_text_get_one_sms_each(town: Town, point: str, calls: int) -> None:
    """Same number, unit, time and words: only the provider's own ids tell them apart, and no receipt helps."""
    twins = town.residents(2, phone="+46701740699")
    town.has_fault("sms", "late_receipts", seconds=60)
    bookings = [town.books(number, unit=HALMSTAD) for number in twins]
    kill(Death("give_notice", "sms", point, calls), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    messages = town.sms(twins[0])
    assert len({message["message"] for message in messages}) == 1
    assert sorted(town.provider_id(booking) or "" for booking in bookings) == sorted(
        message["id"] for message in messages
    )
    assert len(messages) == 2
    assert town.unknown_effects() == {}
    assert [town.standing(booking) for booking in bookings] == ["settled"] * 2
