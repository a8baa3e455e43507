"""Digital to phone: asked where the patient wrote, approved there, documented as a draft (byte-1, patient-3)."""

from __future__ import annotations

import pytest
from contact_town import ANNA, ContactTown

SENTENCE = "I samtycke med patient fortsätter samtalet på telefon"


async def test_the_patient_is_asked_in_their_channel_and_a_number_is_the_consent(
    contact_town: ContactTown,
) -> None:
    """byte-1, patient-3: asked in the routine's words, answered by a number, documented once as Anna's draft."""
    town = contact_town
    patient = town.resident()
    contact = town.writes(patient)
    await town.comes_to_rest()
    switch = town.proposes(contact)
    await town.comes_to_rest()
    acknowledged, asked = town.heard(contact)
    assert "svarar dig här" in acknowledged
    assert "Genom att svara med ditt telefonnummer godkänner du att vi ringer upp dig." in asked
    assert asked.endswith("Vänliga hälsningar Anna Test, sjuksköterska")
    assert town.journal() == []
    town.says(contact, "Ja, ni når mig på 070-174 06 07. Tack så mycket!")
    await town.comes_to_rest()
    (note,) = town.journal()
    assert (note["text"], note["author"], note["status"]) == (SENTENCE, ANNA, "draft")
    (task,) = town.tasks()
    assert "+46701740607" in task["text"]
    assert town.state("channel_switch", switch) == "changed"
    (consent,) = town.consents(switch)
    assert (consent.given, consent.how, consent.documented, consent.why) == (True, "reply", True, "byte-1")
    assert len(town.heard(contact)) == 2


@pytest.mark.parametrize(
    "said", ["Ring inte, 070-174 06 05", "070-174 06 05 eller 070-174 06 06", "ja, ring"]
)
async def test_any_other_reply_is_for_staff_to_read_and_settle(contact_town: ContactTown, said: str) -> None:
    """byte-1: what is not surely a yes is none, until staff say that it was."""
    town = contact_town
    contact = town.writes(town.resident())
    switch = town.proposes(contact)
    await town.comes_to_rest()
    town.says(contact, said)
    await town.comes_to_rest()
    assert town.journal() == []
    assert town.state("channel_switch", switch) == "asked"
    assert len(town.tasks()) == 1
    town.consent_is_recorded(switch)
    await town.comes_to_rest()
    assert [note["text"] for note in town.journal()] == [SENTENCE]
    assert [consent.how for consent in town.consents(switch)] == ["oral"]


async def test_without_the_need_for_a_safer_assessment_the_patient_is_not_asked(
    contact_town: ContactTown,
) -> None:
    """byte-1: staff hear why, and the contact stays where it is; with a reason they go past it (policy-fara-1)."""
    town = contact_town
    contact = town.writes(town.resident())
    switch = town.proposes(contact, why=None)
    await town.comes_to_rest()
    assert len(town.heard(contact)) == 1
    assert town.because("channel_switch", switch, "switch") == ("no_safer_assessment", "byte-1")
    assert town.state("channel_switch", switch) == "stays"
    town.overrides(switch, reason="  ")
    await town.comes_to_rest()
    assert town.because("channel_switch", switch, "override") == ("override_without_reason", "policy-fara-1")
    assert town.state("channel_switch", switch) == "stays"
    town.overrides(switch)
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "asked"
    assert len(town.heard(contact)) == 2
