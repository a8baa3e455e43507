"""Digital to phone: asked where the patient wrote, approved there, documented as a draft (byte-1, patient-3)."""

from __future__ import annotations

import pytest
from contact_town import ANNA, ContactTown
from town import identity

from engine.base import clock

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


async def called(town: ContactTown) -> tuple[str, str]:
    """A contact whose patient has consented to be called; staff have their draft and their task."""
    contact = town.writes(town.resident())
    switch = town.proposes(contact)
    await town.comes_to_rest()
    town.says(contact, "070-174 06 05")
    await town.comes_to_rest()
    return contact, switch


async def test_byte_1_a_consent_to_be_called_is_taken_back_with_its_draft_and_its_task(
    contact_town: ContactTown,
) -> None:
    """The contact goes on where it is, and staff hear of it; what else the patient writes changes nothing."""
    town = contact_town
    contact, switch = await called(town)
    town.says(contact, "Nej, jag har ingen feber")
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "changed"
    town.says(contact, "Nej ring inte!")
    await town.comes_to_rest()
    (note,), (call, told) = town.journal(), town.tasks()
    assert (note["status"], call["status"]) == ("withdrawn", "withdrawn")
    assert (told["reason"], "Ring inte." in told["text"], "borttaget" in told["text"]) == (
        "consent_withdrawn", True, True,
    )  # fmt: skip
    assert [consent.given for consent in town.consents(switch)] == [True, False]
    assert town.state("channel_switch", switch) == "stays"
    town.says(contact, "Nej ring inte!")
    await town.comes_to_rest()
    assert len(town.tasks()) == 2


async def test_byte_1_a_signed_note_stands_and_staff_who_record_the_withdrawal_are_told(
    contact_town: ContactTown,
) -> None:
    """Also by the phone, and while VAS is down: what is to be withdrawn is withdrawn once it is back."""
    town = contact_town
    _, switch = await called(town)
    (note,) = town.journal()
    town._post("/act/sign", {"note": note["id"]})
    town.has_fault("vas", "error_500")
    town.consent_is_recorded(switch, given=False)
    await town.comes_to_rest()
    town.is_well_again()
    town.waits(minutes=10)
    await town.comes_to_rest()
    call, told = town.tasks()
    assert (town.journal()[0]["status"], call["status"]) == ("signed", "withdrawn")
    assert (told["reason"], "signerad" in told["text"]) == ("left_in_vas", True)
    assert town.state("channel_switch", switch) == "stays"


async def test_byte_1_a_consent_that_is_taken_back_before_it_was_carried_out_leaves_nothing(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    contact = town.writes(town.resident())
    switch = town.proposes(contact)
    await town.comes_to_rest()
    town.has_fault("vas", "error_500")
    town.says(contact, "070-174 06 05")
    await town.comes_to_rest()
    town.says(contact, "Jag har ångrat mig, ring inte")
    town.is_well_again()
    town.waits(minutes=10)
    await town.comes_to_rest()
    assert (town.journal(), [task["reason"] for task in town.tasks()]) == ([], ["consent_withdrawn"])
    assert town.state("channel_switch", switch) == "stays"


async def test_policy_avliden_1_one_who_has_died_since_they_consented_is_called_by_nobody(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    patient = town.resident()
    contact = town.writes(patient)
    switch = town.proposes(contact)
    await town.comes_to_rest()
    town.has_fault("vas", "error_500")
    town.says(contact, "070-174 06 05")
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "consented"
    town.tells("patient.deceased", {"patient": identity(patient), "at": clock.now().isoformat()})
    town.is_well_again()
    town.waits(minutes=10)
    await town.comes_to_rest()
    assert (town.journal(), [task["reason"] for task in town.tasks()]) == ([], ["deceased"])
    assert town.state("channel_switch", switch) == "stays"
