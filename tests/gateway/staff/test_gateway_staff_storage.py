"""A file in the storage is its owner's alone, for its time alone, and each look is in the log (bilder-2 to bilder-4)."""

from __future__ import annotations

import hashlib
import io
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any
from uuid import UUID, uuid4

import pytest
import requests
from gateway_driver import is_problem, until
from PIL import Image
from sqlalchemy import text
from staff_driver import (
    ANNA,
    BO,
    CARING,
    ELSE,
    OTHER_PATIENT,
    UNIT,
    Browser,
    StaffTown,
    acts_logged,
    at,
    case,
    logged,
    staff_town,
    unlogged,
)

from engine.base import clock
from engine.base.database import transaction
from engine.base.settings import settings
from engine.outer import incidents
from models.image_transfer import State
from sandbox.files.samples import sample
from systems.storage import files as storage
from systems.storage.sealed import SEGMENT

LIST = "/staff/storage"
ROUTES = [
    ("GET", ""),
    ("HEAD", ""),
    ("DELETE", ""),
    ("GET", "/view"),
    ("GET", "/preview"),
    ("HEAD", "/preview"),
    ("GET", "/preview?size=large"),
    ("GET", "/delete"),
    ("POST", "/delete"),
    ("POST", "/journalled"),
    ("POST", "/fetch-again"),
]
"""Every route and method of one file."""
GIVES = [("GET", ""), ("GET", "/preview"), ("GET", "/view"), ("GET", "/delete"), ("HEAD", "")]
ACTS = [("DELETE", ""), ("POST", "/delete"), ("POST", "/journalled")]


@pytest.fixture(scope="module")
def running(postgres: None) -> Iterator[StaffTown]:
    with staff_town() as town:
        yield town


@pytest.fixture
def town(running: StaffTown) -> StaffTown:
    running.fresh()
    return running


def said(browser: Browser, method: str, path: str, accept: str = "application/json") -> tuple[Any, ...]:
    """An answer as it is seen, but for the time of day."""
    answer = browser.ask(method, path, accept=accept, origin=browser.url)
    headers = {name: value for name, value in answer.headers.items() if name != "date"}
    return answer.status_code, answer.content, headers


# --- mine


def test_my_list_has_my_files_alone_as_the_contract_has_them(town: StaffTown) -> None:
    mine = town.file(ANNA, filename="fot.jpg")
    town.file(BO)
    (file,) = town.logged_in(ANNA).json("GET", LIST).json()["files"]
    assert file["id"] == str(mine)
    assert file.keys() == {
        "id", "transfer", "filename", "type", "bytes", "sha256", "stored_at", "deleted_at", "state", "reason",
        "source", "patient",
    }  # fmt: skip
    assert file["patient"]["type"] == "personnummer", "a program has to know whose journal it goes to"
    assert (file["state"], file["source"]) == ("stored", {"system": "platform24", "contact": "c-1"})


def test_a_file_whose_row_does_not_open_hides_no_other(town: StaffTown) -> None:
    whole, broken = town.file(), town.file()
    with transaction() as connection:
        query = text("UPDATE image_transfer SET patient = substring(patient FROM 1 FOR 40) WHERE id = :id")
        connection.execute(query, {"id": broken})
    browser = town.logged_in()
    assert [file["id"] for file in browser.json("GET", LIST).json()["files"]] == [str(whole)]
    assert browser.ask("GET", f"{LIST}/{broken}", accept="application/json").status_code == 404


def test_the_original_is_given_as_it_came_for_no_browser_to_run(town: StaffTown) -> None:
    id = town.file(filename='../../"rök\r\nX: y".jpg')
    answer = town.logged_in().ask("GET", f"{LIST}/{id}", range="bytes=0-9")
    original = b"".join(sample("jpeg").chunks())
    assert (answer.status_code, answer.content == original) == (200, True)
    headers = answer.headers
    assert headers["content-length"] == str(len(original))
    assert headers["content-type"] == "image/jpeg"
    assert headers["content-disposition"].startswith('attachment; filename="')
    assert "sandbox" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["cross-origin-resource-policy"] == headers["cross-origin-opener-policy"] == "same-origin"
    assert headers["cache-control"].startswith("no-store")
    assert (headers["referrer-policy"], headers["x-frame-options"]) == ("no-referrer", "DENY")
    assert "x" not in headers


