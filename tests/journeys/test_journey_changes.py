"""What a resident acts on is changed: who, where, how, by which platform; and a word of the call letter."""

from __future__ import annotations

from typing import Any

import pytest
from town import ADULTS, HALMSTAD, INBOX_UNIT, LAHOLM, PAPER_UNIT, TIMED, Town, in_days, open_letter, shown

from sandbox.people.numbers import CHILDREN, birthday

TODAY = in_days(0).date()
CHILD = next(number for number in CHILDREN if birthday(number, 14) < TODAY < birthday(number, 18))
BY_POST: dict[str, Any] = {"active_on_1177": False}
KNOWN = {"agreed_with_patient": True, "e_id_confirmed": True}
VIDEO = {"form": "video", "platform": "platform24", **KNOWN}
INBOX: dict[str, Any] = {"unit": INBOX_UNIT, "call_letter": TIMED}

# the resident, the booking, what is changed of it, and all that has reached them then
CHANGED: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "another unit, not on 1177": (BY_POST, {}, {"unit": LAHOLM}, {"sms": 2, "letters": 2}),
    "a unit without paper": ({}, {"unit": PAPER_UNIT}, {"unit": LAHOLM}, {"sms": 2, "letters": 2}),
    "a unit without the inbox": ({}, INBOX, {"unit": LAHOLM}, {"sms": 2, "inbox": 2}),
    "distans-2: on site, then video": ({}, INBOX, VIDEO, {"sms": 2, "inbox": 2}),
    "video, then on site, not on 1177": (BY_POST, VIDEO, {"form": "on_site"}, {"sms": 2, "letters": 2}),
    "another platform": ({}, INBOX | VIDEO, {"platform": "hope"}, {"sms": 2, "inbox": 2}),
    "other words, in the inbox": ({}, INBOX, {"purpose": "Samtal"}, {"sms": 1, "inbox": 2}),
    "other words, on paper": (BY_POST, {}, {"purpose": "Samtal"}, {"sms": 1, "letters": 2}),
    "other words, shown by 1177": ({}, {}, {"purpose": "Samtal"}, {"sms": 1}),
    "the form not known any more": (BY_POST, VIDEO, {"form": None, "platform": None}, {"sms": 1, "letters": 1}),
    "a last day to book": (
        {},
        {"start": None, "call_letter": open_letter(60)},
        {"call_letter": open_letter(30)},
        {"sms": 2},
    ),
}  # fmt: skip


async def test_policy_andring_1_whatever_a_resident_acts_on_is_told_with_notice_and_letters(
    town: Town,
) -> None:
    """Each of `CHANGED` is one resident."""
    who = dict(zip(CHANGED, ADULTS, strict=False))
    bookings = {}
    for why, number in who.items():
        town.resident(number, **CHANGED[why][0])
        bookings[why] = town.books(number, **CHANGED[why][1])
    await town.comes_to_rest()
    town.waits(minutes=20)
    for why, (_, _, changes, _) in CHANGED.items():
        bookings[why] = town.changes(bookings[why], **changes)
    await town.comes_to_rest()
    assert {why: town.reached(number) for why, number in who.items()} == {
        why: expected for why, (_, _, _, expected) in CHANGED.items()
    }
    assert town.why(bookings["another unit, not on 1177"], "notice") == ("held_otherwise", "policy-andring-1")
    last = {letter["patient"]["id"]: letter["text"] for letter in town.letters()}
    for said in ("Den här kallelsen ersätter en tidigare.", "Vårdcentralen Laholm"):
        assert said in last[who["another unit, not on 1177"]]
        assert said in town.inbox(who["a unit without the inbox"])[-1]["text"]
    assert "Besöket sker via video." in town.inbox(who["distans-2: on site, then video"])[-1]["text"]
    assert town.engagements(bookings["a unit without paper"]) == ["Booking"]


async def test_policy_andring_2_the_wrong_patient_hears_that_it_is_cancelled_and_the_right_one_that_it_is_booked(
    town: Town,
) -> None:
    """A letter lies with a stranger: staff are told. Neither hears of the other; who had heard nothing, nothing."""
    wrong, right, never, other = town.residents(4)
    town.resident(wrong, **BY_POST)
    booking = town.books(wrong)
    await town.comes_to_rest()
    town.waits(minutes=20)
    booking = town.changes(booking, patient={"id": right, "type": "personnummer"}, purpose="Återbesök")
    quick = town.books(never)
    quick = town.changes(quick, patient={"id": other, "type": "personnummer"})
    await town.comes_to_rest(within=900)
    assert town.reached(wrong) == {"sms": 2, "letters": 1, "tasks": ["letter_astray"]}
    assert "ställts in" in town.sms(wrong)[-1]["message"]
    assert [town.reached(number) for number in (right, never, other)] == [{"sms": 1}, {}, {"sms": 1}]
    assert "ny bokad tid" in town.sms(right)[0]["message"]
    assert [town.on_1177(number) for number in (wrong, right)] == [[], [booking["id"]]]
    assert (town.engagements(booking), town.engagements(quick)) == (["Booking"], ["Booking"])
    [task] = town.holds("vas")["staff_tasks"]
    assert task["patient"]["id"] == wrong
    assert right not in shown(task)
    assert town.why(booking, "patient_corrected") == ("patient_corrected", "policy-andring-2")
    assert {town.standing(each) for each in (booking, quick)} == {"settled"}


