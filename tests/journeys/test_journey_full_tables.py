"""What is done for a patient takes no longer for all that was before them: the tables grow for years."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from contact_town import ANNA, ContactTown
from full_tables import ROWS, full_tables, leave_a_backlog, rows_read
from town import HALMSTAD, TIMED, identity, in_days

from engine.base import clock
from engine.base.database import transaction
from engine.ops.metrics import figures_now
from engine.tables.wake import is_wanted
from engine.tables.work_left import work_within
from flows.booking_publication import booking_publication
from flows.preferences import preferences
from flows.registry import PROCESSES
from flows.requested_notice import requested_notice
from flows.visit_reminder import visit_reminder
from models.encryption import ring
from routine.staff import reasons_for_staff
from sandbox.people.numbers import ADULTS
from tasks import find_case

FLOWS: Mapping[str, Any] = {
    "booking_publication": booking_publication,
    "preferences": preferences,
    "requested_notice": requested_notice,
    "visit_reminder": visit_reminder,
}


async def test_no_table_is_read_whole_for_what_is_done_today(contact_town: ContactTown) -> None:
    """Not in the twentieth run either, when PostgreSQL plans by what it has seen and no longer for each value."""
    town = contact_town
    town.flows = {**town.flows, **FLOWS}
    patient, other = town.resident(), town.resident(ADULTS[1])
    with full_tables():
        before = rows_read()
        for _ in range(3):
            await _a_day(town, patient, other)
        for _ in range(20):
            await town.runs()
            work_within(PROCESSES, 60)
        after = rows_read()
        figures_now({}, reasons_for_staff, {})
        alerts = rows_read()["risk_alert"] - after["risk_alert"]
    whole = {name for name, number in after.items() if number - before[name] >= ROWS}
    assert (whole, alerts < ROWS) == (set(), True)


def test_a_backlog_of_one_process_is_not_read_by_the_others_that_look_for_theirs(database: None) -> None:
    with full_tables():
        leave_a_backlog("booking_publication")
        before = rows_read()
        assert [is_wanted(process) for process in 20 * ["risk_alert", "visit_reminder"]] == 40 * [False]
        assert rows_read()["event"] - before["event"] < ROWS


async def _a_day(town: ContactTown, patient: str, other: str) -> None:
    """A visit, contacts, a risk, a change of channel, a wish, a notice, somebody who has another number now."""
    booking = town.books(patient, call_letter=TIMED)
    contact = town.writes(other)
    town.writes(None, "sms", text="STOPP", reply_address="+46701740633")
    await town.comes_to_rest()
    town.changes(booking, start=in_days(9))
    switch = town.proposes(contact)
    town.staff_answer(contact)
    await town.comes_to_rest()
    town.overrides(switch)
    town.consent_is_recorded(switch)
    wish = {"patient": identity(other), "sms_reminders": True, "at": clock.now().isoformat()}
    town.tells("preferences.changed", {"preferences": wish | {"set_by": {"role": "self"}}}, source="e1177")
    town.tells("patient.merged", {"from": identity(ADULTS[2]), "to": identity(ADULTS[3])})
    asked = {"id": switch, "patient": identity(other), "unit": HALMSTAD, "why": "task", "system": "e1177"}
    town.tells("notice.requested", {"notice": asked | {"by": ANNA}}, source="staff")
    await town.comes_to_rest()
    assert booking["id"] in town.on_1177(patient)
    town.cancels(booking)
    flag = {"contact": contact, "risk": "suicide", "by": ANNA, "at": clock.now().isoformat()}
    town.staff_tell("contact.risk_flagged", flag)
    await town.runs_one("risk_alert")
    town.staff_tell("contact.risk_acknowledged", flag)
    town.closes(contact)
    await town.comes_to_rest()
    with transaction() as connection:
        assert find_case.by_booking(connection, "vas", booking["id"]).cases
        assert find_case.by_patient(connection, ring().digest(other)).cases
