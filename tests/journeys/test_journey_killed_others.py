"""Killed at every step of a handing-over and of preferences: staff hear of it once, VAS has the newest word."""

from __future__ import annotations

import pytest
from contact_town import ContactTown
from killed import APART, OWNERS, Death, kill
from participation_town import reasons, suggests
from test_journey_preferences import at_vas, key, tells, timeline

PROCESSES = ("participation", "preferences")


def test_every_step_of_theirs_that_calls_somebody_is_killed() -> None:
    ours = {name: stage for name, (owner, stage) in OWNERS.items() if owner in PROCESSES}
    assert {(name, system) for name, stage in ours.items() for system in stage.step.systems} == {
        ("tell_staff_of_answer", "vas"),
        ("carry_preferences", "vas"),
    }


@pytest.mark.parametrize("point", APART)
async def test_samtycke_1_what_a_killed_worker_leaves_of_a_handing_over_is_one_task(
    contact_town: ContactTown, point: str
) -> None:
    """design.md, Effects happen once."""
    town = contact_town
    proposal = suggests(town, town.writes(town.resident()))
    await town.comes_to_rest()
    town.consent_is_recorded(proposal, **{"for": "handover"})
    kill(Death("tell_staff_of_answer", "vas", point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    assert town.state("participation", proposal) == "carried_out"
    assert (reasons(town), town.unknown_effects()) == (["consent_given"], {})


@pytest.mark.parametrize("point", APART)
async def test_onskemal_1_what_a_killed_worker_leaves_of_a_wish_is_carried_and_told_once(
    contact_town: ContactTown, point: str
) -> None:
    """The same PUT again is harmless: VAS is told the whole wish."""
    town, patient = contact_town, contact_town.resident()
    tells(town, patient, sms_reminders=True)
    kill(Death("carry_preferences", "vas", point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    assert town.state("preferences", key(patient)) == "carried"
    assert [each["sms_reminders"] for each in at_vas(town, patient)] == [True]
    assert [told[0] for told in timeline(town, patient)] == ["preferences", "preferences_carried"]
