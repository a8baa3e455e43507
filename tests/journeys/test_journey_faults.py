"""Outer systems that fail: never two of anything, exactly one where it can be asked or takes a key, else parked."""

from __future__ import annotations

import pytest
from town import ADULTS, HALMSTAD, INBOX_UNIT, PAPER_UNIT, RESERVNUMMER, TIMED, Town, with_deadline

from engine.ops import by_hand
from flows.registry import PROCESSES
from models.case import EffectState

LOSES_THE_ANSWER = ("timeout_before", "timeout_after", "malformed")
ACTS = {
    "engagement_index": "Update",
    "e1177": "AddMessageToPatientPortalInbox",
    "person": "GetPersonsForProfile",
    "sms": "POST /a1/sms",
    "mail": None,
    "vas": "POST /letters",
}


@pytest.mark.parametrize(
    "kind", ["down", "error_500", "timeout_before", "timeout_after", "slow", "malformed"]
)
async def test_every_system_fails_once_and_everything_is_done_once(town: Town, kind: str) -> None:
    """design.md, Effects happen once; `vaxel resolve` finishes what nobody can tell, either way."""
    with_deadline(0.4)
    town.region_learns("wait_for_person_seconds = 1800")
    by_sms, by_mail = town.residents(2)
    town.resident(by_mail, preferences={"notice_by": ["email"]})
    for system, operation in ACTS.items():
        seconds = {"seconds": 0.1 if kind == "slow" else 0.5} if kind.startswith(("slow", "timeout")) else {}
        chosen = {"operation": operation} if operation and kind != "down" else {}
        town.has_fault(system, kind, times=1, **seconds, **chosen)
    paper = town.books(by_sms, unit=PAPER_UNIT)
    inbox = town.books(by_mail, unit=INBOX_UNIT, call_letter=TIMED)
    await town.comes_to_rest(within=900)
    assert (town.engagements(paper), town.engagements(inbox)) == (["Booking"], ["Invitation"])
    assert town.reached(by_sms) == {"sms": 1, "letters": 1}
    done = {"inbox": 0, "mail": 0} | town.reached(by_mail)
    unknown = town.unknown_effects()
    if kind not in LOSES_THE_ANSWER:
        assert (unknown, done) == ({}, {"inbox": 1, "mail": 1})
        return
    arrived = kind != "timeout_before"
    assert sorted(unknown.values()) == ["e1177", "mail"]
    assert done == {"inbox": int(arrived), "mail": int(arrived)}
    assert [line.unknown for line in by_hand.cases(PROCESSES, parked=True)] == [2]
    for effect in unknown:
        by_hand.resolve(PROCESSES, effect, arrived=arrived)
    await town.comes_to_rest(within=900)
    assert town.reached(by_mail) == {"inbox": 1, "mail": 1}
    assert (town.unknown_effects(), town.standing(inbox)) == ({}, "settled")


async def test_one_for_whom_1177_was_silent_too_long_has_a_call_letter_one_way(town: Town) -> None:
    """onskemal-3, policy-papper-1: given up on 1177, so paper, though 1177 answers again by then."""
    number = town.resident()
    town.has_fault("e1177", "error_500", operation="IsActiveUser")
    booking = town.books(number, unit=INBOX_UNIT, call_letter=TIMED)
    await town.runs()
    town.waits(seconds=6)
    await town.runs()
    town.is_well_again()
    await town.comes_to_rest(within=900)
    reached = town.reached(number)
    assert reached.get("inbox", 0) + reached.get("letters", 0) == 1, (reached, town.told(booking))


