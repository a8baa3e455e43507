"""The engagement index: exactly one engagement for each booking that is to come (besok-1)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from town import ADULTS, HALMSTAD, HYLTE, LAHOLM, RESERVNUMMER, TIMED, Town, in_days, open_letter


async def test_besok_1_a_visit_is_a_booking_and_a_call_letter_an_invitation_and_each_stands_once(
    town: Town,
) -> None:
    """besok-1, onskemal-3: what FindContent finds is what the resident sees."""
    town.resident()
    visit = town.books()
    timed = town.books(call_letter=TIMED)
    open_one = town.books(start=None, call_letter=open_letter())
    await town.comes_to_rest()
    assert [town.engagements(each) for each in (visit, timed, open_one)] == [
        ["Booking"],
        ["Invitation"],
        ["Invitation"],
    ]
    assert [town.index_history(each) for each in (visit, timed, open_one)] == [["new"]] * 3
    assert sorted(town.on_1177(ADULTS[0])) == sorted(each["id"] for each in (visit, timed, open_one))
    assert town.why(visit, "index_shows") == ("booked_visit", "besok-1")
    assert town.why(timed, "index_shows") == ("call_letter", "besok-1")
    assert {call["status"] for call in town.calls("FindContent")} == {200}
    assert town.story(visit).timeline_whole


async def test_besok_1_a_visit_of_every_form_by_whichever_system_is_shown_on_1177(town: Town) -> None:
    """Video, phone and chat too, whatever care has still to see to (vard-1, vard-2); a unit's own solution too."""
    town.resident()
    told = [
        ("vas", {"form": "on_site"}),
        ("vas", {"form": "phone"}),
        ("vas", {"form": "video", "platform": "platform24", "e_id_confirmed": False}),
        ("vas", {"form": None}),
        ("platform24", {"form": "chat", "platform": "platform24"}),
        ("platform24", {"form": "video", "platform": "platform24"}),
        ("hope", {"form": "video", "platform": "hope"}),
        ("lifecare", {"form": "phone"}),
    ]
    bookings = [
        town.booking(start=in_days(7, 8 + at)) | fields | {"id": f"F-{at}"}
        for at, (_, fields) in enumerate(told)
    ]
    for (source, _), booking in zip(told, bookings, strict=True):
        assert town.sends("created", booking, source=source)["status"] == 202
    await town.comes_to_rest()
    assert [town.engagements(each) for each in bookings] == [["Booking"]] * len(told)
    assert sorted(town.on_1177(ADULTS[0])) == [each["id"] for each in bookings]


async def test_a_booking_that_is_cancelled_or_has_passed_is_taken_out_of_the_index(town: Town) -> None:
    """besok-1: only what is to come is shown; that it has passed is told nobody (policy-avisering-2)."""
    town.resident()
    cancelled, passing = town.books(), town.books(start=in_days(2))
    open_one = town.books(start=None, call_letter=open_letter(3))
    await town.comes_to_rest()
    town.cancels(cancelled, by="patient")
    await town.comes_to_rest()
    assert town.engagements(cancelled) == []
    assert town.engagements(passing) == ["Booking"]
    before = town.reached(ADULTS[0])
    town.is_now(in_days(2) + timedelta(minutes=31))
    await town.comes_to_rest()
    assert (town.engagements(passing), town.standing(passing)) == ([], "closed")
    assert town.engagements(open_one) == ["Invitation"]
    town.is_now(in_days(4, 0) + timedelta(minutes=1))
    await town.comes_to_rest()
    assert (town.engagements(open_one), town.standing(open_one)) == ([], "closed")
    assert town.reached(ADULTS[0]) == before


async def test_whatever_changes_a_booking_has_one_engagement_only(town: Town) -> None:
    """interfaces.md §1.3: a new category is a new key, so the old engagement goes."""
    town.resident()
    booking = town.books()
    await town.comes_to_rest()
    booking = town.changes(booking, start=in_days(9))
    await town.comes_to_rest()
    assert town.index_history(booking) == ["new", "changed"]
    booking = town.changes(booking, purpose="Kontroll av blodtryck")
    await town.comes_to_rest()
    assert set(town.index_history(booking)) <= {"new", "changed", "identical"}
    assert town.engagements(booking) == ["Booking"]
    booking = town.changes(booking, call_letter=TIMED)
    await town.comes_to_rest()
    assert town.engagements(booking) == ["Invitation"]
    booking = town.changes(booking, unit=LAHOLM)
    await town.comes_to_rest()
    held = town.holds("engagement_index", booking=booking["id"])["engagements"]
    assert [(each["categorization"], each["logical_address"]) for each in held] == [
        ("Invitation", LAHOLM["hsa_id"])
    ]
    assert town.on_1177(ADULTS[0]) == [booking["id"]]


