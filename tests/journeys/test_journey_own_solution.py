"""A unit's own solution is written in and answered in, for its purpose, at its units, once it is checked (system-4, 5)."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from contact_town import ContactTown
from sqlalchemy import text
from town import LAHOLM

from engine.base.database import transaction
from engine.base.settings import Local, System, settings
from engine.ops.metrics import figures_now
from flows.registry import PROCESSES
from routine.staff import reasons_for_staff
from tasks import clients

OWN, UNCHECKED, IN_THE_DOCS = "local-hjarta", "local-sar", "local-fotvard"
OPERATIONS = Path(__file__).resolve().parents[2] / "docs" / "operations.md"


def key(contact: str, channel: str = OWN) -> str:
    return f"{channel}:{contact}"


def why(town: ContactTown, contact: str, what: str, channel: str = OWN) -> tuple[str, str]:
    return town.because("inbound_contact", key(contact, channel), what)


def calls(town: ContactTown, channel: str) -> list[str]:
    """What we have called there."""
    found = town.holds("calls", limit="5000")["calls"]
    return [call["operation"] for call in found if call["system"] == channel]


# --- in and out


async def test_system_4_what_is_written_there_comes_in_and_is_answered_there(town: ContactTown) -> None:
    """patient-1: acknowledged once, by the same wire as the platforms, and staff's answer is as the routine says."""
    contact = town.writes(town.resident(), OWN)
    await town.comes_to_rest()
    (said,) = town.heard(contact, OWN)
    assert "svarar dig här" in said
    assert why(town, contact, "contact") == ("same_channel", "onskemal-2")
    assert why(town, contact, "acknowledgement")[1] == "system-4"
    town.staff_answer(contact, OWN, suggests_calling=False)
    await town.comes_to_rest()
    assert why(town, contact, "answer") == ("same_channel", "patient-1")
    assert town.state("inbound_contact", key(contact)) == "answered"
    assert town.tasks() == []


async def test_system_4_a_change_of_channel_is_asked_about_there_and_consented_to_there(
    town: ContactTown,
) -> None:
    """byte-1: the question and the answer, both ways, and the journal's draft."""
    contact = town.writes(town.resident(), OWN)
    await town.comes_to_rest()
    switch = town.proposes(contact)
    await town.comes_to_rest()
    assert "godkänner du att vi ringer upp dig" in town.heard(contact, OWN)[-1]
    town.says(contact, "070-174 06 05", OWN)
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "changed"
    assert [note["contact"] for note in town.journal()] == [contact]


async def test_system_4_a_wish_that_a_service_meets_is_led_to_it_there(town: ContactTown) -> None:
    """byte-5."""
    contact = town.writes(town.resident(), OWN, topic="rebook")
    await town.comes_to_rest()
    assert "Följ länken och logga in." in town.heard(contact, OWN)[-1]


async def test_suicid_1_staff_are_alerted_there(town: ContactTown) -> None:
    contact = town.writes(town.resident(), OWN, risk="suicide")
    await town.comes_to_rest()
    (alert,) = town.conversation(contact, OWN)["alerts"]
    assert (alert["reason"], town.tasks()) == ("suicide_risk", [])


