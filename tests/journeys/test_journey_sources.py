"""What a source may tell of, through gateway, worker and sandbox: beyond it kept and told, never lost (policy-kalla-1)."""

from __future__ import annotations

import threading

import pytest
from contact_town import ContactTown
from sqlalchemy import Connection
from test_journey_reminders import LEAD, consents, is_due
from town import LAHOLM, Town, in_days

from engine.base.database import transaction
from engine.ops import by_hand, metrics
from engine.tables import held
from flows.preferences import preferences
from flows.registry import PROCESSES, SCHEDULES
from flows.visit_reminder import visit_reminder
from routine.staff import reasons_for_staff
from tasks.ceilings import NOTICE, REFERRAL, REMINDER, sent_this_hour

LAHOLM_ONLY = f"""
[sources.hope]
units = ["{LAHOLM["hsa_id"]}"]
types = ["booking.created", "contact.received"]
"""
TWO_AN_HOUR = "[sources.vas]\nnotices_an_hour = 2\n"


async def test_what_a_source_may_not_tell_of_is_held_shown_and_goes_on_when_released(town: Town) -> None:
    """policy-kalla-1: another unit's booking, and a type that it has no business with."""
    number = town.resident()
    town.region_learns(LAHOLM_ONLY)
    other = town.booking()
    first = town.tells("booking.created", {"booking": other}, source="hope", id="msg-held")
    again = town.tells("booking.created", {"booking": other}, source="hope", id="msg-held")
    assert (first["status"], first["answer"]) == (202, again["answer"])
    own = town.booking(unit=LAHOLM)
    assert town.tells("booking.created", {"booking": own}, source="hope")["status"] == 202
    assert town.tells("booking.cancelled", {"booking": own | {"version": 2}}, source="hope")["status"] == 202
    await town.comes_to_rest()
    assert town.reached(number) == {"sms": 1}
    assert town.on_1177(number) == [own["id"]]
    assert {(one.type, one.reason) for one in held.listed()} == {
        ("booking.created", "unit_not_for_source"),
        ("booking.cancelled", "type_not_for_source"),
    }
    standing = metrics.figures_now(PROCESSES, reasons_for_staff, SCHEDULES)
    assert standing.held == {("hope", "unit_not_for_source"): 1, ("hope", "type_not_for_source"): 1}
    kept, _ = (one for one in held.listed() if one.webhook_id == "msg-held")
    assert held.release(id=kept.id) == 1
    await town.comes_to_rest()
    assert set(town.on_1177(number)) == {own["id"], other["id"]}
    assert (
        town.tells("booking.created", {"booking": other}, source="hope", id="msg-held")["answer"]
        == first["answer"]
    )
    await town.comes_to_rest()
    assert (town.reached(number), held.release(source="hope"), held.listed()) == ({"sms": 2}, 1, [])


async def test_a_risk_of_suicide_is_acted_on_whoever_tells_of_it(contact_town: ContactTown) -> None:
    """policy-suicid-1, over policy-kalla-1: the contact is held, the alert is not; a word that would end it is."""
    number = contact_town.resident()
    contact_town.region_learns("[sources.platform24]\nunits = []\ntypes = []\n[sources.vas]\ntypes = []\n")
    contact = contact_town.writes(risk="suicide")
    await contact_town.comes_to_rest()
    assert len(contact_town.holds("platform24")["conversations"][0]["alerts"]) == 1
    assert [one.process for one in held.listed()] == ["inbound_contact"]
    risk = {"contact": contact, "risk": "suicide"}
    contact_town.tells("contact.risk_acknowledged", risk, source="platform24")
    contact_town.tells(
        "patient.deceased", {"patient": {"id": number, "type": "personnummer"}, "at": "2026-11-01"}
    )
    await contact_town.comes_to_rest()
    assert contact_town.state("risk_alert", f"platform24:{contact}") == "alerted"
    kept = {one.type for one in held.listed() if one.process == "risk_alert"}
    assert kept == {"contact.risk_acknowledged", "patient.deceased"}


