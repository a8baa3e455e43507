"""The gate before a digital visit: what staff are asked, when again, and what answers it (vard-1 to 3, policy-barn-3)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from contact_town import ContactTown, aged
from killed import POINTS, Death, kill
from town import HALMSTAD, SHADOW_UNIT, Json, identity, in_days

from engine.base import clock
from engine.base.database import transaction
from flows.booking_publication import booking_publication
from models.encryption import ring
from sandbox.people.numbers import ADULTS
from tasks import e_identification

KNOWN: Json = {"agreed_with_patient": True, "e_id_confirmed": True}
VIDEO: Json = {"form": "video", "platform": "platform24"}
E_ID_OPEN: Json = {**VIDEO, "agreed_with_patient": True}
AT_TEAMS = "https://teams.microsoft.com/l/1"
NEAR = timedelta(hours=72 + 24)
"""A day before the first reminder."""
PATIENT, PARENT, OTHER = ADULTS[0], ADULTS[1], ADULTS[2]


@pytest.fixture
def town(contact_town: ContactTown) -> ContactTown:
    contact_town.flows = {"booking_publication": booking_publication}
    return contact_town


async def has_visit(town: ContactTown, patient: str, **fields: Any) -> Json:
    booking = town.books(patient, **fields)
    await town.comes_to_rest()
    return booking


def asked(town: ContactTown, patient: str | None = None) -> list[str]:
    """The reasons of the tasks that staff have now, without those that have been taken back."""
    tasks = town.holds("vas", **({"patient": patient} if patient else {}))["staff_tasks"]
    return [task["reason"] for task in tasks if task.get("status") != "withdrawn"]


def taken_back(town: ContactTown) -> list[str]:
    return [task["reason"] for task in town.holds("vas")["staff_tasks"] if task.get("status") == "withdrawn"]


def awaited(number: str) -> list[str]:
    """The visits that wait for a login of theirs."""
    with transaction() as connection:
        return list(e_identification.waiting_for(connection, [ring().digest(number)]))


def logs_in(town: ContactTown, number: str, **fields: Any) -> None:
    """They log in, to see whether they can check in."""
    town._post("/provider", {"clock": round(town.clock.ahead.total_seconds())})
    town._post("/act/check-in", {"unit": HALMSTAD["hsa_id"], "personnummer": number} | fields)


async def is_near(town: ContactTown, booking: Json, before: timedelta = NEAR) -> None:
    """It is a day before the first reminder of the visit."""
    town.is_now(datetime.fromisoformat(booking["start"]) - before + timedelta(seconds=1))
    await town.comes_to_rest()


# --- asked at once


async def test_vard_1_vard_2_what_nobody_knows_is_asked_at_once_in_one_task_and_the_visit_is_shown(
    town: ContactTown,
) -> None:
    patient = town.resident()
    booking = await has_visit(town, patient, **VIDEO)
    (task,) = town.holds("vas")["staff_tasks"]
    assert (task["booking"], task["reason"]) == (booking["id"], "e_id_unknown")
    assert ("(vard-2)" in task["text"], "(vard-1)" in task["text"]) == (True, True)
    assert town.on_1177(patient) == [booking["id"]]
    assert town.reached(patient) == {"sms": 1, "tasks": ["e_id_unknown"]}
    told = [why[1:] for why in town.told(booking) if why[0] == "visit_form"]
    assert told == [("e_id_unknown", "vard-2"), ("agreement_unknown", "vard-1")]


async def test_vard_1_who_has_booked_it_themselves_has_chosen_its_form(town: ContactTown) -> None:
    await has_visit(town, town.resident(), **VIDEO, booked_by="patient", e_id_confirmed=True)
    assert asked(town) == []


async def test_vard_1_what_care_makes_of_a_visit_that_the_patient_booked_is_asked_about(
    town: ContactTown,
) -> None:
    booking = await has_visit(town, town.resident(), form="on_site", booked_by="patient", e_id_confirmed=True)
    booking = town.changes(booking, start=in_days(9))
    await town.comes_to_rest()
    assert asked(town) == []
    booking = town.changes(booking, **VIDEO)
    await town.comes_to_rest()
    assert asked(town) == ["agreement_unknown"]
    town.changes(booking, agreed_with_patient=True)
    await town.comes_to_rest()
    assert asked(town) == []


async def test_vard_1_a_form_that_is_not_agreed_is_told_of_any_visit(town: ContactTown) -> None:
    booking = await has_visit(town, town.resident(), agreed_with_patient=False)
    assert asked(town) == ["not_agreed"]
    assert town.why(booking, "visit_form") == ("not_agreed", "vard-1")


async def test_vard_1_a_region_has_staff_asked_about_what_it_likes(town: ContactTown) -> None:
    town.region_learns('[digital_visits]\nask_about = ["agreement"]\n')
    patient, child = town.resident(), town.resident(aged(15))
    await has_visit(town, patient, **VIDEO)
    await has_visit(town, child, **E_ID_OPEN)
    assert (asked(town, patient), asked(town, child)) == (["agreement_unknown"], ["e_id_unknown"])


async def test_vard_3_a_video_visit_needs_no_documented_consent(town: ContactTown) -> None:
    """It is agreed, and can be joined: nobody is asked for anything, and nothing is written in the journal."""
    patient = town.resident()
    booking = await has_visit(town, patient, **VIDEO, **KNOWN)
    vas = town.holds("vas")
    assert (vas["staff_tasks"], vas["journal"], town.reached(patient)) == ([], [], {"sms": 1})
    assert town.standing(booking) == "settled"


@pytest.mark.parametrize("years", [40, 7])
async def test_policy_skydd_1_a_visit_that_a_protected_patient_is_not_let_in_to_is_told_beforehand(
    town: ContactTown, years: int
) -> None:
    """At its link they would be sent to the unit when it begins: staff arrange it, and no word says why."""
    parent = town.resident(PARENT)
    patient = town.resident(aged(years), protected=True, guardians=[parent])
    booking = await has_visit(town, patient, **VIDEO, **KNOWN)
    (task,) = [each for each in town.tasks() if "från länken" in each["text"]]
    assert (task["reason"], "skydd" in task["text"].lower()) == ("manual_handling", False)
    assert town.why(booking, "visit_form") == ("manual_handling", "policy-anslutning-1")
    assert (town.on_1177(patient), town.standing(booking)) == ([booking["id"]], "settled")


async def test_policy_skydd_1_while_pu_is_silent_it_is_asked_again_and_where_they_are_handled_nobody_is_told(
    town: ContactTown,
) -> None:
    town.has_fault("person", "down", times=500)
    patient = town.resident(protected=True)
    await has_visit(town, patient, **VIDEO, **KNOWN)
    assert [each for each in town.tasks() if "från länken" in each["text"]] == []
    town.is_well_again()
    town.waits(hours=2)
    await town.comes_to_rest()
    assert len([each for each in town.tasks() if "från länken" in each["text"]]) == 1
    town.region_learns("[systems.platform24]\nprotected = true\n")
    await has_visit(town, patient, **VIDEO, **KNOWN, start=in_days(9))
    assert len([each for each in town.tasks() if "från länken" in each["text"]]) == 1


@pytest.mark.parametrize(
    ("fields", "reason", "stands"),
    [
        ({"platform": "teams", "video_for": "care_planning", "join": AT_TEAMS}, None, "settled"),
        ({"platform": "mdk", "video_for": "mdk"}, "no_way_in", "settled"),
        ({"platform": "teams", "video_for": "visit"}, "not_for_this_purpose", "parked:not_for_this_purpose"),
        ({"platform": "mdk", "video_for": "care_planning"}, "not_for_this_purpose", "parked:not_for_this_purpose"),
        ({"platform": "lifecare"}, "not_for_this_use", "parked:not_for_this_use"),
        ({"platform": "skype"}, "platform_unknown", "parked:platform_unknown"),
    ],
)  # fmt: skip
async def test_system_2_a_video_visit_is_held_on_a_platform_that_is_approved_for_its_purpose(
    town: ContactTown, fields: Json, reason: str | None, stands: str
) -> None:
    """Any other is told to staff and parked for ops; it is shown, and its patient told, all the same."""
    patient = town.resident()
    booking = await has_visit(town, patient, **VIDEO | KNOWN | fields)
    assert (asked(town), town.standing(booking)) == ([reason] if reason else [], stands)
    assert (town.on_1177(patient), len(town.sms(patient))) == ([booking["id"]], 1)


async def test_policy_dubblett_1_of_a_visit_that_two_systems_tell_of_staff_are_asked_once(
    town: ContactTown,
) -> None:
    booking = town.booking(town.resident(), **VIDEO)
    town.sends("created", booking)
    town.sends("created", booking | {"id": f"P-{booking['id']}"}, source="platform24")
    await town.comes_to_rest()
    assert asked(town) == ["e_id_unknown"]
    assert len(awaited(booking["patient"]["id"])) == 1  # as many visits wait for a login as have a task


# --- asked again


async def test_vard_1_what_is_still_not_seen_to_is_asked_once_more_before_the_patient_is_reminded(
    town: ContactTown,
) -> None:
    patient = town.resident()
    booking = await has_visit(town, patient, **VIDEO)
    await is_near(town, booking, NEAR + timedelta(hours=1))
    assert (asked(town), taken_back(town)) == (["e_id_unknown"], [])
    await is_near(town, booking)
    assert (asked(town), taken_back(town)) == (["e_id_unknown"], ["e_id_unknown"])
    (again,) = [task for task in town.tasks() if task.get("status") != "withdrawn"]
    assert again["text"].startswith("Besöket närmar sig")
    assert town.why(booking, "visit_form_over") == ("asked_anew", "vard-1")
    assert town.standing(booking) == "settled"
    await is_near(town, booking, timedelta(hours=1))
    assert len(town.tasks()) == 2
    assert town.reached(patient)["sms"] == 1
    assert town.story(booking).timeline_whole


async def test_vard_1_what_has_been_seen_to_is_not_asked_again(town: ContactTown) -> None:
    booking = await has_visit(town, town.resident(), **VIDEO)
    booking = town.changes(booking, **KNOWN)
    await town.comes_to_rest()
    assert (asked(town), taken_back(town)) == ([], ["e_id_unknown"])
    assert town.why(booking, "visit_form_over") == ("nothing_in_the_way", "vard-2")
    await is_near(town, booking)
    assert len(town.tasks()) == 1


async def test_vard_1_of_what_is_booked_late_staff_are_asked_once(town: ContactTown) -> None:
    booking = await has_visit(town, town.resident(), **VIDEO, start=in_days(2))
    await is_near(town, booking, timedelta(hours=2))
    assert len(town.tasks()) == 1


async def test_vard_1_a_visit_that_is_moved_is_asked_about_anew_and_again_by_its_new_time(
    town: ContactTown,
) -> None:
    booking = await has_visit(town, town.resident(), **VIDEO)
    moved = town.changes(booking, start=in_days(20))
    await town.comes_to_rest()
    assert (asked(town), taken_back(town)) == (["e_id_unknown"], ["e_id_unknown"])
    await is_near(town, booking)
    assert len(town.tasks()) == 2
    await is_near(town, moved)
    assert (len(town.tasks()), len(asked(town))) == (3, 1)


async def test_vard_1_of_a_visit_that_is_cancelled_nothing_is_asked_any_more(town: ContactTown) -> None:
    booking = await has_visit(town, town.resident(), **VIDEO)
    town.cancels(booking)
    await town.comes_to_rest()
    assert (asked(town), taken_back(town)) == ([], ["e_id_unknown"])
    assert town.why(booking, "visit_form_over") == ("cancelled", "vard-1")
    await is_near(town, booking)
    assert (len(town.tasks()), town.standing(booking)) == (1, "closed")


async def test_policy_avliden_1_of_one_who_has_died_staff_are_asked_nothing_any_more(
    town: ContactTown,
) -> None:
    """They would phone the family; the visit is closed once the task is taken back, and nobody's login is awaited."""
    patient = town.resident()
    booking = await has_visit(town, patient, **VIDEO)
    assert awaited(patient) == [f"vas:{booking['id']}"]
    town.tells("patient.deceased", {"patient": identity(patient), "at": clock.now().isoformat()})
    await town.comes_to_rest()
    assert (asked(town), taken_back(town)) == ([], ["e_id_unknown"])
    assert town.why(booking, "visit_form_over") == ("deceased", "policy-avliden-1")
    assert (town.standing(booking), town.on_1177(patient), awaited(patient)) == ("closed", [], [])
    await is_near(town, booking)
    assert len(town.tasks()) == 1


