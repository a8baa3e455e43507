"""Notices: booked, changed, cancelled; neutral; as wished; at most one for a person and an event."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

from town import ADULTS, HALMSTAD, INBOX_UNIT, SHADOW_UNIT, TIMED, Town, in_days, open_letter

from sandbox.systems.elks.sms import parts

WISHES: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {
    "avisering-1: by SMS": ({"preferences": {"notice_by": ["sms"]}}, {"sms": 1}),
    "avisering-1: by e-mail": ({"preferences": {"notice_by": ["email"]}}, {"mail": 1}),
    "val-1: the first in rank": ({"preferences": {"notice_by": ["email", "sms"]}}, {"mail": 1}),
    "val-1: none wished": ({"preferences": {"notice_by": []}}, {}),
    "val-1: a land line takes no SMS": ({"phone": "+46313900620"}, {}),
    "val-1: no mobile, so the e-mail": (
        {"phone": "+46313900621", "preferences": {"notice_by": ["sms", "email"]}},
        {"mail": 1},
    ),
    "policy-avisering-1: 1177 notifies": ({"notified_by_1177": ["SMS"]}, {"by_1177": 1}),
    "not on 1177, so 1177 notifies nobody": (
        {"active_on_1177": False, "notified_by_1177": ["SMS"]},
        {"sms": 1, "letters": 1},
    ),
}
WINDOW = "coalescing_window_seconds = 30"
"""Longer than these tests take on a slow machine; the town's clock is put forward past it."""
OF_A_UNIT = ("Halmstad", "Varberg", "Falkenberg", "Laholm", "Vårdcentral", "mottagning", "Psykiatri")


async def test_a_notice_goes_as_the_resident_wishes_or_not_at_all(town: Town) -> None:
    """val-1, avisering-1, policy-avisering-1: each of `WISHES` is one resident."""
    who = dict(zip(WISHES, ADULTS, strict=False))
    for why, number in who.items():
        town.resident(number, **WISHES[why][0])
        town.books(number)
    await town.comes_to_rest()
    assert {why: town.reached(number) for why, number in who.items()} == {
        why: expected for why, (_, expected) in WISHES.items()
    }


async def test_avisering_2_and_avisering_3_every_notice_is_neutral_from_the_region_and_one_part(
    town: Town,
) -> None:
    """avisering-2, avisering-3, system-3: no name, no number, no unit, no other host than 1177's."""
    by_sms, by_mail = town.residents(2)
    town.resident(by_mail, preferences={"notice_by": ["email"]})
    bookings = []
    for number in (by_sms, by_mail):
        bookings.append((town.books(number, call_letter=TIMED), town.books(number)))
        town.books(number, start=None, call_letter=open_letter())
    await town.comes_to_rest()
    town.waits(minutes=1)
    for moved, gone in bookings:
        town.changes(moved, start=in_days(9, 11))
        town.cancels(gone)
    await town.comes_to_rest()
    assert len(town.sms()) == len(town.mails()) == 5
    assert len({message["message"] for message in town.sms()}) == 4
    for message in town.sms():
        assert message["from"] == "RegHalland"
        assert message["parts"] == parts(message["message"]) == 1
        assert all(sign in GSM7 for sign in message["message"])
        _is_neutral(message["message"], town)
    for message in town.mails():
        assert message["from"].startswith("Region Halland <")
        assert message["headers"]["Auto-Submitted"] == "auto-generated"
        _is_neutral(message["text"] + message["subject"], town)


GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)


def _is_neutral(text: str, town: Town) -> None:
    assert set(re.findall(r"https?://([^/\s]+)", text)) == {"www.1177.se"}
    assert re.findall(r"\d{5,}|\d{1,2}[.:]\d{2}", text) == []
    for person in town.people.values():
        for word in (person["personnummer"], person["phone"], person["email"], *person["name"].split()):
            assert word not in text
    assert [word for word in (*OF_A_UNIT, "Kontroll") if word.casefold() in text.casefold()] == []


async def test_besok_2_and_avisering_1_booked_changed_and_cancelled_are_each_told_once(town: Town) -> None:
    """besok-2, avisering-1: booked, moved by care, cancelled by staff, the system or nobody knows whom."""
    staff, system, unknown, patient = numbers = town.residents(4)
    bookings = [town.books(number) for number in numbers]
    await town.comes_to_rest()
    assert [town.notices(number) for number in numbers] == [1] * 4
    bookings = [town.changes(booking, start=in_days(8)) for booking in bookings]
    await town.comes_to_rest()
    assert [town.notices(number) for number in numbers] == [2] * 4
    for booking, by in zip(bookings, ("staff", "system", None, "patient"), strict=True):
        town.cancels(booking, by=by)
    await town.comes_to_rest()
    assert [town.notices(number) for number in (staff, system, unknown)] == [3] * 3
    assert town.notices(patient) == 2
    assert town.why(bookings[3], "notice") == ("cancelled_by_patient", "policy-avisering-2")
    assert {town.standing(booking) for booking in bookings} == {"closed"}
    texts = [message["message"] for message in town.sms(staff)]
    assert ["ny bokad tid" in texts[0], "har ändrats" in texts[1], "ställts in" in texts[2]] == [True] * 3


