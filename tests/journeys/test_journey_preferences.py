"""What a patient wishes reaches the journal system, and what they withdraw ends (onskemal-1, paminnelse-2, barn-5)."""

from __future__ import annotations

import json
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from contact_town import ContactTown, aged
from town import HALMSTAD, LAHOLM, NEW_UNIT, RESERVNUMMER, SHADOW_UNIT, STOCKHOLM, Json, identity

from engine.base import clock
from engine.base.database import transaction
from engine.ops import by_hand
from flows.registry import PROCESSES
from models.encryption import ring
from sandbox.people.numbers import birthday
from tasks.preferences.stored import ALL_CARE, is_wished
from tasks.preferences.wishes import wishes_now

SELF = {"role": "self", "id": None}
GUARDIAN = {"role": "guardian", "id": "198411142394"}
STAFF = {"role": "staff", "id": "SE2321000115-P000000000001"}
COUNTS = "[reminders]\nguardians_consent_counts = true\n"


@pytest.fixture(autouse=True)
def _only_what_is_needed(contact_town: ContactTown) -> None:
    """The other flows have nothing to do."""
    contact_town.runs_only("preferences")


def tells(town: ContactTown, patient: str, source: str = "e1177", **fields: Any) -> None:
    """1177 tells of a patient's settings, or VAS of what staff have entered."""
    by = SELF if source == "e1177" else STAFF
    given = {"patient": identity(patient), "at": clock.now().isoformat(), "set_by": by} | fields
    answer = town.tells("preferences.changed", {"preferences": given}, source=source)
    assert answer["status"] == 202, answer


def at_vas(town: ContactTown, patient: str) -> list[Json]:
    """What VAS holds of them, by unit."""
    found: list[Json] = town.holds("vas", patient=patient)["preferences"]
    return found


def timeline(town: ContactTown, patient: str) -> list[tuple[str, str, str, str]]:
    """What, why, by which clause, of which preferences."""
    story = by_hand.story(PROCESSES, town.row("preferences", key(patient)).id)
    return [
        (each["what"], each["reason"], each["clause"], each["detail"].get("names", ""))
        for each in story.timeline
    ]


def key(patient: str) -> str:
    return ring().digest(patient).hex()


def ended(patient: str, name: str) -> set[str]:
    """Where a preference is withdrawn."""
    number = ring().digest(patient)
    with transaction() as connection:
        held = wishes_now(connection, [number])[number]
    return {
        unit for (unit, each), row in held.items() if each == name and not is_wished(json.loads(row.value))
    }


async def test_onskemal_1_and_paminnelse_2_settings_on_1177_are_carried_to_vas_and_hold_for_all_care(
    contact_town: ContactTown,
) -> None:
    town, patient = contact_town, contact_town.resident()
    at = clock.now().isoformat()
    tells(town, patient, digital_only=True, sms_reminders=True, unit=LAHOLM, at=at)
    await town.comes_to_rest()
    (held,) = at_vas(town, patient)
    assert (held["unit"], held["digital_only"], held["sms_reminders"]) == (None, True, True)
    assert held["set"]["digital_only"]["set_by"] == SELF
    assert datetime.fromisoformat(held["set"]["digital_only"]["at"]) == datetime.fromisoformat(at)
    assert timeline(town, patient) == [
        ("preferences", "wish_set", "onskemal-1", "digital_only"),
        ("preferences", "wish_set", "paminnelse-2", "sms_reminders"),
        ("preferences_carried", "applied", "onskemal-1", "digital_only sms_reminders"),
    ]
    assert town.state("preferences", key(patient)) == "carried"


async def test_onskemal_1_what_is_said_to_staff_is_kept_with_its_unit_and_goes_to_vas_only(
    contact_town: ContactTown,
) -> None:
    town, patient = contact_town, contact_town.resident()
    before = town.acts()
    tells(town, patient, "vas", unit=LAHOLM, sms_reminders=True, phone="070-174 06 05")
    await town.comes_to_rest()
    (held,) = at_vas(town, patient)
    assert (held["unit"]["hsa_id"], held["sms_reminders"]) == (LAHOLM["hsa_id"], True)
    assert held["set"]["phone"]["set_by"] == STAFF
    assert set(town.acts()) - set(before) == {"POST /preferences"}


