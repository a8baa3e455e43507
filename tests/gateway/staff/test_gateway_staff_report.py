"""`/staff/report`: who sees which figures, and how they are asked for (uppfoljning-1, policy-uppfoljning-1)."""

from __future__ import annotations

import csv
import io
import re
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from gateway_driver import Gateway, event, is_problem
from looked_at import PHONE, WARD, fits, looked_at
from lxml import html
from sqlalchemy import Connection, text
from staff_driver import ANNA, CARING, ELSE, UNIT, StaffTown, at, logged, staff_town

from engine.base.database import insert_all, table_of, transaction
from gateway.staff.door import THREADS
from gateway.staff.plots import bars
from models.follow_up import DaySum, SummedDay
from routine.clause_text import sentence
from routine.clauses import CLAUSES
from routine.follow_up import BY_CODE, MEASURES, cells_of
from routine.masking import Figure

REPORT = "/staff/report"
MONDAY, WEEKS = date(2026, 2, 2), 12
WITHOUT = "SE2321000115-P000000000003"
HERE, THERE = UNIT["hsa_id"], "SE2321000115-E000000000002"
ASKED = f"?from={MONDAY}&to={MONDAY + timedelta(days=27)}"
A_WEEK = f"?from={MONDAY}&to={MONDAY}"
"""What axe looks at and what many read at once: more weeks are more rows, each as the first."""


@pytest.fixture(scope="module")
def running(postgres: None) -> Iterator[StaffTown]:
    with staff_town() as town:
        yield town


@pytest.fixture
def town(running: StaffTown) -> Iterator[StaffTown]:
    """Twelve weeks are summed and closed, with figures of every measure at two units."""
    running.fresh()
    with transaction() as connection:
        connection.execute(text("DELETE FROM day_sum; DELETE FROM summed_day"))
        days = [MONDAY + timedelta(days=n) for n in range(7 * WEEKS)]
        rows = [{"day": day.isoformat(), "summed_at": running.moment(0), "closed": True} for day in days]
        insert_all(connection, table_of(SummedDay), rows, ["day", "summed_at", "closed"])
        sums = [
            {"measure": cell.measure, "reason": cell.reason, "unit": unit, "day": week.isoformat(),
             "clause": BY_CODE[cell.measure].clauses[0], "number": (at * 7 + n * 3 + len(unit)) % 23}
            for at, cell in enumerate(cells_of(MEASURES)) for n, week in enumerate(days[::7])
            for unit in (("",) if BY_CODE[cell.measure].of_region else (HERE, THERE))
        ]  # fmt: skip
        insert_all(connection, table_of(DaySum), sums, [column.name for column in table_of(DaySum).c])
    yield running
    with transaction() as connection:
        connection.execute(text("DELETE FROM day_sum; DELETE FROM summed_day"))


# --- who


@pytest.mark.parametrize("path", [REPORT, f"{REPORT}{ASKED}&format=csv", f"{REPORT}/besok-2"])
def test_policy_personal_1_nobody_sees_figures_without_a_login_and_a_commission_for_care(
    town: StaffTown, path: str
) -> None:
    assert town.browser().ask("GET", path).status_code == 401
    assert is_problem(town.browser().json("GET", path), 401)
    assert town.logged_in(commission=ELSE).ask("GET", path).status_code == 403
    town.works_here(WITHOUT, "Cia Utan")
    assert town.logged_in(WITHOUT, None).ask("GET", path).status_code == 403
    browser = town.logged_in()
    assert browser.ask("GET", path).status_code == 200
    with at(minutes=31):
        assert browser.ask("GET", path).status_code == 401


def test_another_unit_is_not_there_and_ones_own_is(town: StaffTown) -> None:
    browser = town.logged_in()
    for path in (REPORT, f"{REPORT}/besok-2"):
        for other in (THERE, "SE2321000115-E000000000099", "x", "199202232394"):
            answer = browser.json("GET", f"{path}?unit={other}")
            assert is_problem(answer, 404)
            assert other not in answer.text
            assert browser.ask("GET", f"{path}?unit={other}").status_code == 404
        assert browser.json("GET", f"{path}?unit={HERE}").json()["unit"] == HERE
        assert browser.json("GET", f"{path}?unit={HERE.lower()}").json()["unit"] == HERE
        assert browser.json("GET", path).json()["unit"] is None


def test_a_login_leads_back_to_the_report_that_was_asked_for(town: StaffTown) -> None:
    wanted = f"{REPORT}{ASKED}&unit={HERE}"
    page = town.browser().ask("GET", wanted).text
    assert "back=%2Fstaff%2Freport%3Ffrom%3D2026-02-02" in page