async def test_what_moves_no_time_what_we_caused_and_what_is_replayed_is_told_nobody(town: Town) -> None:
    """besok-2, policy-avisering-2: a typo, an echo of our own cancel and change, a replay."""
    typo, echo, echo_cancel, replay = town.residents(4)
    first = town.books(typo)
    moved, gone = town.books(echo), town.books(echo_cancel)
    town.books(replay, replay=True)
    await town.comes_to_rest()
    town.changes(first, purpose="Kontroll av blodtryck", end=None)
    town.changes(moved, start=in_days(9), caused_by="rebook:1")
    town.cancels(gone, by="staff", caused_by="cancel:1")
    await town.comes_to_rest()
    assert [town.reached(number) for number in (typo, echo, echo_cancel)] == [{"sms": 1}] * 3
    assert town.reached(replay) == {}
    assert town.why(moved, "notice") == ("echo", "policy-avisering-2")
    assert town.engagements(gone) == []


async def test_a_real_change_after_an_echo_and_an_echo_before_the_notice_are_told_rightly(town: Town) -> None:
    """besok-2: care moves what the patient moved before; and a booking whose echo comes at once is still told."""
    first, second = town.residents(2)
    moved = town.books(first)
    await town.comes_to_rest()
    moved = town.changes(moved, start=in_days(9), caused_by="rebook:1")
    await town.comes_to_rest()
    town.changes(moved, start=in_days(10))
    booked = town.books(second)
    town.changes(booked, purpose="Samtal", caused_by="note:1")
    await town.comes_to_rest()
    assert town.reached(first) == {"sms": 2}
    assert town.reached(second) == {"sms": 1}


async def test_1177_or_we_and_never_both_tell_a_resident_of_one_event(town: Town) -> None:
    """policy-avisering-1: everything that reaches a person is counted, whichever system sends it."""
    connected, inbox, silent = town.residents(3)
    for number in (connected, inbox):
        town.resident(number, notified_by_1177=["SMS", "Email"])
    town.resident(silent, notified_by_1177=[])
    bookings = {
        number: town.books(number, unit=unit, call_letter=TIMED)
        for number, unit in ((connected, HALMSTAD), (inbox, INBOX_UNIT), (silent, HALMSTAD))
    }
    await town.comes_to_rest()
    assert [town.notices(number) for number in bookings] == [1, 1, 1]
    bookings = {number: town.changes(booking, purpose="Samtal") for number, booking in bookings.items()}
    await town.comes_to_rest()
    assert [town.notices(number) for number in bookings] == [1, 1, 1]
    bookings = {number: town.changes(booking, start=in_days(9)) for number, booking in bookings.items()}
    await town.comes_to_rest()
    assert [town.notices(number) for number in bookings] == [2, 2, 2]
    assert [len(town.sms(number)) for number in bookings] == [0, 0, 2]
    for booking in bookings.values():
        town.cancels(booking)
    await town.comes_to_rest()
    assert [town.notices(number) for number in bookings] == [3, 3, 3]
    assert [len(town.sms(number)) for number in bookings] == [1, 1, 3]


async def test_a_series_of_six_is_one_notice_and_so_is_its_cancelling(town: Town) -> None:
    """policy-avisering-1."""
    town.resident()
    series = [town.books(series="S-1", start=in_days(7 + 7 * week)) for week in range(6)]
    await town.comes_to_rest()
    assert town.reached(ADULTS[0]) == {"sms": 1}
    assert [town.engagements(each) for each in series] == [["Booking"]] * 6
    assert sorted(town.why(each, "notice")[0] for each in series) == ["same_series"] * 5 + ["visit_booked"]
    for each in series:
        town.cancels(each)
    await town.comes_to_rest()
    assert town.reached(ADULTS[0]) == {"sms": 2}


async def test_a_moved_visit_of_a_series_is_told_and_two_patients_series_are_two(town: Town) -> None:
    first, second = town.residents(2)
    visits = [
        town.books(number, series="S-1", start=in_days(day)) for number in (first, second) for day in (7, 14)
    ]
    await town.comes_to_rest()
    assert [town.notices(number) for number in (first, second)] == [1, 1]
    town.changes(visits[1], start=in_days(15))
    await town.comes_to_rest()
    assert [town.notices(number) for number in (first, second)] == [2, 1]


