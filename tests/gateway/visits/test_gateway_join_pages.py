"""The pages of joining, in a real browser, as narrow as a phone, held against axe (WCAG 2.2 AA)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from looked_at import PHONE, looked_at
from visit_driver import OTHER, PATIENT, PLACE, VIDEO, VisitTown, soon, visit_town

from gateway.visits.join_texts import WORDS, JoinPage
from sandbox.people.numbers import ADULTS


@pytest.fixture(scope="module")
def running(postgres: None) -> Iterator[VisitTown]:
    with visit_town() as town:
        yield town


@pytest.fixture(scope="module")
def links(running: VisitTown) -> dict[JoinPage, tuple[str, str]]:
    """By page, a link and who follows it."""
    running.fresh()
    running.lives_here(ADULTS[3], protected=True)

    def link(number: str = PATIENT, hours: float = 0, **fields: Any) -> tuple[str, str]:
        start = soon() + timedelta(hours=hours, minutes=-5)
        id = running.visit(number, start=start, **VIDEO)
        if fields:
            running.changes(id, **fields)
        return running.link(id), number

    later = (soon() + timedelta(hours=2, minutes=10)).isoformat()
    return {
        JoinPage.OPEN: link(),
        JoinPage.EARLY: link(hours=1),
        JoinPage.MOVED: link(hours=2, start=later),
        JoinPage.OVER: link(hours=-3),
        JoinPage.CANCELLED: link(hours=3, cancelled_by="staff"),
        JoinPage.HELD_OTHERWISE: link(hours=4, form="on_site", platform=None, join=None),
        JoinPage.UNIT: link(ADULTS[3]),
        JoinPage.NOT_THEIRS: (link(hours=5)[0], OTHER),
    }


@pytest.fixture(params=["sv", "en"])
def tab(request: pytest.FixtureRequest, chromium: Any) -> Iterator[Any]:
    context = chromium.new_context(viewport={"width": PHONE, "height": 740}, locale=request.param)
    context.set_default_timeout(10_000)
    yield context.new_page()
    context.close()


def test_every_page_is_open_to_everyone(
    tab: Any, running: VisitTown, links: dict[JoinPage, tuple[str, str]]
) -> None:
    tab.goto(running.url + links[JoinPage.OPEN][0])
    looked_at(tab, "join-start")
    language = tab.get_attribute("html", "lang")
    words = WORDS[language]
    for page, (link, number) in links.items():
        running.enter(tab.context, number, link)
        tab.goto(running.url + link)
        assert tab.inner_text("h1") == words.pages[page].heading
        looked_at(tab, f"join-{page}", by_axe=language == "sv")
    tab.goto(f"{running.url}/v/{'x' * 22}")
    looked_at(tab, "join-unknown", by_axe=language == "sv")


def test_the_keyboard_alone_joins_and_the_platform_is_not_told_where_from(
    tab: Any, running: VisitTown, links: dict[JoinPage, tuple[str, str]]
) -> None:
    link, number = links[JoinPage.OPEN]
    running.enter(tab.context, number, link)
    asked: list[tuple[str, Any]] = []
    tab.on("request", lambda request: asked.append((request.url, request.headers.get("referer"))))
    tab.goto(running.url + link)
    for _ in range(4):
        tab.keyboard.press("Tab")
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        if tab.evaluate("document.activeElement.className") == "button":
            break
    with tab.expect_event("requestfailed"):  # there is no such platform in this town
        tab.keyboard.press("Enter")
    assert asked[-1] == (PLACE.partition("#")[0], None)
