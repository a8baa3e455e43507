"""Something to do, or new information: asked for by a webhook, told once, neutrally, or by staff (avisering-1)."""

from __future__ import annotations

import random
import secrets
import time
from datetime import timedelta
from typing import Any

import pytest
from contact_town import ANNA, ContactTown, aged
from killed import AFTER, BEFORE, OWNERS, POINTS, RECORDING, Death, kill
from town import HALMSTAD, NEW_UNIT, RESERVNUMMER, SHADOW_UNIT, identity, in_days

from engine.base import clock
from engine.ops import by_hand
from flows.registry import PROCESSES
from flows.requested_notice import requested_notice
from tasks import clients

BOTH = {"notice_by": ["sms", "email"]}
STEP = "give_requested_notice"


@pytest.fixture
def town(contact_town: ContactTown) -> ContactTown:
    contact_town.flows = {"requested_notice": requested_notice}
    return contact_town


def asks(
    town: ContactTown, patient: str, source: str = "staff", msg: str | None = None, **fields: Any
) -> str:
    """Somebody asks for a notice; gives the case's key."""
    given = {
        "id": f"N-{secrets.token_hex(5)}",
        "patient": identity(patient),
        "unit": HALMSTAD,
        "why": "task",
        "system": "e1177",
        "by": ANNA,
    }
    notice = given | fields
    answer = town.tells("notice.requested", {"notice": notice}, source, id=msg)
    assert answer["status"] == 202, answer
    return f"{source}:{notice['id']}"


def withdraws(town: ContactTown, key: str) -> None:
    source, _, id = key.partition(":")
    assert town.tells("notice.withdrawn", {"notice": id}, source)["status"] == 202


def stands(town: ContactTown, key: str) -> str:
    return town.state("requested_notice", key)


def why(town: ContactTown, key: str, what: str = "notice") -> tuple[str, str]:
    return town.because("requested_notice", key, what)


async def with_receipts(town: ContactTown) -> None:
    """All is sent, every receipt is in, and what came of them is done."""
    await town.comes_to_rest()
    while town.holds("sms")["receipts"]["waiting"]:
        time.sleep(0.02)
    await town.comes_to_rest()


# --- it is given


@pytest.mark.parametrize(("kind", "says"), [("task", "något att göra"), ("information", "ny information")])
async def test_avisering_1_and_avisering_2_and_avisering_3_a_resident_hears_of_it_neutrally_from_the_region(
    town: ContactTown, kind: str, says: str
) -> None:
    key = asks(town, town.resident(), why=kind)
    await town.comes_to_rest()
    (sms,) = town.sms()
    assert (sms["from"], says in sms["message"], "https://www.1177.se/" in sms["message"]) == (
        "RegHalland",
        True,
        True,
    )
    assert "Halmstad" not in sms["message"]
    reason = "something_to_do" if kind == "task" else "new_information"
    assert (stands(town, key), why(town, key)) == ("given", (reason, "avisering-1"))


async def test_avisering_1_by_e_mail_where_that_is_chosen(town: ContactTown) -> None:
    patient = town.resident(preferences={"notice_by": ["email"]})
    asks(town, patient)
    await town.comes_to_rest()
    assert town.reached(patient) == {"mail": 1}
    assert "https://www.1177.se/" in town.mails()[0]["text"]


async def test_avisering_2_it_leads_to_the_system_where_the_thing_is(town: ContactTown) -> None:
    systems = ("platform24", "hope", "lifecare", "stodbehandling")
    people = dict(zip(systems, town.residents(len(systems)), strict=True))
    for system, patient in people.items():
        asks(town, patient, source=system, system=system, by=None)
    await town.comes_to_rest()
    for system, patient in people.items():
        (sms,) = town.sms(patient)
        assert (clients.region().systems[system].entry or "-") in sms["message"]


async def test_system_1_nobody_is_led_into_a_system_that_is_not_approved(town: ContactTown) -> None:
    patient = town.resident()
    town.region_learns("[systems.hope]\nuntil = 2026-01-01\n")
    key = asks(town, patient, system="hope")
    await town.comes_to_rest()
    assert town.reached(patient) == {"tasks": ["no_longer_approved"]}
    assert (stands(town, key), why(town, key)) == ("handed_over", ("no_longer_approved", "system-1"))


# --- at most once


async def test_at_most_one_for_one_thing_however_often_it_is_asked_for(town: ContactTown) -> None:
    """The same webhook, the same thing by another webhook; the same id from another source is another thing."""
    patient = town.resident()
    key = asks(town, patient, id="N-1", msg="msg-1")
    asks(town, patient, id="N-1", msg="msg-1")
    await town.comes_to_rest()
    asks(town, patient, id="N-1", why="information")
    await town.comes_to_rest()
    assert town.reached(patient) == {"sms": 1}
    assert why(town, key, "event_ignored") == ("known", "")
    other = asks(town, patient, source="hope", id="N-1")
    await town.comes_to_rest()
    assert (town.reached(patient), stands(town, other)) == ({"sms": 2}, "given")


