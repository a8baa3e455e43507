"""Residents see, move and cancel their visits on 1177, and book by themselves: VAS, 1177 and the index agree."""

from __future__ import annotations

from datetime import datetime
from functools import partial

import pytest
from contact_town import aged
from self_service_town import SelfServiceTown, agrees, hours
from town import HALMSTAD, LAHOLM, SHADOW_UNIT, in_days, open_letter

from engine.base import clock
from sandbox.people.numbers import ADULTS
from tasks.self_service import desk

PARENT, OTHER = ADULTS[1], ADULTS[3]
NINE, TEN, ELEVEN = hours(9, 10, 11)
AGENT = "SE2321000115-P000000000009"


@pytest.fixture
def town(self_service_town: SelfServiceTown) -> SelfServiceTown:
    """VAS has three times in eight days."""
    self_service_town.offers(NINE, TEN, ELEVEN)
    return self_service_town


# --- besok-3, besok-4


async def test_besok_3_a_resident_cancels_and_hears_it_at_once_and_from_nobody_else(
    town: SelfServiceTown,
) -> None:
    booking = await town.has_visit(patient := town.resident())
    assert [(each["cancel_allowed"], each["rebook_allowed"]) for each in town.seen_on_1177(patient)] == [
        (True, True)
    ]
    heard = town.notices(patient)
    said = town.asks_1177("cancel", patient, booking)
    assert (said["result"], said["text"]) == ("OK", None)
    await town.hears_from_vas()
    agrees(town, patient)
    assert town.notices(patient) == heard
    assert town.why(booking, "notice") == ("echo", "policy-avisering-2")
    assert (town.standing_of_requests(), town.reasons()) == (["done"], [("done", "besok-3")])
    assert town.requests()[0].request is None


async def test_besok_3_a_resident_moves_a_visit_and_the_old_time_is_free_again(town: SelfServiceTown) -> None:
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    heard = town.notices(patient)
    assert town.asks_1177("rebook", patient, booking, TEN)["result"] == "OK"
    await town.hears_from_vas()
    agrees(town, patient, TEN.isoformat())
    assert (town.notices(patient), town.why(booking, "notice")[0]) == (heard, "echo")
    seen = town.asks_1177("times", town.resident(OTHER))["times"]
    assert [each["start"] for each in seen] == [at.isoformat() for at in (NINE, ELEVEN)]


async def test_besok_3_a_visit_moved_to_another_unit_is_one_change_there(town: SelfServiceTown) -> None:
    town.offers(TEN, unit=LAHOLM)
    town.offers(NINE, facilities=[HALMSTAD, LAHOLM])
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    heard = town.notices(patient)
    said = town.asks_1177("rebook", patient, booking, TEN, unit=LAHOLM["hsa_id"])
    assert said["result"] == "OK"
    await town.hears_from_vas(2)
    agrees(town, patient, TEN.isoformat())
    assert town.notices(patient) == heard


async def test_besok_4_a_resident_books_a_time_that_is_free(town: SelfServiceTown) -> None:
    patient = town.resident()
    said = town.asks_1177("book", patient, at=NINE, phone="070-174 06 05")
    assert (said["result"], said["text"]) == ("OK", None)
    await town.hears_from_vas()
    agrees(town, patient, NINE.isoformat())
    assert [each["booking"] for each in town.seen_on_1177(patient)] == [said["booking"]]
    assert town.notices(patient) == 0
    assert town.reasons() == [("done", "besok-4")]


@pytest.mark.parametrize("keeps_id", [True, False])
async def test_besok_4_a_time_is_booked_from_an_open_call_letter_once(
    town: SelfServiceTown, keeps_id: bool
) -> None:
    """The letter becomes the visit, or it ends and the visit is another."""
    town.offers(NINE, TEN, keeps_id=keeps_id)
    patient = town.resident()
    letter = town.books(patient, start=None, form=None, call_letter=open_letter())
    await town.comes_to_rest()
    heard = town.notices(patient)
    said = town.asks_1177("book", patient, letter, NINE)
    assert (said["result"], said["booking"] == letter["id"]) == ("OK", keeps_id)
    await town.hears_from_vas(1 if keeps_id else 2)
    agrees(town, patient, NINE.isoformat())
    assert town.asks_1177("book", patient, letter, NINE)["result"] == "OK"
    assert town.asks_1177("book", patient, letter, TEN)["result"] == "ERROR"
    await town.comes_to_rest(within=600)
    assert town.notices(patient) == heard
    assert len(town.done()) == 1