def test_a_type_is_what_the_file_is_and_not_what_it_is_called(town: StaffTown) -> None:
    id = town.file(sample="pdf", filename="bild.html")
    answer = town.logged_in().ask("GET", f"{LIST}/{id}")
    assert answer.headers["content-type"] == "application/pdf"


@pytest.mark.parametrize("name", ["jpeg_of_a_phone", "heic_turned", "jpeg_turned"])
def test_a_preview_is_upright_and_has_nothing_of_where_it_was_taken(town: StaffTown, name: str) -> None:
    id = town.file(sample=name)
    answer = town.logged_in().ask("GET", f"{LIST}/{id}/preview")
    assert answer.status_code == 200
    drawn = Image.open(io.BytesIO(answer.content))
    assert not {"exif", "xmp", "icc_profile", "comment"} & set(drawn.info)
    assert not dict(drawn.getexif())
    assert not any(
        mark in answer.content for mark in (b"Exif", b"EXIF", b"GPS", b"http://ns.adobe.com", b"XMP ")
    )
    assert "no-store" in answer.headers["cache-control"]


def test_head_tells_what_get_would_and_opens_nothing(town: StaffTown) -> None:
    browser, id = town.logged_in(), town.file()
    head, get = browser.ask("HEAD", f"{LIST}/{id}"), browser.ask("GET", f"{LIST}/{id}")
    assert head.content == b""
    names = ("content-length", "content-type", "content-disposition", "content-security-policy")
    assert [head.headers[name] for name in names] == [get.headers[name] for name in names]
    assert acts_logged() == ["look", "download"]


def test_a_large_film_comes_whole(town: StaffTown) -> None:
    id = town.file(sample="mp4")
    answer = town.logged_in().ask("GET", f"{LIST}/{id}")
    listed = town.logged_in().json("GET", LIST).json()["files"][0]
    assert hashlib.sha256(answer.content).hexdigest() == listed["sha256"]
    assert town.logged_in().ask("GET", f"{LIST}/{id}/preview").status_code == 404


# --- nobody else's


def _other(town: StaffTown, stack: ExitStack) -> Browser:
    return town.logged_in(BO)


def _nobody(town: StaffTown, stack: ExitStack) -> Browser:
    return town.browser()


def _altered(town: StaffTown, stack: ExitStack) -> Browser:
    browser, kept = town.browser(), town.logged_in(ANNA).cookie
    browser.http.cookies.set("vaxel-staff", kept[:-1] + ("A" if kept[-1] != "A" else "B"))
    return browser


def _idle(town: StaffTown, stack: ExitStack) -> Browser:
    browser = town.logged_in(ANNA)
    stack.enter_context(at(minutes=31))
    return browser


def _too_long(town: StaffTown, stack: ExitStack) -> Browser:
    browser = town.logged_in(ANNA)
    with transaction() as connection:
        connection.execute(text("UPDATE staff_session SET began_at = began_at - interval '8 hours 1 minute'"))
    return browser


def _of_another_service(town: StaffTown, stack: ExitStack) -> Browser:
    browser = town.browser()
    browser.log_in(ANNA, wrong="audience")
    return browser


def _logged_out(town: StaffTown, stack: ExitStack) -> Browser:
    browser = town.logged_in(ANNA)
    kept = browser.cookie
    browser.press("/staff/logout")
    browser.http.cookies.set("vaxel-staff", kept)
    return browser


def _for_something_else(town: StaffTown, stack: ExitStack) -> Browser:
    return town.logged_in(ANNA, ELSE)