async def test_avisering_1_what_is_done_before_it_went_is_not_told(town: ContactTown) -> None:
    over = town.falls_quiet(3)
    held, early, unknown, late = town.residents(4)
    keys = [asks(town, held), f"staff:N-{secrets.token_hex(5)}", "staff:N-unknown", asks(town, late)]
    await town.comes_to_rest()
    for key in keys[:3]:
        withdraws(town, key)
    await town.comes_to_rest()
    asks(town, early, id=keys[1].partition(":")[2])
    town.is_now(over + timedelta(minutes=1))
    await town.comes_to_rest()
    withdraws(town, keys[3])
    await town.comes_to_rest()
    assert [stands(town, key) for key in keys] == ["withdrawn", "withdrawn", "withdrawn", "given"]
    assert {each: town.reached(each) for each in (held, early, unknown, late)} == {
        held: {},
        early: {},
        unknown: {},
        late: {"sms": 1},
    }
    assert why(town, keys[0], "notice_withdrawn") == ("withdrawn", "avisering-1")
    assert why(town, keys[3], "notice_withdrawn") == ("notice_gone", "avisering-1")


async def test_of_another_source_nobody_withdraws(town: ContactTown) -> None:
    over = town.falls_quiet(3)
    patient = town.resident()
    key = asks(town, patient)
    withdraws(town, key.replace("staff:", "platform24:"))
    town.is_now(over + timedelta(minutes=1))
    await town.comes_to_rest()
    assert (stands(town, key), town.reached(patient)) == ("given", {"sms": 1})


# --- when


async def test_policy_tystnad_1_it_is_held_in_quiet_hours_and_none_goes_of_what_is_over_by_then(
    town: ContactTown,
) -> None:
    over = town.falls_quiet(3)
    waits, passes = town.residents(2)
    kept = asks(town, waits, valid_until=(over + timedelta(hours=1)).isoformat())
    gone = asks(town, passes, valid_until=(over - timedelta(hours=1)).isoformat())
    await town.comes_to_rest()
    assert (town.sms(), why(town, kept, "waits")) == ([], ("quiet_hours", "policy-tystnad-1"))
    town.is_now(over + timedelta(minutes=1))
    await town.comes_to_rest()
    assert (town.reached(waits), town.reached(passes)) == ({"sms": 1}, {})
    assert (stands(town, gone), why(town, gone)) == ("not_given", ("passed", "policy-avisering-2"))


async def test_of_what_is_over_already_there_is_none_and_a_day_counts_to_its_end(town: ContactTown) -> None:
    yesterday, today = town.residents(2)
    keys = [
        asks(town, yesterday, valid_until=in_days(-1).date().isoformat()),
        asks(town, today, valid_until=in_days(1).date().isoformat()),
    ]
    await town.comes_to_rest()
    assert [stands(town, key) for key in keys] == ["not_given", "given"]
    assert (town.reached(yesterday), town.reached(today)) == ({}, {"sms": 1})


# --- to whom


async def test_policy_skydd_1_and_2_staff_tell_the_protected_and_whom_nobody_knows_in_the_same_words(
    town: ContactTown,
) -> None:
    protected, unknown = town.resident(protected=True), town.residents(1, known_to_pu=False)[0]
    keys = [asks(town, each) for each in (protected, unknown)]
    await town.comes_to_rest(within=7200)
    assert [town.reached(each) for each in (protected, unknown)] == [{"tasks": ["manual_handling"]}] * 2
    assert [(stands(town, key), why(town, key)) for key in keys] == [
        ("handed_over", ("manual_handling", "policy-skydd-1"))
    ] * 2
    assert len({task["text"] for task in town.tasks()}) == 1


async def test_policy_avliden_1_and_2_nothing_goes_to_the_deceased_and_a_death_in_error_is_taken_back(
    town: ContactTown,
) -> None:
    dead, alive = town.resident(), town.residents(1, deceased=in_days(-1).date().isoformat())[0]
    about = {"patient": identity(dead), "at": in_days(0, 1).isoformat()}
    town.tells("patient.deceased", about)
    keys = [asks(town, each) for each in (dead, alive)]
    await town.comes_to_rest()
    assert [stands(town, key) for key in keys] == ["deceased", "deceased"]
    assert (town.sms(), town.tasks(), why(town, keys[0])) == ([], [], ("deceased", "policy-avliden-1"))
    town.waits(minutes=1)
    town.tells("patient.alive", about | {"at": clock.now().isoformat()})
    await town.comes_to_rest()
    assert (stands(town, keys[0]), town.reached(dead)) == ("given", {"sms": 1})


