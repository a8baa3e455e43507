"""Killed at every step of an alert: one of each in the end, and it goes on escalating (policy-suicid-1)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from killed import AFTER, BEFORE, OWNERS, POINTS, Death, deaths, kill
from test_journey_risk import FIRST, SECOND, RiskTown, risk_town

from engine.base.settings import settings


@dataclass(frozen=True)
class Story:
    """At which call the worker dies, in a contact of which channel, and how long the alert has stood then."""

    step: str
    system: str
    channel: str = "platform24"
    minutes: int = 0


STORIES: Mapping[str, Story] = {
    "the alert in a platform": Story("alert_staff", "platform24"),
    "the task instead of it": Story("alert_staff", "vas", "e1177"),
    "the call": Story("call_on_call", "voice", minutes=2),
    "the SMS beside it": Story("text_on_call", "sms", minutes=2),
}


def test_every_step_of_an_alert_is_killed_at_every_kind_of_system_that_it_may_call() -> None:
    """One platform stands for the others and for units' own solutions: they have one client and one contract."""
    ours = {name: stage for name, (owner, stage) in OWNERS.items() if owner == "risk_alert"}
    may_call = {(name, system) for name, stage in ours.items() for system in stage.step.systems}
    others = {
        ("alert_staff", each) for each in ("hope", "lifecare", "stodbehandling", *settings().own_solutions)
    }
    assert {(story.step, story.system) for story in STORIES.values()} == may_call - others
    assert not any(stage.step.cannot_be_asked for stage in ours.values())


@pytest.mark.parametrize(("what", "point"), deaths(STORIES, POINTS, (BEFORE, AFTER)))
async def test_what_a_killed_worker_leaves_of_an_alert_ends_with_one_of_each(
    risk_town: RiskTown, what: str, point: str
) -> None:
    """design.md, Effects happen once."""
    story, town = STORIES[what], risk_town
    contact = town.writes(town.resident(), story.channel, risk="suicide")
    if story.minutes:
        await town.comes_to_rest()
        town.waits(minutes=story.minutes)
    kill(Death(story.step, story.system, point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest()
    called = [FIRST] if story.minutes else []
    assert (town.texts(), town.rung()) == (called, called)
    in_vas = [task["reason"] for task in town.tasks()]
    in_platform = town.alerts(contact) if story.channel == "platform24" else []
    assert (in_platform, in_vas) == (([0], []) if story.channel == "platform24" else ([], ["suicide_risk"]))
    assert town.unknown_effects() == {}
    town.waits(minutes=4)
    await town.comes_to_rest()
    assert town.rung()[-1] == SECOND
    town.acknowledges(contact)
    await town.comes_to_rest()
    assert town.risk(contact, story.channel) == "acknowledged"


__all__ = ["risk_town"]
