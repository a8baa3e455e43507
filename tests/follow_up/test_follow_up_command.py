"""`vaxel report`: every unit for ops, masked as all else, and clear of what it cannot be of (uppfoljning-1)."""

from __future__ import annotations

import csv
import io
import json

import pytest
from click.testing import Result
from follow_up_driver import HALMSTAD, MONDAY, VARBERG, WEEKS, closed_days, sums
from lxml import html
from typer.testing import CliRunner

from cli.app import app

pytestmark = pytest.mark.usefixtures("database")


def run(*arguments: str) -> Result:
    return CliRunner().invoke(app, ["report", *arguments])


@pytest.fixture
def figures(database: None) -> None:
    closed_days(WEEKS[0], WEEKS[-1].replace(month=3, day=1))
    sums(
        ("notice_arrived", "", HALMSTAD, MONDAY, 812),
        ("notice_arrived", "", VARBERG, MONDAY, 3),
        ("alert_acknowledged", "within_5_minutes", "", MONDAY, 9),
    )


def test_the_region_is_a_table_of_what_was_counted(figures: None) -> None:
    told = run("--english").output
    assert "The whole region" in told
    assert "Notice has arrived" in told
    assert "813–816" in told
    assert "Reminder has arrived" not in told


def test_csv_has_the_region_and_every_unit(figures: None) -> None:
    told = run("--csv").output
    lines = list(csv.DictReader(io.StringIO(told[told.index("week,unit,") :])))
    found = {(line["unit"], line["measure"]): line["number"] for line in lines}
    assert found == {
        ("region", "notice_arrived"): "813–816",
        ("region", "alert_acknowledged"): "9",
        (HALMSTAD, "notice_arrived"): "812",
        (VARBERG, "notice_arrived"): "<5",
    }
    assert {line["week"] for line in lines} == {"2026-W06"}


def test_json_is_of_one_unit_however_it_is_written(figures: None) -> None:
    told = json.loads(run("--unit", VARBERG.lower(), "--json").output)
    assert told["unit"] == VARBERG
    assert [group["total"] for group in told["groups"] if group["group"] == "notices"] == ["<5"]


def test_html_is_a_page_of_its_own_that_leads_nowhere(figures: None) -> None:
    page = html.fromstring(run("--html", "--from", "2026-02-02", "--to", "2026-02-08").output)
    assert len(page.xpath("//*[local-name()='svg'][@role='img']")) == 2
    assert page.xpath("//a | //form | //script") == []
    assert page.xpath("//@style") == []


def test_before_there_is_a_week_it_says_so(database: None) -> None:
    assert "Ännu finns ingen vecka" in run().output


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--from", "2026-03-01", "--to", "2026-02-01"), "--from is after --to"),
        (("--from", "2016-01-01", "--to", "2026-02-01"), "106 weeks at most"),
        (("--from", "abc"), "--from has to be a date"),
        (("--to", "2026-02-30"), "--to has to be a date"),
        (("--unit", "42"), "--unit has to be an HSA-id"),
        (("--json", "--csv"), "Choose one"),
    ],
)
def test_what_it_cannot_be_of_is_said_with_what_to_do(
    figures: None, arguments: tuple[str, ...], says: str
) -> None:
    answer = run(*arguments)
    assert (answer.exit_code, says in answer.stderr) == (1, True)