async def test_a_cancel_and_a_booking_within_the_window_are_one_rebooking_in_either_order(town: Town) -> None:
    """policy-avisering-1: one notice, with the new visit."""
    town.region_learns(WINDOW)
    cancel_first, book_first = town.residents(2)
    old = {number: town.books(number) for number in (cancel_first, book_first)}
    await town.comes_to_rest()
    town.cancels(old[cancel_first])
    await town.runs()
    town.waits(seconds=1)
    town.books(cancel_first, start=in_days(9))
    town.books(book_first, start=in_days(9))
    await town.runs()
    town.waits(seconds=1)
    town.cancels(old[book_first])
    await town.comes_to_rest()
    assert [town.reached(number) for number in old] == [{"sms": 2}, {"sms": 2}]
    assert {town.why(booking, "notice")[0] for booking in old.values()} == {"part_of_rebooking"}
    assert [len(town.on_1177(number)) for number in old] == [1, 1]


async def test_the_visit_booked_in_anothers_place_is_told_of_when_it_is_cancelled_itself(town: Town) -> None:
    """avisering-1: that it was part of a rebooking does not silence what happens to it later."""
    town.region_learns(WINDOW)
    number = town.resident()
    old = town.books(number)
    await town.comes_to_rest()
    town.cancels(old)
    new = town.books(number, start=in_days(9))
    await town.comes_to_rest()
    town.waits(hours=2)
    town.cancels(new)
    await town.comes_to_rest()
    assert town.reached(number) == {"sms": 3}
    assert town.why(new, "notice")[0] == "visit_cancelled"


async def test_beyond_the_window_a_cancel_and_a_booking_are_two_events(town: Town) -> None:
    """policy-avisering-1: the window is `coalescing_window_seconds`."""
    town.region_learns(WINDOW)
    town.resident()
    old = town.books()
    await town.comes_to_rest()
    town.cancels(old)
    await town.comes_to_rest()
    town.waits(minutes=1)
    town.books(start=in_days(9))
    await town.comes_to_rest()
    assert town.reached(ADULTS[0]) == {"sms": 3}


async def test_two_cancelled_and_one_booked_are_one_rebooking_and_one_cancelled(town: Town) -> None:
    town.region_learns(WINDOW)
    town.resident()
    old = [town.books(), town.books(start=in_days(8))]
    await town.comes_to_rest()
    assert town.reached(ADULTS[0]) == {"sms": 2}
    for booking in old:
        town.cancels(booking)
    town.books(start=in_days(9))
    await town.comes_to_rest()
    assert town.reached(ADULTS[0]) == {"sms": 4}
    assert sorted(town.why(each, "notice")[0] for each in old) == ["part_of_rebooking", "visit_cancelled"]


async def test_a_booking_that_is_cancelled_before_anything_was_sent_is_told_nobody_as_booked(
    town: Town,
) -> None:
    """At the door it is asked again: the visit is gone."""
    town.resident()
    town.has_fault("sms", "error_500", times=1)
    booking = town.books()
    await town.runs()
    town.cancels(booking, by="patient")
    await town.comes_to_rest()
    assert town.reached(ADULTS[0]) == {}
    assert town.engagements(booking) == []


async def test_version_three_before_two_and_a_webhook_twice_are_told_once(town: Town) -> None:
    """design.md, Order: the highest version first, older ones noted and ignored; the same id is the same event."""
    town.resident()
    booking = town.booking()
    for _ in range(2):
        assert town.sends("created", booking, id="msg-the-same")["status"] in (200, 202)
    await town.comes_to_rest()
    assert town.reached(ADULTS[0]) == {"sms": 1}
    town.sends("changed", booking | {"version": 3} | times(10))
    await town.comes_to_rest()
    town.sends("changed", booking | {"version": 2} | times(9))
    town.sends("changed", booking | {"version": 3} | times(10))
    await town.comes_to_rest()
    assert town.reached(ADULTS[0]) == {"sms": 2}
    assert town.seen_on_1177(ADULTS[0])[0]["start"] == in_days(10).isoformat()
    assert [reason for what, reason, _ in town.told(booking) if what == "event_ignored"] == [
        "older_version"
    ] * 2