async def test_besok_4_an_open_call_letter_that_has_run_out_is_answered_by_nobody(
    town: SelfServiceTown,
) -> None:
    patient = town.resident()
    letter = town.books(patient, start=None, form=None, call_letter=open_letter(2))
    await town.comes_to_rest()
    town.waits(days=4)
    assert town.asks_1177("book", patient, letter, NINE)["result"] == "ERROR"
    assert (town.done(), town.requests()[0].reason) == ([], "letter_expired")


async def test_besok_4_of_what_could_not_be_saved_the_resident_reads_and_the_rest_is_done(
    town: SelfServiceTown,
) -> None:
    town.offers(NINE, saves=["email"])
    said = town.asks_1177("book", town.resident(), at=NINE, phone="070-174 06 05", email="a@example.org")
    assert said["result"] == "INFO"
    assert "elefonnumret kunde inte sparas" in said["text"]
    assert said["booking"] == town.done()[0]["booking"]


# --- one request is one


async def test_a_request_that_is_pressed_twice_at_once_is_one_and_both_hear_so(town: SelfServiceTown) -> None:
    booking = await town.has_visit(patient := town.resident())
    press = partial(town.asks_1177, "cancel", patient, booking)
    assert [said["result"] for said in town.all_press([press] * 4)] == ["OK"] * 4
    assert town.asks_1177("cancel", patient, booking)["result"] == "OK"
    await town.hears_from_vas()
    assert town.asks_1177("cancel", patient, booking)["result"] == "OK"
    assert (town.standing_of_requests(), len(town.done())) == (["done"], 1)
    assert len(town.calls("POST /bookings/{id}/cancel")) == 1


async def test_what_is_booked_and_cancelled_again_can_be_booked_anew(town: SelfServiceTown) -> None:
    patient = town.resident()
    first = town.asks_1177("book", patient, at=NINE)
    await town.hears_from_vas()
    made = {"id": first["booking"], "unit": HALMSTAD}
    assert town.asks_1177("cancel", patient, made)["result"] == "OK"
    await town.hears_from_vas(2)
    second = town.asks_1177("book", patient, at=NINE)
    assert (second["result"], second["booking"] != first["booking"]) == ("OK", True)
    await town.hears_from_vas(3)
    agrees(town, patient, NINE.isoformat())


async def test_a_visit_can_be_moved_there_and_back_and_there_again(town: SelfServiceTown) -> None:
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    for moved, at in enumerate((TEN, NINE, TEN), start=1):
        assert town.asks_1177("rebook", patient, booking, at)["result"] == "OK"
        await town.hears_from_vas(moved)
        agrees(town, patient, at.isoformat())
    assert len(town.done()) == 3


