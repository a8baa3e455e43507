"""What would have been decided under other figures, from what was known then (`vaxel what-if`)."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from contact_town import ContactTown
from sqlalchemy import text
from test_journey_reminders import LEAD, consents, in_days, is_due, leads
from town import HALMSTAD, Json, as_json
from typer.testing import CliRunner

from cli.app import app
from engine.base import clock
from engine.base.database import transaction
from engine.base.settings import settings
from engine.ops.reseal import sealed_tables
from engine.tables.decisions import DECISION
from flows.booking_publication import booking_publication
from flows.channel_switch import channel_switch
from flows.inbound_contact import inbound_contact
from flows.preferences import preferences
from flows.requested_notice import requested_notice
from flows.visit_reminder import visit_reminder
from models.tables import all_tables
from routine.region_file import load_region
from tasks.what_if import differ, stored

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
IN_THE_END = datetime(2120, 1, 1, tzinfo=UTC)


@pytest.fixture
def town(contact_town: ContactTown) -> ContactTown:
    contact_town.flows = {
        "inbound_contact": inbound_contact,
        "preferences": preferences,
        "booking_publication": booking_publication,
        "visit_reminder": visit_reminder,
        "requested_notice": requested_notice,
        "channel_switch": channel_switch,
    }
    return contact_town


def other(toml: str = "") -> list[Path]:
    """The region's files with another laid over them."""
    path = Path(settings().home) / f"other-{secrets.token_hex(4)}.toml"
    path.write_text(toml, "utf-8")
    return [*settings().region_files, path]


def what_if(toml: str = "", since: datetime = LONG_AGO) -> dict[str, Any]:
    """All that was decided since then, under the figures with these laid over them."""
    return differ.would_differ(load_region(other(toml)), since, IN_THE_END, lambda *_: None).as_json()


def differing(told: Mapping[str, Any]) -> list[tuple[str, str, str, int]]:
    return [
        (each["rule"], each["was"]["answer"], each["would_be"]["answer"], each["count"])
        for each in told["differences"]
    ]


def case_of(town: ContactTown, booking: Json) -> str:
    return str(town.row("visit_reminder", f"vas:{booking['id']}").id)


async def a_busy_week(town: ContactTown) -> list[Json]:
    """Some of everything: visits that are booked, moved, cancelled and reminded of, contacts, a switch, a notice."""
    patients = town.residents(4)
    for each in patients[:3]:
        consents(town, each)
    bookings = [town.books(each, start=in_days(7 + at)) for at, each in enumerate(patients)]
    town.changes(bookings[1], start=in_days(9, 11))
    contact = town.writes(patients[0])
    town.writes(patients[1], channel="mail", reply_address="nagon@example.org")
    await town.comes_to_rest()
    town.proposes(contact)
    town.cancels(bookings[2])
    await town.comes_to_rest()
    town.is_now(in_days(5))
    await town.comes_to_rest()
    await is_due(town, bookings[3], timedelta(hours=2))
    return bookings


async def test_under_the_same_figures_nothing_differs(town: ContactTown) -> None:
    await a_busy_week(town)
    told = what_if()
    assert (told["differ"], told["differences"], told["not_decidable"]) == (0, [], [])
    with transaction() as connection:
        rules = set(connection.execute(text("SELECT DISTINCT rule FROM decision")).scalars())
    assert rules >= {
        "notice",
        "call_letter",
        "paper",
        "reminder",
        "reminder_plan",
        "contact",
        "switch",
        "passage",
    }
    assert told["decided"] >= 20


async def test_every_decision_of_a_figure_that_a_timeline_tells_has_kept_its_facts(town: ContactTown) -> None:
    await a_busy_week(town)
    query = """
        SELECT t.what, t.reason FROM timeline AS t LEFT JOIN decision AS d USING (case_id, number)
        WHERE t.what IN ('notice', 'call_letter', 'paper', 'reminder') AND t.clause <> '' AND d.facts IS NULL"""
    untold = "SELECT d.rule FROM decision AS d LEFT JOIN timeline AS t USING (case_id, number) WHERE t.what IS NULL"
    with transaction() as connection:
        assert connection.execute(text(query)).all() == []
        assert connection.execute(text(untold)).all() == [], "nothing is kept of which no timeline tells"


