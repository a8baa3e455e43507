"""The contract's table of answers, row by row, over real HTTP and a real database."""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from gateway_driver import OLD_SECRET, PUBLISHED, Gateway, event, is_problem, raw_post, signed, until

from models.messages import EVENTS

Rows = Callable[[str], list[Any]]
STORED = "SELECT id, source, webhook_id, type, process, key, version, via_batch FROM event"
STORED += f" WHERE {PUBLISHED} ORDER BY number"
REFUSED = "SELECT source, webhook_id, type, paths FROM refused_event ORDER BY id"


def test_an_event_is_stored_before_it_is_answered(gateway: Gateway, rows: Rows) -> None:
    answer = gateway.post(event(), webhook_id="msg_1")
    assert answer.status_code == 202
    event_id = uuid.UUID(answer.json()["event"])
    key = "vas:VAS-2026-118"
    assert rows(STORED) == [
        (event_id, "vas", "msg_1", "booking.created", "booking_publication", key, 1, False)
    ]


def test_the_same_webhook_id_gives_the_same_uuid_and_nothing_twice(gateway: Gateway, rows: Rows) -> None:
    first = gateway.post(event(), webhook_id="msg_1").json()
    again = gateway.post(event(version=9), webhook_id="msg_1")
    assert (again.status_code, again.json()) == (202, first)
    assert [row.version for row in rows(STORED)] == [1]


def test_the_same_webhook_id_of_another_source_is_another_event(gateway: Gateway, rows: Rows) -> None:
    first = gateway.post(event(), webhook_id="msg_1").json()
    assert gateway.post(event(), source="hope", webhook_id="msg_1").json() != first
    assert len(rows(STORED)) == 2


def test_the_same_event_sent_at_once_by_many_is_one(gateway: Gateway, rows: Rows) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: gateway.post(event(), webhook_id="msg_1").json()["event"], range(24))
        )
    assert len(set(answers)) == 1
    assert len(rows(STORED)) == 1


@pytest.mark.parametrize("name", EVENTS)
def test_every_type_is_taken_from_those_who_may_send_it(gateway: Gateway, rows: Rows, name: str) -> None:
    assert (
        gateway.post(
            event(name), source=next(iter(EVENTS[name].sources & {"vas", "hope", "staff"}))
        ).status_code
        == 202
    )
    assert {row.type for row in rows(STORED)} == {name}


def test_a_units_own_solution_may_book(gateway: Gateway, rows: Rows) -> None:
    assert gateway.post(event(), source="local-hjartat").status_code == 202
    assert rows(STORED)[0].key == "local-hjartat:VAS-2026-118"


def test_what_is_personal_is_sealed_at_rest(gateway: Gateway, rows: Rows) -> None:
    gateway.post(event())
    assert b"201312012386" not in bytes(rows("SELECT data FROM event")[0].data)


def test_the_process_is_woken_after_the_commit(gateway: Gateway) -> None:
    gateway.post(event())
    until(lambda: "booking_publication" in gateway.wakes)


def test_an_unknown_platform_is_stored(gateway: Gateway, rows: Rows) -> None:
    assert gateway.post(event(platform="zoom")).status_code == 202
    assert len(rows(STORED)) == 1


# --- 401


def test_a_missing_signature_is_401(gateway: Gateway, rows: Rows) -> None:
    assert is_problem(gateway.post(event(), webhook_signature=None), 401)
    assert rows(STORED) == rows(REFUSED) == []


@pytest.mark.parametrize("header", ["webhook_id", "webhook_timestamp"])
def test_a_missing_header_is_401(gateway: Gateway, header: str) -> None:
    raw = json.dumps(event()).encode()
    headers = {name.replace("-", "_"): value for name, value in signed(raw, "msg_1").items()} | {header: None}
    headers.pop("webhook_id", None) if header != "webhook_id" else None
    assert is_problem(gateway.post(raw, **headers), 401)