def _without_commission(town: StaffTown, stack: ExitStack) -> Browser:
    town.works_here(ANNA, "Anna Test")
    return town.logged_in(ANNA, None)


@pytest.mark.parametrize(
    ("who", "status"),
    [
        (_other, 404),
        (_nobody, 401),
        (_altered, 401),
        (_idle, 401),
        (_too_long, 401),
        (_of_another_service, 401),
        (_logged_out, 401),
        (_for_something_else, 403),
        (_without_commission, 403),
    ],
)
def test_nobody_else_gets_a_byte_nor_learns_whether_it_is_there(
    town: StaffTown, who: Callable[[StaffTown, ExitStack], Browser], status: int
) -> None:
    there, gone = town.file(ANNA), town.file(ANNA, hours=-1, state=State.DELETED, gone=True)
    with ExitStack() as stack:
        browser = who(town, stack)
        with transaction() as connection:
            before = connection.execute(text("SELECT count(*) FROM access_log")).scalar_one()
        for method, path in ROUTES:
            accepts = ["application/json", "text/html"] if method == "GET" else ["application/json"]
            for accept in accepts:
                answers = [
                    said(browser, method, f"{LIST}/{id}{path}", accept)
                    for id in (there, gone, uuid4(), "no-id")
                ]
                shown = [_without_the_way_back(answer) for answer in answers]
                assert answers[0][0] == status, (method, path)
                assert shown.count(shown[0]) == len(shown), (method, path)
        assert len(logged()) == before
    assert town.acts == []


def _without_the_way_back(answer: tuple[Any, ...]) -> tuple[Any, ...]:
    """A page of whoever is not in has the address that was asked for, to come back to."""
    status, content, headers = answer
    kept = [line for line in content.splitlines() if b"back=" not in line]
    return status, kept, {name: value for name, value in headers.items() if name != "content-length"}


def test_an_id_in_another_spelling_is_no_id(town: StaffTown) -> None:
    id, browser = town.file(), town.logged_in()
    for spelling in (id.hex, f"{{{id}}}", f"urn:uuid:{id}", str(id)[:-1], f"{id}0"):
        assert browser.json("GET", f"{LIST}/{spelling}").status_code == 404
    assert browser.json("GET", f"{LIST}/{str(id).upper()}").status_code == 200


# --- its time, and what it is


def test_past_its_life_it_is_gone_though_nobody_has_come_round(town: StaffTown) -> None:
    id, browser = town.file(hours=0.1), town.logged_in()
    assert browser.json("GET", f"{LIST}/{id}").status_code == 200
    with at(minutes=10):
        for method, path in [*GIVES, *ACTS]:
            if path not in ("/view",):
                assert said(browser, method, f"{LIST}/{id}{path}")[0] == 410, (method, path)
        page = browser.ask("GET", f"{LIST}/{id}/view")
        assert (page.status_code, "Ladda ner" in page.text) == (200, False)
        assert browser.json("GET", LIST).json()["files"][0]["state"] == "deleted"
        assert browser.json("POST", f"{LIST}/{id}/fetch-again").status_code == 202
    assert town.acts == [("fetch_again", id)]


def test_while_it_is_there_it_is_not_fetched_again(town: StaffTown) -> None:
    there, coming = town.file(), uuid4()
    case(coming, ANNA)
    browser = town.logged_in()
    for id in (there, coming):
        assert is_problem(browser.json("POST", f"{LIST}/{id}/fetch-again"), 409)
    assert is_problem(browser.json("GET", f"{LIST}/{coming}"), 409)
    assert town.acts == []


def test_what_no_scanner_has_seen_is_kept_back_where_the_region_says_so(town: StaffTown) -> None:
    id, browser = town.file(scan="not_scanned"), town.logged_in()
    assert browser.json("GET", f"{LIST}/{id}").status_code == 200
    town.not_scanned = "hold"
    assert is_problem(browser.json("GET", f"{LIST}/{id}"), 409)
    assert is_problem(browser.json("GET", f"{LIST}/{id}/preview"), 409)
    assert f'href="{LIST}/{id}"' not in browser.ask("GET", LIST).text
    assert browser.json("DELETE", f"{LIST}/{id}").status_code == 204


