"""What staff read of cases that have gone their whole way: each line in words, by its clause, and nothing personal."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

from contact_town import VALUE, ContactTown
from town import HALMSTAD, HYLTE, in_days

from engine.base import clock
from flows.booking_publication import booking_publication
from gateway.staff.case_shown import shown_case, story_as_json
from gateway.staff.kept_cases import KeptCases
from gateway.staff.texts_sv import SWEDISH
from models.identity import IdentityType, PatientId
from routine.clause_text import SWEDISH as SENTENCES
from routine.staff import CARE, Commission, Member
from tasks import clients

ANNA = "SE2321000115-P000000000001"


def at(unit: dict[str, str]) -> Member:
    """Anna with a commission for care there."""
    return Member(ANNA, "Anna Test", Commission("SE2321000115-U1", CARE, unit=unit["hsa_id"]))


def stories(town: ContactTown, number: str, unit: dict[str, str] = HALMSTAD) -> dict[str, Any]:
    """What staff at a unit read of a patient's cases, by process."""
    cases, member = KeptCases(), at(unit)
    patient = PatientId(id=number, type=IdentityType.PERSONNUMMER)
    found = cases.of_patient(member, patient, "Patienten ringer")
    told = [cases.story_of(member, each.id) for each in found.cases]
    return {
        each.found.process: (
            shown_case(each, SWEDISH, clients.region(), clock.now()),
            story_as_json(each, SWEDISH),
        )
        for each in told
        if each
    }


async def test_a_booking_and_a_contact_are_told_from_beginning_to_end_in_words(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    town.flows = {**town.flows, "booking_publication": booking_publication}
    number = town.resident()
    town.books(number)
    contact = town.writes(number, "platform24")
    town.proposes(contact, "hope", VALUE)
    await town.comes_to_rest()
    told = stories(town, number)
    assert {"booking_publication", "inbound_contact", "channel_switch"} <= told.keys()
    for shown, data in told.values():
        assert shown.is_whole
        assert shown.entries
        for entry in shown.entries:
            assert "_" not in entry.what + entry.why, "a code stands where words should"
            assert entry.says == SENTENCES.get(entry.clause, "")
        said = json.dumps([data["timeline"], data["effects"]]) + repr(shown.entries) + repr(shown.effects)
        assert number not in said
        assert town.people[number]["phone"] not in said
    booked, _ = told["booking_publication"]
    assert {"besok-1", "besok-2"} <= {entry.clause for entry in booked.entries}
    assert "Avisering" in [effect.what for effect in booked.effects]


async def test_policy_identitet_1_who_works_where_a_unit_went_up_in_another_sees_its_cases(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    number = town.resident()
    town.writes(number, "hope", unit=HYLTE)
    await town.comes_to_rest()
    assert stories(town, number) == {}
    (before,) = stories(town, number, HYLTE)
    town.tells("unit.merged", {"from": HYLTE, "to": HALMSTAD, "at": in_days(0).isoformat()})
    await town.comes_to_rest()
    assert stories(town, number).keys() == stories(town, number, HYLTE).keys() == {before}


async def test_another_unit_s_case_is_not_there_for_whoever_has_its_id(contact_town: ContactTown) -> None:
    town = contact_town
    number = town.resident()
    town.writes(number, "hope", unit=HYLTE)
    await town.comes_to_rest()
    _, data = stories(town, number, HYLTE)["inbound_contact"]
    assert KeptCases().story_of(at(HALMSTAD), UUID(data["id"])) is None
