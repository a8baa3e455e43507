"""The nightly comparison: VAS's bookings with ours, ours with the index; only what is ours is repaired."""

from __future__ import annotations

from typing import Any

import pytest
from town import TIMED, Town, in_days

from engine.base.settings import settings

pytestmark = pytest.mark.usefixtures("_deployment")


async def test_what_was_lost_on_the_way_is_found_at_night(town: Town) -> None:
    """besok-1: a webhook of a booking, a change and a cancel each never came."""
    created, moved, gone = town.residents(3)
    old, doomed = town.books(moved), town.books(gone)
    await town.comes_to_rest()
    new = town.booking(created)
    town.changes_silently("created", new)
    town.changes_silently(
        "changed", old | {"version": 2, "start": in_days(9).isoformat(), "end": in_days(9, 10).isoformat()}
    )
    town.changes_silently("cancelled", doomed | {"version": 2, "cancelled_by": "staff"})
    town.waits(hours=5)
    await town.reconciles()
    assert town.on_1177(created) == [new["id"]]
    assert town.seen_on_1177(moved)[0]["start"] == in_days(9).isoformat()
    assert (town.on_1177(gone), town.engagements(doomed)) == ([], [])
    assert [town.notices(number) for number in (created, moved, gone)] == [1, 2, 2]
    acts = len(town.acts())
    await town.reconciles()
    assert town.acts()[acts:] == []


async def test_the_index_is_put_right_where_it_is_ours_and_left_alone_where_it_is_not(town: Town) -> None:
    """Missing: put back. A stray of ours: taken away. Another source's: untouched. And nobody is told."""
    lost, stray, other = town.residents(3)
    kept, unwanted = town.books(lost), town.books(stray, call_letter=TIMED)
    foreign = town.books(other)
    await town.comes_to_rest()
    town.index_loses(kept)
    town.another_shows(unwanted, "Booking", source=settings().rivta.source_system)
    town.another_shows(foreign | {"id": "theirs-1"})
    await town.reconciles()
    assert town.engagements(kept) == ["Booking"]
    assert town.engagements(unwanted) == ["Invitation"]
    assert town.engagements({"id": "theirs-1"}) == ["Booking"]
    assert town.engagements(foreign) == ["Booking"]
    assert [town.reached(number) for number in (lost, stray, other)] == [{"sms": 1}] * 3


async def test_a_stray_of_a_resident_of_whom_we_hold_nothing_any_more_is_taken_away(town: Town) -> None:
    """Both ways: one who has no engagement by our own count may still have one in the index."""
    number = town.resident()
    booking = town.books(number)
    await town.comes_to_rest()
    town.cancels(booking, by="patient")
    await town.comes_to_rest()
    town.another_shows(booking, source=settings().rivta.source_system)
    await town.reconciles()
    assert town.engagements(booking) == []


async def test_bookings_that_vas_no_longer_has_are_cancelled_in_silence_if_they_are_few(town: Town) -> None:
    number = town.resident()
    gone, there = town.books(number), town.books(number, start=in_days(8))
    await town.comes_to_rest()
    vas_forgets(town, gone)
    await town.reconciles()
    assert (town.engagements(gone), town.engagements(there)) == ([], ["Booking"])
    assert town.standing(gone) == "closed"
    assert town.reached(number) == {"sms": 2}


async def test_when_vas_misses_too_many_nothing_is_cancelled(town: Town) -> None:
    """halland.toml, most_missing: an error over there, which is only reported."""
    number = town.resident()
    bookings = [town.booking(number, id=f"many-{at:02}", replay=True) for at in range(21)]
    town.sends_batch([("created", each) for each in bookings])
    await town.comes_to_rest()
    vas_forgets(town, *bookings)
    await town.reconciles()
    assert len(town.holds("engagement_index")["engagements"]) == 21


async def test_a_comparison_while_vas_or_the_index_is_ill_harms_nothing(town: Town) -> None:
    number = town.resident()
    booking = town.books(number)
    await town.comes_to_rest()
    town.has_fault("vas", "malformed", operation="GET /bookings", times=1)
    acts = len(town.acts())
    with_retries(compare=0)
    said = ""
    try:
        await town.reconciles()
    except Exception as error:  # noqa: BLE001 (it may fail, and be run again by Prefect)
        said = str(error)
    finally:
        with_retries(compare=2)
    assert number not in said
    assert town.acts()[acts:] == []
    assert town.engagements(booking) == ["Booking"]


def with_retries(compare: int) -> None:
    """How often Prefect tries the comparison again: not here, where ten seconds are long."""
    from tasks import index_reconciliation

    for task in (index_reconciliation.compare_with_vas, index_reconciliation.compare_with_index):
        task.retries = compare


def vas_forgets(town: Town, *bookings: dict[str, Any]) -> None:
    """VAS no longer has them: as after an end, of which we did not hear."""
    for booking in bookings:
        town._post(
            "/act/vas",
            {
                "events": [{"type": "booking.ended", "data": {"booking": {"id": booking["id"]}}}],
                "silent": True,
            },
        )
