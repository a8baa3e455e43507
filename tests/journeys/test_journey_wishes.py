"""onskemal-1, val-1, policy-onskan-1: letters and notices go by the newest word, from the moment that it is stored."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from town import HALMSTAD, LAHOLM, Town, identity

from engine.base import clock

WORDS: dict[str, tuple[dict[str, Any], dict[str, Any], dict[str, Any]]] = {
    "digital only, as staff have entered it": (
        {"active_on_1177": False},
        {"digital_only": True},
        {"sms": 1, "tasks": ["digital_only_unreachable"]},
    ),
    "digital only taken back": (
        {"active_on_1177": False, "preferences": {"notice_by": ["sms"], "digital_only": True}},
        {"digital_only": None},
        {"sms": 1, "letters": 1},
    ),
    "notices by e-mail": ({}, {"notice_by": ["email"]}, {"mail": 1}),
    "notices withdrawn": ({}, {"notice_by": None}, {}),
    "the number withdrawn": ({}, {"phone": None}, {}),
    "another number, for this unit": ({}, {"phone": "0701740698", "unit": HALMSTAD}, {"sms": 0}),
    "for another unit": ({}, {"notice_by": None, "unit": LAHOLM}, {"sms": 1}),
    "an older word than the register's": ({}, {"notice_by": None, "days_ago": 2}, {"sms": 1}),
    "1177's, for all care": ({}, {"notice_by": ["email"], "source": "e1177", "unit": LAHOLM}, {"mail": 1}),
}


def _says(town: Town, patient: str, word: dict[str, Any]) -> None:
    word = dict(word)
    source, days = word.pop("source", "vas"), word.pop("days_ago", 0)
    at = clock.now() - timedelta(days=days)
    by = {"role": "self" if source == "e1177" else "staff", "id": None}
    given = {"patient": identity(patient), "at": at.isoformat(), "set_by": by, **word}
    assert town.tells("preferences.changed", {"preferences": given}, source)["status"] == 202


async def test_a_word_decides_what_is_planned_from_the_moment_when_it_is_stored(town: Town) -> None:
    """Each of `WORDS` is one resident, whose word comes between the booking's webhook and its letters."""
    who = dict(zip(WORDS, town.residents(len(WORDS)), strict=True))
    for why, number in who.items():
        fields, word, _ = WORDS[why]
        town.resident(number, **fields)
        town.books(number)
        _says(town, number, word)
    await town.comes_to_rest()
    reached = {why: town.reached(number) for why, number in who.items()}
    expected = {why: {k: n for k, n in WORDS[why][2].items() if n} for why in WORDS}
    assert reached == expected
    assert len(town.holds("sms", to="+46701740698")["messages"]) == 1


async def test_what_is_withdrawn_while_a_notice_waits_is_asked_again_at_the_door(town: Town) -> None:
    """policy-tystnad-1, val-1: held over the night, and taken back before the morning."""
    over = town.falls_quiet(hours=2)
    number = town.resident()
    booking = town.books(number, start=over + timedelta(days=2))
    await town.comes_to_rest()
    assert (town.standing(booking), town.reached(number)) == ("lettered", {})
    _says(town, number, {"notice_by": None})
    town.is_now(over + timedelta(minutes=1))
    await town.comes_to_rest()
    assert (town.standing(booking), town.reached(number)) == ("settled", {})
    assert town.why(booking, "notice") == ("notice_not_wished", "val-1")
