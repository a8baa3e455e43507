"""Whatever is sent, signed or not: an answer that the OpenAPI page knows, and never a 500."""

from __future__ import annotations

import json
import uuid
from collections.abc import Sequence
from typing import Any

import pytest
import requests
import schemathesis
from gateway_driver import LOGIN, PROXY, Gateway, event, signed
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from engine.tables.inbox import Inbox
from engine.tables.receipts import Receipt
from gateway.app import create_app
from gateway.telephone.ports import HookLogin

FUZZ = settings(max_examples=25, derandomize=True, suppress_health_check=[*HealthCheck], database=None)
KNOWN = [not_a_server_error, status_code_conformance, response_schema_conformance]


def _receipt(given: Sequence[Receipt]) -> list[bool]:
    return [True for _ in given]


DESCRIBED = create_app(
    Inbox(), {}.get, lambda: True, Gateway().wake, receipt_store=_receipt, receipt_login=HookLogin("a", "b")
).openapi()
API = schemathesis.openapi.from_dict(DESCRIBED)
OPERATIONS = [(method.upper(), path) for path, methods in DESCRIBED["paths"].items() for method in methods]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_every_answer_is_as_described(gateway: Gateway, method: str, path: str) -> None:
    @FUZZ
    @given(case=API[path][method].as_strategy())
    def every_case_is(case: Any) -> None:
        answer = _send(gateway, case)
        case.validate_response(answer, checks=KNOWN)

    every_case_is()


def _send(gateway: Gateway, case: Any) -> requests.Response:
    """Sends what was made up, as the source and with the login that we know."""
    if "source" in case.path_parameters:
        case.path_parameters["source"] = "vas"
    request = requests.Request(**case.as_transport_kwargs(base_url=gateway.url)).prepare()
    body = request.body or b""
    request.headers.update(signed(body if isinstance(body, bytes) else body.encode(), f"msg_{uuid.uuid4()}"))
    request.prepare_auth(LOGIN)
    return gateway.http.send(request, timeout=10)


values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
FIELDS = [*event()["data"]["booking"], "series", "group", "interpreter", "caused_by", "replay"]


@FUZZ
@given(field=st.sampled_from(FIELDS), value=values)
def test_any_value_in_any_field_is_taken_or_refused_by_its_path(
    gateway: Gateway, field: str, value: Any
) -> None:
    answer = gateway.post(event(**{field: value}))
    assert answer.status_code in (202, 422)
    if answer.status_code == 422:
        paths = [error["path"] for error in answer.json()["errors"]]
        assert all(path.startswith(("data.booking.", "")) for path in paths)


@FUZZ
@given(raw=st.binary(max_size=200))
def test_any_bytes_get_a_clear_answer(gateway: Gateway, raw: bytes) -> None:
    assert gateway.post(raw).status_code in (401, 415, 422)


@FUZZ
@given(events=st.lists(values, max_size=4))
def test_any_batch_answers_for_each(gateway: Gateway, events: list[Any]) -> None:
    answer = gateway.post(json.dumps({"events": events}).encode(), path="/batch")
    assert [result["status"] for result in answer.json()["results"]] == [422] * len(events)


@FUZZ
@given(raw=st.binary(max_size=200) | st.text(max_size=200).map(str.encode))
def test_any_bytes_to_the_producer_are_a_fault(gateway: Gateway, raw: bytes) -> None:
    headers = PROXY | {"content-type": "text/xml"}
    answer = gateway.http.post(f"{gateway.url}/rivta/scheduling", data=raw, headers=headers, timeout=5)
    assert answer.status_code == 500
    assert "Fault" in answer.text
