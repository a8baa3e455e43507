"""policy-avisering-3: what does not arrive goes on by the next wished way; with none left, staff tell."""

from __future__ import annotations

import time
from typing import Any

from town import Town, in_days

BOTH = {"notice_by": ["sms", "email"]}
WAYS: dict[str, tuple[dict[str, Any], int, dict[str, Any]]] = {
    "the SMS fails, so the e-mail": ({"phone_fails": True, "preferences": BOTH}, 3, {"sms": 1, "mail": 1}),
    "the SMS fails, and nothing else is wished: staff": (
        {"phone_fails": True},
        3,
        {"sms": 1, "tasks": ["not_reached"]},
    ),
    "a visit far off: the letter tells": ({"phone_fails": True}, 40, {"sms": 1}),
    "the mailbox is refused, so the SMS": (
        {"email": "no..such@example.org", "preferences": {"notice_by": ["email", "sms"]}},
        3,
        {"sms": 1},
    ),
    "a Danish mobile is a mobile": ({"phone": "+4520123456"}, 3, {"sms": 1}),
    "a mobile of a country that is not listed: staff": (
        {"phone": "+33612345678"},
        3,
        {"tasks": ["not_reached"]},
    ),
}


async def _with_receipts(town: Town) -> None:
    """All is sent, every receipt is in, and what came of them is done."""
    await town.comes_to_rest()
    while town.holds("sms")["receipts"]["waiting"]:
        time.sleep(0.02)
    await town.comes_to_rest()


async def test_a_notice_that_does_not_arrive_goes_on_by_the_next_way_or_to_staff(town: Town) -> None:
    """policy-avisering-3, val-1: each of `WAYS` is one resident; the timeline says `not_reached`."""
    numbers = dict(zip(WAYS, town.residents(len(WAYS)), strict=True))
    bookings = {}
    for why, number in numbers.items():
        town.resident(number, **WAYS[why][0])
        bookings[why] = town.books(number, start=in_days(WAYS[why][1]))
    swedish = town.resident(
        town.residents(1)[0], email="asa@exempel-å.se", preferences={"notice_by": ["email"]}
    )
    town.books(swedish)
    await _with_receipts(town)
    reached = {why: town.reached(number) for why, number in numbers.items()}
    assert reached == {why: expected for why, (_, _, expected) in WAYS.items()}
    not_told = "a Danish mobile is a mobile"
    told = {why: "not_reached" in [reason for _, reason, _ in town.told(bookings[why])] for why in WAYS}
    assert told == {why: why != not_told for why in WAYS}
    assert [town.standing(booking) for booking in bookings.values()] == ["settled"] * len(WAYS)
    assert "asa@xn--exempel--h0a.se" in [mail["to"] for mail in town.mails()]


async def test_a_failed_receipt_is_taken_once_and_a_cancelled_visit_is_told_by_staff(town: Town) -> None:
    """policy-avisering-3: told of the booking by e-mail, then of its cancelling: each goes on, and none twice."""
    number, alone = town.residents(2, phone_fails=True)
    town.resident(number, preferences=BOTH)
    town.has_fault("sms", "duplicate_receipts")
    bookings = [town.books(each, start=in_days(60)) for each in (number, alone)]
    await _with_receipts(town)
    assert town.reached(number) == {"sms": 1, "mail": 1}
    assert town.reached(alone) == {"sms": 1}
    town.waits(minutes=30)
    for booking in bookings:
        town.cancels(booking)
    await _with_receipts(town)
    assert town.reached(number) == {"sms": 2, "mail": 2}
    assert town.reached(alone) == {"sms": 2, "tasks": ["not_reached"]}
    assert [town.standing(booking) for booking in bookings] == ["closed", "closed"]