async def test_what_is_about_to_be_moved_on_is_not_said_to_stand_where_it_was(
    town: SelfServiceTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    assert town.asks_1177("rebook", patient, booking, TEN)["result"] == "OK"
    await town.hears_from_vas()
    town.has_fault("vas", "down", times=1)
    monkeypatch.setattr(desk, "PATIENCE", 0.5)
    for at in (ELEVEN, TEN):
        said = town.asks_1177("rebook", patient, booking, at)
        assert (said["result"], "behandlas" in (said["text"] or "")) == ("ERROR", True)
    await town.comes_to_rest(within=600)
    await town.hears_all_from_vas()
    (held,) = [each for each in town.holds("vas")["bookings"] if each["patient"]["id"] == patient]
    agrees(town, patient, held["start"])
    assert len(town.requests()) == 3


async def test_what_staff_have_moved_since_can_be_moved_as_before(town: SelfServiceTown) -> None:
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    assert town.asks_1177("rebook", patient, booking, TEN)["result"] == "OK"
    await town.hears_from_vas()
    (held,) = town.holds("vas")["bookings"]
    told = {name: value for name, value in held.items() if name not in ("cancelled", "arrived")}
    town.changes(told, start=NINE)
    await town.comes_to_rest()
    assert town.asks_1177("rebook", patient, booking, TEN)["result"] == "OK"
    await town.hears_from_vas(2)
    agrees(town, patient, TEN.isoformat())


async def test_after_a_no_the_same_is_asked_for_anew(town: SelfServiceTown) -> None:
    first, second = town.residents(2)
    taken = town.asks_1177("book", first, at=NINE)
    assert town.asks_1177("book", second, at=NINE)["result"] == "ERROR"
    await town.hears_from_vas()
    town.asks_1177("cancel", first, {"id": taken["booking"], "unit": HALMSTAD})
    await town.hears_from_vas(2)
    assert town.asks_1177("book", second, at=NINE)["result"] == "OK"


async def test_fifty_residents_press_one_time_and_one_has_it(town: SelfServiceTown) -> None:
    town.offers(NINE)
    fifty = town.residents(50)
    said = town.all_press([partial(town.asks_1177, "book", each, at=NINE) for each in fifty])
    booked = [each for each, heard in zip(fifty, said, strict=True) if heard["result"] == "OK"]
    await town.hears_from_vas()
    await town.comes_to_rest(within=600)
    assert sorted(set(town.standing_of_requests())) in (["declined", "done", "heard"], ["done", "heard"])
    assert len(town.done()) == 1
    by = town.done()[0]["patient"]["id"]
    agrees(town, by, NINE.isoformat())
    assert booked in ([by], [])
    reached = {each: town.notices(each) for each in fifty if town.notices(each)}
    heard_late = {
        each for each, heard in zip(fifty, said, strict=True) if "behandlas" in (heard["text"] or "")
    }
    assert set(reached) == heard_late
    assert set(reached.values()) <= {1}


# --- who may


async def test_barn_1_a_guardian_moves_and_cancels_for_a_child_under_13_whom_pu_says_they_have(
    town: SelfServiceTown,
) -> None:
    parent, child, other = town.resident(PARENT), aged(7), town.resident(OTHER)
    town.resident(child, guardians=[parent])
    booking = await town.has_visit(child, start=NINE)
    assert town.asks_1177("rebook", other, booking, TEN, **{"for": child})["result"] == "ERROR"
    assert town.asks_1177("rebook", parent, booking, TEN, **{"for": child})["result"] == "OK"
    await town.hears_from_vas()
    assert town.asks_1177("cancel", parent, booking)["result"] == "OK"
    await town.hears_from_vas(2)
    assert [each["service"] for each in town.done()] == ["rebook", "cancel"]


async def test_barn_1_a_guardian_sees_what_they_may_change_for_a_child_under_13_and_nobody_else_does(
    town: SelfServiceTown,
) -> None:
    parent, child, other = town.resident(PARENT), aged(7), town.resident(OTHER)
    town.resident(child, guardians=[parent])
    booking = await town.has_visit(child, start=NINE)
    assert town.sees_by_soap(parent, child, booking) == ["may cancel", "may cancel"]
    assert town.sees_by_soap(other, child, booking) == ["fault", "fault"]
    town.has_fault("person", "down", times=50)
    assert town.sees_by_soap(parent, child, booking) == ["fault", "fault"]


async def test_barn_3_no_guardian_sees_the_times_of_a_child_of_13(town: SelfServiceTown) -> None:
    parent, child = town.resident(PARENT), aged(13)
    town.resident(child, guardians=[parent])
    booking = await town.has_visit(child, start=NINE)
    assert town.sees_by_soap(parent, child, booking) == ["fault", "fault"]
    assert town.sees_by_soap(child, child, booking) == ["may cancel", "may cancel"]


async def test_policy_sjalvservice_1_staff_of_1177_see_a_visit_that_they_may_not_change(
    town: SelfServiceTown,
) -> None:
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    assert town.sees_by_soap(AGENT, patient, booking) == ["shown", "shown"]


async def test_barn_1_a_child_under_13_does_nothing_alone(town: SelfServiceTown) -> None:
    child = town.resident(aged(7), guardians=[town.resident(PARENT)])
    booking = await town.has_visit(child)
    assert "vårdnadshavare" in town.asks_1177("cancel", child, booking)["text"]
    assert (town.done(), town.reasons()) == ([], [("too_young", "barn-2")])


async def test_barn_2_from_13_the_child_acts_alone_and_no_guardian_does(town: SelfServiceTown) -> None:
    parent, child = town.resident(PARENT), aged(13)
    town.resident(child, guardians=[parent])
    booking = await town.has_visit(child, start=NINE)
    said = town.asks_1177("rebook", parent, booking, TEN, **{"for": child})
    assert (said["result"], "fyllt 13 år" in said["text"]) == ("ERROR", True)
    assert town.asks_1177("cancel", parent, booking)["result"] == "ERROR"
    assert town.done() == []
    assert town.asks_1177("cancel", child, booking)["result"] == "OK"


async def test_of_anothers_booking_a_resident_hears_as_of_one_that_is_not_there(
    town: SelfServiceTown,
) -> None:
    booking = await town.has_visit(town.resident())
    stranger = town.resident(OTHER)
    theirs = town.asks_1177("cancel", stranger, booking)
    nobodys = town.asks_1177("cancel", stranger, booking | {"id": "B-none"})
    assert theirs["text"] == nobodys["text"]
    assert [theirs["result"], nobodys["result"], town.done()] == ["ERROR", "ERROR", []]


async def test_skyddade_2_a_protected_resident_acts_for_themselves(town: SelfServiceTown) -> None:
    booking = await town.has_visit(patient := town.resident(protected=True))
    assert town.asks_1177("cancel", patient, booking)["result"] == "OK"


async def test_policy_skydd_1_for_a_protected_child_no_guardian_acts(town: SelfServiceTown) -> None:
    parent = town.resident(PARENT)
    child = town.resident(aged(7), guardians=[parent], protected=True)
    booking = await town.has_visit(child)
    assert town.asks_1177("cancel", parent, booking)["result"] == "ERROR"
    assert town.done() == []


async def test_while_pu_does_not_answer_a_guardian_is_asked_to_try_again(town: SelfServiceTown) -> None:
    parent, child = town.resident(PARENT), aged(7)
    town.resident(child, guardians=[parent])
    booking = await town.has_visit(child, start=NINE)
    town.has_fault("person", "down", times=50)
    said = town.asks_1177("rebook", parent, booking, TEN, **{"for": child})
    assert (said["result"], town.done()) == ("ERROR", [])
    town.is_well_again()
    town.waits(seconds=60)
    await town.comes_to_rest(within=600)
    assert town.asks_1177("rebook", parent, booking, TEN, **{"for": child})["result"] == "OK"


async def test_policy_sjalvservice_1_staff_of_1177_book_for_a_resident_and_change_nothing(
    town: SelfServiceTown,
) -> None:
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    given = {"personnummer": patient, "unit": HALMSTAD["hsa_id"], "booking": booking["id"]}
    assert [each["start"] for each in town._post("/act/1177/times", given)["times"]] == [
        at.isoformat() for at in (TEN, ELEVEN)
    ]
    assert "not_by_patient" in town._post("/act/1177/times", given | {"agent": AGENT})["error"]
    assert len(town.asks_1177("times", patient, agent=AGENT)["times"]) == 2
    for how, at in (("rebook", TEN), ("cancel", None)):
        assert town.asks_1177(how, patient, booking, at, agent=AGENT)["result"] == "ERROR"
    assert town.asks_1177("book", patient, at=TEN, agent=AGENT)["result"] == "OK"
    assert [each["service"] for each in town.done()] == ["book"]


# --- what the unit allows


async def test_distans_3_within_24_hours_the_unit_does_it(town: SelfServiceTown) -> None:
    patient = town.resident()
    booking = town.books(patient, start=clock.now().replace(microsecond=0) + (in_days(1) - in_days(0)) * 0.5)
    booking = town.changes(booking, cancellable=True, rebookable=True)
    await town.comes_to_rest()
    assert [(each["cancel_allowed"], each["rebook_allowed"]) for each in town.seen_on_1177(patient)] == [
        (False, False)
    ]
    said = town.asks_1177("cancel", patient, booking)
    assert (said["result"], town.requests()[0].reason, town.done()) == ("ERROR", "too_late", [])


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"cancellable": False}, "not_allowed_by_unit"),
        ({"cancellable": None}, "not_allowed_by_unit"),
        ({"unit": SHADOW_UNIT}, "unit_in_shadow"),
    ],
)
async def test_besok_3_what_the_unit_does_not_allow_is_not_asked_for(
    town: SelfServiceTown, fields: dict[str, object], reason: str
) -> None:
    booking = await town.has_visit(patient := town.resident(), **fields)
    assert town.asks_1177("cancel", patient, booking)["result"] == "ERROR"
    assert (town.requests()[0].reason, town.done()) == (reason, [])


