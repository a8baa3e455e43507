"""The pages of checking in, in a real browser, as narrow as a phone, held against axe (WCAG 2.2 AA)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from looked_at import PHONE, looked_at
from visit_driver import HOME, OTHER, PATIENT, VisitTown, soon, visit_town

from gateway.visits.texts import WORDS
from sandbox.people.numbers import ADULTS, turning


@pytest.fixture(scope="module")
def running(postgres: None) -> Iterator[VisitTown]:
    with visit_town() as town:
        yield town


@pytest.fixture(scope="module")
def people(running: VisitTown) -> None:
    """A parent with a child, each with a visit; one who has none; one who is protected."""
    running.fresh()
    child = turning(8, soon().date() + timedelta(days=2))
    running.lives_here(child, guardians=[PATIENT])
    running.lives_here(ADULTS[3], protected=True)
    running.visit()
    running.visit(child, start=soon() - timedelta(minutes=5))
    running.visit(check_in=False, start=soon() - timedelta(minutes=2))


@pytest.fixture(params=["sv", "en"])
def tab(request: pytest.FixtureRequest, chromium: Any, people: None) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": PHONE, "height": 740}, locale=request.param)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_every_page_is_open_to_everyone(tab: Any, running: VisitTown) -> None:
    tab.goto(running.url + HOME)
    looked_at(tab, "start")
    swedish = tab.get_attribute("html", "lang") == "sv"
    tab.goto(f"{running.url}/c/SE2321000115-E0000000000ZZ")
    looked_at(tab, "unknown", by_axe=swedish)
    running.enter(tab.context)
    tab.goto(running.url + HOME)
    looked_at(tab, "visits", by_axe=swedish)
    for name, number in (("no-visit", OTHER), ("desk", ADULTS[3])):
        tab.context.clear_cookies()
        running.enter(tab.context, number)
        tab.goto(running.url + HOME)
        looked_at(tab, name, by_axe=swedish)


def test_the_keyboard_alone_checks_in_and_the_page_says_what_is_so(tab: Any, running: VisitTown) -> None:
    running.enter(tab.context)
    tab.goto(running.url + HOME)
    words = WORDS[tab.get_attribute("html", "lang")]
    before, told = (
        tab.get_by_role("button", name=words.check_in).count(),
        tab.locator("[role=status]").count(),
    )
    for _ in range(8):
        tab.keyboard.press("Tab")
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        if tab.evaluate("document.activeElement.name") == "visit":
            break
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert tab.get_by_role("button", name=words.check_in).count() == before - 1
    assert tab.locator("[role=status]").count() == told + 1
    looked_at(tab, "pressed")
