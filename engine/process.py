"""Processes: a table of cases, the events that change them, and the steps that take them on."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

import structlog
from sqlalchemy import Connection, text

from engine import clock, effects, inbox, wake
from engine.claims import UNOPENED, Hold, free_lapsed, make_due
from engine.database import OUTAGES, transaction
from engine.steps import Step
from engine.timeline import Entry, append
from models.case import Case, Event, Outcome
from models.encryption import DoesNotOpen

C = TypeVar("C", bound=Case)
TAKE = 5000
FEW = 50
"""Events that concern many cases are spread so many in a transaction: nobody applies events of the process meanwhile,
and other processes wait for what it has written of persons and units."""
log = structlog.get_logger()


Apply = Callable[[Connection, Sequence[C], Mapping[str, Sequence[Event]]], "Applied[C]"]
"""Applies the waiting events, by case key, to claimed cases."""
Spread = Callable[[Connection, Sequence[Event]], Collection[str] | None]
"""Makes events that concern many cases into one for each of them; gives the other processes that got any."""


@dataclass(frozen=True)
class Applied(Generic[C]):
    """What applying events came to.

    Args:
        outcomes: by event number.
        told: what goes on the cases' timelines.
        forget: the numbers of events whose data has been read and is nobody's business any more.
        wakes: other processes that have got events of it.
    """

    outcomes: Mapping[int, Outcome]
    told: Sequence[tuple[C, Entry]]
    forget: Collection[int] = ()
    wakes: Collection[str] = ()


@dataclass(frozen=True)
class Process(Generic[C]):
    """What the engine needs to know of a process."""

    model: type[C]
    apply: Apply[C]
    spread: Spread
    steps: Mapping[str, Step[C]]
    """By state, the step that takes a case there."""

    @property
    def name(self) -> str:
        """As in the inbox, the tables and Prefect."""
        return self.model.PROCESS

    def take_in(self, wakes: set[str] | None = None) -> int:
        """Make the cases of new events due; gives how many events, and adds to `wakes` who else got any.

        Those that concern many cases come first: a death does not wait behind a backlog of bookings. Where nothing
        may be held up only a few of them do.
        """
        others = set() if wakes is None else wakes
        of_many = few = self._spread_few(others)
        while few == FEW and self.name not in wake.BY_ITSELF:
            few = self._spread_few(others)
            of_many += few
        with transaction() as connection:
            new = inbox.take(connection, self.name, TAKE, of_many=False)
            make_due(connection, self.model, [key for _, key in new])
        return max(of_many, len(new))

    def _spread_few(self, wakes: set[str]) -> int:
        """Spread new events that concern many cases, the oldest first; gives how many."""
        with transaction() as connection:
            of_many = inbox.take(connection, self.name, FEW, of_many=True)
            events, unopened = inbox.numbered(connection, [number for number, _ in of_many])
            for event in events:
                wakes.update(self._spread_one(connection, event) or ())
            inbox.close(connection, {event.number or 0: Outcome.PARKED for event in unopened})
        return len(of_many)

    def _spread_one(self, connection: Connection, event: Event) -> Collection[str] | None:
        """Spread an event over the cases that it concerns; one that breaks is parked, and holds up no other."""
        try:
            inbox.in_turn(connection, self.name, alone=True)
            with connection.begin_nested():
                return self.spread(connection, [event])
        except OUTAGES:
            raise
        except Exception as error:  # noqa: BLE001 (one event must not hold up the others)
            log.error("event_parked", id=str(event.id), type=event.type, error=type(error).__name__)
            inbox.close(connection, {event.number or 0: Outcome.PARKED})
            return None

    def claim(self, hold: Hold[C], most: int = TAKE) -> list[C]:
        """Claim up to so many cases that are due, and apply the events that wait for them.

        New events are taken in a few thousand at a time: a great backlog does not keep the first case waiting.
        """
        enough = FEW if self.name in wake.BY_ITSELF else TAKE
        while self.take_in(hold.wakes) >= enough and not self._is_due():
            pass
        with transaction() as connection:
            inbox.in_turn(connection, self.name, alone=False)
            cases = self._with_events(connection, hold, hold.claim(connection, most))
        hold.keep(cases)
        return cases

    def claim_one(self, hold: Hold[C], key: str) -> C | None:
        """Claim the case that an event waits for, and apply it; None: none waits, or somebody else has the case."""
        with transaction() as connection:
            if not inbox.keys_with_new_events(connection, self.name, [key]):
                return None
            inbox.in_turn(connection, self.name, alone=False)
            make_due(connection, self.model, [key])
            cases = self._with_events(connection, hold, hold.claim(connection, 1, key))
        hold.keep(cases)
        return cases[0] if cases else None

    def _with_events(self, connection: Connection, hold: Hold[C], claimed: Sequence[C]) -> list[C]:
        """Claimed cases, once the events that wait for them are applied; what does not open is parked."""
        events, unopened = inbox.waiting(connection, self.name, [case.key for case in claimed])
        cases = [case for case in claimed if case.key not in unopened]
        shut = [*hold.unopened, *(case for case in claimed if case.key in unopened)]
        park(connection, hold, shut, "does_not_open")
        kept = {case.id: case for case in (*claimed, *hold.unopened)}
        kept |= {case.id: case for case in self._apply(connection, hold, cases, events)}
        return list(kept.values())

    def _apply(
        self, connection: Connection, hold: Hold[C], cases: Sequence[C], events: Mapping[str, Sequence[Event]]
    ) -> Sequence[C]:
        """Apply what waits; if something breaks, halve until the bad one stands alone, and park that."""
        changed = [case for case in cases if case.key in events]
        if not changed:
            return []
        try:
            with connection.begin_nested():
                applied = self.apply(connection, changed, events)
                append(connection, clock.now(), applied.told)
                inbox.close(connection, applied.outcomes, forget=applied.forget)
                hold.write(connection, changed, whole=True)
            hold.wakes.update(applied.wakes)
            return changed
        except OUTAGES:
            raise
        except Exception as error:  # noqa: BLE001 (one case must not hold up the others)
            log.error("events_not_applied", process=self.name, cases=len(changed), error=type(error).__name__)
            reason = reason_for(error)
        fresh = hold.again(connection, changed)
        if len(fresh) > 1:
            middle = len(fresh) // 2
            first = self._apply(connection, hold, fresh[:middle], events)
            return [*first, *self._apply(connection, hold, fresh[middle:], events)]
        park(connection, hold, fresh, reason)
        if reason != UNOPENED:
            parked = {e.number or 0: Outcome.PARKED for case in fresh for e in events[case.key]}
            inbox.close(connection, parked)
        return fresh

    def tidy(self) -> None:
        """Free what dead workers held, and show what nobody will ask about any more."""
        with transaction() as connection:
            free_lapsed(connection, self.model)
        with transaction() as connection:
            effects.park_forgotten(connection, self.name, self.model.__table__.name)  # type: ignore[attr-defined]

    def next_due(self) -> datetime | None:
        """When the next case that nobody holds is due."""
        query = text(f"SELECT min(due_at) FROM {self.model.__table__.name} WHERE owner IS NULL")  # type: ignore[attr-defined]
        with transaction() as connection:
            due: datetime | None = connection.execute(query).scalar()
            return due

    def _is_due(self) -> bool:
        due = self.next_due()
        return due is not None and due <= clock.now()

    def park_untaken(self, hold: Hold[C], cases: Sequence[C]) -> None:
        """A case that is due and that no step takes would be claimed for ever: a bug, shown to ops."""
        log.error("no_step", process=self.name, states=sorted({case.state for case in cases}))
        with transaction() as connection:
            park(connection, hold, hold.ours(connection, cases), "no_step")


def park(connection: Connection, hold: Hold[C], cases: Sequence[C], reason: str) -> None:
    """Park cases that we hold, outside a step."""
    for case in cases:
        case.parked, case.due_at = reason, None
        hold.parked.append((case, reason))
    append(connection, clock.now(), [(case, Entry("parked", reason)) for case in cases])
    hold.write(connection, cases)


def reason_for(error: Exception) -> str:
    """What a case is parked for that has broken its batch."""
    return UNOPENED if isinstance(error, DoesNotOpen) else "internal_error"