async def test_besok_5_another_lead_differs_in_exactly_the_reminders_of_a_list_made_by_hand(
    town: ContactTown,
) -> None:
    """72 h became 48 h and 24 h.

    | | then | under the other |
    |---|---|---|
    | consented, comes | 72 h | 48 h, 24 h |
    | consented, cancelled 36 h before | 72 h | 48 h |
    | consented, booked 30 h before | at once | 24 h |
    | never consented | none | none |
    """
    comes, called_off, late, never = town.residents(4)
    for each in (comes, called_off, late):
        consents(town, each)
    start = in_days(9, 12)
    bookings = {each: town.books(each, start=start) for each in (comes, called_off, never)}
    await town.comes_to_rest()
    await is_due(town, bookings[comes])
    town.is_now(start - timedelta(hours=36))
    town.cancels(bookings[called_off])
    await town.comes_to_rest()
    town.is_now(start - timedelta(hours=30))
    bookings[late] = town.books(late, start=start)
    await town.comes_to_rest()
    town.is_now(start + timedelta(hours=1))
    await town.comes_to_rest()
    told = what_if(
        "[reminders]\nlead_hours = [48, 24]\nfree_cancel_hours = 23\n[self_service]\nlast_change_hours = 23\n"
    )
    reminders = [each for each in told["differences"] if each["rule"] == "reminder"]
    by_hand = {
        ("remind", "not_planned"): sorted(
            case_of(town, bookings[each]) for each in (comes, called_off, late)
        ),
        ("not_planned", "remind"): sorted(
            case_of(town, bookings[each]) for each in (comes, called_off, late)
        ),
    }
    assert {
        (each["was"]["answer"], each["would_be"]["answer"]): sorted(each["cases"]) for each in reminders
    } == by_hand
    assert told["done"] == [{"rule": "reminder", "more": 4, "fewer": 3}]
    assert told["not_decidable"] == [], "those who never consented have nothing at either moment"


async def test_besok_5_a_longer_lead_rests_on_what_was_known_only_later_and_says_so(
    town: ContactTown,
) -> None:
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient, start=in_days(10))
    await town.comes_to_rest()
    told = what_if("[reminders]\nlead_hours = [168, 72]\n")
    assert told["differ"] == 0, "it has not come yet"
    await is_due(town, booking, timedelta(hours=160))
    told = what_if("[reminders]\nlead_hours = [168, 72]\n")
    assert told["not_decidable"] == [{"rule": "reminder", "why": "nothing_kept_of_the_visit", "count": 1}]
    await is_due(town, booking)
    told = what_if("[reminders]\nlead_hours = [168, 72]\n")
    assert told["done"] == [{"rule": "reminder", "more": 1, "fewer": 0}]
    assert (told["by_later_facts"], told["not_decidable"]) == (1, [])


async def test_policy_tystnad_1_what_quiet_hours_would_hold_goes_when_they_are_over(
    town: ContactTown,
) -> None:
    """Booked at 22, of a lead that had passed by then: one at once, which is held over the night."""
    patient = town.resident()
    consents(town, patient)
    town.is_now(in_days(4, 22))
    booking = town.books(patient, start=in_days(9, 12))
    await town.comes_to_rest()
    await is_due(town, booking)
    told = what_if("[reminders]\nlead_hours = [168]\n[quiet]\nfrom = 21:00:00\nto = 08:00:00\n")
    assert told["done"] == [{"rule": "reminder", "more": 1, "fewer": 1}]
    assert {each for each in differing(told) if each[0] == "reminder"} == {
        ("reminder", "remind", "not_planned", 1),
        ("reminder", "not_planned", "remind", 1),
    }
    reminders = [each for each in told["differences"] if each["rule"] == "reminder"]
    assert {case for each in reminders for case in each["cases"]} == {case_of(town, booking)}


