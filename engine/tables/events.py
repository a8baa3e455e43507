"""Events as a process handles them: a handler for each type, with what is stored of it as a model of its own.

`engine.tables.applying` does the rest, for all processes: the order, what is older, what comes too early, the
timeline, the outcome, what is forgotten, and the check of each change of a case's state. A handler has the case that
it may change, what was said, and a context; it returns what the timeline says:

    def withdrawn(case: Errand, said: Withdrawal, context: EventContext[None]) -> Entry:
        case.state, case.due_at = State.WITHDRAWN, clock.now()
        return context.entry("errand_withdrawn", said.reason)

    EVENTS: Events[Errand, None] = Events(
        Errand, [handled("errand.withdrawn", Withdrawal, withdrawn)], load=no_facts
    )
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from pydantic import BaseModel
from sqlalchemy import Connection

from engine.tables.timeline import Entry
from models.case import Case, Event, Outcome
from models.events import DERIVED, Arrival, in_json

C = TypeVar("C", bound=Case)
D = TypeVar("D", bound=BaseModel)
F = TypeVar("F")


@dataclass(frozen=True)
class Unchanged:
    """What a handler returns of an event that leaves its case as it stood: parked, or at its end."""

    entry: Entry


Entries = Entry | Sequence[Entry] | Unchanged
"""What the timeline says of an event that was applied."""


@dataclass(frozen=True)
class Waiting(Generic[C]):
    """A case and the events that wait for it, with what is stored of each, in the order in which they are applied."""

    case: C
    events: Sequence[tuple[Event, BaseModel]]

    def said(self, stored: type[D]) -> Iterator[tuple[Event, D]]:
        """Those of one kind."""
        return ((event, said) for event, said in self.events if isinstance(said, stored))


@dataclass(frozen=True)
class Context(Generic[F]):
    """What there is beside the cases while events are applied.

    Args:
        connection: of the transaction in which they are.
        facts: what the process has loaded for all cases of the batch.
        made: events that come of it, each with its source; stored at the end.
    """

    connection: Connection
    facts: F
    made: list[tuple[str, Arrival]] = field(default_factory=list)

    def put(self, arrival: Arrival, source: str = DERIVED) -> None:
        """Leave an event for a case; if it is another process's, that is woken."""
        self.made.append((source, arrival))


@dataclass(frozen=True)
class EventContext(Context[F]):
    """What a handler knows of its event beside what was said: who told it, when it happened, and when it came."""

    event: Event = field(kw_only=True)

    def entry(self, what: str, reason: str, clause: str = "", **more: str | int) -> Entry:
        """What the timeline says of the event."""
        detail: dict[str, str | int] = {"type": self.event.type, "event": str(self.event.id)}
        if self.event.version is not None:
            detail["version"] = self.event.version
        return Entry(what, reason, clause, detail | more)


def for_case(event: Event, key: str, said: BaseModel | None = None, process: str = "") -> Arrival:
    """The same event as it goes to one case, once.

    Args:
        said: what is stored of it; None: only that it happened.
        process: the case's; empty: the one that has the event.
    """
    place = (process or event.process, key, None, event.occurred_at)
    return Arrival(f"{event.id}:{key}", event.type, *place, in_json(said) if said else {})


@dataclass(frozen=True)
class Batch(Context[F], Generic[C, F]):
    """The cases to which events are applied in one transaction."""

    waiting: Sequence[Waiting[C]] = field(kw_only=True)

    @property
    def cases(self) -> list[C]:
        """Each once."""
        return [each.case for each in self.waiting]


Handler = Callable[[C, D, EventContext[F]], Entries]
"""Changes the case by what was said."""
Spreader = Callable[[D, EventContext[None]], Outcome]
"""Leaves an event for each case that is concerned; `SPREAD`, or `PARKED` where it can't be said which."""


@dataclass(frozen=True)
class Handled(Generic[C, F]):
    """A type of event, the model of what is stored of it, and what it changes."""

    name: str
    stored: type[BaseModel]
    handler: Callable[[C, Any, EventContext[F]], Entries]


@dataclass(frozen=True)
class Spread:
    """A type of event that concerns many cases, or that does not name its case by the key.

    Args:
        keeps: its data is kept once it has been spread.
    """

    name: str
    stored: type[BaseModel]
    spreader: Callable[[Any, EventContext[None]], Outcome]
    keeps: bool = False


def handled(name: str, stored: type[D], handler: Handler[C, D, F]) -> Handled[C, F]:
    """Let events of this type change their case by this handler."""
    return Handled(name, stored, handler)


def spread(name: str, stored: type[D], spreader: Spreader[D], *, keeps: bool = False) -> Spread:
    """Let events of this type be made into one for each case that they concern."""
    return Spread(name, stored, spreader, keeps)


def no_facts(connection: Connection, waiting: Sequence[Waiting[Any]]) -> None:
    """Of a process whose handlers know enough by the case and the event."""


def nothing_more(batch: Batch[Any, Any]) -> None:
    """Of a process in which nothing follows from all events of a case together."""


@dataclass(frozen=True)
class Events(Generic[C, F]):
    """How the events of a process change its cases.

    Args:
        model: of its cases; `EVENT_TRANSITIONS` says which states an event may make of which.
        handled: each type that a case may get.
        load: what the handlers have to know, for all cases of a batch in as few queries as for one.
        then: once for all cases when their events are applied: what is written beside them, and where they go on.
        has_begun: whether that has come which a case begins with. One that has only later events waits for it.
        spread: each type that names no case.
        forgets: what was said is kept no longer once it has been applied.
    """

    model: type[C]
    handled: Sequence[Handled[C, F]]
    load: Callable[[Connection, Sequence[Waiting[C]]], F]
    then: Callable[[Batch[C, F]], None] = nothing_more
    has_begun: Callable[[C], bool] = lambda case: True
    spread: Sequence[Spread] = ()
    forgets: bool = True

    def handling(self, name: str) -> Handled[C, F]:
        """How events of this type are handled.

        Raises:
            LookupError: they are not.
        """
        return _one_of(name, self.handled)

    def spreading(self, name: str) -> Spread:
        """How events of this type are spread.

        Raises:
            LookupError: they are not.
        """
        return _one_of(name, self.spread)


T = TypeVar("T", Handled[Any, Any], Spread)


def _one_of(name: str, each: Sequence[T]) -> T:
    for one in each:
        if one.name == name:
            return one
    raise LookupError(name)