async def test_system_4_one_is_listed_by_the_lines_of_the_docs(
    town: ContactTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    """docs/operations.md: what it says there is what it takes. Before that its webhooks are answered with 404."""
    patient = town.resident()
    told = {"contact": "F-1", "message": {"id": "M-1", "from": "patient", "text": "Hej"}}
    assert town.tells("contact.message", told, source=IN_THE_DOCS)["status"] == 404
    section = OPERATIONS.read_text("utf-8").split("### A unit's own solution")[1]
    (lines,) = re.findall(r"```toml\n(.*?)```", section.split("\n### ")[0].split("\n## ")[0], re.DOTALL)
    address = f"http://127.0.0.1:{settings().sandbox.port}/{IN_THE_DOCS}"
    monkeypatch.setitem(settings().systems, Local(IN_THE_DOCS), System(url=address))
    town.region_learns(lines)
    contact = town.writes(patient, IN_THE_DOCS)
    await town.comes_to_rest()
    assert len(town.heard(contact, IN_THE_DOCS)) == 1
    assert town.tasks() == []


# --- and not otherwise


async def test_system_5_nothing_goes_to_one_that_nobody_has_checked_and_staff_are_told(
    town: ContactTown,
) -> None:
    """patient-4: they read the original at once; the task names the solution as they know it."""
    contact = town.writes(town.resident(), UNCHECKED)
    await town.comes_to_rest()
    (task,) = town.tasks()
    assert (task["reason"], task["urgent"]) == ("channel_not_approved", True)
    assert "Sårdagboken" in task["text"]
    assert why(town, contact, "channel", UNCHECKED) == ("not_checked", "system-5")
    assert why(town, contact, "contact", UNCHECKED) == ("channel_not_approved", "patient-4")
    assert calls(town, UNCHECKED) == []


@pytest.mark.parametrize(
    ("differs", "reason"),
    [("until", "no_longer_approved"), ("since", "not_approved_yet")],
)
async def test_system_4_nothing_goes_outside_the_days_of_its_approval(
    town: ContactTown, differs: str, reason: str
) -> None:
    day = datetime.now(UTC).date() + timedelta(days=-3 if differs == "until" else 3)
    town.region_learns(f"[systems.{OWN}]\n{differs} = {day}\n")
    contact = town.writes(town.resident(), OWN)
    await town.comes_to_rest()
    assert why(town, contact, "channel") == (reason, "system-4")
    assert [task["reason"] for task in town.tasks()] == ["channel_not_approved"]
    assert calls(town, OWN) == []


async def test_system_4_an_approval_that_ends_meanwhile_ends_what_goes_there(town: ContactTown) -> None:
    """Asked again at the door: the question of a proposal is not put there any more, and staff are told."""
    contact = town.writes(town.resident(), OWN)
    await town.comes_to_rest()
    before = calls(town, OWN)
    town.region_learns(f"[systems.{OWN}]\nuntil = {datetime.now(UTC).date() - timedelta(days=3)}\n")
    switch = town.proposes(contact)
    await town.comes_to_rest()
    assert town.state("channel_switch", switch) == "stays"
    assert calls(town, OWN) == before
    assert len(town.tasks()) == 1


async def test_system_4_what_it_tells_of_another_unit_than_its_own_is_held(town: ContactTown) -> None:
    """policy-kalla-1: not acted on until a human has looked."""
    town.writes(town.resident(), OWN, unit=LAHOLM)
    await town.comes_to_rest()
    with transaction() as connection:
        held = connection.execute(text("SELECT DISTINCT source, reason FROM held_event")).all()
    assert [tuple(row) for row in held] == [(OWN, "unit_not_for_source")]
    assert (calls(town, OWN), town.tasks()) == ([], [])


async def test_suicid_1_of_one_that_nobody_has_checked_staff_are_alerted_by_a_task(town: ContactTown) -> None:
    """Nothing is sent there, and a human hears of it all the same (policy-suicid-1)."""
    town.writes(town.resident(), UNCHECKED, risk="suicide")
    await town.comes_to_rest()
    assert "suicide_risk" in [task["reason"] for task in town.tasks()]
    assert calls(town, UNCHECKED) == []


async def test_patient_1_without_an_address_of_its_we_say_nothing_there_and_the_case_says_so(
    town: ContactTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(settings().systems, Local(OWN), System())
    clients.forget()
    contact = town.writes(town.resident(), OWN)
    await town.comes_to_rest()
    assert why(town, contact, "acknowledgement") == ("no_way_of_ours", "patient-1")
    assert (town.heard(contact, OWN), town.tasks()) == ([], [])


# --- a system like the others


async def test_one_that_is_down_is_left_alone_shown_and_answered_in_once_it_is_back(
    town: ContactTown,
) -> None:
    """Its breaker, its metrics and its effects are its own: a platform is written in meanwhile."""
    town.has_fault(OWN, "down")
    contact, other = town.writes(town.resident(), OWN), town.writes(town.residents(2)[1])
    await town.runs_one("inbound_contact")
    assert len(town.heard(other)) == 1
    assert [name for name, down in figures_now(PROCESSES, reasons_for_staff, {}).down.items() if down] == [
        OWN
    ]
    town.is_well_again()
    await town.comes_to_rest(within=600)
    assert len(town.heard(contact, OWN)) == 1
    figures = figures_now(PROCESSES, reasons_for_staff, {})
    assert figures.effects[OWN, "done"] == 1
    assert not any(figures.down.values())


async def test_an_answer_that_is_lost_is_no_second_message(town: ContactTown) -> None:
    """design.md, Effects happen once: sent again under the same key."""
    town.has_fault(OWN, "timeout_after", times=1, seconds=0.3)
    contact = town.writes(town.resident(), OWN)
    await town.comes_to_rest(within=600)
    assert len(town.heard(contact, OWN)) == 1


@pytest.fixture
def town(contact_town: ContactTown) -> ContactTown:
    """The town, with its units' own solutions."""
    return contact_town
