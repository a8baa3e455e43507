"""Applies the events that wait for claimed cases, by the handlers of their process (`engine.tables.events`).

1. each case's in order of version, those without one first, in the order they came
2. one that is not newer than its case is noted and ignored
3. each change of a case's state is one that its model declares for an event (`EVENT_TRANSITIONS`)
4. a case that only later events have come of waits for the one that it begins with
5. what came of each is written with the cases, in one savepoint; if something breaks, the batch is halved until the
   bad case stands alone, and that is parked
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection

from engine.base import clock
from engine.base.database import OUTAGES
from engine.tables import inbox
from engine.tables.claims import UNOPENED, Claim
from engine.tables.events import Batch, Context, EventContext, Events, Unchanged, Waiting
from engine.tables.timeline import Entry, append
from models.case import Case, Event, Outcome
from models.encryption import DoesNotOpen
from models.events import Arrival
from models.times import later

C = TypeVar("C", bound=Case)
F = TypeVar("F")
EARLY = timedelta(minutes=10)
"""How long an event may be ahead of the one that its case begins with."""
log = structlog.get_logger()


class UndeclaredTransition(Exception):
    """An event has made of a case's state what its model does not declare."""


def apply_waiting(
    connection: Connection, claim: Claim[C], events: Events[C, Any], claimed: Sequence[C]
) -> list[C]:
    """Claimed cases, once the events that wait for them are applied; what does not open is parked, but where a step
    tells of it."""
    keys = [case.key for case in (*claimed, *claim.unopened)]
    waiting, unopened = inbox.waiting(connection, claim.model.PROCESS, keys)
    news = {*waiting, *unopened}
    by_events = [case for case in claimed if case.key in unopened]
    by_events += [case for case in claim.unopened if case.key in news]
    park(connection, claim, by_events, UNOPENED, stays=True)
    shut = [case for case in claim.unopened if case.key not in news and not case.is_to_be_told_of]
    park(connection, claim, shut, "does_not_open")
    kept = {case.id: case for case in (*claimed, *claim.unopened)}
    changed = [case for case in claimed if case.key in waiting and case.key not in unopened]
    kept |= {case.id: case for case in _Applying(connection, claim, events, waiting).apply(changed)}
    return list(kept.values())


@dataclass(frozen=True)
class _Applying(Generic[C, F]):
    """The events that are applied in one transaction, by the keys of their cases."""

    connection: Connection
    claim: Claim[C]
    events: Events[C, F]
    waiting: Mapping[str, Sequence[Event]]

    def apply(self, cases: Sequence[C]) -> Sequence[C]:
        """Apply what waits; if something breaks, halve until the bad case stands alone, and park that."""
        if not cases:
            return []
        try:
            with self.connection.begin_nested():
                wakes = self._in_one_go(cases)
            self.claim.wakes.update(wakes)
            return cases
        except OUTAGES:
            raise
        except Exception as error:  # noqa: BLE001 (one case must not hold up the others)
            told = {"process": self.claim.model.PROCESS, "cases": len(cases), "error": type(error).__name__}
            log.error("events_not_applied", **told)
            reason = UNOPENED if isinstance(error, DoesNotOpen) else "internal_error"
        fresh = self.claim.again(self.connection, cases)
        if len(fresh) > 1:
            middle = len(fresh) // 2
            return [*self.apply(fresh[:middle]), *self.apply(fresh[middle:])]
        park(self.connection, self.claim, fresh, reason)
        if reason != UNOPENED:
            parked = {event.number or 0: Outcome.PARKED for case in fresh for event in self.waiting[case.key]}
            inbox.close(self.connection, parked)
        return fresh

    def _in_one_go(self, cases: Sequence[C]) -> set[str]:
        """Apply what waits for these cases and write what came of it; gives the other processes that got events."""
        read = [self._waiting_of(case) for case in cases]
        batch: Batch[C, F] = Batch(self.connection, self.events.load(self.connection, read), waiting=read)
        applied: _Applied[C] = _Applied()
        for each in read:
            self._apply_to(each, batch, applied)
        states = [case.state for case in cases]
        self.events.then(batch)
        for case, state in zip(cases, states, strict=True):
            _check_transition(case, state)
            if not self.events.has_begun(case) and not case.parked:
                case.due_at = later(case.created_at, EARLY)
        append(self.connection, clock.now(), applied.entries)
        forgotten = applied.outcomes if self.events.forgets else ()
        inbox.close(self.connection, applied.outcomes, forget=forgotten)
        self.claim.write(self.connection, cases, whole=True)
        return _store_made(self.claim.model.PROCESS, batch)

    def _waiting_of(self, case: C) -> Waiting[C]:
        """With what is stored of each, in their order: they come the newest first."""
        events = [
            (event, self.events.handling(event.type).stored.model_validate_json(event.data))
            for event in reversed(self.waiting[case.key])
        ]
        return Waiting(case, events)

    def _apply_to(self, waiting: Waiting[C], batch: Batch[C, F], applied: _Applied[C]) -> None:
        """Apply to one case what waits for it; one that nothing has changed stays parked, or at its end."""
        case, is_changed = waiting.case, False
        for event, said in waiting.events:
            context = EventContext(batch.connection, batch.facts, batch.made, event=event)
            if _is_older(event, case):
                applied.note(case, event, Outcome.OLDER, [context.entry("event_ignored", Outcome.OLDER)])
                continue
            state = case.state
            told = self.events.handling(event.type).handler(case, said, context)
            _check_transition(case, state)
            case.version = case.version if event.version is None else event.version
            if not isinstance(told, Unchanged):
                case.parked, case.tries, is_changed = None, 0, True
            applied.note(case, event, Outcome.APPLIED, _entries(told))
        is_at_rest = (case.parked and not case.is_to_be_told_of) or not case.TRANSITIONS.get(case.state)
        if not is_changed and is_at_rest:
            case.due_at = None


