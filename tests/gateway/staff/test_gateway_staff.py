"""Staff log in by SITHS, and a login ends (policy-personal-1): through a real gateway and a real provider."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from gateway_driver import is_problem
from login_driver import new_pem
from prometheus_client import generate_latest
from sqlalchemy import text
from staff_driver import ANNA, BO, CARING, ELSE, KEY, Browser, StaffTown, at, staff_town
from starlette.responses import Response
from typer.testing import CliRunner

from cli.app import app
from engine.base.database import transaction
from engine.base.settings import System, settings
from gateway.login.texts import Page
from gateway.login.watch import LoginCounts, LoginWatch
from gateway.staff.asked import WORDS, way_back
from gateway.staff.door import Door
from gateway.staff.texts_sv import SWEDISH

LIST, START = "/staff/storage", "/staff"


@pytest.fixture(scope="module")
def running(postgres: None) -> Iterator[StaffTown]:
    with staff_town() as town:
        yield town


@pytest.fixture
def town(running: StaffTown) -> StaffTown:
    running.fresh()
    return running


def sessions() -> list[Any]:
    with transaction() as connection:
        return list(connection.execute(text("SELECT token_hash, staff FROM staff_session")))


def is_in(browser: Browser) -> bool:
    return browser.ask("GET", LIST).status_code == 200


# --- logging in


def test_whoever_is_not_logged_in_is_told_how_and_comes_back_to_where_they_were(town: StaffTown) -> None:
    id = town.file()
    browser = town.browser()
    answer = browser.ask("GET", f"{LIST}/{id}/view?lang=en")
    assert answer.status_code == 401
    (way,) = [part for part in answer.text.split('"') if part.startswith("/staff/login?")]
    back = parse_qs(urlsplit(way.replace("&amp;", "&")).query)["back"][0]
    landed = browser.log_in(ANNA, back=quote(back))
    assert (landed.status_code, landed.headers["location"]) == (303, f"{LIST}/{id}/view?lang=en")
    assert browser.ask("GET", landed.headers["location"]).status_code == 200


def test_a_program_is_told_the_same_as_problem_json(town: StaffTown) -> None:
    assert is_problem(town.browser().json("GET", LIST), 401)


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "//evil.example/x", "/\\evil.example", "/staff//evil.example", "/l/x", "javascript:1",
     "/staff/../l/x", "/staff/storage?a=%0d%0aSet-Cookie:x", "/staff/login", "/staff/logout", "/staff/" + "x" * 500, ""],
)  # fmt: skip
def test_a_login_leads_to_our_own_pages_alone(town: StaffTown, elsewhere: str) -> None:
    assert way_back(elsewhere) == START
    if elsewhere.startswith("https"):
        assert town.browser().log_in(ANNA, back=quote(elsewhere)).headers["location"] == START


def test_the_cookie_is_for_no_script_no_form_from_elsewhere_and_no_longer_than_the_browser(
    town: StaffTown,
) -> None:
    (set_cookie,) = [
        line
        for line in town.browser().log_in(ANNA).raw.headers.getlist("set-cookie")
        if "vaxel-staff" in line
    ]
    parts = {part.strip().lower() for part in set_cookie.split(";")[1:]}
    assert parts == {"httponly", "path=/", "samesite=lax"}


def test_over_https_the_cookie_goes_to_this_host_over_tls_alone() -> None:
    response = Response()
    Door("https://vaxel.example.org").give(response, "token")
    said = response.headers["set-cookie"]
    assert said.startswith("__Host-vaxel-staff=token;")
    assert "Secure" in said
    assert "Domain" not in said


def test_nobody_can_use_what_lies_in_the_database(town: StaffTown) -> None:
    browser = town.logged_in()
    ((hashed, staff),) = sessions()
    told = bytes(hashed) + bytes(staff)
    assert browser.cookie.encode() not in told
    assert not any(part.encode() in told for part in ("Anna", ANNA, CARING))


def test_each_login_is_a_new_one_and_ends_the_one_before_in_that_browser(town: StaffTown) -> None:
    browser = town.logged_in()
    before = browser.cookie
    browser.log_in(ANNA)
    stolen = town.browser()
    stolen.http.cookies.set("vaxel-staff", before)
    assert browser.cookie != before
    assert (is_in(browser), is_in(stolen), len(sessions())) == (True, False, 1)


def test_a_cookie_that_was_set_before_the_login_is_not_the_login_s(town: StaffTown) -> None:
    browser, fixed = town.browser(), "x" * 43
    browser.http.cookies.set("vaxel-staff", fixed)
    browser.log_in(ANNA)
    planted = town.browser()
    planted.http.cookies.set("vaxel-staff", fixed)
    assert not is_in(planted)


@pytest.mark.parametrize(
    "wrong",
    ["nonce", "audience", "issuer", "expired", "number", "signature", "unsigned", "late", "hmac", "no_exp",
     "no_auth_time", "earlier"],
)  # fmt: skip
def test_what_the_provider_did_not_sign_for_us_and_for_now_lets_nobody_in(
    town: StaffTown, wrong: str
) -> None:
    browser = town.browser()
    answer = browser.log_in(ANNA, wrong=wrong)
    assert answer.status_code == 400
    assert browser.cookie == ""
    assert sessions() == []


@pytest.mark.parametrize(
    ("form", "page", "status"),
    [({"do": "cancel"}, Page.CANCELLED, 200), ({"loa": "2"}, Page.TOO_WEAK, 403)],
)
def test_a_login_that_comes_to_nothing_says_why_and_how_to_try_again(
    town: StaffTown, form: dict[str, str], page: Page, status: int
) -> None:
    answer = town.browser().log_in(ANNA, **form)
    assert answer.status_code == status
    assert SWEDISH.login[page].heading in answer.text
    assert "/staff/login?" in answer.text
    assert sessions() == []


def test_an_answer_that_nobody_here_asked_for_lets_nobody_in(town: StaffTown) -> None:
    answer = town.browser().ask("GET", f"/staff/login/callback?code=x&state={'s' * 43}")
    assert answer.status_code == 400


def test_a_provider_that_does_not_answer_is_counted_and_told_to_ops(town: StaffTown) -> None:
    town.fault("down")
    answer = town.browser().ask("GET", "/staff/login")
    assert answer.status_code == 503
    assert ("down", "staff_eid") in town.noted.told
    town.fresh()
    town.logged_in()
    assert ("up", "staff_eid") in town.noted.told


def test_a_scrape_tells_of_both_providers_under_one_name() -> None:
    counts = LoginCounts()
    for provider in ("eid", "staff_eid"):
        LoginWatch(provider, *[lambda *said: None] * 3, counts)  # type: ignore[arg-type]
    told = generate_latest(counts.registry).decode()
    assert told.count("# TYPE vaxel_logins_total") == 1
    assert told.count("vaxel_logins_failed_in_a_row{") == 2


# --- commissions


def test_without_a_commission_for_care_nothing_about_a_patient_is_seen(town: StaffTown) -> None:
    town.works_here("SE2321000115-P000000000003", "Cia Utan")
    none = town.logged_in("SE2321000115-P000000000003", None)
    other = town.logged_in(ANNA, ELSE)
    for browser, heading in ((none, SWEDISH.no_commission), (other, SWEDISH.wrong_commission)):
        page = browser.ask("GET", LIST)
        assert page.status_code == 403
        assert heading.heading in page.text
        assert "/staff/login?" in page.text
        assert is_problem(browser.json("GET", LIST), 403)


def test_with_a_commission_for_care_they_are_in_and_see_as_whom(town: StaffTown) -> None:
    page = town.logged_in(ANNA).ask("GET", LIST, accept_language="sv")
    assert page.status_code == 200
    assert "Inloggad: Anna Test" in page.text


# --- how a login ends


def test_a_login_that_is_used_lasts_for_a_shift_and_no_longer(town: StaffTown) -> None:
    browser = town.logged_in()
    for minutes in range(25, 480, 25):
        with at(minutes=minutes):
            assert is_in(browser)
    with at(minutes=481):
        assert not is_in(browser)
    assert sessions() == []


@pytest.mark.parametrize(("minutes", "still"), [(29, True), (31, False)])
def test_a_login_that_is_not_used_ends_after_half_an_hour(town: StaffTown, minutes: int, still: bool) -> None:
    browser = town.logged_in()
    with at(minutes=minutes):
        assert is_in(browser) is still


def test_logins_that_are_over_are_cleared_by_the_next(town: StaffTown) -> None:
    town.logged_in(ANNA)
    town.logged_in(BO)
    with transaction() as connection:
        connection.execute(text("UPDATE staff_session SET seen_at = seen_at - interval '31 minutes'"))
    town.logged_in(BO)
    assert len(sessions()) == 1


def test_whoever_logs_out_is_out(town: StaffTown) -> None:
    browser = town.logged_in()
    kept = browser.cookie
    assert SWEDISH.logged_out.heading in browser.press("/staff/logout").text
    again = town.browser()
    again.http.cookies.set("vaxel-staff", kept)
    assert (browser.cookie, is_in(again), sessions()) == ("", False, [])


def test_nobody_else_s_page_logs_them_out(town: StaffTown) -> None:
    browser = town.logged_in()
    assert browser.press("/staff/logout", token="guessed").status_code == 403
    assert is_in(browser)


@pytest.mark.parametrize("cookie", ["", "x", "x" * 43, "x" * 5000, "å" * 43, "../../etc"])
def test_a_cookie_that_is_not_ours_lets_nobody_in(town: StaffTown, cookie: str) -> None:
    town.logged_in()
    answer = town.browser().ask("GET", LIST, cookie=f"vaxel-staff={quote(cookie)}")
    assert answer.status_code == 401


def test_each_character_of_the_cookie_counts(town: StaffTown) -> None:
    browser = town.logged_in()
    for position in range(43):
        other = "A" if browser.cookie[position] != "A" else "B"
        altered = browser.cookie[:position] + other + browser.cookie[position + 1 :]
        assert town.browser().ask("GET", LIST, cookie=f"vaxel-staff={altered}").status_code == 401


def test_where_the_database_is_away_nobody_is_thrown_out(town: StaffTown) -> None:
    browser = town.logged_in()
    with transaction() as connection:
        connection.execute(text("ALTER TABLE staff_session RENAME TO staff_session_away"))
    answer = browser.ask("GET", LIST)
    with transaction() as connection:
        connection.execute(text("ALTER TABLE staff_session_away RENAME TO staff_session"))
    assert answer.status_code == 503
    assert is_in(browser)


# --- words


def test_every_page_has_every_word_in_both_languages() -> None:
    sv, en = WORDS["sv"], WORDS["en"]
    for name in ("login", "groups", "kinds", "marks", "reasons", "done", "sources"):
        assert getattr(sv, name).keys() == getattr(en, name).keys()
    assert len(KEY) == 32


@pytest.mark.parametrize(
    ("query", "accepted", "language"), [("", "sv", "sv"), ("", "en-GB", "en"), ("?lang=en", "sv", "en")]
)
def test_the_language_is_the_browser_s_or_the_one_asked_for(
    town: StaffTown, query: str, accepted: str, language: str
) -> None:
    page = town.logged_in().ask("GET", LIST + query, accept_language=accepted)
    assert f'<html lang="{language}">' in page.text


def test_the_key_that_we_log_in_by_at_staff_s_provider_is_shown_for_it_to_register(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    at = System(url="https://idp.example", user="vaxel", key=new_pem("P-256"))
    monkeypatch.setitem(settings().systems, "staff_eid", at)
    shown = json.loads(CliRunner().invoke(app, ["eid-key", "--staff"]).stdout)
    assert [(key["kty"], "d" in key) for key in shown["keys"]] == [("EC", False)]