async def test_policy_andring_2_a_booking_that_comes_back_to_its_first_patient_is_booked_again(
    town: Town,
) -> None:
    """The engagement is the right one's all the time, and the one in between is cancelled to."""
    first, between = town.residents(2)
    booking = town.books(first)
    await town.comes_to_rest()
    for number in (between, first):
        town.waits(minutes=20)
        booking = town.changes(booking, patient={"id": number, "type": "personnummer"})
        await town.comes_to_rest(within=900)
    assert [len(town.sms(number)) for number in (first, between)] == [3, 2]
    assert [town.on_1177(number) for number in (first, between)] == [[booking["id"]], []]
    assert town.engagements(booking) == ["Booking"]


async def test_besok_2_a_time_that_the_patient_chose_is_not_told_as_changed_by_care(town: Town) -> None:
    """A chosen time: nothing. One from an open call letter: booked. Who moved the patient's own booking: nobody says."""
    chose, opened, own = town.residents(3)
    moved = town.books(chose)
    letter = town.books(opened, start=None, call_letter=open_letter())
    booked = town.books(own, booked_by="patient")
    await town.comes_to_rest()
    town.waits(minutes=20)
    moved = town.changes(moved, start=in_days(9), booked_by="patient")
    town.changes(letter, start=in_days(9), call_letter=TIMED, booked_by="patient")
    booked = town.changes(booked, start=in_days(9))
    await town.comes_to_rest()
    assert [town.notices(number) for number in (chose, opened, own)] == [1, 2, 2]
    assert town.why(moved, "notice") == ("changed_by_patient", "policy-avisering-2")
    assert "ny bokad tid" in town.sms(opened)[-1]["message"]
    assert town.why(booked, "notice")[0] == "time_changed_by_unknown"
    assert not [sent for sent in town.sms() if "av vården" in sent["message"]]
    town.changes(moved, start=in_days(10), booked_by="staff")
    await town.comes_to_rest()
    assert town.notices(chose) == 2


@pytest.mark.parametrize("allowed", [True, False, None])
async def test_besok_3_1177_is_told_whether_it_may_be_cancelled_and_rebooked_there(
    town: Town, allowed: bool | None
) -> None:
    """As the unit allows: what it has not said is a no."""
    number = town.resident()
    town.books(number, unit=HALMSTAD, cancellable=allowed, rebookable=allowed)
    await town.comes_to_rest()
    [seen] = town.seen_on_1177(number)
    assert (seen["cancel_allowed"], seen["rebook_allowed"]) == (bool(allowed), bool(allowed))


# the resident, the booking, all that has reached them, and where the case stands
GATE: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any], str]] = {
    "no e-identification": (
        {},
        {"form": "video", **KNOWN, "e_id_confirmed": False},
        {"sms": 1, "letters": 1, "tasks": ["no_e_id"]},
        "settled",
    ),
    "nothing is known: one task": ({}, {"form": "video"}, {"sms": 1, "tasks": ["e_id_unknown"]}, "settled"),
    "nothing is known of a visit by phone": ({}, {"form": "phone"}, {"sms": 1}, "settled"),
    "not agreed, on site": ({}, {"agreed_with_patient": False}, {"sms": 1, "tasks": ["not_agreed"]}, "settled"),
    "LifeCare": (
        {},
        VIDEO | {"platform": "lifecare"},
        {"sms": 1, "tasks": ["not_for_this_use"]},
        "parked:not_for_this_use",
    ),
    "Teams": ({}, VIDEO | {"platform": "teams"}, {"sms": 1, "tasks": ["purpose_unknown"]}, "parked:purpose_unknown"),
    "care planning by Teams": ({}, VIDEO | {"platform": "teams", "video_for": "care_planning", "join": "https://teams.microsoft.com/l/1"}, {"sms": 1}, "settled"),
    "a replay": ({}, {"form": "video", "e_id_confirmed": False, "replay": True}, {}, "settled"),
}  # fmt: skip