async def test_besok_5_leads_that_changed_meanwhile_are_held_against_what_was_planned_then(
    town: ContactTown,
) -> None:
    """Under today's file the reminder that went by yesterday's would not have."""
    from tasks.visit_reminder.new_leads import plan_anew

    patient, after = town.residents(2)
    for each in (patient, after):
        consents(town, each)
    first = town.books(patient, start=in_days(7))
    second = town.books(after, start=in_days(14))
    await town.comes_to_rest()
    await is_due(town, first)
    leads(town, 48)
    plan_anew(apply=True)
    await is_due(town, second, timedelta(hours=48))
    told = what_if()
    assert {(each[1], each[2]): each[3] for each in differing(told)} == {
        ("remind", "not_planned"): 1,
        ("not_planned", "remind"): 1,
    }
    assert {case for each in told["differences"] for case in each["cases"]} == {case_of(town, first)}


async def test_policy_papper_1_the_letters_that_would_not_have_gone_are_told_by_unit_and_case(
    town: ContactTown,
) -> None:
    town.region_learns("[letters]\npaper = true\n")
    booking = town.books(town.resident())
    await town.comes_to_rest()
    told = what_if("[letters]\npaper = false\n")
    (line,) = [each for each in told["differences"] if each["rule"] == "paper"]
    assert line["was"] == {"answer": "post", "reason": "paper_by_setting"}
    assert line["would_be"]["answer"] == "no_letter"
    assert (line["unit"], line["count"]) == (HALMSTAD["hsa_id"], 1)
    assert line["cases"] == [str(town.row("booking_publication", f"vas:{booking['id']}").id)]
    assert {"rule": "paper", "more": 0, "fewer": 1} in told["done"]


async def test_policy_papper_1_what_paper_would_need_is_taken_from_the_notice_of_the_same_booking(
    town: ContactTown,
) -> None:
    """Whether the patient wishes digital only was asked for the notice, a moment later."""
    digital, other_one = town.residents(2)
    town.resident(digital, preferences={"notice_by": ["sms"], "digital_only": True})
    town.books(digital)
    booking = town.books(other_one)
    await town.comes_to_rest()
    told = what_if("[letters]\npaper = true\n")
    (line,) = [each for each in told["differences"] if each["rule"] == "paper"]
    assert (line["would_be"]["answer"], line["count"]) == ("post", 1)
    assert line["cases"] == [str(town.row("booking_publication", f"vas:{booking['id']}").id)]
    assert told["by_later_facts"] >= 1


async def test_system_1_a_channel_that_is_not_approved_refuses_the_switches_to_it(town: ContactTown) -> None:
    contact = town.writes(town.resident())
    await town.comes_to_rest()
    town.proposes(contact)
    await town.comes_to_rest()
    gone = load_region(other()).model_copy(
        update={
            "systems": {id: each for id, each in load_region(other()).systems.items() if id != "platform24"}
        }
    )
    told = differ.would_differ(gone, LONG_AGO, IN_THE_END, lambda *_: None).as_json()
    switched = [each for each in told["differences"] if each["rule"] == "switch"]
    assert [(each["was"]["answer"], each["would_be"]["reason"]) for each in switched] == [
        ("send", "channel_not_approved")
    ]


async def test_a_unit_that_the_other_file_does_not_list_is_told_as_parked(town: ContactTown) -> None:
    town.books(town.resident())
    await town.comes_to_rest()
    region = load_region(other())
    told = differ.would_differ(
        region.model_copy(update={"units": {}}), LONG_AGO, IN_THE_END, lambda *_: None
    ).as_json()
    assert {each["would_be"]["reason"] for each in told["differences"]} == {"unit_unknown"}