async def test_policy_reserv_1_staff_tell_one_who_cannot_log_in(town: ContactTown) -> None:
    key = asks(town, RESERVNUMMER)
    await town.comes_to_rest()
    assert (stands(town, key), town.staff_tasks()) == ("handed_over", ["reservnummer"])


async def test_barn_1_and_policy_barn_1_a_guardian_hears_for_a_small_child_and_not_for_one_of_thirteen(
    town: ContactTown,
) -> None:
    guardian = town.resident()
    small, big = (
        town.resident(aged(years), guardians=[guardian], phone=f"+4670174063{years % 10}")
        for years in (9, 14)
    )
    keys = [asks(town, each) for each in (small, big)]
    await town.comes_to_rest()
    assert (town.reached(small), town.reached(big)) == ({"sms": 1}, {})
    assert [stands(town, key) for key in keys] == ["given", "not_given"]
    assert why(town, keys[1])[1] in ("policy-barn-1", "policy-barn-2")


async def test_policy_skugga_1_and_policy_okand_1_in_shadow_nothing_goes_and_an_unknown_unit_waits(
    town: ContactTown,
) -> None:
    patient = town.resident()
    shadow, unknown = asks(town, patient, unit=SHADOW_UNIT), asks(town, patient, unit=NEW_UNIT)
    await town.comes_to_rest()
    assert (stands(town, shadow), stands(town, unknown)) == ("shadowed", "parked:unit_unknown")
    assert why(town, shadow, "notice_worked_out") == ("unit_in_shadow", "policy-skugga-1")
    assert town.reached(patient) == {}


async def test_policy_identitet_1_a_merged_patient_has_the_notice_under_the_new_number(
    town: ContactTown,
) -> None:
    over = town.falls_quiet(3)
    old, new = town.residents(2)
    asks(town, old)
    await town.comes_to_rest()
    town.tells("patient.merged", {"from": identity(old), "to": identity(new)})
    town.is_now(over + timedelta(minutes=1))
    await town.comes_to_rest()
    assert (town.reached(old), town.reached(new)) == ({}, {"sms": 1})


async def test_policy_kalla_1_more_than_a_source_may_cause_in_an_hour_wait_for_a_human(
    town: ContactTown,
) -> None:
    town.region_learns("[sources.hope]\nnotices_an_hour = 2\n")
    keys = [asks(town, each, source="hope", system="hope") for each in town.residents(4)]
    await town.comes_to_rest()
    assert sorted(stands(town, key) for key in keys) == ["given"] * 2 + ["parked:too_many_notices"] * 2
    town.waits(hours=1, minutes=1)
    by_hand.retry_parked(PROCESSES, "too_many_notices")
    await town.comes_to_rest()
    assert ({stands(town, key) for key in keys}, len(town.sms())) == ({"given"}, 4)


# --- what does not arrive


async def test_policy_avisering_3_what_does_not_arrive_goes_on_and_staff_tell_of_something_to_do(
    town: ContactTown,
) -> None:
    other_way, task, information = town.residents(3, phone_fails=True)
    town.resident(other_way, preferences=BOTH)
    town.has_fault("sms", "duplicate_receipts")
    keys = [asks(town, each) for each in (other_way, task)]
    keys.append(asks(town, information, why="information"))
    await with_receipts(town)
    assert [town.reached(each) for each in (other_way, task, information)] == [
        {"sms": 1, "mail": 1},
        {"sms": 1, "tasks": ["not_reached"]},
        {"sms": 1},
    ]
    assert [stands(town, key) for key in keys] == ["given", "handed_over", "not_given"]


async def test_what_is_done_by_the_time_that_its_message_fails_goes_by_no_other_way(
    town: ContactTown,
) -> None:
    patient = town.resident(phone_fails=True, preferences=BOTH)
    town.has_fault("sms", "late_receipts", seconds=3)
    key = asks(town, patient)
    await town.runs()
    assert stands(town, key) == "given"
    withdraws(town, key)
    await with_receipts(town)
    assert (town.reached(patient), stands(town, key)) == ({"sms": 1}, "given")
    assert why(town, key) == ("not_reached", "policy-avisering-3")


async def test_a_recipient_who_is_turned_away_at_once_hears_by_the_next_way(town: ContactTown) -> None:
    patient = town.resident(email="no..such@example.org", preferences={"notice_by": ["email", "sms"]})
    key = asks(town, patient)
    await town.comes_to_rest()
    assert (town.reached(patient), stands(town, key)) == ({"sms": 1}, "given")