async def test_vard_2_and_system_2_what_stands_in_the_way_of_a_digital_visit_is_told_to_staff_and_the_visit_shown(
    town: Town,
) -> None:
    """Each of `GATE` is one resident; and one of 14 without e-identification (policy-barn-3), by staff and on paper."""
    who = dict(zip(GATE, ADULTS, strict=False))
    bookings = {}
    for why, number in who.items():
        town.resident(number, **GATE[why][0])
        bookings[why] = town.books(number, **GATE[why][1])
    child = town.resident(CHILD)
    bookings["child"] = town.books(child, form="video", e_id_confirmed=False)
    await town.comes_to_rest()
    assert {why: town.reached(number) for why, number in who.items()} == {
        why: expected for why, (_, _, expected, _) in GATE.items()
    }
    assert {why: town.standing(bookings[why]) for why in GATE} == {why: row[3] for why, row in GATE.items()}
    assert [len(town.on_1177(number)) for number in who.values()] == [1] * len(who)
    assert (town.reached(child)["letters"], town.reached(child)["tasks"]) == (1, ["no_e_id"])
    texts = {task["patient"]["id"]: task["text"] for task in town.holds("vas")["staff_tasks"]}
    assert ("(vard-2)" in texts[who["no e-identification"]], "(policy-barn-3)" in texts[child]) == (
        True,
        True,
    )
    town.changes(bookings["LifeCare"], platform="platform24")
    await town.comes_to_rest()
    assert town.standing(bookings["LifeCare"]) == "settled"


async def test_policy_dubblett_1_a_visit_that_two_systems_tell_of_is_one(town: Town) -> None:
    """Alike or linked, together or one after the other: one engagement, one notice; cancelled in both: one; in one: staff.

    A link holds while only one of the two has moved, whichever it is.
    """
    together, later, linked, half, back, left = numbers = town.residents(6)
    vas = {number: town.booking(number, **VIDEO) for number in numbers}
    theirs = {number: vas[number] | {"id": f"P-{vas[number]['id']}"} for number in numbers}
    for number in (linked, back, left):
        theirs[number] |= {"unit": LAHOLM, "same_visit": {"source": "vas", "id": vas[number]["id"]}}
    for number in numbers:
        town.sends("created", vas[number])
        if number != later:
            town.sends("created", theirs[number], source="platform24")
    await town.comes_to_rest()
    town.sends("created", theirs[later], source="platform24")
    await town.comes_to_rest()
    assert [town.reached(number) for number in numbers] == [{"sms": 1}] * 6
    assert [town.on_1177(number) for number in numbers] == [[vas[number]["id"]] for number in numbers]
    assert [town.engagements(theirs[number]) for number in numbers] == [[]] * 6
    town.waits(minutes=20)
    moved = {"version": 2, "start": in_days(9).isoformat(), "end": None}
    town.sends("changed", vas[later] | moved)
    town.sends("changed", theirs[later] | moved, source="platform24")
    for number in (linked, left):
        town.sends("changed", vas[number] | moved)
    town.sends("changed", theirs[back] | moved, source="platform24")
    for number in (together, half):
        gone = {"version": 2, "cancelled_by": "staff"}
        town.sends("cancelled", theirs[number] | gone, source="platform24")
    town.sends("cancelled", vas[together] | {"version": 2, "cancelled_by": "staff"})
    await town.comes_to_rest(within=900)
    assert [town.reached(number) for number in (together, later, linked)] == [
        {"sms": 2},
        {"sms": 2},
        {"sms": 2},
    ]
    assert town.reached(half) == {"sms": 1, "tasks": ["stands_elsewhere"]}
    assert [len(town.on_1177(number)) for number in numbers] == [0, 1, 1, 1, 1, 1]
    led = {linked: vas[linked]["id"], back: theirs[back]["id"]}
    assert {number: town.on_1177(number) for number in led} == {number: [id] for number, id in led.items()}
    town.sends("changed", theirs[linked] | moved, source="platform24")
    town.sends("changed", vas[back] | moved)
    await town.comes_to_rest()
    assert {number: town.on_1177(number) for number in led} == {number: [id] for number, id in led.items()}
    assert [town.seen_on_1177(number)[0]["start"] for number in led] == [in_days(9).isoformat()] * 2
    assert [town.reached(number) for number in led] == [{"sms": 2}] * 2
    gone = {"version": 3, "cancelled_by": "staff"}
    for number in led:
        town.sends("cancelled", vas[number] | moved | gone)
        town.sends("cancelled", theirs[number] | moved | gone, source="platform24")
    town.sends("cancelled", vas[left] | moved | gone)
    await town.comes_to_rest(within=900)
    assert (town.reached(left), town.on_1177(left)) == (
        {"sms": 2, "tasks": ["stands_elsewhere"]},
        [theirs[left]["id"]],
    )
    assert [(town.reached(number), town.on_1177(number)) for number in led] == [({"sms": 3}, [])] * 2


async def test_policy_andring_2_a_visit_of_a_series_that_was_anothers_is_told_to_whose_it_is(
    town: Town,
) -> None:
    """The series has been told to them, this visit has not."""
    other, whose = town.residents(2)
    town.books(whose, series="S-1")
    wrong = town.books(other, series="S-1", start=in_days(8))
    await town.comes_to_rest()
    assert (town.notices(whose), town.notices(other)) == (1, 1)
    town.changes(wrong, patient={"id": whose, "type": "personnummer"})
    await town.comes_to_rest(within=900)
    assert town.notices(whose) == 2