@pytest.mark.parametrize(
    "signature",
    [
        "",
        "v1",
        "v1,",
        "v1,????",
        "v1,AAAA",
        "v2,AAAA",
        "v1,AAAA,BBBB",
        "v1a,AAAA",
        "v1,\u00e5",
        "v1,AAA",
        ",",
    ],
)
def test_a_wrong_signature_is_401(gateway: Gateway, signature: str) -> None:
    assert is_problem(gateway.post(event(), webhook_signature=signature.encode("latin-1")), 401)


@pytest.mark.parametrize("seconds", [-301, 360])  # one ahead of us comes nearer on its way
def test_a_timestamp_over_five_minutes_off_is_401(gateway: Gateway, seconds: int) -> None:
    raw = json.dumps(event()).encode()
    headers = signed(raw, "msg_1", off=timedelta(seconds=seconds))
    assert is_problem(raw_post(gateway, raw, headers), 401)


@pytest.mark.parametrize("timestamp", ["nan", "inf", "-1", "9" * 30, "today", "1e400", ""])
def test_a_timestamp_that_is_none_is_401(gateway: Gateway, timestamp: str) -> None:
    assert is_problem(gateway.post(event(), webhook_timestamp=timestamp), 401)


def test_a_body_changed_on_the_way_is_401(gateway: Gateway) -> None:
    headers = signed(json.dumps(event()).encode(), "msg_1")
    assert is_problem(raw_post(gateway, json.dumps(event(version=2)).encode(), headers), 401)


def test_both_secrets_are_good_while_one_rotates(gateway: Gateway) -> None:
    raw = json.dumps(event()).encode()
    old = signed(raw, "msg_1", OLD_SECRET)
    assert raw_post(gateway, raw, old, "hope").status_code == 202
    assert raw_post(gateway, raw, old, "vas").status_code == 401
    assert gateway.post(event(), source="hope").status_code == 202


def test_a_good_signature_among_others_is_good(gateway: Gateway) -> None:
    raw = json.dumps(event()).encode()
    headers = signed(raw, "msg_1")
    headers["webhook-signature"] = f"v1a,AAAA v1 v1,AAAA {headers['webhook-signature']}"
    assert raw_post(gateway, raw, headers).status_code == 202


# --- 404, 405, 413, 415


@pytest.mark.parametrize(
    "source", ["nobody", "local-", "VAS", "vas%00", "a" * 5000, "..%2fvas", "local-hjärtat"]
)
def test_an_unknown_source_is_404(gateway: Gateway, source: str) -> None:
    answer = gateway.post(event(), source=source)
    assert is_problem(answer, 404)
    assert source not in answer.text


def test_another_method_is_405(gateway: Gateway) -> None:
    answer = gateway.http.get(f"{gateway.url}/webhooks/vas", timeout=5)
    assert is_problem(answer, 405)
    assert answer.headers["Allow"] == "POST"


def test_a_body_over_its_limit_is_413(gateway: Gateway, rows: Rows) -> None:
    assert is_problem(gateway.post(event(purpose="x" * 256 * 1024)), 413)
    assert rows(STORED) == []


def test_a_body_of_unknown_length_is_cut_off_at_its_limit(gateway: Gateway) -> None:
    def endless() -> Iterator[bytes]:
        for _ in range(200):
            yield b" " * 64 * 1024

    url = f"{gateway.url}/webhooks/vas"
    headers = signed(b"", "msg_endless") | {"content-type": "application/json"}
    assert is_problem(gateway.http.post(url, data=endless(), headers=headers, timeout=10), 413)


def test_a_body_at_its_limit_is_read(gateway: Gateway) -> None:
    raw = json.dumps(event()).encode()
    padded = raw[:-1] + b" " * (256 * 1024 - len(raw)) + raw[-1:]
    assert len(padded) == 256 * 1024
    assert gateway.post(padded).status_code == 202
    assert gateway.post(padded + b" ").status_code == 413


