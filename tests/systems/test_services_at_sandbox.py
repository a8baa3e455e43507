"""Our clients of the catalogue and the form engine at the sandbox, which shares no code with them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from engine.base.errors import NotSent, Refused, SystemDown, UnknownOutcome
from sandbox.server.sandbox import Sandbox
from systems.catalogue import Catalogue
from systems.forms import FormEngine, Forms

RESIDENT = "199202232394"
UNIT = "SE2321000115-E000000000001"
TODAY = datetime.now(UTC).date()
FORM: dict[str, Any] = {
    "unit": UNIT,
    "template": "form",
    "reference": "r-1",
    "expires": TODAY + timedelta(days=30),
    "keep_until": TODAY + timedelta(days=365),
}


@pytest.fixture(scope="module")
def running() -> Iterator[Sandbox]:
    with Sandbox(0) as sandbox:
        yield sandbox


@pytest.fixture
def town(running: Sandbox) -> Sandbox:
    running.region.clear()
    return running


def catalogue(town: Sandbox) -> Catalogue:
    return Catalogue(f"{town.url}/e1177", 5.0)


def engine(town: Sandbox, deadline: float = 5.0) -> FormEngine:
    return FormEngine(f"{town.url}/e1177", deadline)


def post(town: Sandbox, path: str, body: Any) -> None:
    assert requests.post(town.url + path, json=body, timeout=5).status_code == 201


def fault(town: Sandbox, kind: str, operation: str) -> None:
    given = {"system": "e1177", "kind": kind, "times": 1, "seconds": 0.5, "operation": operation}
    post(town, "/faults", given)


def requested(town: Sandbox) -> Forms:
    since = datetime.now(UTC) - timedelta(minutes=5)
    return engine(town).requested(RESIDENT, unit=UNIT, template="form", reference="r-1", since=since)


def test_the_ages_and_the_link_of_a_service_come_through(town: Sandbox) -> None:
    service = {"topic": "journal", "id": "j-7", "link": "https://1177.se/j?a=1&b=2", "ages": [16, 110]}
    post(town, "/units", {"hsa_id": UNIT, "services": [service]})
    (found,) = catalogue(town).offered([UNIT])[UNIT]
    assert (found.id, found.link, found.level) == ("j-7", "https://1177.se/j?a=1&b=2", "AL3")
    assert (found.restrictions.age_min, found.restrictions.age_max) == (16, 110)


def test_a_form_is_asked_for_and_found_by_its_reference(town: Sandbox) -> None:
    identity = engine(town).request(RESIDENT, **FORM, text="Inför besöket & <åäö>")
    engine(town).request(RESIDENT, **FORM | {"reference": "r-2"})
    assert requested(town) == Forms([identity], complete=True)
    assert town.region.e1177.forms.forms[0]["text"] == "Inför besöket & <åäö>"


@pytest.mark.parametrize(("kind", "there"), [("timeout_before", 0), ("timeout_after", 1), ("malformed", 1)])
def test_a_request_whose_answer_was_lost_is_asked_about(town: Sandbox, kind: str, there: int) -> None:
    fault(town, kind, "CreateFormRequest")
    with pytest.raises(UnknownOutcome):
        engine(town).request(RESIDENT, **FORM)
    found = requested(town)
    assert (len(found.ids), found.complete) == (there, True)


def test_an_engine_that_keeps_no_references_is_not_believed(town: Sandbox) -> None:
    fault(town, "timeout_after", "CreateFormRequest")
    with pytest.raises(UnknownOutcome):
        engine(town).request(RESIDENT, **FORM)
    town.region.e1177.forms.forms[0]["process"] = None
    assert requested(town) == Forms([], complete=False)


def test_a_template_that_the_unit_has_not_is_refused(town: Sandbox) -> None:
    with pytest.raises(Refused, match="form_refused"):
        engine(town).request(RESIDENT, **FORM | {"template": "none"})


@pytest.mark.parametrize(("kind", "error"), [("down", SystemDown), ("error_500", NotSent)])
def test_what_surely_was_not_done_is_not_unknown(town: Sandbox, kind: str, error: type[Exception]) -> None:
    fault(town, kind, "CreateFormRequest")
    with pytest.raises(error):
        engine(town).request(RESIDENT, **FORM)
    assert town.region.e1177.forms.forms == []


def test_whoever_is_the_producer_is_a_setting_of_the_client(town: Sandbox) -> None:
    with pytest.raises(Refused, match="unit_not_connected"):
        Catalogue(f"{town.url}/e1177", 5.0, logical_address=UNIT).offered([UNIT])
