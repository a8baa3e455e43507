"""What goes through the running house is counted as it was counted by hand (uppfoljning-1)."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest
from contact_town import ANNA, ContactTown
from sqlalchemy import text
from sqlmodel import select
from town import HALMSTAD

from cli.up.children import wait_until
from engine.base import clock
from engine.base.database import load, transaction
from flows.booking_publication import booking_publication
from models.follow_up import DaySum
from routine.follow_up import MEASURES, Cell, cells_of
from tasks.follow_up.sum_days import sum_days

UNIT = HALMSTAD["hsa_id"]


@pytest.fixture
def town(contact_town: ContactTown) -> ContactTown:
    contact_town.flows = {"booking_publication": booking_publication, **contact_town.flows}
    return contact_town


def counted() -> Counter[tuple[Cell, str]]:
    found: Counter[tuple[Cell, str]] = Counter()
    with transaction() as connection:
        for each in load(connection, select(DaySum)):
            found[Cell(each.measure, each.reason), each.unit] += each.number
    return found


def delivered() -> int:
    with transaction() as connection:
        return int(
            connection.execute(text("SELECT COUNT(*) FROM effect WHERE receipt = 'delivered'")).scalar_one()
        )


def risk(town: ContactTown, type: str, contact: str) -> None:
    said = {"contact": contact, "risk": "suicide", "by": ANNA, "at": clock.now().isoformat()}
    assert town.tells(type, said, source="staff")["status"] == 202


async def test_a_day_in_the_house_is_summed_as_it_was_counted_by_hand(town: ContactTown) -> None:
    """Three visits, one of somebody protected; two contacts, of which one goes on by phone; a risk of suicide."""
    first, second, hidden = town.residents(3)
    town.resident(hidden, protected=True)
    for patient in (first, second, hidden):
        town.books(patient)
    await town.comes_to_rest()
    contact, called = town.writes(first), town.writes(second)
    await town.comes_to_rest()
    town.staff_answer(contact, suggests_calling=False)
    town.staff_answer(contact, suggests_calling=True)
    town.proposes(called)
    await town.comes_to_rest()
    town.says(called, town.people[second]["phone"])
    await town.comes_to_rest()
    risk(town, "contact.risk_flagged", contact)
    await town.runs_one("risk_alert")
    risk(town, "contact.risk_acknowledged", contact)
    await town.comes_to_rest()
    await asyncio.to_thread(wait_until, lambda: delivered() == 2, 20, "the receipts of the notices")
    await asyncio.to_thread(sum_days)
    found = counted()
    assert found == {
        (Cell("visit_shown", "within_minute"), UNIT): 3,
        (Cell("digital_instead_of_paper"), UNIT): 3,
        (Cell("notice_arrived"), UNIT): 2,
        (Cell("notice_by_staff"), ""): 1,
        (Cell("handed_over_by_hand"), ""): 1,
        (Cell("answer_as_routine", "same_channel"), UNIT): 1,
        (Cell("answer_departs", "asked_to_call"), UNIT): 1,
        (Cell("consent_given", "to_phone"), UNIT): 1,
        (Cell("alert_acknowledged", "within_5_minutes"), ""): 1,
    }
    assert {cell for cell, _ in found} <= set(cells_of(MEASURES))
