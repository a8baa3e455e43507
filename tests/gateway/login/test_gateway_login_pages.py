"""The pages of a login, each reached as a patient reaches it, in a browser of a phone's width, held against axe."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from login_driver import ADULT, OTHER, LoginTown, heading, login_town
from looked_at import looked_at, wrong_by_axe

from gateway.login.ports import LinkState
from gateway.login.texts import LANGUAGES, Page

WIDTH = 390
# How the tester fills in the provider's form, for the pages that lie behind it.
FILLED: dict[Page, dict[str, str]] = {
    Page.DONE: {},
    Page.WRONG_PERSON: {"personnummer": OTHER},
    Page.TOO_WEAK: {"loa": "2"},
    Page.CANCELLED: {"do": "cancel"},
    Page.TOO_LATE: {"wrong": "late"},
    Page.NOT_VERIFIED: {"wrong": "nonce"},
}


@pytest.fixture(scope="module")
def running() -> Iterator[LoginTown]:
    with login_town() as town:
        yield town


@pytest.fixture(scope="module")
def window(chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": WIDTH, "height": 844})
    yield context.new_page()
    context.close()


@pytest.fixture
def tab(window: Any, running: LoginTown) -> Any:
    """A browser that has been nowhere."""
    running.fresh()
    window.context.clear_cookies()
    return window


def reach(tab: Any, town: LoginTown, page: Page, language: str) -> None:
    """Goes where the patient meets the page."""
    state = LinkState(page.value) if page.value in list(LinkState) else LinkState.ALIVE
    token = "x" * 43 if page is Page.UNKNOWN else town.links.make(state=state)
    tab.goto(f"{town.link(token)}?lang={language}")
    if page is Page.AWAY:
        town.fault("down")
    if page is Page.AWAY or page in FILLED:
        _press(tab, "a.button")
    if page in FILLED:
        _fill(tab, {"personnummer": ADULT, "loa": "3", "wrong": "", "do": "login"} | FILLED[page])


def _fill(tab: Any, form: dict[str, str]) -> None:
    for name in ("personnummer", "loa", "wrong"):
        tab.select_option(f"#{name}", form[name])
    _press(tab, f"button[value={form['do']}]")


def _press(tab: Any, what: str) -> None:
    with tab.expect_navigation():
        tab.click(what)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("page", Page)
def test_every_page_is_open_to_everyone(tab: Any, running: LoginTown, page: Page, language: str) -> None:
    reach(tab, running, page, language)
    assert tab.inner_text("h1") == tab.title() == heading(page, language)
    assert tab.get_attribute("html", "lang") == language
    looked_at(tab, page, by_axe=language == "sv" or page is Page.START)


def test_axe_would_find_what_is_wrong(tab: Any, running: LoginTown) -> None:
    reach(tab, running, Page.START, "sv")
    tab.evaluate(
        "document.querySelector('main a').style.color = '#2a5fa5'; document.documentElement.lang = ''"
    )
    assert {"color-contrast", "html-has-lang"} <= {rule for rule, _ in wrong_by_axe(tab)}


@pytest.mark.parametrize("page", [Page.START, Page.WRONG_PERSON])
def test_the_button_is_large_reached_by_key_and_seen_when_it_is(
    tab: Any, running: LoginTown, page: Page
) -> None:
    reach(tab, running, page, "sv")
    assert tab.locator("a.button").bounding_box()["height"] >= 44
    for _ in range(3):
        if tab.evaluate("document.activeElement.className") != "button":
            tab.keyboard.press("Tab")
    assert tab.evaluate("document.activeElement.className") == "button"
    assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"


def test_the_page_is_whole_at_four_times_the_size_without_script_and_in_the_dark(
    chromium: Any, running: LoginTown
) -> None:
    running.fresh()
    context = chromium.new_context(
        viewport={"width": 320, "height": 256}, java_script_enabled=False, color_scheme="dark"
    )
    tab = context.new_page()
    tab.goto(running.link(running.links.make()))
    box = tab.locator("a.button").bounding_box()
    assert (box["x"] >= 0, box["x"] + box["width"] <= 320) == (True, True)
    context.close()


def test_the_language_is_changed_by_a_link(tab: Any, running: LoginTown) -> None:
    reach(tab, running, Page.START, "sv")
    _press(tab, "text=In English")
    assert tab.title() == heading(Page.START, "en")