def test_no_access_is_logged_since_no_patient_s_data_is_seen(town: StaffTown) -> None:
    town.logged_in().ask("GET", REPORT)
    assert logged() == []


# --- what is asked for


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ("?from=2026-03-01&to=2026-02-01", "omkastade"),
        ("?from=2016-01-01&to=2026-01-01", "veckor"),
        ("?from=2016-01-01", "20"),
        ("?from=igår", "2026-03-02"),
        ("?to=2026-02-30", "2026-03-02"),
    ],
)
def test_dates_that_cannot_be_are_refused_with_what_to_do(town: StaffTown, asked: str, says: str) -> None:
    for path in (REPORT, f"{REPORT}/besok-2"):
        page = town.logged_in().ask("GET", path + asked, accept_language="sv")
        assert page.status_code == 400
        assert says in page.text
        assert is_problem(town.logged_in().json("GET", path + asked), 400)


@pytest.mark.parametrize("path", [REPORT, f"{REPORT}/patient-2"])
def test_the_other_language_is_of_the_same_weeks_and_unit_and_so_is_what_it_leads_on_to(
    town: StaffTown, path: str
) -> None:
    browser = town.logged_in()
    asked = f"{ASKED}&unit={HERE}"
    page = html.fromstring(browser.ask("GET", path + asked, accept_language="sv").text)
    (other,) = page.xpath("//header/a/@href")
    assert other == f"{asked}&lang=en"
    english = html.fromstring(browser.ask("GET", path + other, accept_language="sv").text)
    assert english.get("lang") == "en"
    filled = {each.get("name"): each.get("value") for each in english.xpath("//form[@method='get']//input")}
    assert filled == {"lang": "en", "from": f"{MONDAY}", "to": f"{MONDAY + timedelta(days=27)}"}
    assert english.xpath("//select[@name='unit']/option[@selected]/@value") == [HERE]
    for way in english.xpath(f"//main//a[starts-with(@href, '{REPORT}')]/@href"):
        assert f"{asked}&lang=en" in way
    assert english.xpath("//header/a/@href") == [f"{asked}&lang=sv"]


def test_no_such_clause_is_not_there(town: StaffTown) -> None:
    assert town.logged_in().ask("GET", f"{REPORT}/besok-99").status_code == 404


def test_left_out_it_is_the_newest_twelve_weeks(town: StaffTown) -> None:
    told = town.logged_in().json("GET", REPORT).json()
    assert (told["from"], len(told["weeks"])) == (MONDAY.isoformat(), WEEKS)


def test_before_a_week_is_over_the_page_says_when_there_is_one(town: StaffTown) -> None:
    with transaction() as connection:
        connection.execute(text("UPDATE summed_day SET closed = false"))
    page = town.logged_in().ask("GET", REPORT, accept_language="sv")
    assert page.status_code == 200
    assert "Ännu finns ingen vecka att visa" in page.text


def test_the_csv_has_a_line_for_each_figure_and_none_of_a_few(town: StaffTown) -> None:
    answer = town.logged_in().ask("GET", f"{REPORT}{ASKED}&unit={HERE}&format=csv")
    lines = list(csv.DictReader(io.StringIO(answer.text)))
    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert {line["unit"] for line in lines} == {HERE}
    assert not {line["number"] for line in lines} & {"1", "2", "3", "4"}
    assert "<5" in {line["number"] for line in lines}


def test_every_clause_has_a_page(town: StaffTown) -> None:
    browser = town.logged_in()
    for clause in CLAUSES:
        page = browser.ask("GET", f"{REPORT}/{clause}{ASKED}")
        assert (page.status_code, clause in page.text) == (200, True), clause


def test_a_page_of_a_clause_has_its_sentence_and_its_latest_departures(town: StaffTown) -> None:
    page = town.logged_in().ask("GET", f"{REPORT}/patient-2", accept_language="sv").text
    assert "Senaste avvikelserna" in page
    assert "bad patienten ringa" in page
    assert sentence("patient-2", "sv") in page


def test_no_page_has_a_number_of_a_few_or_anybody_s_name_but_the_reader_s(town: StaffTown) -> None:
    for path in (REPORT, f"{REPORT}?unit={HERE}", f"{REPORT}/besok-2"):
        page = town.logged_in().ask("GET", path).text
        cells = re.findall(r"<td[^>]*>([^<]*)</td>", page)
        assert cells
        assert not set(cells) & {"1", "2", "3", "4"}
        assert ANNA not in page
        assert CARING not in page


