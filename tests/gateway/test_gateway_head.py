"""HEAD wherever GET is (RFC 9110 §9.3.2)."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from gateway_driver import LOGIN, Gateway, served

from engine.tables.inbox import Inbox
from gateway.app import create_app
from gateway.telephone.ports import HookLogin


@pytest.fixture
def url() -> Iterator[str]:
    gateway = Gateway()
    given = {"receipt_store": gateway.receipt, "receipt_login": HookLogin(*LOGIN)}
    with served(create_app(Inbox(), {}.get, lambda: True, gateway.wake, **given)) as url:  # type: ignore[arg-type]
        yield url


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/docs", "/openapi.json", "/nothing"])
def test_head_answers_as_get_without_a_body(url: str, path: str) -> None:
    """It is a layer around all paths, so that none has to think of it."""
    got, head = requests.get(url + path, timeout=5), requests.head(url + path, timeout=5)
    assert (head.status_code, head.content) == (got.status_code, b"")
    assert head.headers["content-type"] == got.headers["content-type"]
    assert head.headers.get("content-length") == got.headers.get("content-length")


def test_head_where_only_post_is_is_answered_as_get_there(url: str) -> None:
    for path in ("/46elks/receipt/x", "/webhooks/vas"):
        assert (
            requests.head(url + path, timeout=5).status_code
            == requests.get(url + path, timeout=5).status_code
        )