async def test_what_another_system_has_is_not_asked_of_vas(town: SelfServiceTown) -> None:
    patient = town.resident()
    booking = town.booking(patient, cancellable=True)
    town.tells("booking.created", {"booking": booking}, source="hope")
    await town.comes_to_rest()
    assert town.asks_1177("cancel", patient, booking)["result"] == "ERROR"
    assert (town.requests()[0].reason, town.done()) == ("other_system", [])


async def test_what_vas_does_not_allow_it_says_and_the_resident_reads(town: SelfServiceTown) -> None:
    town.offers(NINE, last_change_hours=24 * 30)
    booking = await town.has_visit(patient := town.resident())
    said = town.asks_1177("cancel", patient, booking)
    assert (said["result"], town.reasons()) == ("ERROR", [("too_late", "besok-3")])
    await town.comes_to_rest(within=600)
    assert town.standing_of_requests() == ["heard"]
    assert town.requests()[0].request is None


# --- VAS slow, away, and answering after the time-out


async def test_while_vas_is_slow_1177_waits_and_hears_how_it_ended(town: SelfServiceTown) -> None:
    booking = await town.has_visit(patient := town.resident())
    town.has_fault("vas", "slow", seconds=1.0, operation="POST /bookings/{id}/cancel", times=1)
    said = town.asks_1177("cancel", patient, booking)
    assert (said["result"], said["seconds"] >= 1) == ("OK", True)