@dataclass(frozen=True)
class _Applied(Generic[C]):
    """What has come of events so far, by their number, and for the timelines."""

    outcomes: dict[int, Outcome] = field(default_factory=dict)
    entries: list[tuple[C, Entry]] = field(default_factory=list)

    def note(self, case: C, event: Event, outcome: Outcome, entries: Sequence[Entry]) -> None:
        """Keep what has come of one."""
        self.outcomes[event.number or 0] = outcome
        self.entries.extend((case, entry) for entry in entries)


def _entries(told: Entry | Sequence[Entry] | Unchanged) -> Sequence[Entry]:
    match told:
        case Entry():
            return [told]
        case Unchanged():
            return [told.entry]
        case _:
            return told


def _is_older(event: Event, case: Case) -> bool:
    return event.version is not None and case.version is not None and event.version <= case.version


def _check_transition(case: Case, before: str) -> None:
    """See that an event may make of the state that was what it has made of it.

    Raises:
        UndeclaredTransition: it may not.
    """
    if case.state != before and case.state not in case.EVENT_TRANSITIONS.get(before, frozenset()):
        declared = "EVENT_TRANSITIONS"
        log.error("no_transition", process=case.PROCESS, state=before, to=case.state, not_in=declared)
        raise UndeclaredTransition(before, case.state)


def spread_one(connection: Connection, process: str, events: Events[Any, Any], event: Event) -> set[str]:
    """Spread an event over the cases that it concerns; one that breaks is parked, and holds up no other.

    Returns: the other processes that got events.
    """
    number = event.number or 0
    try:
        inbox.in_turn(connection, process, alone=True)
        with connection.begin_nested():
            how = events.spreading(event.type)
            context: EventContext[None] = EventContext(connection, None, event=event)
            outcome = how.spreader(how.stored.model_validate_json(event.data), context)
            inbox.close(connection, {number: outcome}, forget=() if how.keeps else (number,))
            return _store_made(process, context)
    except OUTAGES:
        raise
    except Exception as error:  # noqa: BLE001 (one event must not hold up the others)
        log.error("event_parked", id=str(event.id), type=event.type, error=type(error).__name__)
        inbox.close(connection, {number: Outcome.PARKED})
        return set()


def _store_made(process: str, context: Context[Any]) -> set[str]:
    """Store the events that came of events; gives the other processes that got any."""
    by_source: dict[str, list[Arrival]] = {}
    for source, arrival in context.made:
        by_source.setdefault(source, []).append(arrival)
    for source in sorted(by_source):
        inbox.put(context.connection, source, by_source[source])
    return {arrival.process for _, arrival in context.made} - {process}


def park(
    connection: Connection, claim: Claim[C], cases: Collection[C], reason: str, *, stays: bool = False
) -> None:
    """Park cases that we have claimed, outside a step.

    Args:
        stays: no step is to tell of them: what waits for them is to be taken in where they stand.
    """
    for case in cases:
        claim.park(case, reason, stays=stays)
    append(connection, clock.now(), [(case, Entry("parked", reason)) for case in cases])
    claim.write(connection, list(cases))
