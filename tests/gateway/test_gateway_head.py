"""HEAD wherever GET is (RFC 9110 §9.3.2)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from gateway_driver import LOGIN, Gateway, served

from engine.inbox import Inbox
from gateway.app import create_app
from gateway.ports import Login


@pytest.fixture
def url() -> Iterator[str]:
    gateway = Gateway()
    given = {"receipt_store": gateway.receipt, "receipt_login": Login(*LOGIN)}
    with served(create_app(Inbox(), {}.get, lambda: True, gateway.wake, **given)) as url:  # type: ignore[arg-type]
        yield url


def test_head_answers_as_get_without_a_body_wherever_get_is(url: str) -> None:
    app = create_app(Inbox(), {}.get, lambda: True, Gateway().wake)  # type: ignore[arg-type]
    paths = {route.path for route in app.routes if "GET" in (getattr(route, "methods", None) or ())}
    assert {"/healthz", "/docs"} <= paths
    for path in sorted(path for path in paths if "{" not in path):
        got, head = requests.get(url + path, timeout=5), requests.head(url + path, timeout=5)
        assert (head.status_code, head.content) == (got.status_code, b""), path
        assert head.headers["content-type"] == got.headers["content-type"]
        assert head.headers.get("content-length") == got.headers.get("content-length")


def test_head_where_only_post_is_is_answered_as_get_there(url: str) -> None:
    for path in ("/46elks/receipt/x", "/webhooks/vas"):
        assert (
            requests.head(url + path, timeout=5).status_code
            == requests.get(url + path, timeout=5).status_code
        )
