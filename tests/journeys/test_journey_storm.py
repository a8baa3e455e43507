"""Everything goes wrong at once, and nothing is done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from urllib.parse import parse_qs

from town import HALMSTAD, INBOX_UNIT, PAPER_UNIT, TIMED, Town, in_days, with_deadline

from engine import ops
from flows.registry import PROCESSES
from sandbox.faults import SYSTEMS

HOURS = 3 * 3600


async def test_in_a_storm_nothing_is_done_twice_and_all_ends_settled_or_parked(town: Town) -> None:
    """Issue 2: a third 500s, a tenth lost after the effect, receipts twice and late; then count."""
    with_deadline(0.2)
    town.region_learns("wait_for_person_seconds = 3600")
    mailed = town.residents(6, preferences={"notice_by": ["email"]})
    numbers = mailed + town.residents(14)
    for at, system in enumerate(SYSTEMS):
        town.has_fault(system, "error_500", probability=0.33, seed=at)
        town.has_fault(system, "timeout_after", probability=0.1, seed=100 + at, seconds=0.25)
    town.has_fault("sms", "duplicate_receipts")
    town.has_fault("sms", "late_receipts", seconds=0.5)
    units = (HALMSTAD, PAPER_UNIT, INBOX_UNIT)
    bookings = [
        town.booking(number, unit=unit, call_letter=TIMED, start=in_days(5 + 3 * at))
        for number in numbers
        for at, unit in enumerate(units)
    ]
    for booking in bookings:
        town.sends("created", booking)
    await town.comes_to_rest(within=HOURS, stride=90)
    assert set(Counter(town.standing(booking) for booking in bookings)) <= {"settled"} | PARKED
    assert town.is_settled_or_parked()
    _nothing_is_there_twice(town, numbers)
    _what_can_be_asked_is_there_once(town, bookings, numbers, mailed)
    town.is_well_again()
    with_deadline(10)
    for effect, system in town.unknown_effects().items():
        ops.resolve(PROCESSES, effect, arrived=True)
        assert system in ("e1177", "mail")
    for line in ops.cases(PROCESSES, parked=True):
        ops.retry(PROCESSES, line.id)
    await town.comes_to_rest(within=HOURS, stride=90)
    assert {town.standing(booking) for booking in bookings} == {"settled"}
    _nothing_is_there_twice(town, numbers)


LADDERS_USED_UP = {
    "technical_error",
    "not_as_in_index",
    "mail_deferred",
    "answer_lost",
    "deadline",
    "connect_timeout",
}
PARKED = {f"parked:{code}" for code in LADDERS_USED_UP}
"""What docs/reasons.md calls a ladder: which of them a storm uses up is chance."""


def _nothing_is_there_twice(town: Town, numbers: Sequence[str]) -> None:
    held = Counter(each["booking"] for each in town.holds("engagement_index")["engagements"])
    letters = Counter(letter["booking"] for letter in town.letters())
    tasks = Counter((task["booking"], task["reason"]) for task in town.holds("vas")["staff_tasks"])
    inbox = Counter(message["patient"] for message in town.inbox())
    for counted in (held, letters, tasks, inbox):
        assert set(counted.values()) <= {1}, counted
    assert max(Counter(_tokens(town)).values(), default=0) <= 1
    for number in numbers:
        assert len(town.sms(number)) + len(town.mails(number)) <= 3


def _tokens(town: Town) -> list[str]:
    """Which notice each SMS that the provider took was of, by the token in its receipt's address."""
    taken = [
        call
        for call in town.calls("POST /a1/sms")
        if call["status"] == 200 or call["fault"] == "timeout_after"
    ]
    return [parse_qs(call["body"])["whendelivered"][0].rsplit("/", 1)[1] for call in taken]


def _what_can_be_asked_is_there_once(
    town: Town, bookings: Sequence[dict[str, object]], numbers: Sequence[str], mailed: Sequence[str]
) -> None:
    """The index, VAS and the SMS provider can be asked or take a key: exactly one, or the case is parked."""
    going = [booking for booking in bookings if town.standing(booking) == "settled"]
    assert len(going) >= 40
    assert all(len(town.engagements(booking)) == 1 for booking in going)
    of_paper = {str(booking["id"]) for booking in going if booking["unit"] == PAPER_UNIT}
    assert of_paper <= {letter["booking"] for letter in town.letters()}
    by_hand = Counter(task["patient"]["id"] for task in town.holds("vas")["staff_tasks"])
    for number in (number for number in numbers if number not in mailed):
        settled = sum(booking["patient"]["id"] == number for booking in going)  # type: ignore[index]
        assert settled <= len(town.sms(number)) + by_hand[number]
    assert set(town.unknown_effects().values()) <= {"e1177", "mail"}
