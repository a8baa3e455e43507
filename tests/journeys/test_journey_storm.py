"""Everything goes wrong at once, and nothing is done twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from town import HALMSTAD, INBOX_UNIT, PAPER_UNIT, TIMED, Town, in_days, with_deadline

from bench.chaos import judge
from bench.chaos.seen import look
from engine.ops import by_hand
from flows.registry import PROCESSES
from sandbox.wire.faults import SYSTEMS

HOURS = 3 * 3600


async def test_in_a_storm_nothing_is_done_twice_and_all_ends_settled_or_parked(town: Town) -> None:
    """A third 500s, a tenth lost after the effect, receipts twice and late; then count."""
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
    assert judge.findings(look(town.http)) == []
    _who_is_settled_has_been_told(town, bookings, numbers, mailed)
    town.is_well_again()
    with_deadline(10)
    for effect, system in town.unknown_effects().items():
        by_hand.resolve(PROCESSES, effect, arrived=True)
        assert system in ("e1177", "mail")
    for line in by_hand.cases(PROCESSES, parked=True):
        by_hand.retry(PROCESSES, line.id)
    await town.comes_to_rest(within=HOURS, stride=90)
    assert {town.standing(booking) for booking in bookings} == {"settled"}
    wrong = judge.findings(look(town.http))
    assert [finding for finding in wrong if not finding.startswith(SAID_TO_HAVE_ARRIVED)] == []


SAID_TO_HAVE_ARRIVED = ("lost letters in the inbox", "lost mails")
"""What a human has settled as arrived (above, without looking) need not be there; but nothing may be twice."""
PARKED = {f"parked:{code}" for code in judge.LADDERS}
"""What docs/reasons.md calls a ladder: which of them a storm uses up is chance."""


def _who_is_settled_has_been_told(
    town: Town, bookings: Sequence[dict[str, object]], numbers: Sequence[str], mailed: Sequence[str]
) -> None:
    """By paper where the unit sends it, by SMS or by staff: counted from what was booked, not from our tables."""
    going = [booking for booking in bookings if town.standing(booking) == "settled"]
    assert len(going) >= 40
    of_paper = {str(booking["id"]) for booking in going if booking["unit"] == PAPER_UNIT}
    assert of_paper <= {letter["booking"] for letter in town.letters()}
    by_hand = Counter(task["patient"]["id"] for task in town.holds("vas")["staff_tasks"])
    for number in (number for number in numbers if number not in mailed):
        settled = sum(booking["patient"]["id"] == number for booking in going)  # type: ignore[index]
        assert settled <= len(town.sms(number)) + by_hand[number]
