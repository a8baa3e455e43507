"""Delivery reports of 46elks."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from gateway_driver import LOGIN, Gateway, is_problem, served

from engine.tables.inbox import Inbox
from engine.tables.receipts import Receipt
from gateway.app import create_app
from gateway.telephone.ports import HookLogin

FORM = {"id": "s70df59406a1b4643b96f3f91e0bfb7b0", "status": "delivered"}


def _receipt(gateway: Gateway, form: Any = FORM, token: str = "known-1", **more: Any) -> Any:
    sent = {"data": form, "auth": LOGIN, "timeout": 5} | more
    return gateway.http.post(f"{gateway.url}/46elks/receipt/{token}", **sent)


def test_a_receipt_is_kept_and_answered_204(gateway: Gateway) -> None:
    delivered = datetime.now(UTC).replace(tzinfo=None)
    answer = _receipt(gateway, FORM | {"delivered": delivered.isoformat()})
    assert (answer.status_code, answer.content) == (204, b"")
    assert gateway.receipts == [Receipt("known-1", FORM["id"], "delivered", delivered.replace(tzinfo=UTC))]


@pytest.mark.parametrize(
    "delivered", ["", "2016-10-01T12:00:00:00.11", "soon", "1999-01-01T00:00:00", "9" * 400]
)
def test_a_time_that_cannot_be_read_or_be_true_is_that_of_arrival(gateway: Gateway, delivered: str) -> None:
    assert _receipt(gateway, FORM | {"delivered": delivered}).status_code == 204
    assert abs(gateway.receipts[0].at - datetime.now(UTC)) < timedelta(seconds=10)


def test_an_unknown_token_is_404_without_echo(gateway: Gateway) -> None:
    answer = _receipt(gateway, token="stranger-0701740605")
    assert is_problem(answer, 404)
    assert "0701740605" not in answer.text


@pytest.mark.parametrize("token", ["%00", "known-1%00", "known 1", "%F0%9F%98%80", "x" * 201])
def test_a_token_that_none_of_ours_looks_like_is_404_and_is_not_looked_for(
    gateway: Gateway, token: str
) -> None:
    """What the database cannot even be asked would have all receipts of its commit refused with it."""
    assert is_problem(_receipt(gateway, token=token), 404)
    assert gateway.receipts == []


@pytest.mark.parametrize("login", [None, ("vaxel", "wrong"), ("x", "not a secret"), ("vaxel", ""), ("", "")])
def test_without_the_login_it_is_401(gateway: Gateway, login: Any) -> None:
    answer = _receipt(gateway, auth=login)
    assert is_problem(answer, 401)
    assert answer.headers["WWW-Authenticate"].startswith("Basic")
    assert gateway.receipts == []


@pytest.mark.parametrize(
    "header", ["Basic", "Basic ", "Basic ????", "Bearer dmF4ZWw6bm90IGEgc2VjcmV0", "Basic \u00e5"]
)
def test_a_login_that_is_none_is_401(gateway: Gateway, header: str) -> None:
    headers = {"authorization": header.encode("latin-1")}
    assert is_problem(_receipt(gateway, auth=None, headers=headers), 401)


@pytest.mark.parametrize(
    ("form", "paths"),
    [
        ({}, ["id", "status"]),
        ({"id": "s7"}, ["status"]),
        ({"id": "s7", "status": "<b>"}, ["status"]),
        ({"id": "x" * 101, "status": "sent"}, ["id"]),
        ({"id": "a b", "status": "sent"}, ["id"]),
    ],
)
def test_a_receipt_that_is_none_is_422(gateway: Gateway, form: Any, paths: list[str]) -> None:
    answer = _receipt(gateway, form, headers={"content-type": "application/x-www-form-urlencoded"})
    assert is_problem(answer, 422)
    assert [error["path"] for error in answer.json()["errors"]] == paths


def test_another_body_is_415_and_a_large_one_413(gateway: Gateway) -> None:
    assert is_problem(_receipt(gateway, b"{}", headers={"content-type": "application/json"}), 415)
    assert is_problem(_receipt(gateway, FORM | {"x": "y" * 20_000}), 413)


def test_receipts_that_come_while_one_is_stored_share_the_next_commit() -> None:
    stored: list[int] = []
    first, go = threading.Event(), threading.Event()

    def keep(given: Sequence[Receipt]) -> list[bool]:
        stored.append(len(given))
        first.set()
        assert go.wait(10)
        return [each.token != "stranger" for each in given]

    app = create_app(
        Inbox(), {}.get, lambda: True, Gateway().wake, receipt_store=keep, receipt_login=HookLogin(*LOGIN)
    )
    with served(app) as url, ThreadPoolExecutor(9) as pool:
        gateway = Gateway(url)
        answers = [pool.submit(_receipt, gateway, token="one")]
        assert first.wait(10)
        answers += [pool.submit(_receipt, gateway, token=token) for token in ("stranger", *"abcdefg")]
        time.sleep(0.5)
        go.set()
        statuses = [answer.result().status_code for answer in answers]
    assert statuses == [204, 404, *[204] * 7]
    assert stored == [1, 8]


def test_receipts_that_could_not_be_stored_are_sent_again(gateway: Gateway) -> None:
    def fails(given: Sequence[Receipt]) -> list[bool]:
        raise RuntimeError(given)

    app = create_app(
        Inbox(), {}.get, lambda: True, gateway.wake, receipt_store=fails, receipt_login=HookLogin(*LOGIN)
    )
    with served(app) as url:
        assert is_problem(_receipt(Gateway(url)), 503)


def test_a_status_not_known_yet_is_passed_on(gateway: Gateway) -> None:
    assert _receipt(gateway, FORM | {"status": "buffered"}).status_code == 204
    assert gateway.receipts[0].status == "buffered"