def test_a_database_that_is_away_is_said(town: StaffTown) -> None:
    browser = town.logged_in()
    with transaction() as connection:
        connection.execute(text("ALTER TABLE summed_day RENAME TO summed_day_away"))
    try:
        assert browser.ask("GET", REPORT).status_code == 503
        assert is_problem(browser.json("GET", REPORT), 503)
    finally:
        with transaction() as connection:
            connection.execute(text("ALTER TABLE summed_day_away RENAME TO summed_day"))


# --- many at once

MANY = 45
"""More than the threads in which webhooks are stored, and than connections."""


def reading(connection: Connection) -> int:
    """How many wait for the figures, when no more begin to."""
    before, now = -1, 0
    while now < THREADS or now != before:
        time.sleep(0.3)
        count = "SELECT count(*) FROM pg_locks WHERE relation = 'day_sum'::regclass AND NOT granted"
        before, now = now, connection.execute(text(count)).scalar_one()
    return now


@pytest.mark.parametrize(
    ("asked", "accept"), [("", "text/html"), ("", "application/json"), ("&format=csv", "text/csv")]
)
def test_a_webhook_is_answered_while_many_read_reports_that_are_slow(
    town: StaffTown, asked: str, accept: str
) -> None:
    browser = town.logged_in()
    with ThreadPoolExecutor(MANY) as readers:
        with transaction() as connection:
            connection.execute(text("LOCK TABLE day_sum IN ACCESS EXCLUSIVE MODE"))
            way = REPORT + A_WEEK + asked
            reports = [readers.submit(browser.ask, "GET", way, accept=accept) for _ in range(MANY)]
            at_once = reading(connection)
            assert Gateway(town.url).post(event()).status_code == 202
            assert at_once == THREADS
        assert {each.result().status_code for each in reports} == {200}


# --- its pictures


def test_a_bar_is_as_high_as_its_number_and_what_may_be_more_stands_lighter_above_it() -> None:
    drawn = html.fromstring(bars("<Besök>", ["v 6", "v 7"], [Figure(4, 8), Figure(10, 10)]))
    found = [(each.get("fill"), round(float(each.get("height")), 1)) for each in drawn.iter("rect")]
    known, more = "rgb(11%,30%,56%)", "rgb(61%,71%,84%)"
    assert found == [(known, 53.6), (known, 134.0), (more, 53.6)]
    assert {each.text for each in drawn.iter("text")} == {"0", "2", "4", "6", "8", "10", "v 6", "v 7"}
    assert drawn.get("aria-label") == "<Besök>"


# --- in a browser


@pytest.mark.parametrize(("width", "language"), [(WARD, "sv"), (PHONE, "en")])
def test_its_pages_are_open_to_everyone(town: StaffTown, chromium: Any, width: int, language: str) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 768}, locale=language)
    town.enter(context)
    tab = context.new_page()
    for name, path in (
        ("report", f"{REPORT}{A_WEEK}"),
        ("report-unit", f"{REPORT}{A_WEEK}&unit={HERE}"),
        ("report-clause", f"{REPORT}/patient-2{A_WEEK}"),
        ("report-nothing", f"{REPORT}/skyddade-2"),
        ("report-wrong", f"{REPORT}?from=x"),
    ):
        tab.goto(town.url + path)
        looked_at(tab, name)
    context.close()


def test_twelve_weeks_of_the_longest_words_fit_a_phone(town: StaffTown, chromium: Any) -> None:
    context = chromium.new_context(viewport={"width": PHONE, "height": 768}, locale="sv")
    town.enter(context)
    tab = context.new_page()
    for path in (REPORT, f"{REPORT}?unit={HERE}", f"{REPORT}/patient-2"):
        tab.goto(town.url + path)
        assert fits(tab), path
    context.close()


def test_it_is_readable_in_print(town: StaffTown, chromium: Any) -> None:
    """Each picture is drawn, its table is whole, and what only a screen needs is left out."""
    context = chromium.new_context(viewport={"width": 794, "height": 1123}, locale="sv")
    town.enter(context)
    tab = context.new_page()
    tab.emulate_media(media="print")
    tab.goto(f"{town.url}{REPORT}{A_WEEK}")
    looked_at(tab, "report-print")
    assert not tab.locator("form.period").is_visible()
    assert tab.evaluate(
        "[...document.querySelectorAll('.scroll')].every(each => each.scrollWidth <= each.clientWidth)"
    )
    bars = tab.evaluate(
        "[...document.querySelectorAll('svg.plot rect')].map(each => getComputedStyle(each).fill)"
    )
    assert "rgb(28, 77, 143)" in bars  # the pages' blue, in whole per cent as reportlab writes it
    context.close()
