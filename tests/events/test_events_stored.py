"""What is stored of an event is read back by the model that it was stored by, and no more is stored than that has."""

from __future__ import annotations

import json
from importlib import import_module
from typing import Any

import pytest
from pydantic import BaseModel

from engine.tables.events import Events
from flows.registry import PROCESSES
from models.events import Arrival, EventType, Route, in_json
from models.messages import EVENTS, parse

BY_PROCESS: dict[str, Events[Any, Any]] = {
    process: getattr(import_module(f"flows.{process}"), process).process.events for process in PROCESSES
}
ROUTES = [(known, route) for known in EVENTS.values() for route in known.routes]
NAMES = [f"{known.name}-{route.process}" for known, route in ROUTES]


def sent(known: EventType, **more: Any) -> list[Arrival]:
    """The example of a type as each process gets it, from a source that may send it."""
    source = next(each for each in sorted(known.sources) if each != "local-*")
    data = json.loads(json.dumps(known.example)) | more
    if known.name == "contact.received":
        data["contact"]["risk"] = "suicide"
    if known.name == "contact.message":
        data["message"]["risk"] = "suicide"
    if known.name == "consent.recorded":
        data["consent"]["for"] = "switch"
    understood = parse(source, {"type": known.name, "timestamp": "2026-11-30T08:00:00Z", "data": data})
    return [understood, *understood.also]


def read_by(arrival: Arrival) -> type[BaseModel]:
    """The model by which the process reads it."""
    by = BY_PROCESS[arrival.process]
    return (by.handling if arrival.key else by.spreading)(arrival.type).stored


@pytest.mark.parametrize(("known", "route"), ROUTES, ids=NAMES)
def test_each_type_that_may_come_is_handled_or_spread_by_the_process_that_it_goes_to(
    known: EventType, route: Route
) -> None:
    by = BY_PROCESS[route.process]
    ways = [each for each in (*by.handled, *by.spread) if each.name == known.name]
    assert (route.stored or known.model) in {each.stored for each in ways}


@pytest.mark.parametrize("known", EVENTS.values(), ids=list(EVENTS))
def test_what_is_stored_is_read_back_whole(known: EventType, database: None) -> None:
    for arrival in sent(known):
        stored = json.dumps(arrival.data)
        said = read_by(arrival).model_validate_json(stored)
        assert in_json(said) == json.loads(stored)


def test_a_text_by_staff_leaves_only_whether_there_was_one(database: None) -> None:
    for name, inner, field in (
        ("switch.proposed", "switch", "why"),
        ("gate.overridden", "override", "reason"),
    ):
        (arrival,) = sent(EVENTS[name])
        assert arrival.data[inner][field] is True


@pytest.mark.parametrize("process", PROCESSES)
def test_no_type_of_event_has_two_handlers_or_two_ways_to_be_spread(process: str) -> None:
    by = BY_PROCESS[process]
    for each in (by.handled, by.spread):
        names = [one.name for one in each]
        assert len(names) == len(set(names))


@pytest.mark.parametrize("process", PROCESSES)
def test_every_state_says_what_an_event_may_make_of_it(process: str) -> None:
    model = PROCESSES[process]
    assert model.EVENT_TRANSITIONS.keys() == model.TRANSITIONS.keys()
    assert all(state not in after for state, after in model.EVENT_TRANSITIONS.items())
    assert frozenset().union(*model.EVENT_TRANSITIONS.values()) <= model.TRANSITIONS.keys()
