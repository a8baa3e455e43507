"""Call letters: digital always, by scheduling or by the inbox and never by both; paper where it is needed."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from town import ADULTS, HALMSTAD, INBOX_UNIT, PAPER_UNIT, RESERVNUMMER, TIMED, Town, in_days, open_letter

PRINTED = TIMED | {"printed": True}
DIGITAL_ONLY = {"preferences": {"notice_by": ["sms"], "digital_only": True}}
PAPER_RULES: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "onskemal-3: beside the digital one, by the unit's setting": (
        {},
        {"unit": PAPER_UNIT},
        {"sms": 1, "letters": 1},
    ),
    "onskemal-3: not where the setting says no": ({}, {"unit": HALMSTAD}, {"sms": 1}),
    "onskemal-1: not against a wish for digital": (DIGITAL_ONLY, {"unit": PAPER_UNIT}, {"sms": 1}),
    "policy-papper-1: never when it is printed": (
        {},
        {"unit": PAPER_UNIT, "call_letter": PRINTED},
        {"sms": 1},
    ),
    "policy-papper-1: not on 1177": ({"active_on_1177": False}, {}, {"sms": 1, "letters": 1}),
    "policy-papper-1: not on 1177, of an inbox unit": (
        {"active_on_1177": False},
        {"unit": INBOX_UNIT},
        {"sms": 1, "letters": 1},
    ),
    "policy-papper-1: not on 1177, and printed": (
        {"active_on_1177": False},
        {"call_letter": PRINTED},
        {"sms": 1},
    ),
    "onskemal-1: digital only and not on 1177": (
        DIGITAL_ONLY | {"active_on_1177": False},
        {"unit": PAPER_UNIT},
        {"sms": 1, "tasks": ["digital_only_unreachable"]},
    ),
    "policy-avisering-2: never on a replay": (
        {"active_on_1177": False},
        {"unit": PAPER_UNIT, "replay": True},
        {},
    ),
    "policy-papper-1: never for what has been": ({}, {"unit": PAPER_UNIT, "start": in_days(-1)}, {}),
    "policy-skydd-1: protected and on 1177": (
        {"protected": True},
        {"unit": PAPER_UNIT},
        {"tasks": ["manual_handling"]},
    ),
    "policy-skydd-1: protected and not on 1177": (
        {"protected": True, "active_on_1177": False},
        {"unit": PAPER_UNIT},
        {"tasks": ["manual_handling"]},
    ),
    "onskemal-3: an open call letter by its unit's setting": (
        {},
        {"unit": PAPER_UNIT, "start": None, "call_letter": open_letter()},
        {"sms": 1, "letters": 1},
    ),
}


async def test_paper_goes_as_the_rules_say_and_never_twice(town: Town) -> None:
    """onskemal-1, onskemal-3, policy-papper-1: each of `PAPER_RULES` is one resident."""
    who = dict(zip(PAPER_RULES, ADULTS, strict=False))
    for why, (person, booking, _) in PAPER_RULES.items():
        town.resident(who[why], **person)
        town.books(who[why], **booking)
    town.resident(RESERVNUMMER, active_on_1177=False)
    town.books(RESERVNUMMER, unit=PAPER_UNIT)
    await town.comes_to_rest()
    assert {why: town.reached(number) for why, number in who.items()} == {
        why: expected for why, (_, _, expected) in PAPER_RULES.items()
    }
    assert town.reached(RESERVNUMMER) == {"letters": 1}
    await town.comes_to_rest()
    assert len({letter["booking"] for letter in town.letters()}) == len(town.letters())


async def test_a_letter_on_paper_names_unit_purpose_time_and_where_to_turn(town: Town) -> None:
    town.resident()
    town.books(unit=PAPER_UNIT, call_letter=TIMED, purpose="Kontroll av blodtryck", start=in_days(7, 14))
    await town.comes_to_rest()
    [letter] = town.letters()
    for word in (
        "Medicinmottagningen Varberg",
        "Kontroll av blodtryck",
        "031-390 06 02",
        "14.00",
        "Ta med legitimation.",
    ):
        assert word in letter["text"]


async def test_a_digital_call_letter_goes_by_scheduling_or_by_the_inbox_and_never_by_both(town: Town) -> None:
    """onskemal-3: it names unit, purpose and where to turn."""
    scheduling, inbox = town.residents(2)
    letter = town.books(scheduling, call_letter=TIMED, purpose="Kontroll av blodtryck")
    town.books(inbox, unit=INBOX_UNIT, call_letter=TIMED, purpose="Samtal om sömn", start=in_days(7, 13))
    await town.comes_to_rest()
    assert town.inbox(scheduling) == []
    [seen] = town.seen_on_1177(scheduling)
    assert (seen["booking"], seen["is_invitation"], seen["unit_name"]) == (
        letter["id"],
        True,
        HALMSTAD["name"],
    )
    for word in ("Vårdcentralen Halmstad", "Kontroll av blodtryck", "031-390 06 01"):
        assert word in seen["purpose"]
    [message] = town.inbox(inbox)
    assert message["unit"] == INBOX_UNIT["hsa_id"]
    for word in (INBOX_UNIT["name"], "Samtal om sömn", "031-390 06 03", "13.00", "Ta med legitimation."):
        assert word in message["text"]
    assert town.acts().count("AddMessageToPatientPortalInbox") == 1


async def test_the_inbox_has_one_letter_for_each_time_and_for_each_change_of_its_words(town: Town) -> None:
    """policy-andring-1: a new time is a new letter; so is a new word, without a notice, and back to the first time."""
    town.resident()
    booking = town.books(unit=INBOX_UNIT, call_letter=TIMED, purpose="Samtl")
    await town.comes_to_rest()
    booking = town.changes(booking, purpose="Samtal")
    await town.comes_to_rest()
    booking = town.changes(booking, purpose=" Samtal\n", end=None)
    await town.comes_to_rest()
    assert town.reached(ADULTS[0]) == {"inbox": 2, "sms": 1}
    town.waits(minutes=20)
    booking = town.changes(booking, start=in_days(8))
    await town.comes_to_rest()
    assert town.reached(ADULTS[0]) == {"inbox": 3, "sms": 2}
    town.waits(minutes=20)
    booking = town.changes(booking, start=in_days(7))
    await town.comes_to_rest()
    assert town.reached(ADULTS[0]) == {"inbox": 4, "sms": 3}
    assert "Samtl" in town.inbox()[0]["text"]
    assert "Samtal" in town.inbox()[1]["text"]


async def test_paper_goes_again_when_the_time_or_a_word_is_changed(town: Town) -> None:
    """policy-papper-1, policy-andring-1: and never because of what the letter does not say."""
    town.resident()
    booking = town.books(unit=PAPER_UNIT, purpose="Kontrol")
    await town.comes_to_rest()
    booking = town.changes(booking, end=None, contact_type="Åb")
    await town.comes_to_rest()
    assert len(town.letters()) == 1
    booking = town.changes(booking, purpose="Kontroll")
    await town.comes_to_rest()
    assert len(town.letters()) == 2
    town.waits(minutes=20)
    booking = town.changes(booking, start=in_days(9))
    await town.comes_to_rest()
    assert len(town.letters()) == 3
    town.cancels(booking)
    await town.comes_to_rest()
    assert len(town.letters()) == 3


async def test_an_inbox_that_cannot_be_reached_gives_paper_or_a_task_and_no_letter_twice(town: Town) -> None:
    """policy-papper-1, onskemal-1: 4 s, 20 s, 5 min and 30 min, then paper; digital only: staff."""
    ordinary, digital_only, protected = town.residents(3)
    town.resident(digital_only, **DIGITAL_ONLY)
    town.resident(protected, protected=True)
    town.has_fault("e1177", "error_500", operation="AddMessageToPatientPortalInbox")
    bookings = [town.books(number, unit=INBOX_UNIT, call_letter=TIMED) for number in town.people]
    began = town.clock.now()
    await town.comes_to_rest(within=3600)
    assert town.clock.now() - began > timedelta(minutes=35)
    assert town.reached(ordinary) == {"letters": 1, "sms": 1}
    assert town.reached(digital_only) == {"tasks": ["digital_only_unreachable"], "sms": 1}
    assert town.reached(protected) == {"tasks": ["manual_handling"]}
    assert {town.standing(booking) for booking in bookings} == {"settled"}
    town.is_well_again()
    await town.comes_to_rest(within=3600)
    assert town.inbox() == []


async def test_one_who_leaves_1177_before_the_letter_is_sent_gets_paper(town: Town) -> None:
    town.resident()
    town.has_fault("e1177", "error_500", operation="AddMessageToPatientPortalInbox", times=1)
    town.books(unit=INBOX_UNIT, call_letter=TIMED)
    await town.runs()
    town.resident(active_on_1177=False)
    await town.comes_to_rest()
    assert town.reached(ADULTS[0]) == {"letters": 1, "sms": 1}


async def test_the_inbox_notifies_only_where_our_own_notice_does_not_go(town: Town) -> None:
    """policy-avisering-1: `notify` is false where ours goes, and on a replay."""
    silent, notified, replayed = town.residents(3)
    town.resident(notified, notified_by_1177=["SMS"])
    town.resident(replayed, notified_by_1177=["SMS"])
    town.books(silent, unit=INBOX_UNIT, call_letter=TIMED)
    town.books(notified, unit=INBOX_UNIT, call_letter=TIMED)
    town.books(replayed, unit=INBOX_UNIT, call_letter=TIMED, replay=True)
    await town.comes_to_rest()
    assert {message["patient"]: message["notify"] for message in town.inbox()} == {
        silent: False,
        notified: True,
        replayed: False,
    }
    assert town.reached(silent) == {"inbox": 1, "sms": 1}
    assert town.reached(notified) == {"inbox": 1, "by_1177": 1}
    assert town.reached(replayed) == {"inbox": 1}