@pytest.mark.parametrize("kind", ["down", "error_500"])
async def test_avisering_1_while_vas_is_away_1177_hears_that_it_is_in_hand_and_the_resident_how_it_ended(
    town: SelfServiceTown, kind: str
) -> None:
    booking = await town.has_visit(patient := town.resident())
    heard = town.notices(patient)
    town.has_fault("vas", kind, times=2)
    for _ in range(2):
        said = town.asks_1177("cancel", patient, booking)
        assert (said["result"], "behandlas" in said["text"], said["seconds"] < 3) == ("ERROR", True, True)
    await town.comes_to_rest(within=600)
    await town.hears_from_vas()
    agrees(town, patient)
    assert (len(town.done()), town.standing_of_requests()) == (1, ["done"])
    assert town.notices(patient) == heard + 1
    assert town.why(booking, "notice") == ("visit_cancelled", "avisering-1")


async def test_of_what_is_in_hand_for_one_visit_the_last_word_holds(
    town: SelfServiceTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "PATIENCE", 0.5)
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    town.has_fault("vas", "error_500", operation="POST /bookings/{id}/rebook", times=2)
    for at in (TEN, ELEVEN):
        assert "behandlas" in town.asks_1177("rebook", patient, booking, at)["text"]
    await town.comes_to_rest(within=600)
    await town.hears_from_vas(2)
    agrees(town, patient, ELEVEN.isoformat())
    assert [datetime.fromisoformat(each["start"]) for each in town.done()] == [TEN, ELEVEN]


async def test_what_vas_did_after_the_time_out_is_done_once_and_told_once(
    town: SelfServiceTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(desk, "PATIENCE", 0.5)
    booking = await town.has_visit(patient := town.resident(), start=NINE)
    heard = town.notices(patient)
    town.has_fault("vas", "timeout_after", seconds=2.5, operation="POST /bookings/{id}/rebook", times=1)
    said = town.asks_1177("rebook", patient, booking, TEN)
    assert (said["result"], "behandlas" in said["text"]) == ("ERROR", True)
    town.nobody_waits_for_vas()
    await town.hears_from_vas()
    await town.comes_to_rest(within=600)
    agrees(town, patient, TEN.isoformat())
    assert (len(town.done()), town.notices(patient)) == (1, heard + 1)
    assert town.asks_1177("rebook", patient, booking, TEN)["result"] == "OK"


async def test_avisering_1_a_no_that_came_when_nobody_waited_is_told_by_one_notice(
    town: SelfServiceTown,
) -> None:
    town.offers(NINE)
    late, first = town.residents(2)
    town.has_fault("vas", "down", times=1)
    assert "behandlas" in town.asks_1177("book", late, at=NINE)["text"]
    town.is_well_again()
    town.waits(seconds=20)
    town.has_fault("vas", "slow", seconds=0.1)
    assert town.asks_1177("book", first, at=NINE)["result"] == "OK"
    await town.hears_from_vas()
    await town.comes_to_rest(within=600)
    assert [town.notices(each) for each in (late, first)] == [1, 0]
    assert sorted(town.standing_of_requests()) == ["done", "heard"]
    refused = next(case for case in town.requests() if case.state == "heard")
    assert town.because("self_service", refused.key, "refusal_told") == ("not_told_at_once", "avisering-1")


async def test_policy_avisering_2_a_no_that_was_told_at_once_is_told_by_nobody_else(
    town: SelfServiceTown,
) -> None:
    town.offers(NINE)
    first, second = town.residents(2)
    town.asks_1177("book", first, at=NINE)
    assert "inte ledig" in town.asks_1177("book", second, at=NINE)["text"]
    await town.hears_from_vas()
    await town.comes_to_rest(within=600)
    assert [town.notices(each) for each in (first, second)] == [0, 0]
    refused = next(case for case in town.requests() if case.state == "heard")
    assert town.because("self_service", refused.key, "refusal_told") == ("told_at_once", "policy-avisering-2")
