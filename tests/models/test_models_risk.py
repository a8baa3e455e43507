"""suicid-1, policy-suicid-1: a risk of suicide is read out of an event whatever else is wrong with it."""

from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.events import read_events, risks_in
from gateway.openapi import EXAMPLES
from models.case import Heard
from models.events import ACKNOWLEDGED, Arrival
from models.messages import Invalid, parse
from models.risk_reading import is_risk_said, risk_flagged

Json = dict[str, Any]
ABOUT = "P24-2026-77"
FLAGS: dict[str, Json] = {
    name: copy.deepcopy(EXAMPLES[name])
    for name in ("contact.received", "contact.message", "contact.risk_flagged")
}
FLAGS["contact.received"]["data"]["contact"] |= {"id": ABOUT, "risk": "suicide"}
FLAGS["contact.message"]["data"]["message"]["risk"] = "suicide"


def _paths(at: Any, so_far: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    """Every field, however deep."""
    inner = [(*so_far, name) for name in at] if isinstance(at, dict) else []
    return inner + [path for name in inner for path in _paths(at[name[-1]], name)]


def _changed(event: Json, path: tuple[str, ...], value: Any) -> Json:
    event = copy.deepcopy(event)
    at: Any = event
    for name in path[:-1]:
        at = at[name]
    if value is ...:
        del at[path[-1]]
    else:
        at[path[-1]] = value
    return event


FIELDS = [(name, path) for name, event in FLAGS.items() for path in _paths(event)]
STILL_SAID = [
    (name, path) for name, path in FIELDS if '"suicide"' in json.dumps(_changed(FLAGS[name], path, ...))
]
odd = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=300) | st.just(...),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


def _json(value: Any) -> Any:
    """As JSON brings it: what was left out is null."""
    return ... if value is ... else json.loads(json.dumps(value, default=lambda _: None))


@settings(max_examples=400)
@given(st.sampled_from(STILL_SAID), odd, st.sampled_from(["platform24", "mail", "local-x", "staff", "vas"]))
def test_any_mutation_of_an_event_with_a_risk_is_a_flag_or_a_refusal_that_says_so(
    at: tuple[str, tuple[str, ...]], value: Any, source: str
) -> None:
    name, path = at
    event = _changed(FLAGS[name], path, _json(value))
    in_a_batch = read_events(source, "b", [event | {"id": "msg-1"}])[0]
    try:
        read = parse(source, event)
    except Invalid:
        assert risk_flagged(source, event) is None
        assert path in {("data", "contact"), ("data", "contact", "id")}, "nothing else is needed"
        assert is_risk_said(event)
        assert in_a_batch.refusal.risk is Heard.UNHEARD
    else:
        _is_a_flag(read)
        assert in_a_batch.risk is Heard.ALERTED


def _is_a_flag(read: Arrival) -> None:
    assert read.risk is Heard.ALERTED
    (flag,) = [each for each in (read, *read.also) if each.process == "risk_alert"]
    assert flag.key.rpartition(":")[2] or flag.data["contact"]
    json.dumps([flag.data, flag.key], ensure_ascii=False).encode()


@pytest.mark.parametrize(
    "data",
    [
        {"contact": {"id": "A"}, "risk": "suicide"},
        {"contact": "A", "message": {"risk": ["suicide"]}},
        {"contact": {"id": 7, "risk": {"kind": "Suicide"}}},
        {"contact": {"id": "A", "triage": [{"risk": "SJÄLVMORD"}]}},
        {"kontakt": {"id": "A", "Risk": True}},
        {"contact_id": "A", "flags": {"risk": {"suicide": True}}},
        {"contact": {"id": "A\x00", "risk": "suicidrisk"}},
    ],
)
@pytest.mark.parametrize("type", ["contact.received", "contact.message", "contact.recieved", None])
def test_a_risk_that_stands_elsewhere_or_is_said_otherwise_is_one(data: Json, type: str | None) -> None:
    read = parse("platform24", {"type": type, "timestamp": "2026-11-30T08:00:00Z", "data": data})
    _is_a_flag(read)
    assert read.dropped, "ops hear of it"


