"""What is heard of an SMS before its text is forgotten: STOPP (paminnelse-1, policy-hanvisning-1)."""

from __future__ import annotations

from typing import Any

import pytest

from gateway.events import arrival_of, read_events

UNIT = {"hsa_id": "SE2321000115-E000000000001"}


def written(text: object, type: str = "contact.received", **fields: Any) -> Any:
    contact = {"id": "c", "unit": UNIT, "text": text} | fields
    return {"type": type, "timestamp": "2026-11-30T08:00:00Z", "data": {"contact": contact}}


@pytest.mark.parametrize(("source", "kept"), [("sms", True), ("mail", None), ("platform24", None)])
def test_policy_hanvisning_1_that_it_says_stopp_is_kept_of_an_sms_and_its_text_is_not(
    source: str, kept: bool | None
) -> None:
    arrival = arrival_of(source, "m1", written("Stopp, jag mår dåligt"))
    assert arrival.data["contact"].get("says_stop") is kept
    assert "mår" not in str(arrival.data)


@pytest.mark.parametrize("text", ["Hej", "", None, 7, ["STOPP"]])
def test_paminnelse_1_of_what_says_something_else_nothing_is_kept(text: object) -> None:
    assert "says_stop" not in arrival_of("sms", "m1", written(text)).data["contact"]


def test_paminnelse_1_it_is_heard_in_a_batch_too_and_in_what_is_read_leniently() -> None:
    (arrival,) = read_events("sms", "b", [written("STOPP", urgent="ja", topic="annat") | {"id": "m1"}])
    assert arrival.data["contact"]["says_stop"] is True  # type: ignore[union-attr]
    assert arrival.dropped != ()  # type: ignore[union-attr]


def test_policy_suicid_1_one_that_says_a_risk_too_is_stopp_and_an_alert() -> None:
    arrival = arrival_of("sms", "m1", written("STOPP", risk="suicide"))
    assert arrival.data["contact"]["says_stop"] is True
    (alert,) = arrival.also
    assert (alert.process, "says_stop" in str(alert.data)) == ("risk_alert", False)
