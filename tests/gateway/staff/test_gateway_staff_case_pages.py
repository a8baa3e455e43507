"""The start page, the search, a case and the routine in a real browser, as wide as a ward's PC and as a phone (axe)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from cases_driver import alert, booking, contact, effect
from looked_at import PHONE, WARD, looked_at
from staff_driver import ANNA, ELSE, PATIENT, StaffTown, staff_town

from engine.base import clock
from engine.tables.timeline import Entry

SHOTS = int(os.environ.get("SHOTS", "2"))
LONG = (
    Entry("event_applied", "applied"),
    Entry("index_updated", "booked_visit", "besok-1"),
    Entry("call_letter", "digital_call_letter", "onskemal-3"),
    Entry("paper", "reached_on_1177", "policy-papper-1"),
    Entry("failed", "unreachable"),
    Entry("notice", "visit_booked", "besok-2"),
    Entry("notice", "manual_handling", "policy-skydd-1"),
)


@pytest.fixture(scope="module")
def running(postgres: None) -> Iterator[StaffTown]:
    with staff_town() as town:
        yield town


@pytest.fixture(scope="module")
def shown(running: StaffTown) -> UUID:
    """What waits, and a case with a long story."""
    running.fresh()
    running.file(filename="fot.jpg")
    alert("K-1")
    contact("K-2", state="unanswered")
    contact("K-" + "9" * 60, parked="several_contacts")
    id = booking(due_at=running.moment(400 * 24), start=running.moment(400 * 24), entries=LONG)
    effect(id, receipt="delivered", receipt_at=clock.now())
    effect(id, step="send_call_letter", system="e1177")
    effect(id, system="mail", receipt="failed", receipt_at=clock.now())
    return id


@pytest.fixture
def tab(request: pytest.FixtureRequest, chromium: Any, running: StaffTown, shown: UUID) -> Iterator[Any]:
    """A page of a browser in which Anna is logged in, without script."""
    width, language = request.param
    context = chromium.new_context(viewport={"width": width, "height": 768}, locale=language)
    context.set_default_timeout(10_000)
    running.enter(context)
    yield context.new_page()
    context.close()


BOTH = [(WARD, "sv"), (PHONE, "en"), (PHONE, "sv"), (WARD, "en")][:SHOTS]
WIDE_AND_NARROW = pytest.mark.parametrize("tab", BOTH, indirect=True, ids=[f"{w}-{lang}" for w, lang in BOTH])


@WIDE_AND_NARROW
def test_every_page_is_open_to_everyone(tab: Any, running: StaffTown, shown: UUID) -> None:
    for name, path in (
        ("front", "/"),
        ("start", "/staff"),
        ("search", "/staff/cases"),
        ("found", "/staff/cases?booking=B-1&source=vas"),
        ("found-none", "/staff/cases?booking=B-2&source=vas"),
        ("wrong", "/staff/cases?booking=&source=vas"),
        ("never-there", "/staff/cases?phone=1"),
        ("case", f"/staff/cases/{shown}"),
        ("not-here", f"/staff/cases/{uuid4()}"),
        ("routine", "/staff/routine#besok-2"),
    ):
        tab.goto(running.url + path)
        looked_at(tab, name)
    tab.goto(f"{running.url}/staff/cases/{shown}")
    tab.emulate_media(media="print")
    looked_at(tab, "case-printed")
    assert not tab.locator("nav").is_visible()


@WIDE_AND_NARROW
def test_a_patient_is_looked_for_by_keyboard_alone_and_a_clause_is_followed(
    tab: Any, running: StaffTown, shown: UUID
) -> None:
    tab.goto(running.url + "/staff/cases")
    tab.focus("#patient")
    tab.keyboard.type(PATIENT)
    tab.keyboard.press("Tab")
    tab.keyboard.press("Tab")
    tab.keyboard.type("Ringer om sin tid")
    tab.keyboard.press("Enter")
    tab.wait_for_selector(f"a[href^='/staff/cases/{shown}']")
    assert tab.url == running.url + "/staff/cases"
    tab.click(f"a[href^='/staff/cases/{shown}']")
    tab.click("a[href$='#besok-2']")
    assert tab.url.endswith("/staff/routine#besok-2")
    assert tab.locator("#besok-2").is_visible()


@pytest.mark.parametrize("tab", BOTH[:1], indirect=True, ids=["wide"])
def test_what_is_typed_stays_when_the_language_is_changed(tab: Any, running: StaffTown, shown: UUID) -> None:
    tab.goto(running.url + "/staff/cases?lang=sv")
    tab.fill("#patient", PATIENT)
    tab.fill("#why-phone", "Ringer om sin tid")
    tab.click("header button[name=show]")
    tab.wait_for_selector("html[lang=en]")
    assert tab.input_value("#patient") == PATIENT
    assert tab.input_value("#why-phone") == "Ringer om sin tid"
    assert tab.url == running.url + "/staff/cases?lang=en"


@pytest.mark.parametrize("tab", BOTH[:1], indirect=True, ids=["wide"])
def test_without_a_commission_the_start_page_is_open_to_everyone_too(
    tab: Any, running: StaffTown, shown: UUID
) -> None:
    cookie = running.logged_in(ANNA, ELSE).cookie
    tab.context.add_cookies([{"name": "vaxel-staff", "value": cookie, "url": running.url}])
    tab.goto(running.url + "/staff")
    looked_at(tab, "start-needs")