async def test_vard_2_a_visit_that_is_over_waits_for_nobody_s_login(town: ContactTown) -> None:
    patient = town.resident()
    booking = await has_visit(town, patient, **VIDEO)
    assert len(awaited(patient)) == 1
    await is_near(town, booking, -timedelta(hours=30))
    assert (town.standing(booking), awaited(patient)) == ("closed", [])


@pytest.mark.parametrize("fields", [{"replay": True}, {"unit": SHADOW_UNIT}, {"start": in_days(-1)}])
async def test_vard_1_of_a_replay_in_shadow_or_of_what_has_begun_nothing_is_asked(
    town: ContactTown, fields: Json
) -> None:
    booking = await has_visit(town, town.resident(), **VIDEO | fields)
    if fields != {"start": in_days(-1)}:
        await is_near(town, booking)
    assert town.tasks() == []


# --- a login answers


async def test_vard_2_who_has_logged_in_once_has_e_identification_and_the_task_goes(
    town: ContactTown,
) -> None:
    patient = town.resident()
    booking = await has_visit(town, patient, **E_ID_OPEN)
    logs_in(town, patient)
    await town.comes_to_rest()
    assert (asked(town), taken_back(town)) == ([], ["e_id_unknown"])
    assert town.why(booking, "visit_form_over") == ("logged_in", "vard-2")
    assert town.standing(booking) == "settled"
    later = await has_visit(town, patient, **E_ID_OPEN, start=in_days(9))
    await is_near(town, booking)
    await is_near(town, later)
    assert len(town.tasks()) == 1
    assert town.reached(patient)["sms"] == 2  # one for each visit that was booked: a login is no news of one


