"""`/c/{unit}`: who is let in, what a press needs, and what stands in cookies, addresses and headers."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from visit_driver import HOME, OTHER, PATIENT, VisitTown, heading, visit_town

from engine.base import clock
from engine.base.database import transaction
from engine.tables import inbox
from gateway.visits import check_in, logged_in
from gateway.visits.texts import ENGLISH, SWEDISH, CheckInPage, Words
from tasks.check_in.visits_here import CheckInStatus

LAHOLM = "/c/SE2321000115-E000000000006"


@pytest.fixture(scope="module")
def running(postgres: None) -> Iterator[VisitTown]:
    with visit_town() as town:
        yield town


@pytest.fixture
def town(running: VisitTown, database: None, monkeypatch: pytest.MonkeyPatch) -> VisitTown:
    monkeypatch.setattr(check_in, "PATIENCE", 0.0)
    running.fresh()
    running.wakes.clear()
    return running


def said(page: CheckInPage, words: Words = SWEDISH) -> str:
    return words.pages[page].heading


def pressed() -> int:
    """How many presses wait to be carried out."""
    with transaction() as connection:
        return len(inbox.keys_waiting(connection, ["check_in"], ["visit.checked_in"], ""))


def test_whoever_only_looks_sees_what_the_code_is_for_and_nothing_of_anybody(town: VisitTown) -> None:
    town.visit()
    answer = town.browser().get()
    assert (answer.status_code, heading(answer)) == (200, said(CheckInPage.START))
    assert "Vårdcentralen Halmstad" in answer.text
    assert not answer.cookies


@pytest.mark.parametrize(("lang", "words"), [("sv", SWEDISH), ("en", ENGLISH)])
def test_it_is_in_both_languages_and_a_login_keeps_the_language(
    town: VisitTown, lang: str, words: Words
) -> None:
    town.visit()
    browser = town.browser(**{"accept-language": lang})
    assert heading(browser.get()) == said(CheckInPage.START, words)
    assert heading(browser.log_in(HOME, PATIENT)) == said(CheckInPage.VISITS, words)


def test_a_press_is_stored_when_it_is_answered_and_asks_for_a_run(town: VisitTown) -> None:
    town.visit()
    browser = town.logged_in()
    answer = browser.press()
    assert (answer.status_code, answer.headers["location"]) == (303, f"{HOME}?lang=sv")
    assert (pressed(), town.wakes) == (1, ["check_in"])
    assert SWEDISH.status[CheckInStatus.RECEIVED] in browser.get().text


def test_pressed_twice_by_two_browsers_it_is_one(town: VisitTown) -> None:
    town.visit()
    first, second = town.logged_in(), town.logged_in()
    page = second.get().text
    first.press()
    assert second.press(page).status_code == 303
    assert pressed() == 1


def test_a_press_needs_the_login_the_page_and_a_visit_of_theirs(town: VisitTown) -> None:
    town.visit()
    theirs = town.visit(OTHER)
    browser = town.logged_in()
    page = browser.get().text
    other = town.logged_in(OTHER)
    assert heading(town.browser().press(page)) == said(CheckInPage.OVER)
    assert heading(other.press(page)) == said(CheckInPage.OVER)
    assert heading(browser.press(token="0" * 64)) == said(CheckInPage.OVER)
    for visit in ("", "x", theirs, "00000000-0000-0000-0000-000000000000"):
        assert browser.press(visit=visit).status_code == 303
    browser.http.headers["origin"] = "https://evil.example"
    assert browser.press().status_code == 403
    assert pressed() == 0


def test_anothers_visit_is_no_more_pressed_with_its_own_id(town: VisitTown) -> None:
    town.visit()
    town.visit(OTHER)
    page = town.logged_in(OTHER).get().text
    theirs = page.split('name="visit" value="')[1].split('"')[0]
    assert town.logged_in().press(visit=theirs).status_code == 303
    assert pressed() == 0


def test_a_login_is_over_after_ten_minutes_and_holds_at_one_unit(
    town: VisitTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.visit()
    browser = town.logged_in()
    cookie = browser.http.cookies.get("visit-login")
    assert heading(browser.get(LAHOLM)) == said(CheckInPage.START)
    moved = town.browser()
    moved.http.headers["cookie"] = f"visit-login={cookie}"
    assert heading(moved.get(LAHOLM)) == said(CheckInPage.START)
    page, real = browser.get().text, clock.now()
    monkeypatch.setattr(logged_in, "_now", lambda: int((real + timedelta(seconds=601)).timestamp()))
    assert heading(browser.get()) == said(CheckInPage.START)
    assert browser.press(page).status_code == 403
    assert pressed() == 0


@pytest.mark.parametrize("cookie", ["", "x", "gAAAAA" * 40, "é"])
def test_a_cookie_that_is_not_ours_is_none(town: VisitTown, cookie: str) -> None:
    browser = town.browser()
    browser.http.headers["cookie"] = f"visit-login={cookie}".encode().decode("latin-1")
    assert heading(browser.get()) == said(CheckInPage.START)


def test_the_cookie_of_a_login_says_nothing_and_no_script_has_it(town: VisitTown) -> None:
    browser = town.browser()
    way = browser.log_in(HOME, PATIENT)
    assert way.status_code == 200
    (cookie,) = [each for each in browser.http.cookies if each.name == "visit-login"]
    assert PATIENT not in cookie.value
    assert (cookie.path, cookie.has_nonstandard_attr("HttpOnly"), cookie.get_nonstandard_attr("SameSite")) == (
        HOME, True, "lax",
    )  # fmt: skip


def test_logging_out_leaves_nothing_in_the_browser(town: VisitTown) -> None:
    town.visit()
    browser = town.logged_in()
    assert browser.post(f"{HOME}/logout").headers["location"] == f"{HOME}?lang=sv"
    assert heading(browser.get()) == said(CheckInPage.START)


def test_every_page_lets_a_browser_run_nothing_and_keep_nothing(town: VisitTown) -> None:
    town.visit()
    for answer in (
        town.browser().get(),
        town.logged_in().get(),
        town.browser().get("/c/x"),
        town.logged_in(loa="2").get(),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert "<script" not in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "unit", ["x", "SE2321000115-E0000000000ZZ", "%3Cscript%3E", "SE2321000115-" + "E" * 99]
)
def test_an_unknown_unit_has_a_clear_page_whatever_is_asked(town: VisitTown, unit: str) -> None:
    browser = town.browser()
    for answer in (browser.get(f"/c/{unit}"), browser.get(f"/c/{unit}/login"), browser.post(f"/c/{unit}")):
        assert (answer.status_code, heading(answer)) == (404, said(CheckInPage.UNKNOWN_UNIT))
        assert "<script" not in answer.text


def test_the_units_id_may_be_written_in_small_letters(town: VisitTown) -> None:
    town.visit()
    assert heading(town.browser().log_in(HOME.lower().replace("/c/se", "/c/se"), PATIENT)) == said(
        CheckInPage.VISITS
    )


@pytest.mark.parametrize(
    ("form", "title"),
    [
        ({"loa": "2"}, "Inloggningen räcker inte"),
        ({"do": "cancel"}, "Inloggningen avbröts"),
        ({"wrong": "nonce"}, "Inloggningen kunde inte kontrolleras"),
    ],
)
def test_a_login_that_does_not_come_about_says_so_and_leads_back(
    town: VisitTown, form: dict[str, str], title: str
) -> None:
    browser = town.browser()
    answer = browser.log_in(HOME, PATIENT, **form)
    assert heading(answer) == title
    assert f'href="{HOME}/login?lang=sv"' in answer.text
    assert "visit-login" not in browser.http.cookies


def test_what_is_come_back_by_is_good_once(town: VisitTown) -> None:
    browser = town.logged_in()
    assert browser.get(browser.back).status_code == 400


def test_while_the_provider_is_down_the_page_leads_to_the_desk(town: VisitTown) -> None:
    town.fault("eid", "down", times=9)
    answer = town.browser().get(f"{HOME}/login")
    assert (answer.status_code, heading(answer)) == (503, "Det går inte att logga in just nu")


def test_while_the_database_is_down_nothing_is_said_to_be_done(
    town: VisitTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.visit()
    browser = town.logged_in()
    page = browser.get().text

    def down(*given: object) -> None:
        raise ConnectionError(PATIENT)

    monkeypatch.setattr(check_in.visits_here, "transaction", down)
    assert (browser.get().status_code, browser.press(page).status_code) == (503, 503)


def test_nothing_of_a_patient_stands_in_an_address(town: VisitTown) -> None:
    id = town.visit()
    browser = town.logged_in()
    page = browser.get()
    answer = browser.press()
    for address in (page.url, browser.back, answer.headers["location"]):
        assert PATIENT not in address
        assert id not in address
    assert id not in page.text
    assert PATIENT not in page.text