async def test_a_cancelled_booking_that_is_booked_again_is_shown_again(town: Town) -> None:
    town.resident()
    booking = town.books()
    await town.comes_to_rest()
    booking = town.cancels(booking)
    await town.comes_to_rest()
    town.changes(booking, start=in_days(8), cancelled_by=None)
    await town.comes_to_rest()
    assert town.engagements(booking) == ["Booking"]
    assert town.on_1177(ADULTS[0]) == [booking["id"]]
    assert town.notices(ADULTS[0]) == 3


async def test_a_reservnummer_is_never_in_the_index(town: Town) -> None:
    """policy-reserv-1: its holder can't log in; a letter on paper goes, and phone by staff."""
    town.resident(RESERVNUMMER, active_on_1177=False)
    booking = town.books(RESERVNUMMER)
    await town.comes_to_rest()
    assert town.engagements(booking) == []
    assert town.index_history(booking) == []
    assert town.reached(RESERVNUMMER) == {"letters": 1}
    assert town.standing(booking) == "settled"
    assert town.why(booking, "notice") == ("reservnummer", "policy-reserv-1")


async def test_one_that_the_index_refuses_stands_alone_and_the_others_go_through(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    from sandbox.systems import engagement_index

    refuse = engagement_index._why_not_updated
    numbers = town.residents(9)
    bookings = [town.books(number) for number in numbers]
    bad = bookings[4]

    def refuses_the_bad(transactions: list[dict[str, object]], wrong: list[str]) -> str | None:
        if any(bad["id"] in str(transaction) for transaction in transactions):
            return "wrong value: businessObjectInstanceIdentifier"
        return refuse(transactions, wrong)

    monkeypatch.setattr(engagement_index, "_why_not_updated", refuses_the_bad)
    await town.comes_to_rest()
    assert town.standing(bad).startswith("parked:")
    assert {town.standing(each) for each in bookings if each is not bad} == {"settled"}
    assert [len(town.sms(number)) for number in numbers] == [1, 1, 1, 1, 0, 1, 1, 1, 1]


async def test_two_sources_with_the_same_booking_id_hold_up_nobody(town: Town) -> None:
    """One engagement can be only one booking's; whatever becomes of the second, all others go on."""
    numbers = town.residents(3)
    shared = town.booking(numbers[0])
    town.sends("created", shared)
    town.sends("created", shared | {"form": "video", "platform": "platform24"}, source="platform24")
    others = [town.books(number) for number in numbers[1:]]
    await town.comes_to_rest()
    assert [town.engagements(each) for each in (shared, *others)] == [["Booking"]] * 3
    assert [town.standing(each) for each in others] == ["settled"] * 2
    assert len(town.sms(numbers[1])) == 1


async def test_more_changes_than_a_call_takes_go_in_several_calls(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A unit that goes up in another: one deleted and one new for each booking; the call's size is scaled to 20."""
    from sandbox.systems import engagement_index as sandboxed
    from tasks.booking_publication import index_bookings

    monkeypatch.setattr(sandboxed, "MOST", 20)
    monkeypatch.setattr(index_bookings, "MAX_TRANSACTIONS", 20)
    town.resident()
    bookings = [town.booking(unit=HYLTE, id=f"M-{at:04}", replay=True) for at in range(25)]
    town.sends_batch([("created", each) for each in bookings])
    await town.comes_to_rest()
    assert len(town.holds("engagement_index")["engagements"]) == 25
    town.tells("unit.merged", {"from": HYLTE, "to": LAHOLM, "at": in_days(0).isoformat()})
    await town.comes_to_rest()
    held = town.holds("engagement_index")["engagements"]
    assert {each["logical_address"] for each in held} == {LAHOLM["hsa_id"]}
    assert len(held) == len({each["booking"] for each in held}) == 25
    sizes = [call["body"].count("deleteFlag>") // 2 for call in town.calls("Update")]
    assert max(sizes) <= 20
    assert sum(sizes) == 25 + 2 * 25
    assert town.reached(ADULTS[0]) == {}


async def test_a_booking_of_another_unit_keeps_its_own_engagement(town: Town) -> None:
    """Two bookings of one resident at two units are two engagements, and cancelling one leaves the other."""
    town.resident()
    here, there = town.books(unit=HALMSTAD), town.books(unit=LAHOLM)
    await town.comes_to_rest()
    town.cancels(here, by="patient")
    await town.comes_to_rest()
    assert (town.engagements(here), town.engagements(there)) == ([], ["Booking"])
    assert town.on_1177(ADULTS[0]) == [there["id"]]