async def test_vard_2_what_is_left_when_they_have_logged_in_is_one_task_in_the_place_of_the_other(
    town: ContactTown,
) -> None:
    patient = town.resident()
    booking = await has_visit(town, patient, **VIDEO)
    logs_in(town, patient)
    await town.comes_to_rest()
    assert (asked(town), taken_back(town)) == (["agreement_unknown"], ["e_id_unknown"])
    await is_near(town, booking)
    assert asked(town) == ["agreement_unknown"]


async def test_vard_2_two_logins_and_one_that_is_told_twice_take_one_task_back_once(
    town: ContactTown,
) -> None:
    patient = town.resident()
    await has_visit(town, patient, **E_ID_OPEN)
    for _ in range(2):
        logs_in(town, patient)
    await town.comes_to_rest()
    assert (asked(town), taken_back(town)) == ([], ["e_id_unknown"])
    withdrawn = [
        call for call in town.holds("calls", limit="5000")["calls"] if "withdraw" in call["operation"]
    ]
    assert len(withdrawn) == 1


async def test_vard_2_a_login_by_somebody_else_or_one_that_is_too_weak_answers_nothing(
    town: ContactTown,
) -> None:
    patient, other = town.resident(), town.resident(OTHER)
    await has_visit(town, patient, **E_ID_OPEN)
    logs_in(town, other)
    logs_in(town, patient, loa=2)
    await town.comes_to_rest()
    assert asked(town) == ["e_id_unknown"]