# --- bad input


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"system": "teams"}, "data.notice.system"),
        ({"why": "diagnosis"}, "data.notice.why"),
        ({"valid_until": "2026-02-30"}, "data.notice.valid_until"),
        ({"patient": {"id": "201312012387", "type": "personnummer"}}, "data.notice.patient.id"),
        ({"unit": None}, "data.notice.unit"),
    ],
)
async def test_a_notice_that_cannot_be_read_is_refused_by_its_path(
    town: ContactTown, wrong: dict[str, Any], path: str
) -> None:
    notice = {
        "id": "N-1",
        "patient": identity(town.resident()),
        "unit": HALMSTAD,
        "why": "task",
        "system": "e1177",
    }
    answer = town.tells("notice.requested", {"notice": notice | wrong}, "staff")
    assert (answer["status"], path in str(answer)) == (422, True)


async def test_1177_itself_and_a_mailbox_ask_for_no_notice(town: ContactTown) -> None:
    for source in ("e1177", "mail", "sms", "vas"):
        assert town.tells("notice.withdrawn", {"notice": "N-1"}, source)["status"] == 422


# --- killed


def test_the_one_step_that_calls_somebody_is_killed() -> None:
    ours = {
        name: stage.step.systems for name, (owner, stage) in OWNERS.items() if owner == "requested_notice"
    }
    assert ours == {STEP: ("sms", "mail", "vas")}


@pytest.mark.parametrize(
    ("system", "point"),
    [
        *(("sms", point) for point in POINTS),
        *((system, point) for system in ("mail", "vas") for point in (BEFORE, AFTER)),
    ],
)
async def test_what_a_killed_worker_leaves_is_one_notice_or_one_that_a_human_looks_after(
    town: ContactTown, system: str, point: str
) -> None:
    """design.md, Effects happen once."""
    how: dict[str, dict[str, Any]] = {
        "mail": {"preferences": {"notice_by": ["email"]}},
        "vas": {"protected": True},
    }
    patient = town.resident(**how.get(system, {}))
    key = asks(town, patient)
    kill(Death(STEP, system, point), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    unknown = len(town.unknown_effects())
    assert unknown == (system == "mail" and point in (BEFORE, AFTER, RECORDING))
    arrived = sum(len(each) if isinstance(each, list) else each for each in town.reached(patient).values())
    assert arrived == (0 if unknown and point == BEFORE else 1)
    assert stands(town, key) == ("handed_over" if system == "vas" else "given")


# --- whatever happens, in whatever order


@pytest.mark.parametrize("seed", range(3))
async def test_at_most_one_notice_for_one_thing_whatever_is_told_in_whatever_order(
    town: ContactTown, seed: int
) -> None:
    """None where it was withdrawn before it could go, or where the patient was dead; one for all the others."""
    rng = random.Random(seed)
    over = town.falls_quiet(3)
    pairs = [(people[0], people[1]) for people in _in_pairs(town.residents(36))]
    owed: dict[str, tuple[str, str, bool]] = {}
    for at, (patient, other) in enumerate(pairs):
        key = f"staff:N-{seed}-{at}"
        happened = _histories(rng)
        for what in happened:
            _happens(town, what, key, patient, other)
            if rng.random() < 0.3:
                await town.runs()
        silent = "withdrawn" in happened or _is_dead(happened)
        owed[key] = (patient, other, not silent)
    town.is_now(over + timedelta(minutes=1))
    await town.comes_to_rest()
    for key in rng.sample(sorted(owed), 6):
        withdraws(town, key)  # too late
        asks(town, owed[key][0], id=key.partition(":")[2])
    await town.comes_to_rest()
    notices = {key: town.notices(first) + town.notices(second) for key, (first, second, _) in owed.items()}
    assert notices == {key: int(is_owed) for key, (_, _, is_owed) in owed.items()}
    assert set(notices.values()) == {0, 1}
    assert [stands(town, key) for key in owed if stands(town, key).startswith("parked")] == []


def _in_pairs(people: list[str]) -> list[list[str]]:
    return [people[at : at + 2] for at in range(0, len(people), 2)]


def _histories(rng: random.Random) -> list[str]:
    """What is told of one thing and its patient: asked for at least once."""
    more = ["requested", "withdrawn", "merged", "deceased", "alive"]
    happened = ["requested", *rng.choices(more, [3, 1, 2, 1, 1], k=rng.randint(0, 5))]
    rng.shuffle(happened)
    return happened


def _is_dead(happened: list[str]) -> bool:
    said = [what for what in happened if what in ("deceased", "alive")]
    return bool(said) and said[-1] == "deceased"


def _happens(town: ContactTown, what: str, key: str, patient: str, other: str) -> None:
    town.waits(seconds=1)
    now = clock.now().isoformat()
    match what:
        case "requested":
            asks(town, patient, id=key.partition(":")[2])
        case "withdrawn":
            withdraws(town, key)
        case "merged":
            town.tells("patient.merged", {"from": identity(patient), "to": identity(other)})
        case _:
            town.tells(f"patient.{what}", {"patient": identity(patient), "at": now})
