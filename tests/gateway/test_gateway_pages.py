"""Health, documentation, and how every answer is guarded."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from gateway_driver import SECRET, Gateway, event, is_problem, served

from engine.tables.inbox import Inbox
from gateway.app import create_app
from gateway.guard import HEADERS
from gateway.openapi import EXAMPLES
from models.messages import EVENTS, parse


def _get(gateway: Gateway, path: str) -> Any:
    return gateway.http.get(gateway.url + path, timeout=5)


def test_healthz_says_that_the_process_is_up(gateway: Gateway) -> None:
    gateway.ready = ConnectionError()
    assert _get(gateway, "/healthz").json() == {"status": "up"}


def test_readyz_says_that_work_can_be_taken_in(gateway: Gateway) -> None:
    assert _get(gateway, "/readyz").json() == {"status": "ready"}


@pytest.mark.parametrize("ready", [False, ConnectionError("secret of the database")])
def test_readyz_is_503_without_database_or_migrations(gateway: Gateway, ready: Any) -> None:
    gateway.ready = ready
    answer = _get(gateway, "/readyz")
    assert is_problem(answer, 503)
    assert "secret" not in answer.text


@pytest.mark.parametrize("path", ["/", "/healthz", "/docs", "/openapi.json", "/nowhere", "/webhooks/vas"])
def test_every_answer_is_guarded(gateway: Gateway, path: str) -> None:
    headers = _get(gateway, path).headers
    assert all(name in headers for name in HEADERS)


@pytest.mark.parametrize(
    ("accepted", "says"), [("sv", "Har du fått en länk?"), ("en", "Were you sent a link?")]
)
def test_the_first_page_says_what_this_is_and_names_what_is_inside_to_this_machine_alone(
    gateway: Gateway, accepted: str, says: str
) -> None:
    here, outside = [
        gateway.http.get(gateway.url, headers={"accept-language": accepted} | more, timeout=5)
        for more in ({}, {"x-forwarded-for": "192.0.2.7"})
    ]
    assert all(says in each.text and "<script" not in each.text for each in (here, outside))
    assert ('href="/docs"' in here.text, 'href="/docs"' in outside.text) == (True, False)


def test_an_unknown_path_is_a_problem_without_echo(gateway: Gateway) -> None:
    answer = _get(gateway, "/patients/201312012386")
    assert is_problem(answer, 404)
    assert "201312012386" not in answer.text


def test_what_no_one_caught_is_500_without_its_text() -> None:
    def broken(_source: str) -> str:
        raise RuntimeError("201312012386")

    gateway = Gateway()
    with served(create_app(Inbox(), broken, lambda: True, gateway.wake)) as gateway.url:
        answer = gateway.post(event())
        assert is_problem(answer, 500)
        assert "201312012386" not in answer.text
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_without_a_login_there_are_no_receipts() -> None:
    gateway = Gateway()
    with served(create_app(Inbox(), {"vas": SECRET}.get, lambda: True, gateway.wake)) as gateway.url:
        answer = gateway.http.post(f"{gateway.url}/46elks/receipt/known-1", timeout=5)
        assert is_problem(answer, 404)


@pytest.mark.parametrize("name", EVENTS)
def test_docs_describe_every_type_without_help_from_elsewhere(gateway: Gateway, name: str) -> None:
    page = _get(gateway, "/docs")
    assert f'<h2 id="{name}">' in page.text
    assert "<script" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]


@pytest.mark.parametrize("name", EVENTS)
def test_every_example_is_an_event_and_fits_the_schema(gateway: Gateway, name: str) -> None:
    assert parse(min(EVENTS[name].sources), EXAMPLES[name]).type == name
    document = _get(gateway, "/openapi.json").json()
    schema = {"$ref": "#/components/schemas/Event", "components": document["components"]}
    jsonschema.validate(EXAMPLES[name], schema)


def test_the_union_is_told_apart_by_type(gateway: Gateway) -> None:
    union = _get(gateway, "/openapi.json").json()["components"]["schemas"]["Event"]
    assert union["discriminator"]["propertyName"] == "type"
    assert set(union["discriminator"]["mapping"]) == set(EVENTS)