async def test_vard_2_staff_who_say_no_after_a_login_are_believed_and_a_login_after_that_too(
    town: ContactTown,
) -> None:
    patient = town.resident()
    logs_in(town, patient)
    town.waits(minutes=1)
    await has_visit(town, patient, **E_ID_OPEN, e_id_confirmed=False)
    assert asked(town) == ["no_e_id"]
    town.waits(minutes=1)
    logs_in(town, patient)
    await town.comes_to_rest()
    assert asked(town) == []


async def test_vard_2_what_staff_say_counts_from_when_they_said_it_and_not_from_a_move(
    town: ContactTown,
) -> None:
    patient, other = town.resident(), town.resident(OTHER)
    booking = await has_visit(town, patient, **E_ID_OPEN)
    denied = await has_visit(town, other, **E_ID_OPEN, e_id_confirmed=False)
    town.waits(minutes=1)
    for number in (patient, other):
        logs_in(town, number)
    await town.comes_to_rest()
    assert asked(town) == []
    town.waits(minutes=1)
    town.changes(booking, e_id_confirmed=False)
    town.changes(denied, start=in_days(9))
    await town.comes_to_rest()
    assert (asked(town, patient), asked(town, other)) == (["no_e_id"], [])


async def test_vard_2_a_login_under_a_number_that_was_merged_counts_and_is_heard(town: ContactTown) -> None:
    old, new = town.residents(2)
    logs_in(town, old)
    town.tells("patient.merged", {"from": identity(old), "to": identity(new), "at": clock.now().isoformat()})
    await town.comes_to_rest()
    await has_visit(town, new, **E_ID_OPEN)
    assert asked(town) == []