async def test_an_unknown_effect_holds_up_no_other_step_of_its_case(town: Town) -> None:
    """design.md: the case's other steps go on; a later event does not send what is unknown again."""
    with_deadline(0.4)
    number = town.resident()
    town.has_fault("e1177", "timeout_after", times=1, seconds=0.5, operation=ACTS["e1177"])
    booking = town.books(number, unit=INBOX_UNIT, call_letter=TIMED)
    await town.comes_to_rest(within=900)
    assert town.reached(number) == {"inbox": 1, "sms": 1}
    town.changes(booking, cancellable=False)
    await town.comes_to_rest(within=900)
    assert town.reached(number) == {"inbox": 1, "sms": 1}
    assert list(town.unknown_effects().values()) == ["e1177"]


async def test_a_lost_sms_is_known_by_its_receipt_and_a_failed_one_is_not_sent_again(town: Town) -> None:
    """design.md: a receipt on the token proves that it was taken; receipts only move forward."""
    with_deadline(0.4)
    fine, failing = town.residents(2)
    town.resident(failing, phone_fails=True)
    town.has_fault("sms", "timeout_after", seconds=0.5, operation=ACTS["sms"])
    town.has_fault("sms", "duplicate_receipts")
    bookings = [town.books(number) for number in (fine, failing)]
    await town.runs()
    town.is_well_again()
    await town.comes_to_rest(within=900)
    effects = [town.story(booking).effects for booking in bookings]
    assert [[effect["state"] for effect in each] for each in effects] == [[EffectState.DONE]] * 2
    assert [each[0]["receipt"] for each in effects] == ["delivered", "failed"]
    assert [town.reached(number) for number in (fine, failing)] == [{"sms": 1}] * 2


async def test_two_lost_sms_to_one_phone_are_each_found_and_none_is_sent_twice(town: Town) -> None:
    """A family with one phone: twins are told apart one at a time, where no receipt helps."""
    with_deadline(0.4)
    numbers = town.residents(3, phone="+46701740699")
    town.has_fault("sms", "timeout_after", times=2, seconds=0.5, operation=ACTS["sms"])
    town.has_fault("sms", "late_receipts", seconds=60)
    bookings = [town.books(number) for number in numbers]
    await town.comes_to_rest(within=900)
    assert len(town.sms()) == 3
    assert town.unknown_effects() == {}
    ids = {town.provider_id(booking) for booking in bookings}
    assert ids == {message["id"] for message in town.sms()}


async def test_a_system_that_stays_down_holds_up_nobody_and_all_goes_out_once_when_it_is_back(
    town: Town,
) -> None:
    """design.md, the breaker: unstarted cases go back with no try counted."""
    by_sms, by_mail = town.residents(2)
    town.resident(by_mail, preferences={"notice_by": ["email"]})
    town.has_fault("sms", "down")
    bookings = [town.books(number) for number in (by_sms, by_mail)]
    await town.runs()
    assert [town.on_1177(number) for number in (by_sms, by_mail)] == [[each["id"]] for each in bookings]
    assert (town.reached(by_sms), town.reached(by_mail)) == ({}, {"mail": 1})
    assert town.case(bookings[0]).tries == 0
    town.is_well_again()
    await town.comes_to_rest(within=900)
    assert (town.reached(by_sms), town.reached(by_mail)) == ({"sms": 1}, {"mail": 1})


async def test_what_a_system_refuses_for_good_is_parked_with_its_reason_and_retried_by_ops(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """errors.py, Refused: nobody tries it again by itself."""
    from sandbox.systems import vas

    monkeypatch.setitem(vas.LETTER, "text", lambda value: False)
    town.resident(RESERVNUMMER, active_on_1177=False)
    refused, fine = town.books(RESERVNUMMER), town.books(town.resident(), unit=HALMSTAD)
    await town.comes_to_rest(within=900)
    assert (town.standing(refused), town.standing(fine)) == ("parked:vas_refused", "settled")
    monkeypatch.setitem(vas.LETTER, "text", bool)
    by_hand.retry(PROCESSES, town.case(refused).id)
    await town.comes_to_rest()
    assert (town.reached(RESERVNUMMER), town.standing(refused)) == ({"letters": 1}, "settled")
    assert town.reached(ADULTS[0]) == {"sms": 1}