async def test_what_does_not_open_or_is_of_another_version_is_counted_and_never_left_out(
    town: ContactTown,
) -> None:
    town.books(town.resident())
    await town.comes_to_rest()
    with transaction() as connection:
        connection.execute(text("UPDATE decision SET facts = NULL WHERE rule = 'notice'"))
        connection.execute(text("UPDATE decision SET facts = '\\x00ff' WHERE rule = 'paper'"))
        connection.execute(text("UPDATE decision SET rule = 'of_yesterday' WHERE rule = 'call_letter'"))
    counted = {(each["rule"], each["why"]) for each in what_if()["not_decidable"]}
    assert counted == {("notice", "not_kept"), ("paper", "does_not_open"), ("of_yesterday", "rule_unknown")}


async def test_nothing_is_written_or_sent(town: ContactTown) -> None:
    town.books(town.resident())
    await town.comes_to_rest()
    with stored.reading() as connection, pytest.raises(Exception, match=r"ReadOnly"):
        connection.execute(text("UPDATE decision SET unit = ''"))
    sent = len(town.sms())
    what_if("[reminders]\nlead_hours = [48]\n")
    assert len(town.sms()) == sent


async def test_what_is_kept_is_sealed_and_is_sealed_anew_with_the_rest(town: ContactTown) -> None:
    town.books(town.resident())
    await town.comes_to_rest()
    assert DECISION in sealed_tables(all_tables())
    with transaction() as connection:
        row = connection.execute(text("SELECT facts FROM decision WHERE rule = 'notice'")).scalar_one()
    assert b"+467" not in bytes(row)
    assert b"resident" not in bytes(row)


async def test_the_command_tells_by_clause_and_unit_and_as_json_and_csv(town: ContactTown) -> None:
    town.region_learns("[letters]\npaper = true\n")
    town.books(town.resident())
    await town.comes_to_rest()
    day, after = f"{clock.now():%Y-%m-%d}", f"{clock.now() + timedelta(days=2):%Y-%m-%d}"
    files = [part for path in other("[letters]\npaper = false\n") for part in ("--region-files", str(path))]
    asked = ["what-if", *files, "--from", f"{clock.now() - timedelta(days=1):%Y-%m-%d}", "--to", after]
    shown = CliRunner().invoke(app, asked)
    assert shown.exit_code == 0, shown.output
    assert "paper: 0 more, 1 fewer" in shown.output
    told = as_json(CliRunner().invoke(app, [*asked, "--json"]).output)
    assert told["to"] == after
    assert told["differences"][0]["cases"]
    assert (
        CliRunner()
        .invoke(app, [*asked, "--csv"])
        .output.startswith("clause,unit,rule,was,would_be,count,cases")
    )
    turned = CliRunner().invoke(app, ["what-if", *files, "--from", after, "--to", day])
    assert (turned.exit_code, "is not before" in turned.output) == (1, True)
    empty = CliRunner().invoke(app, ["what-if", *files, "--from", "2020-01-01", "--to", "2020-02-01"])
    assert (empty.exit_code, "Nothing is kept" in empty.output) == (1, True)
    wrong = [part for path in other("[letters]\npaper = 7\n") for part in ("--region-files", str(path))]
    said = CliRunner().invoke(app, ["what-if", *wrong, "--from", day, "--to", after])
    assert (said.exit_code, "line 2" in said.output) == (1, True)


async def test_the_example_of_the_page_is_so(town: ContactTown) -> None:
    """docs/what-if.md: paper beside the digital letter, and no reminder three days before."""
    page = (Path(__file__).parents[2] / "docs" / "what-if.md").read_text("utf-8")
    example = page.split("```toml\n")[1].split("```")[0]
    patient = town.resident()
    consents(town, patient)
    booking = town.books(patient, start=in_days(8))
    await town.comes_to_rest()
    await is_due(town, booking, LEAD)
    told = what_if(example)
    assert told["done"] == [
        {"rule": "reminder", "more": 0, "fewer": 1},
        {"rule": "paper", "more": 1, "fewer": 0},
    ]