async def test_barn_1_the_login_of_a_guardian_answers_for_a_child_under_13(town: ContactTown) -> None:
    """Whom PU says the child has; nobody else's does, nor the child's own."""
    parent, other, child = town.resident(PARENT), town.resident(OTHER), aged(7)
    town.resident(child, guardians=[parent])
    await has_visit(town, child, **E_ID_OPEN)
    assert asked(town) == ["e_id_unknown"]
    for number in (other, child):
        logs_in(town, number)
    await town.comes_to_rest()
    assert asked(town) == ["e_id_unknown"]
    logs_in(town, parent)
    await town.comes_to_rest()
    assert asked(town) == []
    await has_visit(town, child, **E_ID_OPEN, start=in_days(9))
    assert asked(town) == []


async def test_barn_1_while_pu_is_silent_the_guardians_who_are_known_are_waited_for(
    town: ContactTown,
) -> None:
    parent, child = town.resident(PARENT), aged(7)
    town.resident(child, guardians=[parent])
    booking = await has_visit(town, child, **E_ID_OPEN)
    town.has_fault("person", "down", times=500)
    town.changes(booking, purpose="Uppföljning")
    await town.comes_to_rest(within=900)
    assert (len(awaited(parent)), asked(town)) == (1, ["e_id_unknown"])
    town.is_well_again()
    town.waits(minutes=20)
    logs_in(town, parent)
    await town.comes_to_rest()
    assert asked(town) == []


async def test_barn_1_of_a_child_whose_guardians_pu_did_not_say_it_is_asked_again(town: ContactTown) -> None:
    """Nobody's login is waited for until then; one that came meanwhile is known."""
    parent, child = town.resident(PARENT), aged(7)
    town.resident(child, guardians=[parent])
    town.has_fault("person", "down", times=500)
    await has_visit(town, child, **E_ID_OPEN)
    assert (awaited(parent), asked(town)) == ([], ["e_id_unknown", "manual_handling"])
    town.is_well_again()
    logs_in(town, parent)
    town.waits(hours=2)
    await town.comes_to_rest()
    assert (asked(town), taken_back(town)) == (["manual_handling"], ["e_id_unknown"])


async def test_policy_barn_3_one_of_13_without_e_identification_has_paper_and_staff(
    town: ContactTown,
) -> None:
    """And no guardian's login answers for them; their own does."""
    parent, child = town.resident(PARENT), aged(14)
    town.resident(child, guardians=[parent])
    booking = await has_visit(town, child, **E_ID_OPEN, e_id_confirmed=False)
    (task,) = town.holds("vas")["staff_tasks"]
    assert (task["reason"], "(policy-barn-3)" in task["text"]) == ("no_e_id", True)
    assert len(town.holds("vas", patient=child)["letters"]) == 1
    assert town.on_1177(child) == [booking["id"]]
    logs_in(town, parent)
    await town.comes_to_rest()
    assert asked(town) == ["no_e_id"]
    await is_near(town, booking)
    assert (asked(town), taken_back(town)) == (["no_e_id"], ["no_e_id"])
    logs_in(town, child)
    await town.comes_to_rest()
    assert asked(town) == []


# --- when something breaks


async def test_while_vas_is_down_nothing_is_lost_and_a_login_meanwhile_is_known(town: ContactTown) -> None:
    patient = town.resident()
    town.has_fault("vas", "down", times=50)
    booking = town.books(patient, **E_ID_OPEN)
    await town.runs()
    logs_in(town, patient)
    town.is_well_again()
    await town.comes_to_rest(within=900)
    assert (town.tasks(), town.standing(booking)) == ([], "settled")


@pytest.mark.parametrize("point", POINTS)
async def test_a_worker_that_dies_while_staff_are_asked_again_leaves_one_task(
    town: ContactTown, point: str
) -> None:
    patient = town.resident()
    booking = await has_visit(town, patient, **E_ID_OPEN)
    town.is_now(datetime.fromisoformat(booking["start"]) - NEAR + timedelta(seconds=1))
    kill(Death("tell_staff_of_form", "vas", point, 2), town.clock)
    town.waits(seconds=70)
    await town.comes_to_rest(within=900)
    assert (asked(town), taken_back(town)) == (["e_id_unknown"], ["e_id_unknown"])
    assert (town.standing(booking), town.unknown_effects()) == ("settled", {})


async def test_of_a_person_no_more_is_kept_than_that_they_have_logged_in(town: ContactTown) -> None:
    logs_in(town, town.resident())
    digest = ring().digest(PATIENT)
    with transaction() as connection:
        assert e_identification.newest_logins(connection, {"": [digest]}).keys() == {""}
    assert awaited(PATIENT) == []