async def test_policy_onskan_1_the_newest_word_holds_and_a_conflict_is_on_the_timeline_without_its_values(
    contact_town: ContactTown,
) -> None:
    town, patient = contact_town, contact_town.resident()
    first, second, third = ((clock.now() - timedelta(minutes=left)).isoformat() for left in (3, 2, 1))
    tells(town, patient, email="newest@example.org", at=third)
    await town.comes_to_rest()
    tells(town, patient, "vas", email="older@example.org", at=second)
    tells(town, patient, digital_only=True, at=first)
    await town.comes_to_rest()
    tells(town, patient, "vas", digital_only=False, at=second)
    await town.comes_to_rest()
    (held,) = at_vas(town, patient)
    assert (held["email"], held["digital_only"]) == ("newest@example.org", False)
    told = timeline(town, patient)
    assert ("preferences", "newer_held", "policy-onskan-1", "email") in told
    assert ("preferences_conflict", "newer_from_another", "policy-onskan-1", "digital_only") in told
    assert "example.org" not in str(told)


async def test_onskemal_1_what_is_withdrawn_ends_at_once_before_anything_has_been_carried(
    contact_town: ContactTown,
) -> None:
    town, patient = contact_town, contact_town.resident()
    tells(town, patient, sms_reminders=True)
    tells(town, patient, "vas", unit=LAHOLM, sms_reminders=True)
    await town.comes_to_rest()
    assert ended(patient, "sms_reminders") == set()
    town.has_fault("vas", "down", times=50)
    tells(town, patient, sms_reminders=None)
    assert ended(patient, "sms_reminders") == {ALL_CARE}, "stored, and not applied yet"
    await town.runs()
    assert ended(patient, "sms_reminders") == {ALL_CARE}
    town.is_well_again()
    await town.comes_to_rest(within=900)
    assert [held["sms_reminders"] for held in at_vas(town, patient)] == [None, True]
    assert ("preferences", "wish_withdrawn", "paminnelse-2", "sms_reminders") in timeline(town, patient)


async def test_val_1_a_notice_that_is_planned_goes_by_the_wish_as_pu_has_it_when_it_goes(
    contact_town: ContactTown,
) -> None:
    town, patient = contact_town, contact_town.resident()
    town.has_fault("person", "down", times=50)
    booking = town.books(patient)
    await town.runs_bookings()
    assert town.standing(booking) == "called", "what is planned waits for PU"
    town.resident(patient, preferences={"notice_by": []})
    tells(town, patient, notice_by=None)
    town.is_well_again()
    town.waits(minutes=2)
    await town.runs_bookings()
    await town.comes_to_rest()
    assert town.why(booking, "notice") == ("notice_not_wished", "val-1")
    assert town.sms(patient) == []
    assert ended(patient, "notice_by") == {ALL_CARE}


@pytest.mark.parametrize("field", ["digital_only", "sms_reminders"])
async def test_barn_5_what_a_proxy_cannot_wish_on_1177_is_refused_and_never_carried(
    contact_town: ContactTown, field: str
) -> None:
    town = contact_town
    child = town.resident(aged(12))
    tells(town, child, set_by=GUARDIAN, **{field: True}, notice_by=["sms"])
    await town.comes_to_rest()
    assert ("preferences", "not_by_proxy", "barn-5", field) in timeline(town, child)
    (held,) = at_vas(town, child)
    assert field not in held
    assert held["notice_by"] == ["sms"]


