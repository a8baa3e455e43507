"""Digital to digital: a link where the patient wrote, and the login is the consent (byte-3, byte-4, byte-6)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from contact_town import VALUE, ContactTown, aged
from town import HALMSTAD


async def asked(
    town: ContactTown, patient: str, channel: str = "hope", to: str = "platform24"
) -> tuple[str, str]:
    """A contact in which the question has been put, and the proposal."""
    contact = town.writes(patient, channel)
    switch = town.proposes(contact, to, VALUE)
    await town.comes_to_rest()
    return contact, switch


async def test_to_click_and_to_log_in_is_the_consent_and_the_new_contact_refers_to_the_old(
    contact_town: ContactTown,
) -> None:
    """byte-3: asked in the routine's words with a link; nothing in the journal."""
    town = contact_town
    patient = town.resident()
    contact, switch = await asked(town, patient)
    assert "Klicka på länken nedan och logga in om du godkänner det." in town.heard(contact, "hope")[-1]
    assert town.state("channel_switch", switch) == "asked"
    ended = town.logs_in(town.link_in(contact, "hope"), patient)
    assert ended, ended
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "changed"
    (opened,) = town.holds("platform24", patient=patient)["conversations"]
    assert opened["after"] == {"channel": "hope", "contact": contact}
    assert town.journal() == []
    (consent,) = town.consents(switch)
    assert (consent.how, consent.documented, consent.why) == ("login", False, "byte-3")


async def test_the_inbox_of_1177_has_the_question_in_its_thread_with_a_link_to_log_in(
    contact_town: ContactTown,
) -> None:
    """byte-3: where the patient wrote, with an `ssoLink`."""
    town = contact_town
    patient = town.resident()
    contact, _ = await asked(town, patient, "e1177")
    question = town.inbox(patient)[-1]
    assert question["thread"] == contact
    assert question["link"]["systemId"] == "vaxel"


async def test_a_click_without_a_login_is_no_consent_and_the_contact_stays_when_the_link_lapses(
    contact_town: ContactTown,
) -> None:
    """byte-3, byte-6: whoever only looks has done nothing; in its time the question lapses."""
    town = contact_town
    contact, switch = await asked(town, town.resident())
    link = town.link_in(contact, "hope")
    assert town.http.get(link).status_code == 200
    town.waits(hours=73)
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "stays"
    assert town.because("channel_switch", switch, "switch") == ("stays", "byte-6")
    assert town.http.get(link).status_code == 410
    assert town.holds("platform24")["conversations"] == []


async def test_a_login_by_someone_else_is_no_consent_and_is_noted(contact_town: ContactTown) -> None:
    """byte-3: the link stays good for the patient."""
    town = contact_town
    patient, other = town.residents(2)
    contact, switch = await asked(town, patient)
    town.logs_in(town.link_in(contact, "hope"), other)
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "asked"
    assert town.because("channel_switch", switch, "login") == ("login_by_another", "byte-3")
    town.logs_in(town.link_in(contact, "hope"), patient, loa=2)
    await town.comes_to_rest()
    assert town.because("channel_switch", switch, "login") == ("login_too_weak", "policy-lank-1")
    town.logs_in(town.link_in(contact, "hope"), patient)
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "changed"


async def test_a_link_is_used_once(contact_town: ContactTown) -> None:
    """policy-lank-1: a replay opens nothing more."""
    town = contact_town
    patient = town.resident()
    contact, switch = await asked(town, patient)
    link = town.link_in(contact, "hope")
    town.logs_in(link, patient)
    await town.comes_to_rest()
    town.logs_in(link, patient)
    await town.comes_to_rest()
    assert len(town.holds("platform24", patient=patient)["conversations"]) == 1
    assert len(town.consents(switch)) == 1


async def test_the_later_of_two_proposals_takes_the_place_of_the_earlier(contact_town: ContactTown) -> None:
    """patient-3: the earlier link leads nowhere any more."""
    town = contact_town
    patient = town.resident()
    contact, first = await asked(town, patient)
    link = town.link_in(contact, "hope")
    second = town.proposes(contact)
    await town.comes_to_rest()
    assert [town.state("channel_switch", each) for each in (first, second)] == ["stays", "asked"]
    assert town.http.get(link).status_code == 410


