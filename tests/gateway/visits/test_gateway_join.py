"""`/v/{token}`: what shows before a login and after it, what leads on, and what stands in cookies and addresses."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urljoin

import pytest
from visit_driver import OTHER, PATIENT, PLACE, VIDEO, VisitTown, heading, soon, visit_town

from engine.base import clock
from engine.base.database import transaction
from engine.tables import inbox
from gateway.login.texts import LANGUAGES, Page, PageText
from gateway.visits import join, logged_in
from gateway.visits import texts as check_in_texts
from gateway.visits.join_texts import ENGLISH, SWEDISH, JoinPage, JoinWords
from gateway.visits.texts import CheckInPage
from routine.figures import Joining
from tasks import clients
from tasks.booking_publication.visits import JOINED


@pytest.fixture(scope="module")
def running(postgres: None) -> Iterator[VisitTown]:
    with visit_town() as town:
        yield town


@pytest.fixture
def town(running: VisitTown, database: None) -> VisitTown:
    running.fresh()
    running.wakes.clear()
    return running


@pytest.fixture
def link(town: VisitTown) -> str:
    """Of a video visit in ten minutes."""
    return town.link(town.visit(start=soon() - timedelta(minutes=5), **VIDEO))


@pytest.fixture
def early(town: VisitTown) -> str:
    """Of one in an hour."""
    return town.link(town.visit(start=soon() + timedelta(hours=1), **VIDEO))


def said(page: JoinPage, words: JoinWords = SWEDISH) -> str:
    return words.pages[page].heading


def joined() -> int:
    """How many joinings wait to be written down."""
    with transaction() as connection:
        return len(inbox.keys_waiting(connection, ["booking_publication"], [JOINED], ""))


@pytest.mark.parametrize(("lang", "words"), [("sv", SWEDISH), ("en", ENGLISH)])
def test_whoever_only_looks_sees_what_the_link_is_for_and_nothing_of_the_visit(
    town: VisitTown, link: str, lang: str, words: JoinWords
) -> None:
    answer = town.browser(**{"accept-language": lang}).get(link)
    assert (answer.status_code, heading(answer)) == (200, said(JoinPage.START, words))
    assert not any(word in answer.text for word in ("Halmstad", "10.10", "10:10", "platform24"))
    assert not answer.cookies
    assert joined() == 0


def test_a_login_leads_on_to_the_very_address_and_it_is_stored_before(town: VisitTown, link: str) -> None:
    answer = town.browser().log_in(link, PATIENT)
    assert (answer.status_code, answer.headers["location"]) == (303, PLACE)
    assert (joined(), town.wakes) == (1, ["booking_publication"])


def test_once_logged_in_the_page_has_a_button_that_leads_on_and_to_look_at_it_joins_nothing(
    town: VisitTown, early: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = town.logged_in(home=early)
    assert heading(browser.get(early)) == said(JoinPage.EARLY)
    region = clients.region().model_copy(update={"joining": Joining(early_minutes=90)})
    monkeypatch.setattr(clients, "region", lambda: region)
    shown = browser.get(early)
    assert heading(shown) == said(JoinPage.OPEN)
    assert f'href="{early}/join?lang=sv"' in shown.text
    assert joined() == 0


def test_to_ask_what_the_button_would_answer_is_not_to_join(town: VisitTown, link: str) -> None:
    browser = town.logged_in(home=link)
    before, woken = joined(), len(town.wakes)
    asked = browser.http.head(urljoin(browser.url, f"{link}/join"), timeout=20, allow_redirects=False)
    assert (asked.status_code, asked.headers["location"]) == (303, PLACE)
    assert (joined(), len(town.wakes)) == (before, woken)


@pytest.mark.parametrize(("lang", "words"), [("sv", SWEDISH), ("en", ENGLISH)])
def test_a_login_keeps_the_language_and_the_page_says_when(
    town: VisitTown, early: str, lang: str, words: JoinWords
) -> None:
    answer = town.browser(**{"accept-language": lang}).log_in(early, PATIENT)
    assert heading(answer) == said(JoinPage.EARLY, words)
    assert {"sv": "kl. 11.15", "en": "at 11:15"}[lang] in answer.text
    assert "Vårdcentralen Halmstad" in answer.text


def test_whoever_it_is_not_for_sees_nothing_of_it_and_can_log_in_as_another(
    town: VisitTown, link: str
) -> None:
    answer = town.browser().log_in(link, OTHER)
    assert (answer.status_code, heading(answer)) == (403, said(JoinPage.NOT_THEIRS))
    assert not any(word in answer.text for word in ("Halmstad", "10.10", "platform24"))
    assert f'href="{link}/login?lang=sv"' in answer.text
    assert joined() == 0


def test_a_login_holds_at_its_link_for_ten_minutes(
    town: VisitTown, link: str, early: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = town.logged_in(home=early)
    cookie = browser.http.cookies.get("visit-login")
    moved = town.browser()
    moved.http.headers["cookie"] = f"visit-login={cookie}"
    assert heading(moved.get(link)) == said(JoinPage.START)
    assert moved.get(f"{link}/join").headers["location"] == f"{link}?lang=sv"
    real = clock.now()
    monkeypatch.setattr(logged_in, "_now", lambda: int((real + timedelta(seconds=601)).timestamp()))
    assert heading(browser.get(early)) == said(JoinPage.START)
    assert joined() == 0


def test_the_cookie_of_a_login_says_nothing_and_no_script_has_it(town: VisitTown, early: str) -> None:
    browser = town.logged_in(home=early)
    (cookie,) = [each for each in browser.http.cookies if each.name == "visit-login"]
    assert PATIENT not in cookie.value
    assert (cookie.path, cookie.has_nonstandard_attr("HttpOnly"), cookie.get_nonstandard_attr("SameSite")) == (
        early, True, "lax",
    )  # fmt: skip


def test_a_link_says_nothing_and_no_two_are_the_same(town: VisitTown) -> None:
    ids = [town.visit(start=soon() + timedelta(hours=at), **VIDEO) for at in range(3)]
    links = {town.link(id) for id in ids}
    assert len(links) == 3
    assert {len(each) for each in links} == {len("/v/") + 22}


@pytest.mark.parametrize("token", ["x", "x" * 22, "%3Cscript%3E", "x" * 500, "å" * 22])
def test_an_unknown_link_has_a_clear_page_whatever_is_asked(town: VisitTown, token: str) -> None:
    browser = town.browser()
    for path in (f"/v/{token}", *([f"/v/{token}/login"] if len(token) != 22 else [])):
        answer = browser.get(path)
        assert (answer.status_code, heading(answer)) == (404, LANGUAGES["sv"].pages[Page.UNKNOWN].heading)
        assert "<script" not in answer.text


@pytest.mark.parametrize(
    ("form", "page"),
    [
        ({"loa": "2"}, Page.TOO_WEAK),
        ({"do": "cancel"}, Page.CANCELLED),
        ({"wrong": "nonce"}, Page.NOT_VERIFIED),
    ],
)
def test_a_login_that_does_not_come_about_says_so_and_leads_back(
    town: VisitTown, link: str, form: dict[str, str], page: Page
) -> None:
    browser = town.browser()
    answer = browser.log_in(link, PATIENT, **form)
    assert heading(answer) == LANGUAGES["sv"].pages[page].heading
    assert f'href="{link}/login?lang=sv"' in answer.text
    assert "visit-login" not in browser.http.cookies
    assert joined() == 0


def test_while_the_register_or_the_database_is_down_nobody_is_let_on(
    town: VisitTown, early: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = town.logged_in(home=early)

    def down(*given: object) -> None:
        raise ConnectionError(PATIENT)

    monkeypatch.setattr(join.joining, "transaction", down)
    for path in (early, f"{early}/join"):
        answer = browser.get(path)
        assert (answer.status_code, heading(answer)) == (503, said(JoinPage.AWAY))
        assert "Halmstad" not in answer.text
    assert town.browser().get(early).status_code == 503


def test_every_page_lets_a_browser_run_nothing_and_keep_nothing(
    town: VisitTown, link: str, early: str
) -> None:
    for answer in (
        town.browser().get(link),
        town.browser().log_in(link, OTHER),
        town.browser().log_in(link, PATIENT),
        town.logged_in(home=early).get(early),
        town.browser().get("/v/x"),
    ):
        policy = answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "script" not in policy
        assert "<script" not in answer.text
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-frame-options"] == "DENY"


def test_nothing_of_a_patient_or_of_the_visit_stands_in_an_address(town: VisitTown) -> None:
    id = town.visit(start=soon() - timedelta(minutes=5), **VIDEO)
    browser = town.browser()
    answer = browser.log_in(town.link(id), PATIENT)
    for address in (browser.back, answer.url):
        assert PATIENT not in address
        assert id not in address


@pytest.mark.parametrize(
    "page", [check_in_texts.SWEDISH.pages[CheckInPage.START], SWEDISH.pages[JoinPage.NOT_THEIRS]]
)
def test_barn_2_the_age_on_a_page_is_the_regions(page: PageText) -> None:
    said = " ".join(page.filled(age=15, turn="", start="", minutes=15).says)
    assert "barn under 15 år" in said
    assert "13" not in said


def test_every_page_says_what_it_says_in_both_languages_and_names_its_figures() -> None:
    for words in (SWEDISH, ENGLISH):
        assert set(words.pages) == set(JoinPage)
        for page in words.pages.values():
            assert not set("".join(page.filled(age=13, turn="T", start="S", minutes=15).says)) & set("{}")
    assert [len(page.says) for page in SWEDISH.pages.values()] == [
        len(page.says) for page in ENGLISH.pages.values()
    ]