async def test_more_notices_than_a_source_may_cause_are_parked_until_a_human_has_looked(town: Town) -> None:
    """policy-kalla-1: sixty SMS to people whom the source has never met."""
    numbers = town.residents(4)
    town.region_learns(TWO_AN_HOUR)
    bookings = [town.books(number) for number in numbers]
    await town.comes_to_rest()
    assert (
        sorted(town.standing(booking) for booking in bookings)
        == ["parked:too_many_notices"] * 2 + ["settled"] * 2
    )
    assert len(town.sms()) == 2
    assert all(town.on_1177(number) for number in numbers)
    by_hand.retry_parked(PROCESSES, "too_many_notices")
    await town.comes_to_rest()
    assert len(town.sms()) == 2
    town.waits(hours=1, minutes=1)
    by_hand.retry_parked(PROCESSES, "too_many_notices")
    await town.comes_to_rest()
    assert [town.reached(number).get("sms") for number in numbers] == [1, 1, 1, 1]


async def test_no_more_are_referred_in_an_hour_than_a_channel_may_cause(contact_town: ContactTown) -> None:
    """policy-kalla-1: a mailbox that is made to answer four whose addresses were forged. Staff read all four."""
    town = contact_town
    town.region_learns("[sources.mail]\nnotices_an_hour = 2\n")
    contacts = [
        town.writes(None, "mail", unit=LAHOLM, reply_address=f"writer{number}@example.org")
        for number in range(4)
    ]
    await town.comes_to_rest()
    assert (len(town.tasks()), len(town.mails())) == (4, 2)
    states = [town.state("inbound_contact", f"mail:{contact}") for contact in contacts]
    assert sorted(states) == ["open", "open", "parked:too_many_notices", "parked:too_many_notices"]
    by_hand.retry_parked(PROCESSES, "too_many_notices")
    await town.comes_to_rest()
    assert len(town.mails()) == 2
    town.waits(hours=1, minutes=1)
    by_hand.retry_parked(PROCESSES, "too_many_notices")
    await town.comes_to_rest()
    assert {mail["to"] for mail in town.mails()} == {f"writer{number}@example.org" for number in range(4)}
    assert {town.state("inbound_contact", f"mail:{contact}") for contact in contacts} == {"open"}


async def test_policy_kalla_1_no_more_are_reminded_at_once_in_an_hour_than_a_source_may_cause(
    contact_town: ContactTown,
) -> None:
    """Late bookings, and moves; those that were planned for longer are all due in one moment, and all go."""
    town = contact_town
    town.flows = {"preferences": preferences, "visit_reminder": visit_reminder}
    patients = town.residents(4)
    for each in patients:
        consents(town, each)
    planned = [town.books(each, start=in_days(9)) for each in patients]
    await town.comes_to_rest()
    town.region_learns(TWO_AN_HOUR)
    late = [town.books(each, start=in_days(2)) for each in patients]
    await town.comes_to_rest()
    stands = [town.state("visit_reminder", f"vas:{each['id']}") for each in late]
    assert sorted(stands) == ["parked:too_many_notices"] * 2 + ["resting"] * 2
    assert len(town.sms()) == 2
    by_hand.retry_parked(PROCESSES, "too_many_notices")
    await town.comes_to_rest()
    assert len(town.sms()) == 2, "the hour's ceiling holds then too"
    held = late[stands.index("parked:too_many_notices")]
    town.changes(held, start=in_days(8))  # what comes of it is judged anew
    town.waits(hours=1, minutes=1)
    by_hand.retry_parked(PROCESSES, "too_many_notices")
    await town.comes_to_rest()
    assert (len(town.sms()), town.state("visit_reminder", f"vas:{held['id']}")) == (3, "planned")
    await is_due(town, planned[0], LEAD)
    assert len(town.sms()) == 3 + 1 + 4
    for each in planned:
        town.changes(each, start=in_days(9, 8))
    await town.comes_to_rest()
    assert len(town.sms()) == 8 + 2


@pytest.mark.parametrize(("step", "source"), [(NOTICE, "vas"), (REFERRAL, "mail"), (REMINDER, "vas")])
def test_near_the_ceiling_two_workers_count_one_after_the_other(town: Town, step: str, source: str) -> None:
    """policy-kalla-1: else each would go up to it."""
    town.region_learns(f"[sources.{source}]\nnotices_an_hour = 2\n")
    counted = threading.Event()

    def count(connection: Connection) -> None:
        sent_this_hour(connection, step, {source}, 3)

    def another() -> None:
        with transaction() as connection:
            count(connection)
        counted.set()

    with transaction() as connection:
        count(connection)
        worker = threading.Thread(target=another)
        worker.start()
        assert not counted.wait(0.3)
    assert counted.wait(10)
    worker.join()