async def test_policy_barn_2_a_guardians_consent_to_staff_counts_by_setting_and_lapses_on_the_13th_birthday(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    child = town.resident(aged(12))
    tells(town, child, "vas", unit=HALMSTAD, sms_reminders=True, set_by=GUARDIAN)
    await town.comes_to_rest()
    assert at_vas(town, child) == []
    assert timeline(town, child)[-1][1:3] == ("guardian_consent_not_counted", "policy-barn-2")
    town.region_learns(COUNTS)
    tells(town, child, "vas", unit=HALMSTAD, sms_reminders=True, phone="+46701740605", set_by=GUARDIAN)
    await town.comes_to_rest()
    midnight = datetime.combine(birthday(child, 13), time(), STOCKHOLM)
    assert town.row("preferences", key(child)).due_at == midnight
    town.is_now(midnight - timedelta(seconds=30))
    await town.comes_to_rest(within=5)
    assert ended(child, "sms_reminders") == set()
    town.has_fault("vas", "down", times=50)
    town.is_now(midnight)
    await town.runs()
    assert ended(child, "sms_reminders") == {HALMSTAD["hsa_id"]}, "whether or not VAS can be told"
    town.is_well_again()
    await town.comes_to_rest(within=900)
    (held,) = at_vas(town, child)
    assert (held["sms_reminders"], held["phone"]) == (None, None)
    assert datetime.fromisoformat(held["set"]["phone"]["at"]) == midnight
    assert ("preferences", "guardian_consent_lapsed", "policy-barn-2", "phone sms_reminders") in timeline(
        town, child
    )


async def test_policy_skugga_1_what_is_said_to_a_unit_in_shadow_is_kept_and_told_to_nobody(
    contact_town: ContactTown,
) -> None:
    town, patient = contact_town, contact_town.resident()
    tells(town, patient, "vas", unit=SHADOW_UNIT, digital_only=True)
    await town.comes_to_rest()
    assert at_vas(town, patient) == []
    assert ("preferences_worked_out", "unit_in_shadow", "policy-skugga-1", "digital_only") in timeline(
        town, patient
    )


async def test_policy_avliden_1_nothing_is_told_about_the_deceased(contact_town: ContactTown) -> None:
    town, patient = contact_town, contact_town.resident()
    town.tells("patient.deceased", {"patient": identity(patient), "at": clock.now().isoformat()})
    await town.runs_bookings()
    tells(town, patient, digital_only=True)
    await town.comes_to_rest()
    assert at_vas(town, patient) == []
    assert town.because("preferences", key(patient), "preferences") == ("deceased", "policy-avliden-1")


async def test_a_reservnummer_an_unknown_unit_and_words_without_sense_do_no_harm(
    contact_town: ContactTown,
) -> None:
    town = contact_town
    tells(town, RESERVNUMMER, "vas", unit=NEW_UNIT, digital_only=False, phone="", email="\x00ö@exämple")
    tells(town, RESERVNUMMER, "vas", unit=NEW_UNIT, notice_by=[], at="2199-01-01T00:00:00Z")
    await town.comes_to_rest()
    tells(town, RESERVNUMMER, "vas", unit=NEW_UNIT, notice_by=["email"])
    await town.comes_to_rest()
    (held,) = at_vas(town, RESERVNUMMER)
    assert (held["digital_only"], held["phone"], held["email"]) == (False, None, "\x00ö@exämple")
    assert held["notice_by"] == ["email"], "a clock that is ahead keeps no later word out"


@pytest.mark.parametrize(
    "wrong", [{}, {"digital_only": "yes"}, {"digital_only": True, "set_by": {"role": "system"}}]
)
async def test_what_cannot_be_read_is_refused_at_the_door(contact_town: ContactTown, wrong: Json) -> None:
    town, patient = contact_town, contact_town.resident()
    given = {"patient": identity(patient), "at": clock.now().isoformat(), "set_by": SELF} | wrong
    answer = town.tells("preferences.changed", {"preferences": given}, source="e1177")
    assert answer["status"] == 422


async def test_the_echo_of_what_was_carried_is_not_carried_again(contact_town: ContactTown) -> None:
    town, patient = contact_town, contact_town.resident()
    tells(town, patient, digital_only=True)
    await town.comes_to_rest()
    tells(town, patient, "vas", digital_only=True, set_by=SELF)
    await town.comes_to_rest()
    assert len(town.calls("POST /preferences")) == 1