def test_what_was_refused_leaves_its_reason(town: StaffTown) -> None:
    id, browser = uuid4(), town.logged_in()
    case(id, ANNA, state=State.REFUSED, reason="file_infected")
    assert is_problem(browser.json("GET", f"{LIST}/{id}"), 410)
    assert "Det finns något skadligt i filen" in browser.ask("GET", LIST).text


def test_bilder_4_of_an_original_that_is_lost_nobody_is_told_that_it_is_still_there(town: StaffTown) -> None:
    id, browser = uuid4(), town.logged_in()
    case(id, ANNA, state=State.LOST, reason="attachment_gone")
    answer = browser.ask("GET", f"{LIST}/{id}")
    assert answer.status_code == 410
    assert "Originalet finns inte längre kvar" in answer.text
    assert "Originalet finns kvar" not in answer.text


def test_bilder_4_nothing_is_given_up_while_the_folder_of_keys_is_away(town: StaffTown) -> None:
    """It cannot be had, and ops hear of it: gone where other keys are there, and else not now."""
    id, browser = town.file(), town.logged_in()
    storage.destroy_keys(clock.now())
    keys = settings().home / "storage-keys"
    aside = keys.rename(settings().home / "aside")
    keys.mkdir()
    assert is_problem(browser.json("GET", f"{LIST}/{id}"), 503)
    for mark in aside.glob("over-*"):
        (keys / mark.name).touch()
    assert is_problem(browser.json("GET", f"{LIST}/{id}"), 410)
    assert is_problem(browser.json("GET", f"{LIST}/{id}/preview"), 410)
    assert {("storage", "keys_unreachable"), ("storage", "keys_gone")} <= set(incidents.drain())
    shutil.rmtree(keys)
    aside.rename(keys)
    assert browser.json("GET", f"{LIST}/{id}").content == b"".join(sample("jpeg").chunks())
    assert acts_logged() == ["download"]


def test_bilder_4_a_file_that_was_changed_is_over_also_where_that_shows_midway_only(town: StaffTown) -> None:
    """Its download breaks off, short of the length that it told, and the next one is told that it is gone."""
    picture = b"".join(sample("jpeg").chunks())
    id, browser = town.file(content=picture + bytes(2 * SEGMENT)), town.logged_in()
    with transaction() as connection:
        name = connection.execute(
            text("SELECT name FROM stored_file WHERE file = :id"), {"id": id}
        ).scalar_one()
    with (settings().home / "storage" / str(name)).open("r+b") as sealed:
        sealed.truncate(sealed.seek(-1, os.SEEK_END))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        browser.json("GET", f"{LIST}/{id}")
    until(lambda: is_problem(browser.json("GET", f"{LIST}/{id}"), 410))
    assert ("storage", "file_changed") in incidents.drain()
    assert [(entry.who, entry.act) for entry in logged()] == [(ANNA, "download"), ("vaxel", "delete")]


# --- the access log


def test_each_look_and_act_is_in_the_log_with_who_whose_and_by_which_commission(town: StaffTown) -> None:
    id, browser = town.file(patient=OTHER_PATIENT), town.logged_in()
    for method, path in [("GET", ""), ("GET", "/preview"), ("GET", "/view"), ("DELETE", "")]:
        browser.json(method, f"{LIST}/{id}{path}")
    browser.json("GET", LIST)
    assert acts_logged() == ["download", "preview", "look", "delete", "look"]
    for entry in logged():
        assert (entry.who, entry.name) == (ANNA, "Anna Test")
        assert (entry.commission, entry.purpose, entry.unit) == (
            CARING,
            "Vård och behandling",
            UNIT["hsa_id"],
        )
        assert OTHER_PATIENT in (entry.patient or "")
        assert entry.subject in (id, None)


