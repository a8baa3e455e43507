"""Staff's pages in a real browser, as wide as a ward's PC and as a phone, held against axe (WCAG 2.2 AA)."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from looked_at import PHONE, WARD, looked_at
from staff_driver import ANNA, BO, CARING, OTHER_PATIENT, StaffTown, case, staff_town

from cli.up.children import wait_until
from gateway.staff.asked import WORDS
from models.image_transfer import State

LIST = "/staff/storage"

SHOTS = int(os.environ.get("SHOTS", "2"))
LONG = "Bild från patienten på såret vänster fot efter operationen den 12 november i duschen " * 2 + ".jpg"


@pytest.fixture(scope="module")
def running(postgres: None) -> Iterator[StaffTown]:
    with staff_town() as town:
        yield town


@pytest.fixture(scope="module")
def files(running: StaffTown) -> dict[str, UUID]:
    """One of each kind, and one in each state."""
    running.fresh()
    put = {
        "turned": running.file(sample="jpeg_turned", filename="IMG_0001.jpg", hours=22.5),
        "heic": running.file(sample="heic_turned", filename=LONG, hours=1.4, patient=OTHER_PATIENT),
        "pdf": running.file(sample="pdf_with_script", filename="intyg.pdf", hours=0.6, scan="not_scanned"),
        "film": running.file(sample="mp4", filename="hosta.mp4", hours=12),
    }
    coming, refused, gone, saved = (uuid4() for _ in range(4))
    at = running.moment(-3)
    case(coming, ANNA, filename="ny.jpg")
    case(refused, ANNA, filename="faktura.docx", state=State.REFUSED, reason="kind_not_kept")
    case(
        gone,
        ANNA,
        filename="gammal.jpg",
        kind="image/jpeg",
        size=3_210_000,
        state=State.DELETED,
        deleted_at=at,
    )
    case(saved, ANNA, filename="klar.png", kind="image/png", state=State.JOURNALLED, journalled_at=at)
    return put


@pytest.fixture
def tab(request: pytest.FixtureRequest, chromium: Any, running: StaffTown, files: Any) -> Iterator[Any]:
    """A page of a browser in which Anna is logged in, without script."""
    width, language = getattr(request, "param", (WARD, "sv"))
    height = 768 if width == WARD else 740
    context = chromium.new_context(viewport={"width": width, "height": height}, locale=language)
    context.set_default_timeout(10_000)
    running.enter(context)
    yield context.new_page()
    context.close()


BOTH = [(WARD, "sv"), (PHONE, "en"), (PHONE, "sv"), (WARD, "en")][:SHOTS]
WIDE_AND_NARROW = pytest.mark.parametrize("tab", BOTH, indirect=True, ids=[f"{w}-{lang}" for w, lang in BOTH])


def seen(tab: Any) -> None:
    """Its pictures are there, or are not going to be. No script of the tab's own may wait for them."""
    wait_until(lambda: tab.evaluate("[...document.images].every(each => each.complete)"), 10, "a picture")


@WIDE_AND_NARROW
def test_every_page_is_open_to_everyone(tab: Any, running: StaffTown, files: dict[str, UUID]) -> None:
    tab.goto(running.url + LIST)
    for picture in tab.locator("img").all():
        picture.scroll_into_view_if_needed()
    seen(tab)
    assert tab.evaluate("[...document.images].every(each => each.naturalWidth > 0)")
    looked_at(tab, "list")
    for name, path in (
        ("picture", f"{LIST}/{files['turned']}/view"),
        ("pdf", f"{LIST}/{files['pdf']}/view"),
        ("delete", f"{LIST}/{files['turned']}/delete"),
        ("done", f"{LIST}?done=journalled"),
        ("not-here", f"{LIST}/{uuid4()}"),
    ):
        tab.goto(running.url + path)
        looked_at(tab, name)
    tab.context.clear_cookies()
    tab.goto(running.url + LIST)
    looked_at(tab, "log-in")


def test_a_turned_picture_stands_upright(tab: Any, running: StaffTown, files: dict[str, UUID]) -> None:
    tab.goto(f"{running.url}{LIST}/{files['turned']}/view")
    width, height = tab.evaluate("[document.images[0].naturalWidth, document.images[0].naturalHeight]")
    assert height > width


def test_the_keyboard_alone_does_everything_and_shows_where_it_is(
    tab: Any, running: StaffTown, files: dict[str, UUID]
) -> None:
    tab.goto(f"{running.url}{LIST}/{files['film']}/delete")
    reached = []
    for _ in range(16):
        tab.keyboard.press("Tab")
        reached.append(tab.evaluate("document.activeElement.innerText"))
        assert tab.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
        if reached[-1] == WORDS["sv"].delete_now:
            break
    with tab.expect_navigation():
        tab.keyboard.press("Enter")
    assert tab.locator("[role=status]").inner_text() == WORDS["sv"].done["delete"]
    assert running.acts[-1] == ("delete", files["film"])


def test_a_button_works_in_a_browser_and_says_what_was_done(
    tab: Any, running: StaffTown, files: dict[str, UUID]
) -> None:
    tab.goto(running.url + LIST)
    with tab.expect_navigation():
        tab.click(f"button[formaction*='{files['turned']}/journalled']")
    assert tab.locator("[role=status]").inner_text() == WORDS["sv"].done["journalled"]
    assert running.acts[-1] == ("journalled", files["turned"])


def test_a_download_is_saved_under_the_file_s_name(
    tab: Any, running: StaffTown, files: dict[str, UUID]
) -> None:
    tab.goto(running.url + LIST)
    with tab.expect_download() as download:
        tab.click(f"a[href='{LIST}/{files['pdf']}']")
    assert download.value.suggested_filename == "intyg.pdf"


def test_a_browser_logs_in_and_out_by_the_pages_alone(chromium: Any, running: StaffTown, files: Any) -> None:
    context = chromium.new_context(java_script_enabled=False)
    tab = context.new_page()
    tab.goto(running.url + LIST)
    with tab.expect_navigation():
        tab.click("a.first")
    tab.select_option("#commission", f"{BO} {CARING}")
    with tab.expect_navigation():
        tab.click("button[value=login]")
    assert tab.url == running.url + LIST
    assert WORDS["en"].none in tab.inner_text("main")
    with tab.expect_navigation():
        tab.click("header button")
    assert WORDS["en"].logged_out.heading == tab.inner_text("h1")
    tab.goto(running.url + LIST)
    assert WORDS["en"].login["start"].heading == tab.inner_text("h1")
    context.close()


def test_a_page_elsewhere_can_neither_frame_nor_show_nor_send(
    chromium: Any, running: StaffTown, files: dict[str, UUID], tmp_path: Path
) -> None:
    evil = tmp_path / "evil.html"
    picture, send = (
        f"{running.url}{LIST}/{files['heic']}/preview",
        f"{running.url}{LIST}/{files['heic']}/delete",
    )
    evil.write_text(
        f'<img id="i" src="{picture}"><iframe id="f" src="{running.url}{LIST}"></iframe>'
        f'<form method="post" action="{send}"><button>Win</button></form>'
    )
    context = chromium.new_context()
    running.enter(context)
    tab = context.new_page()
    tab.goto(evil.as_uri())
    seen(tab)
    assert tab.evaluate("document.images[0].naturalWidth") == 0
    with tab.expect_navigation():
        tab.click("button")
    assert ("delete", files["heic"]) not in running.acts
    context.close()