@pytest.mark.parametrize(
    "kind",
    [
        *("text/plain", "application/xml", "", None, "application/json; charset=latin-1", "text/json+x"),
        "application/json; charset*; charset*1",
    ],
)
def test_another_content_type_is_415_and_told_to_ops(gateway: Gateway, rows: Rows, kind: str | None) -> None:
    assert is_problem(gateway.post(event(), webhook_id="msg_1", content_type=kind), 415)
    assert rows(REFUSED) == [("vas", "msg_1", None, "")]


def test_a_compressed_body_is_415(gateway: Gateway) -> None:
    assert is_problem(gateway.post(event(), content_encoding="gzip"), 415)


@pytest.mark.parametrize("kind", ["application/json; charset=UTF-8", "application/cloudevents+json"])
def test_json_goes_by_several_names(gateway: Gateway, kind: str) -> None:
    assert gateway.post(event(), content_type=kind).status_code == 202


@pytest.mark.parametrize(
    "raw", [b"", b"{", b"nonsense", b'{"a": NaN}', b"{'a': 1}", b"\xef\xbb\xbf{}", b"{}{}"]
)
def test_what_is_not_json_is_415_and_told_to_ops(gateway: Gateway, rows: Rows, raw: bytes) -> None:
    assert is_problem(gateway.post(raw, webhook_id="msg_1"), 415)
    assert rows(REFUSED) == [("vas", "msg_1", None, "")]


def test_what_is_not_utf8_is_415(gateway: Gateway) -> None:
    assert is_problem(gateway.post(b'{"type": "\xff"}'), 415)
    assert is_problem(raw_post(gateway, b'{"type": "\xff"}', signed(b"", "m")), 401)


# --- 422


@pytest.mark.parametrize(
    ("raw", "path"),
    [
        (b"[]", ""),
        (b"null", ""),
        (b'"text"', ""),
        (b'{"type": "x", "type": "y"}', ""),
        (b"[" * 100_000, ""),
        (b'{"a": ' + b"1" * 5000 + b"}", ""),
        (b"{}", "type"),
        (b'{"type": null}', "type"),
        (b'{"type": "booking.exploded"}', "type"),
    ],
)
def test_json_that_is_no_event_is_422(gateway: Gateway, rows: Rows, raw: bytes, path: str) -> None:
    answer = gateway.post(raw, webhook_id="msg_1")
    assert is_problem(answer, 422)
    assert path in [error["path"] for error in answer.json()["errors"]]
    assert [row.webhook_id for row in rows(REFUSED)] == ["msg_1"]


def test_every_wrong_field_is_named_and_no_value_is_echoed(gateway: Gateway, rows: Rows) -> None:
    start, end = "2026-12-01T09:00:00+01:00", "2026-12-01T08:00:00+01:00"
    patient = {"id": "201312012387", "type": "personnummer"}
    answer = gateway.post(event(start=start, end=end, patient=patient, form="hologram"), webhook_id="msg_1")
    assert is_problem(answer, 422)
    paths = ["data.booking.patient.id", "data.booking.end", "data.booking.form"]
    assert [error["path"] for error in answer.json()["errors"]] == paths
    for value in ("201312012387", "08:00", "hologram"):
        assert value not in answer.text
    assert rows(REFUSED) == [("vas", "msg_1", "booking.created", "\n".join(paths))]


def test_a_type_that_the_source_does_not_send_is_422(gateway: Gateway) -> None:
    answer = gateway.post(event(), source="e1177")
    assert answer.json()["errors"] == [{"path": "type", "message": "does not come from this source"}]


def test_an_id_that_is_none_is_422(gateway: Gateway, rows: Rows) -> None:
    answer = gateway.post(event(), webhook_id="x" * 101)
    assert is_problem(answer, 422)
    assert answer.json()["errors"][0]["path"] == "webhook-id"
    assert rows(REFUSED)[0].webhook_id == "x" * 100


def test_nul_and_lone_surrogates_are_422(gateway: Gateway) -> None:
    for purpose in ("a\x00b", "\ud800"):
        answer = gateway.post(event(purpose=purpose))
        assert [error["path"] for error in answer.json()["errors"]] == ["data.booking.purpose"]