async def test_a_whole_story_that_arrives_at_once_is_told_as_it_now_stands(town: Town) -> None:
    """Created, changed twice and in any order in one go: one booking, one engagement, one notice."""
    first, second = town.residents(2)
    moved, gone = town.booking(first), town.booking(second)
    town.sends("changed", moved | {"version": 3} | times(10))
    town.sends("created", moved)
    town.sends("changed", moved | {"version": 2} | times(9))
    town.sends("created", gone)
    town.sends("cancelled", gone | {"version": 2, "cancelled_by": "patient"})
    await town.comes_to_rest()
    assert town.reached(first) == {"sms": 1}
    assert "ny bokad tid" in town.sms(first)[0]["message"]
    assert town.engagements(moved) == ["Booking"]
    assert (town.reached(second), town.engagements(gone)) == ({}, [])


async def test_a_family_with_one_phone_loses_no_notice(town: Town) -> None:
    """style.md: two residents with the same number and the same text are two notices."""
    numbers = town.residents(3, phone="+46701740699")
    for number in numbers:
        town.books(number)
    await town.comes_to_rest()
    assert len(town.sms()) == 3


def times(days: int) -> dict[str, str]:
    return {"start": in_days(days).isoformat(), "end": in_days(days, 10).isoformat()}


async def test_a_cancel_is_told_when_what_was_booked_meanwhile_tells_nobody(town: Town) -> None:
    """avisering-1: a booking at a unit in shadow, or a replayed one, is no other half of a rebooking."""
    (number,) = town.residents(1)
    booking = town.books(number)
    await town.comes_to_rest()
    town.books(number, unit=SHADOW_UNIT)
    town.books(number, replay=True, start=in_days(20))
    town.cancels(booking)
    await town.comes_to_rest()
    assert town.why(booking, "notice") == ("visit_cancelled", "avisering-1")


async def test_two_changes_with_one_timestamp_are_two_notices(town: Town) -> None:
    """besok-2: what is told hangs on the time that the visit is given, not on the sender's clock."""
    (number,) = town.residents(1)
    booking = town.booking(number)
    for version, days in enumerate((7, 8, 9), start=1):
        start = in_days(days)
        times = {"start": start.isoformat(), "end": (start + timedelta(minutes=30)).isoformat()}
        told = "created" if version == 1 else "changed"
        data = {"booking": booking | times | {"version": version}}
        event = {"type": f"booking.{told}", "data": data, "timestamp": "2026-11-01T08:00:00Z"}
        town.http.post("/act/vas", json={"events": [event]}).raise_for_status()
        await town.comes_to_rest()
    assert len(town.sms(number)) == 3


async def test_a_series_at_an_inbox_unit_is_one_notice_from_1177(town: Town) -> None:
    """policy-avisering-1: six letters in the inbox, and 1177 is asked to tell of one."""
    (number,) = town.residents(1, notified_by_1177=["SMS"])
    for days in range(7, 13):
        town.books(number, unit=INBOX_UNIT, series="S-1", start=in_days(days))
    await town.comes_to_rest()
    assert len(town.inbox(number)) == 6
    assert town.notices(number) == 1


async def test_an_older_version_leaves_a_closed_booking_closed(town: Town) -> None:
    (number,) = town.residents(1)
    booking = town.books(number)
    await town.comes_to_rest()
    cancelled = town.cancels(booking)
    await town.comes_to_rest()
    town.sends("changed", cancelled | {"version": 1})
    await town.comes_to_rest()
    assert town.standing(booking) == "closed"


async def test_what_was_taken_away_without_a_word_comes_back_without_one(town: Town) -> None:
    """No second letter and no notice of a "new" visit for one that the resident never knew to be gone."""
    (number,) = town.residents(1)
    booking = town.books(number, unit=INBOX_UNIT)
    await town.comes_to_rest()
    gone = town.cancels(booking, by=None, replay=True)
    await town.comes_to_rest()
    assert town.engagements(booking) == []
    town.changes(gone | {"replay": None})
    await town.comes_to_rest()
    assert town.engagements(booking) == ["Booking"]
    assert town.reached(number) == {"inbox": 1, "sms": 1}


async def test_in_quiet_hours_a_notice_waits_till_morning_unless_the_visit_is_near(town: Town) -> None:
    """policy-tystnad-1."""
    over = town.falls_quiet(hours=2)
    sleeping, hurried = town.residents(2)
    booking = town.books(sleeping, start=over + timedelta(hours=5))
    town.books(hurried, start=over + timedelta(hours=3))
    await town.runs()
    assert (town.notices(sleeping), town.notices(hurried)) == (0, 1)
    assert ("waits", "quiet_hours", "policy-tystnad-1") in town.told(booking)
    town.is_now(over + timedelta(minutes=1))
    await town.runs()
    assert town.notices(sleeping) == 1