@pytest.mark.parametrize(
    ("to", "why", "expected"),
    [
        ("platform24", None, ("no_added_value", "byte-4")),
        ("lifecare", VALUE, ("not_offered", "byte-3")),
        ("hope", VALUE, ("no_change", "patient-1")),
    ],
)
async def test_a_proposal_that_the_routine_says_no_to_is_not_put_to_the_patient(
    contact_town: ContactTown, to: str, why: str | None, expected: tuple[str, str]
) -> None:
    """byte-4, byte-3, patient-1: the contact goes on where it is, and staff hear why."""
    town = contact_town
    contact = town.writes(town.resident(), "hope")
    switch = town.proposes(contact, to, why)
    await town.comes_to_rest()
    assert town.because("channel_switch", switch, "switch") == expected
    assert town.state("channel_switch", switch) == "stays"
    assert len(town.heard(contact, "hope")) == 1
    assert [task["reason"] for task in town.tasks()] == [expected[0]]


async def test_the_patient_may_decline_and_stay(contact_town: ContactTown) -> None:
    """byte-6: a no that staff record ends it; the contact is as it was."""
    town = contact_town
    contact, switch = await asked(town, town.resident())
    town.consent_is_recorded(switch, given=False)
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "stays"
    assert town.because("channel_switch", switch, "switch") == ("consent_refused", "byte-6")
    assert [consent.given for consent in town.consents(switch)] == [False]
    assert town.http.get(town.link_in(contact, "hope")).status_code == 410


async def test_barn_1_for_a_child_under_13_the_guardian_who_writes_may_log_in(
    contact_town: ContactTown,
) -> None:
    """barn-1, byte-3: the rightful proxy's login is the consent; another adult's is none."""
    town = contact_town
    guardian, other = town.residents(2)
    child = town.resident(aged(8), guardians=[guardian])
    contact = town.writes(child, "hope", by=guardian, by_role="guardian")
    switch = town.proposes(contact, "platform24", VALUE)
    await town.comes_to_rest()
    town.logs_in(town.link_in(contact, "hope"), other)
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "asked"
    town.resident(child, guardians=[other])  # the register has another guardian since
    town.logs_in(town.link_in(contact, "hope"), guardian)
    await town.comes_to_rest()
    assert town.because("channel_switch", switch, "login") == ("not_a_guardian", "barn-1")
    assert town.state("channel_switch", switch) == "asked"
    town.resident(child, guardians=[guardian])
    town.logs_in(town.link_in(contact, "hope"), guardian)
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "changed"


async def test_whom_a_channel_calls_a_guardian_is_one_only_if_the_register_says_so(
    contact_town: ContactTown,
) -> None:
    """barn-1, policy-skydd-1: neither an acknowledgement nor a question goes to another; staff see to it."""
    town = contact_town
    claimant, real = town.residents(2)
    child = town.resident(aged(8), guardians=[real])
    contact = town.writes(child, "hope", by=claimant, by_role="guardian")
    switch = town.proposes(contact, "platform24", VALUE)
    await town.comes_to_rest()
    assert town.heard(contact, "hope") == []
    assert town.because("channel_switch", switch, "switch") == ("not_a_guardian", "barn-1")


async def test_barn_2_the_guardian_in_a_contact_of_one_of_13_is_not_asked(contact_town: ContactTown) -> None:
    """policy-barn-1: it is left to staff."""
    town = contact_town
    guardian = town.resident()
    child = town.resident(aged(13), guardians=[guardian])
    contact = town.writes(child, "hope", by=guardian, by_role="guardian")
    switch = town.proposes(contact, "platform24", VALUE)
    await town.comes_to_rest()
    assert town.because("channel_switch", switch, "switch") == ("child_acts_alone", "policy-barn-1")
    assert town.heard(contact, "hope") == []


async def test_a_protected_person_is_led_nowhere_by_us(contact_town: ContactTown) -> None:
    """policy-skydd-1: staff do it by their own routine, and no reason tells why."""
    town = contact_town
    contact = town.writes(town.resident(protected=True), "hope")
    switch = town.proposes(contact, "platform24", VALUE)
    await town.comes_to_rest()
    assert town.because("channel_switch", switch, "switch") == ("manual_handling", "policy-skydd-1")
    assert town.heard(contact, "hope") == []


