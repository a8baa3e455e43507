"""The process of the side `vaxel`, written as flows and tasks of the product are: three steps, an effect each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import requests
from pydantic import BaseModel
from sqlalchemy import Index, MetaData
from sqlmodel import Field

from bench.engine.work import STEPS, post
from engine.base import clock
from engine.base.errors import UnknownOutcome
from engine.prefect.flow import process
from engine.steps.stage import Cases, from_case, step
from engine.steps.verdicts import Done, Finding, Go, NotArrived, Rest, Send
from engine.tables.events import EventContext, Events, handled, no_facts
from engine.tables.timeline import Entry
from models.case import Case, Effect
from models.sealed import Sealed

NAME = "bench_errand"
RECEIVED, INDEXED, LETTERED, SETTLED = "received", "indexed", "lettered", "settled"
BACKOFF = [4, 20, 300, 1800]


class BenchErrand(Case, table=True):
    """A case of the bench, in a table beside the product's."""

    metadata = MetaData()
    __tablename__ = NAME
    __table_args__ = (
        Index(f"{NAME}_due", "due_at", "id", postgresql_where="due_at IS NOT NULL"),
        Index(f"{NAME}_held", "lease_until", postgresql_where="owner IS NOT NULL"),
        Index(f"{NAME}_standing", "parked", "state"),
    )
    PROCESS: ClassVar[str] = NAME
    INITIAL: ClassVar[str] = RECEIVED
    TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        RECEIVED: frozenset({INDEXED}),
        INDEXED: frozenset({LETTERED}),
        LETTERED: frozenset({SETTLED}),
        SETTLED: frozenset(),
    }
    EVENT_TRANSITIONS: ClassVar[Mapping[str, frozenset[str]]] = {
        state: frozenset({RECEIVED}) for state in (RECEIVED, INDEXED, LETTERED, SETTLED)
    }
    note: str | None = Field(default=None, sa_type=Sealed, repr=False)


Letter = tuple[str, str, str, Go]
"""The case's key, the step, the note, and how the case goes on."""


def gate_to(name: str, then: Go) -> Callable[[BenchErrand, Any], Send]:
    """A gate that sends the occasion of this step."""

    def gate(case: BenchErrand, facts: Any) -> Send:
        key = f"{name}:{case.key}"
        return Send(key, then, (case.key, name, case.note or "", then))

    return gate


def again(effect: Effect) -> Finding:
    """The stand-in takes an idempotency key: what was lost is sent again."""
    return NotArrived()


def send(letter: Letter) -> Done:
    """One post."""
    key, name, note, then = letter
    try:
        return Done(then, post(key, name, note))
    except requests.RequestException:
        raise UnknownOutcome("answer_lost") from None


INDEX, LETTER, NOTICE = STEPS
_indexed = Go(INDEXED, (Entry("index_updated", "asked_for", "besok-1"),))
_lettered = Go(LETTERED, (Entry("call_letter", "asked_for", "distans-2"),))
_settled = Rest(SETTLED, (Entry("notice", "visit_booked", "besok-2"),))


@step(system="e1177", backoff=BACKOFF, facts=from_case(BenchErrand), gate=gate_to(INDEX, _indexed), ask=again)
def tell_index(letter: Letter) -> Done:
    """Tell the index."""
    return send(letter)


@step(
    system="e1177", backoff=BACKOFF, facts=from_case(BenchErrand), gate=gate_to(LETTER, _lettered), ask=again
)
def send_letter(letter: Letter) -> Done:
    """Send the letter."""
    return send(letter)


@step(
    system="e1177", backoff=BACKOFF, facts=from_case(BenchErrand), gate=gate_to(NOTICE, _settled), ask=again
)
def give_notice(letter: Letter) -> Done:
    """Give the notice."""
    return send(letter)


class Booked(BaseModel):
    """What is stored of an errand's event."""

    note: str


def booked(case: BenchErrand, said: Booked, context: EventContext[None]) -> Entry:
    """The case begins anew with this note."""
    case.note, case.state, case.due_at = said.note, RECEIVED, clock.now()
    return context.entry("event_applied", "applied")


EVENTS = Events(BenchErrand, [handled("booking.created", Booked, booked)], load=no_facts, forgets=False)


@process(BenchErrand, events=EVENTS)
def bench_errand(cases: Cases[BenchErrand]) -> None:
    """Three posts a case."""
    tell_index(cases.at(RECEIVED))
    send_letter(cases.at(INDEXED))
    give_notice(cases.at(LETTERED))
