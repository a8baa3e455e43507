"""Batches: up to 1000 events, each answered for itself."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from gateway_driver import PUBLISHED, Gateway, event, is_problem, until

Rows = Callable[[str], list[Any]]


def _identified(webhook_id: Any, **booking: Any) -> dict[str, Any]:
    return {"id": webhook_id} | event(**booking)


def test_a_bad_one_does_not_refuse_the_others(gateway: Gateway, rows: Rows) -> None:
    answer = gateway.batch(_identified("a"), _identified("b", version=-1), _identified("c", id="VAS-2"))
    assert answer.status_code == 202
    first, second, third = answer.json()["results"]
    stored = {
        row.webhook_id: str(row.id)
        for row in rows(f"SELECT webhook_id, id FROM event WHERE via_batch AND {PUBLISHED}")
    }
    assert first == {"id": "a", "status": 202, "event": stored["a"]}
    assert third == {"id": "c", "status": 202, "event": stored["c"]}
    wrong = {"path": "data.booking.version", "message": "must be at least 0"}
    assert second == {"id": "b", "status": 422, "errors": [wrong]}


def test_what_was_refused_is_told_to_ops_each_by_its_id(gateway: Gateway, rows: Rows) -> None:
    gateway.batch(_identified("a", version=-1), event(), "text", webhook_id="batch_7")
    assert rows("SELECT webhook_id, type, paths FROM refused_event ORDER BY id") == [
        ("a", "booking.created", "data.booking.version"),
        ("batch_7#1", "booking.created", "id"),
        ("batch_7#2", None, "id\n"),
    ]


@pytest.mark.parametrize("webhook_id", [None, "", 7, "x" * 101, "a\x00", [], " a "])
def test_an_id_that_is_none_is_refused_without_echo(gateway: Gateway, webhook_id: Any) -> None:
    result = gateway.batch(_identified(webhook_id)).json()["results"][0]
    assert (result["id"], result["status"], result["errors"][0]["path"]) == (None, 422, "id")


def test_the_id_is_the_same_as_a_single_webhooks(gateway: Gateway) -> None:
    single = gateway.post(event(), webhook_id="msg_1").json()["event"]
    assert gateway.batch(_identified("msg_1")).json()["results"][0]["event"] == single


def test_one_id_twice_in_a_batch_is_one_event(gateway: Gateway, rows: Rows) -> None:
    results = gateway.batch(_identified("a"), _identified("a")).json()["results"]
    assert results[0]["event"] == results[1]["event"]
    assert len(rows(f"SELECT 1 FROM event WHERE {PUBLISHED}")) == 1


def test_a_thousand_are_taken_and_one_more_is_not(gateway: Gateway, rows: Rows) -> None:
    thousand = [_identified(f"msg_{n}", id=f"VAS-{n}") for n in range(1000)]
    results = gateway.batch(*thousand).json()["results"]
    assert {result["status"] for result in results} == {202}
    assert rows(f"SELECT count(*) AS n FROM event WHERE {PUBLISHED}")[0].n == 1000
    assert is_problem(gateway.batch(*thousand, _identified("one more")), 422)


def test_an_empty_batch_is_nothing(gateway: Gateway) -> None:
    assert gateway.batch().json() == {"results": []}


@pytest.mark.parametrize(("body", "path"), [([], ""), ({}, "events"), ({"events": {}}, "events"), (None, "")])
def test_a_batch_that_is_none_is_422(gateway: Gateway, rows: Rows, body: Any, path: str) -> None:
    answer = gateway.post(body, path="/batch", webhook_id="batch_7")
    assert is_problem(answer, 422)
    assert [error["path"] for error in answer.json()["errors"]] == [path]
    assert [row.webhook_id for row in rows("SELECT webhook_id FROM refused_event")] == ["batch_7"]


def test_a_batch_over_its_limit_is_413(gateway: Gateway) -> None:
    raw = json.dumps({"events": []}).encode() + b" " * 8 * 1024 * 1024
    assert is_problem(gateway.post(raw, path="/batch"), 413)


def test_an_unsigned_batch_is_401(gateway: Gateway) -> None:
    assert is_problem(gateway.batch(_identified("a"), webhook_signature="v1,AAAA"), 401)


def test_a_batch_wakes_the_process(gateway: Gateway) -> None:
    gateway.batch(_identified("a"), _identified("b"))
    until(lambda: set(gateway.wakes) == {"booking_publication", "visit_reminder"})
