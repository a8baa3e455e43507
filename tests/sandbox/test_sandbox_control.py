"""People, state, and the plain HTTP that carries everything."""

from __future__ import annotations

import re
import socket

import pytest
from sandbox_driver import ADULT, SECRET, Driver, Gateway

from sandbox.server.sandbox import Sandbox
from sandbox.wire.calls import Call, Calls


def test_a_resident_is_changed_field_by_field(town: Driver) -> None:
    town.lives_here(name="Anna Test", phone="+46701740605")
    town.lives_here(protected=True)
    person = town.get("/people")["people"][0]
    assert (person["name"], person["phone"], person["protected"]) == ("Anna Test", "+46701740605", True)


def test_a_number_that_someone_gives_up_is_anothers(town: Driver) -> None:
    town.lives_here(phone="+46701740605")
    assert town.sandbox.region.people.with_phone("+46701740605").id == ADULT
    town.lives_here(phone="+46701740606")
    assert town.sandbox.region.people.with_phone("+46701740605") is None
    assert town.sandbox.region.people.with_phone("+46701740606").id == ADULT


def test_true_for_1177s_notices_means_by_all_that_they_have(town: Driver) -> None:
    town.lives_here(phone="+46701740605", email="a@example.com", notified_by_1177=True)
    assert town.get("/people")["people"][0]["notified_by_1177"] == ["SMS", "Email"]


@pytest.mark.parametrize(
    ("number", "kind"),
    [(ADULT, "personnummer"), ("197010632391", "samordningsnummer"), ("98240301AA06", "reservnummer")],
)
def test_the_type_of_a_number_is_seen_by_its_look(town: Driver, number: str, kind: str) -> None:
    town.lives_here(number)
    assert town.get("/people")["people"][0]["type"] == kind


@pytest.mark.parametrize(
    "wrong",
    [
        {"personnummer": "199202232395"},
        {"personnummer": "1234567890"},
        {},
        {"personnummer": ADULT, "age": 3},
        {"personnummer": ADULT, "protected": "yes"},
        {"personnummer": ADULT, "deceased": "yesterday"},
        {"personnummer": ADULT, "notified_by_1177": ["Fax"]},
        {"personnummer": ADULT, "preferences": {"colour": "red"}},
        [],
        "person",
    ],
)
def test_one_who_cannot_be_is_refused(town: Driver, wrong: object) -> None:
    answer = town.post("/people", wrong)
    assert answer.status_code == (201 if wrong == [] else 422)
    assert town.get("/people")["people"] == []


def test_delete_state_forgets_everything(town: Driver) -> None:
    town.lives_here()
    town.fault("vas", "down")
    town.sms()
    assert town.delete("/state") == 204
    assert town.get("/people")["people"] == town.get("/faults")["faults"] == []
    assert town.get("/inspect/sms")["messages"] == []
    assert town.get("/inspect/calls?count")["all"] == 0


@pytest.mark.parametrize("path", ["/nothing", "/inspect/fax"])
def test_what_is_not_there_is_404(town: Driver, path: str) -> None:
    answer = town.session.get(town.sandbox.url + path, timeout=5)
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/problem+json")


def test_a_body_that_is_not_json_is_refused(town: Driver) -> None:
    assert town.session.post(f"{town.sandbox.url}/people", data=b"{", timeout=5).status_code == 400


def talk(town: Driver, *pieces: bytes, size: int = 4096) -> bytes:
    with socket.create_connection(("127.0.0.1", town.sandbox.port), timeout=5) as client:
        for piece in pieces:
            client.sendall(piece)
        answer = b""
        while more := client.recv(size):
            answer += more
        return answer


def test_calls_on_one_connection_are_answered_in_order(town: Driver) -> None:
    answer = talk(
        town,
        b"GET /healthz HTTP/1.1\r\n\r\nGET /sms/x HTTP/1.1\r\n\r\nGET /vas/x HTTP/1.1\r\nConnection: close\r\n\r\n",
    )
    assert re.findall(rb"HTTP/1.1 (\d+)", answer) == [b"200", b"401", b"404"]


def test_a_call_may_come_in_pieces(town: Driver) -> None:
    assert b"200 OK" in talk(town, b"GET /hea", b"lthz HTTP/1.1\r\n", b"Connection: close\r\n\r\n")


def test_a_client_that_asks_whether_to_go_on_is_told_to(town: Driver) -> None:
    head = b"POST /people HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", town.sandbox.port), timeout=5) as client:
        client.sendall(head)
        assert client.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
        client.sendall(b"[]")
        assert client.recv(100).startswith(b"HTTP/1.1 201")


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /people HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n", b"411"),
        (b"POST /people HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"400"),
        (b"POST /people HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", b"413"),
        (b"hello\r\n\r\n", b"400"),
        (b"GET / HTTP/1.1\r\nx: " + b"a" * 70_000, b"431"),
    ],
)
def test_what_is_not_http_is_refused(town: Driver, head: bytes, status: bytes) -> None:
    assert talk(town, head)[9:12] == status


def test_the_calls_kept_are_bounded_and_the_counts_are_not() -> None:
    calls = Calls(most=3, most_bytes=10)
    for _ in range(5):
        calls.keep_call(Call("sms", "POST /a1/sms", "POST", body=b"12345"), 200, None)
    assert calls.counted()["all"] == 5
    assert [one["number"] for one in calls.chosen({})] == [4, 5]
    assert [one["number"] for one in calls.chosen({"after": "2", "limit": "1"})] == [4]
    assert [one["number"] for one in calls.chosen({"after": "4"})] == [5]
    assert calls.chosen({"after": "5"}) == []


def test_counts_are_of_what_the_systems_hold(town: Driver) -> None:
    assert set(town.get("/inspect/counts").values()) == {0}
    letter = {"patient": {"id": ADULT, "type": "personnummer"}, "unit": {"hsa_id": "SE1-E1"}}
    letter |= {"booking": "b-1", "text": "Välkommen", "kind": "call_letter"}
    town.post("/vas/letters", letter, Idempotency_Key="k-1")
    assert {what: count for what, count in town.get("/inspect/counts").items() if count} == {
        "paper_letters": 1
    }


def test_a_body_that_is_no_text_is_shown_in_hex() -> None:
    calls = Calls()
    calls.keep_call(Call("mail", "DATA", "SMTP", body=b"\xff\x00"), 250, None)
    assert calls.chosen({})[0]["body_hex"] == "ff00"


def test_a_taken_port_is_an_error_and_a_free_one_can_be_used_again() -> None:
    gateway = Gateway()
    with Sandbox(0, gateway.url, {"vas": SECRET}) as first, pytest.raises(OSError, match="in use"):
        Sandbox(first.port, gateway.url).listen()
    Sandbox(first.port, gateway.url).listen().shut_down()
    gateway.server.shutdown()


def test_the_first_page_leads_to_what_each_system_has_received(town: Driver) -> None:
    page = town.session.get(town.sandbox.url, timeout=10)
    assert (page.status_code, page.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<script" not in page.text
    ways = re.findall(r'href="(/[^"]+)"', page.text)
    assert {"/inspect/vas", "/inspect/sms", "/inspect/counts", "/sample-day"} < {*ways}
    assert {town.session.get(town.sandbox.url + way, timeout=10).status_code for way in ways} == {200}
