"""Staff bring attachments towards the journal: what their system tells, and what they do with a browser."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
from sandbox_driver import ADULT, SECRET, UNIT, Driver, Gateway, as_json
from standardwebhooks import Webhook

from sandbox.server.sandbox import Sandbox

ANNA = {"hsa_id": "SE2321000115-P000000000001", "name": "Anna Test", "title": "sjuksköterska"}
COMMISSION = {
    "hsa_id": "SE2321000115-U000000000001",
    "purpose": "Vård och behandling",
    "unit": {"hsa_id": UNIT, "name": "Vårdcentralen Halmstad"},
}
ASKED: dict[str, Any] = {
    "from": "platform24",
    "contact": "c-1",
    "attachments": [{"ref": "a-1"}, {"ref": "gone", "filename": "x.jpg"}],
    "staff": ANNA,
}


@pytest.fixture
def written(town: Driver) -> Driver:
    unit = {"hsa_id": UNIT, "name": "Vårdcentralen"}
    said = {
        "channel": "platform24",
        "contact": "c-1",
        "personnummer": ADULT,
        "unit": unit,
        "text": "Se bilden.",
    }
    town.post("/act/contact", said)
    town.post("/attachments", {"system": "platform24", "ref": "a-1", "contact": "c-1", "sample": "heic"})
    town.gateway.reset()
    return town


def test_a_transfer_is_told_as_staffs_system_tells_it(written: Driver) -> None:
    """Signed by staff's secret; patient, unit and filename are what the platform knows."""
    told = written.post("/act/transfer", ASKED).json()
    ((path, headers, body),) = written.gateway.calls
    Webhook(SECRET).verify(body, headers)
    event = as_json(body)
    assert (path, event["type"], told["sent"][0]["status"]) == ("/webhooks/staff", "transfer.requested", 202)
    assert event["data"]["transfer"] == {
        "id": told["transfer"],
        "contact": "c-1",
        "from": "platform24",
        "attachments": [{"ref": "a-1", "filename": "IMG_0003.HEIC"}, {"ref": "gone", "filename": "x.jpg"}],
        "by": ANNA,
        "patient": {"id": ADULT, "type": "personnummer"},
        "unit": {"hsa_id": UNIT, "name": "Vårdcentralen"},
    }


def test_where_no_conversation_tells_patient_and_unit_they_have_to_be_given(written: Driver) -> None:
    at_1177 = ASKED | {"from": "e1177"}
    assert written.post("/act/transfer", at_1177).status_code == 422
    given = at_1177 | {"personnummer": ADULT, "unit": {"hsa_id": UNIT, "name": "Vårdcentralen"}, "id": "t-1"}
    assert written.post("/act/transfer", given).json()["transfer"] == "t-1"
    assert written.post("/act/transfer", given | {"personnummer": "1"}).status_code == 422


def test_what_is_in_the_journal_is_told_by_the_files_id(written: Driver) -> None:
    data = {"transfer": "t-1", "file": "0b9e3a4e-3a39-4b3c-9a1e-2f2f3a3b4c5d", "staff": ANNA}
    assert written.post("/act/journalled", data).status_code == 200
    (told,) = written.gateway.at("/webhooks/staff")
    assert as_json(told)["type"] == "transfer.journalled"
    assert as_json(told)["data"] == {"transfer": "t-1", "file": data["file"], "by": ANNA}


class Pages:
    """A gateway with staff's pages: it sends to the provider, and has two files of whoever comes back with a code."""

    def __init__(self) -> None:
        pages, self.asked = self, list[tuple[str, str]]()
        self.provider = ""

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pages.answer(self)

            do_POST = do_DELETE = do_GET

            def log_message(self, *_: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def answer(self, call: BaseHTTPRequestHandler) -> None:
        at, is_in = urlsplit(call.path), "in=1" in call.headers.get("cookie", "")
        if at.path == "/staff/login":
            asked = {
                "response_type": "code", "client_id": "c", "redirect_uri": f"{self.url}/staff/login/callback",
                "scope": "openid", "state": "s", "nonce": "n", "code_challenge": "x" * 43, "code_challenge_method": "S256",
            }  # fmt: skip
            self.give(call, 303, b"", location=f"{self.provider}/authorize?{urlencode(asked)}")
        elif at.path == "/staff/login/callback" and "code" in parse_qs(at.query):
            self.give(call, 200, b"<h1>Filer</h1>", set_cookie="in=1; Path=/")
        elif not is_in:
            self.give(call, 401, b"<h1>Nej</h1>")
        elif at.path == "/staff/storage":
            files = [{"id": "f-1", "transfer": "t-1"}, {"id": "f-2", "transfer": "t-2"}]
            self.give(call, 200, json.dumps({"files": files}).encode())
        else:
            self.asked.append((call.command, at.path))
            self.give(call, 200, b"bytes")

    def give(self, call: BaseHTTPRequestHandler, status: int, body: bytes, **headers: str) -> None:
        call.send_response(status)
        for name, value in (headers | {"content_length": str(len(body))}).items():
            call.send_header(name.replace("_", "-"), value)
        call.end_headers()
        call.wfile.write(body)


@pytest.fixture(scope="module")
def ward() -> Iterator[tuple[Driver, Pages]]:
    pages, gateway = Pages(), Gateway()
    with Sandbox(0, pages.url) as sandbox:
        pages.provider = f"{sandbox.url}/staff_eid"
        driver = Driver(sandbox, gateway)
        driver.post("/staff", ANNA | {"commissions": [COMMISSION]})
        yield driver, pages
    pages.server.shutdown()
    gateway.server.shutdown()


def test_staff_log_in_and_do_with_their_files_what_the_pages_let_them(ward: tuple[Driver, Pages]) -> None:
    town, pages = ward

    def does(what: str, **which: str) -> list[dict[str, Any]]:
        answer = town.post("/act/storage", {"staff": ANNA["hsa_id"], "does": what} | which).json()
        return list(answer["files"])

    assert [(one["id"], one["status"]) for one in does("looks")] == [("f-1", 200), ("f-2", 200)]
    assert pages.asked == []
    (downloaded,) = does("downloads", transfer="t-1")
    assert downloaded["given_sha256"] == hashlib.sha256(b"bytes").hexdigest()
    for what in ("deletes", "journalled", "fetches_again", "previews"):
        does(what, file="f-2")
    at = "/staff/storage/f-"
    assert pages.asked == [
        ("GET", f"{at}1"), ("DELETE", f"{at}2"), ("POST", f"{at}2/journalled"), ("POST", f"{at}2/fetch-again"),
        ("GET", f"{at}2/preview"),
    ]  # fmt: skip


def test_who_does_not_get_in_does_nothing(ward: tuple[Driver, Pages]) -> None:
    town, _ = ward
    nobody = town.post("/act/storage", {"staff": "SE2321000115-P000000000009", "does": "looks"}).json()
    assert (nobody["status"], nobody["files"]) == (401, [])
    ended = town.post("/act/staff-login", {"staff": ANNA["hsa_id"]}).json()
    assert (ended["status"], ended["heading"]) == (200, "Filer")
    cancelled = town.post("/act/staff-login", {"staff": ANNA["hsa_id"], "cancel": True}).json()
    assert (cancelled["status"], cancelled["heading"]) == (401, "Nej")
    elsewhere = {"staff": ANNA["hsa_id"], "link": "https://elsewhere.example/"}
    assert town.post("/act/staff-login", elsewhere).status_code == 422
