"""Handing over, and inviting more people: consent first, and nothing in the journal (samtycke-1, samtycke-2)."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from contact_town import ContactTown
from participation_town import kept, reasons, suggests
from town import NEW_UNIT, SHADOW_UNIT

from engine.base import clock
from engine.ops import by_hand
from flows.registry import PROCESSES

BOTH = [("handover", "samtycke-1"), ("participant", "samtycke-2")]


@pytest.fixture(autouse=True)
def _only_what_is_needed(contact_town: ContactTown) -> None:
    """Preferences have nothing to do; overrides come by way of the changes of channel."""
    contact_town.runs_only("inbound_contact", "channel_switch", "participation")


@pytest.mark.parametrize(("what", "clause"), BOTH)
@pytest.mark.parametrize("how", ["oral", "written"])
async def test_samtycke_1_and_2_consent_oral_or_written_before_it_is_carried_out_and_nothing_in_the_journal(
    contact_town: ContactTown, what: str, clause: str, how: str
) -> None:
    town = contact_town
    contact = town.writes(town.resident())
    await town.comes_to_rest()
    proposal = suggests(town, contact, what)
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "proposed"
    assert town.tasks() == []
    town.consent_is_recorded(proposal, how=how, **{"for": what})
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "carried_out"
    assert town.because("participation", proposal, "participation") == ("consent_given", clause)
    (task,) = town.tasks()
    assert (task["reason"], task["contact"]) == ("consent_given", contact)
    assert "Berta" not in str(task)
    assert town.journal() == []
    (consent,) = kept(town, proposal)
    assert (consent.kind, consent.given, consent.how, consent.documented) == (what, True, how, False)
    assert (consent.why, consent.unit) == (clause, task["unit"]["hsa_id"])
    assert json.loads(consent.evidence) == {"event": str(consent.id), "reason": "consent_given"}
    assert len(town.heard(contact)) == 1, "the patient hears of it from staff"


@pytest.mark.parametrize(("what", "clause"), BOTH)
async def test_samtycke_1_and_2_a_no_is_a_no_until_the_patient_says_otherwise(
    contact_town: ContactTown, what: str, clause: str
) -> None:
    town = contact_town
    proposal = suggests(town, town.writes(town.resident()), what)
    town.consent_is_recorded(proposal, given=False, **{"for": what})
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "declined"
    assert town.because("participation", proposal, "participation") == ("consent_refused", clause)
    town.consent_is_recorded(proposal, **{"for": what})
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "carried_out"
    assert reasons(town) == ["consent_refused", "consent_given"]
    assert [consent.given for consent in kept(town, proposal)] == [False, True]


async def test_samtycke_1_a_yes_that_nobody_can_say_how_is_none_and_staff_are_asked_to_say_it(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    proposal = suggests(town, town.writes(town.resident()))
    town.consent_is_recorded(proposal, how=None, **{"for": "handover"})
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "proposed"
    assert reasons(town) == ["consent_unknown"]
    town.consent_is_recorded(proposal, how="written", **{"for": "handover"})
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "carried_out"


async def test_samtycke_2_a_consent_taken_back_since_is_on_the_timeline_and_staff_are_told(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    proposal = suggests(town, town.writes(town.resident()), "participant")
    town.consent_is_recorded(proposal, **{"for": "participant"})
    await town.comes_to_rest()
    town.consent_is_recorded(proposal, given=False, **{"for": "participant"})
    await town.comes_to_rest()
    assert reasons(town) == ["consent_given", "consent_withdrawn"]
    assert town.because("participation", proposal, "participation") == ("consent_withdrawn", "samtycke-2")
    assert town.state("participation", proposal) == "declined"


async def test_policy_fara_1_staff_go_past_the_consent_with_a_reason(contact_town: ContactTown) -> None:
    town = contact_town
    proposal = suggests(town, town.writes(town.resident()))
    town.consent_is_recorded(proposal, given=False, **{"for": "handover"})
    await town.comes_to_rest()
    town.overrides(proposal, reason="  ")
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "declined"
    assert town.because("participation", proposal, "override")[0] == "override_without_reason"
    town.overrides(proposal)
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "carried_out"
    assert town.because("participation", proposal, "participation") == ("overridden", "policy-fara-1")
    assert reasons(town) == ["consent_refused", "overridden"]
    assert "Fara för liv" not in str(by_hand.story(PROCESSES, town.row("participation", proposal).id))


async def test_an_answer_may_come_before_its_proposal_and_one_that_never_gets_one_is_shown_to_ops(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    contact = town.writes(town.resident())
    town.consent_is_recorded("P-early", **{"for": "handover"})
    town.consent_is_recorded("P-lost", **{"for": "handover"})
    await town.comes_to_rest()
    suggests(town, contact, id="P-early")
    await town.comes_to_rest()
    assert town.state("participation", "P-early") == "carried_out"
    town.waits(minutes=11)
    await town.comes_to_rest()
    assert town.state("participation", "P-lost") == "parked:proposal_unknown"


async def test_a_proposal_for_a_contact_that_nobody_knows_and_for_a_unit_of_no_region_wait_for_a_person(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    nobody = suggests(town, "nobody-knows")
    strange = suggests(town, town.writes(town.resident(), unit=NEW_UNIT))
    both = town.writes(town.resident())
    town.writes(town.resident(), "hope", contact=both)
    several = suggests(town, both)
    for proposal in (nobody, strange, several):
        town.consent_is_recorded(proposal, **{"for": "handover"})
    await town.comes_to_rest(within=900)
    assert town.state("participation", nobody) == "parked:contact_unknown"
    assert town.state("participation", strange) == "parked:unit_unknown"
    assert town.state("participation", several) == "parked:several_contacts"


async def test_in_shadow_it_is_worked_out_and_staff_are_not_told(contact_town: ContactTown) -> None:
    town = contact_town
    proposal = suggests(town, town.writes(town.resident(), unit=SHADOW_UNIT))
    town.consent_is_recorded(proposal, **{"for": "handover"})
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "carried_out"
    assert town.because("participation", proposal, "participation_worked_out")[0] == "consent_given"
    assert town.tasks() == []


async def test_a_consent_to_something_else_or_of_before_the_newest_changes_nothing(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    proposal = suggests(town, town.writes(town.resident()))
    town.consent_is_recorded(proposal, **{"for": "participant"})
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "proposed"
    assert town.because("participation", proposal, "consent") == ("another_question", "samtycke-1")
    town.consent_is_recorded(proposal, given=False, **{"for": "handover"})
    an_hour_ago = (clock.now() - timedelta(hours=1)).isoformat()
    town.consent_is_recorded(proposal, at=an_hour_ago, **{"for": "handover"})
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "declined"


async def test_a_clock_that_is_ahead_over_there_does_not_keep_a_later_answer_out(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    proposal = suggests(town, town.writes(town.resident()))
    town.consent_is_recorded(proposal, at="2199-01-01T00:00:00Z", **{"for": "handover"})
    await town.comes_to_rest()
    town.consent_is_recorded(proposal, given=False, **{"for": "handover"})
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "declined"


async def test_told_twice_it_is_done_once_and_a_contact_that_is_over_may_be_handed_over(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    contact = town.writes(town.resident())
    town.closes(contact)
    proposal = suggests(town, contact)
    suggests(town, contact, id=proposal)
    town.consent_is_recorded(proposal, **{"for": "handover"})
    await town.comes_to_rest()
    suggests(town, "another", id=proposal)
    town.overrides(proposal)
    await town.comes_to_rest()
    assert town.state("participation", proposal) == "carried_out"
    assert reasons(town) == ["consent_given"]
