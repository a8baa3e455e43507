"""The pages of checking in, in a real browser, as narrow as a phone, held against axe (WCAG 2.2 AA)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from visit_driver import HOME, OTHER, PATIENT, VisitTown, soon, visit_town

from gateway.visits.texts import WORDS
from sandbox.people.numbers import ADULTS, turning

WIDTHS = {"sv": 360, "en": 360}
RULES = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
SHOTS = os.environ.get("SHOTS_TO")


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
    context = chromium.new_context(viewport={"width": 360, "height": 740}, locale=request.param)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def looked_at(tab: Any, name: str, shots: Path) -> None:
    """Whole, clean by axe, and nothing to be pushed aside; a picture of it is kept."""
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    assert tab.evaluate("document.documentElement.scrollWidth") <= 360
    language = tab.get_attribute("html", "lang")
    tab.screenshot(path=Path(SHOTS or shots) / f"{name}-{language}.png", full_page=True)
    found = axe.Axe().run(tab, options=RULES).response["violations"]
    assert [(each["id"], [node["html"] for node in each["nodes"]]) for each in found] == []


def test_every_page_is_open_to_everyone(tab: Any, running: VisitTown, tmp_path: Path) -> None:
    tab.goto(running.url + HOME)
    looked_at(tab, "start", tmp_path)
    tab.goto(f"{running.url}/c/SE2321000115-E0000000000ZZ")
    looked_at(tab, "unknown", tmp_path)
    running.enter(tab.context)
    tab.goto(running.url + HOME)
    looked_at(tab, "visits", tmp_path)
    for name, number in (("no-visit", OTHER), ("desk", ADULTS[3])):
        tab.context.clear_cookies()
        running.enter(tab.context, number)
        tab.goto(running.url + HOME)
        looked_at(tab, name, tmp_path)


def test_the_keyboard_alone_checks_in_and_the_page_says_what_is_so(
    tab: Any, running: VisitTown, tmp_path: Path
) -> None:
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
    looked_at(tab, "pressed", tmp_path)