@pytest.mark.parametrize("risk", [None, False, "", "none", "Nej", 0, [], {}])
def test_what_says_no_is_no_risk(risk: Any) -> None:
    event = _changed(FLAGS["contact.received"], ("data", "contact", "risk"), risk)
    read = parse("platform24", event)
    assert read.risk is None


def test_a_risk_that_nobody_can_read_is_told_to_ops_who_hear_an_alarm() -> None:
    event = _changed(FLAGS["contact.received"], ("data", "contact", "risk"), "violence")
    read = parse("platform24", event)
    assert (read.type, read.risk) == ("contact.received", Heard.UNHEARD)
    assert read.dropped == ("data.contact.risk",)


@pytest.mark.parametrize(
    ("body", "what"),
    [
        (
            b'{"type": "contact.received", "data": {"contact": {"id": "A", "risk": null, "risk": "suicide"}}}',
            "A",
        ),
        (b'{"data": {"contact": {"id": "A", "risk": "suicide", "n": NaN}}}', "A"),
        (b'{"data": {"contact": {"id": "A", "risk": "suicide", "unit": {"name": "V\xe5rd"}}}}', "A"),
        (b'[{"id": "m1", "data": {"contact": "A", "risk": "suicide"}}]', "A"),
        (b'{"data": {"contact": {"risk": "suicide"}}}', Heard.UNHEARD),
        (b'{"data": {"contact": {"id": "A", "risk": "suicide"', Heard.UNHEARD),
        (b'{"data": {"contact": {"id": "A"}}, "n": ', None),
    ],
)
def test_a_body_that_is_refused_is_searched(body: bytes, what: Any) -> None:
    flags, heard = risks_in("platform24", "msg-1", body)
    assert [flag.key for flag in flags] == ([f"platform24:{what}"] if what == "A" else [])
    assert heard is (Heard.ALERTED if what == "A" else what)


ODD = {
    "topic": ("sömn", "data.contact.topic"),
    "urgent": ("yes", "data.contact.urgent"),
    "patient": ({"id": "201312012387", "type": "personnummer"}, "data.contact.patient.id"),
    "service": (7, "data.contact.service"),
    "reply_address": ({}, "data.contact.reply_address"),
    "unit": ({"hsa_id": "SE2321000115-E000000000001", "name": "V\x07C"}, "data.contact.unit.name"),
}


@pytest.mark.parametrize("field", ODD)
def test_what_is_odd_in_a_contact_and_does_no_harm_is_not_known(field: str) -> None:
    value, path = ODD[field]
    event = _changed(EXAMPLES["contact.received"], ("data", "contact", field), value)
    read = parse("platform24", event)
    assert (read.type, read.dropped, read.risk) == ("contact.received", (path,), None)
    assert read.data["contact"].get(field) == (
        {"hsa_id": "SE2321000115-E000000000001"} if field == "unit" else None
    )


@pytest.mark.parametrize("wrong", [{"by": 7}, {"by_role": "granne"}, {"by": 7, "by_role": 7}])
def test_barn_1_whoever_writes_for_a_patient_does_not_become_the_patient(wrong: Json) -> None:
    contact = EXAMPLES["contact.received"]["data"]["contact"] | {"by": None, "by_role": None}
    event = EXAMPLES["contact.received"] | {"data": {"contact": contact | wrong}}
    assert parse("platform24", event).data["contact"]["by_role"] == "other"


@pytest.mark.parametrize(
    ("path", "value"), [(("contact",), 7), (("contact",), None), (("channel",), "hope"), (("channel",), "x")]
)
def test_an_acknowledgement_that_may_mean_another_alert_is_refused(path: tuple[str, ...], value: Any) -> None:
    event = _changed(EXAMPLES[ACKNOWLEDGED], ("data", *path), value)
    with pytest.raises(Invalid) as wrong:
        parse("platform24", event)
    assert wrong.value.paths == (f"data.{path[0]}",)


def test_a_booking_is_read_as_strictly_as_before() -> None:
    event = _changed(EXAMPLES["booking.created"], ("data", "booking", "form"), "hologram")
    with pytest.raises(Invalid):
        parse("vas", event)