def test_a_list_is_one_look_at_each_patient(town: StaffTown) -> None:
    for patient in (OTHER_PATIENT, "199202232394", OTHER_PATIENT):
        case(uuid4(), ANNA, patient=patient)
    town.logged_in().ask("GET", LIST)
    assert acts_logged() == ["look", "look"]


def test_where_the_log_cannot_be_written_nothing_is_given_or_done(town: StaffTown) -> None:
    id, browser = town.file(), town.logged_in()
    original = b"".join(sample("jpeg").chunks())
    with unlogged():
        for method, path in [*GIVES, *ACTS]:
            status, content, _ = said(browser, method, f"{LIST}/{id}{path}")
            assert status == 503, (method, path)
            assert original[:64] not in content
        for accept in ("text/html", "application/json"):
            status, content, _ = said(browser, "GET", LIST, accept)
            assert (status, str(id).encode() in content) == (503, False)
    assert town.acts == []


# --- what they do


@pytest.mark.parametrize(
    ("method", "path", "act"),
    [
        ("DELETE", "", "delete"),
        ("POST", "/delete", "delete"),
        ("POST", "/journalled", "journalled"),
    ],
)
def test_a_program_deletes_and_journals(town: StaffTown, method: str, path: str, act: str) -> None:
    id, browser = town.file(), town.logged_in()
    assert browser.json(method, f"{LIST}/{id}{path}").status_code == 204
    assert town.acts == [(act, id)]
    assert is_problem(browser.json("GET", f"{LIST}/{id}"), 410)
    with transaction() as connection:
        keys = connection.execute(text("SELECT count(wrapped_key) FROM stored_file")).scalar_one()
    assert (keys, list((settings().home / "storage").rglob(f"*{id}*"))) == (0, [])


@pytest.mark.parametrize("act", ["delete", "journalled"])
def test_a_button_does_and_leads_back_to_the_list_that_says_so(town: StaffTown, act: str) -> None:
    id, browser = town.file(), town.logged_in()
    answer = browser.press(f"{LIST}/{id}/{act}?lang=en")
    assert (answer.status_code, answer.headers["location"]) == (303, f"{LIST}?done={act}&lang=en")
    assert 'role="status"' in browser.ask("GET", answer.headers["location"]).text
    assert town.acts == [(act, id)]


FROM_ELSEWHERE: list[dict[str, Any]] = [
    {"token": ""},
    {"token": "guessed"},
    {"token": "x" * 9000},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": "http://127.0.0.1:1"},
    {"sec_fetch_site": "cross-site"},
    {"sec_fetch_site": "same-site"},
]


@pytest.mark.parametrize("wrong", FROM_ELSEWHERE)
def test_a_form_of_another_page_does_nothing(town: StaffTown, wrong: dict[str, str]) -> None:
    id, browser = town.file(), town.logged_in()
    for act in ("delete", "journalled", "fetch-again"):
        assert browser.press(f"{LIST}/{id}/{act}", **wrong).status_code == 403
    assert town.acts == []


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_a_script_of_another_page_does_nothing_though_it_asks_for_json(town: StaffTown, site: str) -> None:
    id, browser = town.file(), town.logged_in()
    for method, path in ACTS:
        asked = browser.ask(method, f"{LIST}/{id}{path}", accept="application/json", sec_fetch_site=site)
        assert is_problem(asked, 403)
    assert town.acts == []


def test_a_form_token_is_of_one_login(town: StaffTown) -> None:
    id, browser, other = town.file(), town.logged_in(), town.logged_in(BO)
    assert browser.press(f"{LIST}/{id}/delete", token=other.token()).status_code == 403


@pytest.mark.parametrize("path", ["", "/journalled", "/delete", "/fetch-again", "/preview"])
@pytest.mark.parametrize("method", ["PUT", "PATCH", "OPTIONS", "TRACE"])
def test_no_other_method_does_anything(town: StaffTown, method: str, path: str) -> None:
    assert town.browser().json(method, f"{LIST}/{UUID(int=0)}{path}").status_code == 405