async def test_a_proposal_for_a_closed_contact_or_one_that_nobody_knows_is_refused(
    contact_town: ContactTown,
) -> None:
    """byte-6, policy-okand-1."""
    town = contact_town
    contact = town.writes(town.resident(), "hope")
    await town.comes_to_rest()
    town.closes(contact, "hope")
    await town.comes_to_rest()
    late, lost = (
        town.proposes(contact, "platform24", VALUE),
        town.proposes("nobody-knows", "platform24", VALUE),
    )
    await town.comes_to_rest(within=900)
    assert town.because("channel_switch", late, "switch") == ("contact_over", "byte-6")
    assert town.because("channel_switch", lost, "switch") == ("contact_not_known", "policy-okand-1")


CHAT = """[systems.platform24]
entry = "https://chat.example.org/c/{contact}?from=1177"
"""


async def test_byte_3_the_login_leads_into_the_conversation_that_goes_on_there(
    contact_town: ContactTown,
) -> None:
    """Not to 1177's front page: to the target's own entry, with the conversation that was opened meanwhile."""
    town = contact_town
    patient = town.resident()
    town.region_learns(CHAT)
    contact, switch = await asked(town, patient)
    ended = town.logs_in(town.link_in(contact, "hope"), patient)
    (opened,) = town.holds("platform24", patient=patient)["conversations"]
    assert ended["at"] == f"https://chat.example.org/c/{opened['id']}?from=1177"
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "changed"
    assert len(town.holds("platform24", patient=patient)["conversations"]) == 1


async def test_byte_3_while_the_target_is_down_the_login_leads_to_ones_conversations_there(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    patient = town.resident()
    town.region_learns(CHAT)
    contact, switch = await asked(town, patient)
    town.has_fault("platform24", "error_500")
    assert town.logs_in(town.link_in(contact, "hope"), patient)["at"] == "https://chat.example.org/c/"
    town.is_well_again()
    town.waits(minutes=10)
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "changed"


async def test_byte_5_a_service_that_staff_name_is_where_the_login_leads(contact_town: ContactTown) -> None:
    """By its id in 1177's catalogue, or by what it is for; one that is not there is not proposed to the patient."""
    town = contact_town
    patient = town.resident()
    contact = town.writes(patient, "hope")
    for named, service in (("service", "rebook"), ("service_id", "journal")):
        town.proposes(contact, "e1177", VALUE, **{named: service})
        await town.comes_to_rest()
        ended = town.logs_in(town.link_in(contact, "hope"), patient)
        assert ended["at"].startswith("https://e-tjanster.1177.se/"), ended
        assert ended["at"].endswith({"rebook": "bookings", "journal": "journal"}[service])
        await town.comes_to_rest()
    switch = town.proposes(contact, "e1177", VALUE, service_id="no such")
    await town.comes_to_rest()
    assert town.because("channel_switch", switch, "switch") == ("no_such_service", "byte-5")


async def test_byte_5_a_service_at_another_host_reaches_no_patient(contact_town: ContactTown) -> None:
    """What stands in a catalogue anybody may have typed: its address is listed, and its name is one line."""
    town = contact_town
    patient = town.resident()
    services = [{"topic": "rebook", "link": "https://evil.example/", "name": "Boka"}]
    town._post("/units", {"hsa_id": HALMSTAD["hsa_id"], "services": services})
    contact = town.writes(patient, "hope", topic="rebook")
    switch = town.proposes(contact, "e1177", VALUE, service="rebook")
    await town.comes_to_rest()
    assert town.because("inbound_contact", f"hope:{contact}", "guidance") == ("foreign_link", "byte-5")
    assert town.because("channel_switch", switch, "switch") == ("foreign_link", "byte-5")
    services = [{"topic": "rebook", "name": "Boka\u202e om\nhttps://evil.example/"}]
    town.clock.put_forward(
        town.clock.now() + timedelta(seconds=5)
    )  # what the catalogue said is no longer counted
    town._post("/units", {"hsa_id": HALMSTAD["hsa_id"], "services": services})
    other = town.writes(patient, "hope", topic="rebook")
    await town.comes_to_rest()
    (link,) = town.conversation(other, "hope")["messages"][-1]["links"]
    assert link["text"] == "Boka om https evil. example"
