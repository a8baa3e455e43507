"""Processes: a table of cases, the events that change them, and the steps that take them on."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import func
from sqlmodel import col, select

from engine.base import clock
from engine.base.database import transaction
from engine.steps.step import Step
from engine.tables import effects, inbox, wake
from engine.tables.applying import apply_waiting, park, spread_one
from engine.tables.claims import Claim, free_lapsed, make_due
from engine.tables.events import Events
from models.case import Case, Outcome

C = TypeVar("C", bound=Case)
TAKE = 5000
FEW = 50
"""Events that concern many cases are spread so many in a transaction: nobody applies events of the process meanwhile,
and other processes wait for what it has written of persons and units."""
log = structlog.get_logger()


@dataclass(frozen=True)
class Process(Generic[C]):
    """What the engine needs to know of a process."""

    model: type[C]
    events: Events[C, Any]
    steps: Mapping[str, Step[C]]
    """By state, the step that takes a case there."""
    for_staff: Collection[str] = ()
    """The reasons for which a parked case is staff's to see to; all else is for ops."""

    @property
    def name(self) -> str:
        """As in the inbox, the tables and Prefect."""
        return self.model.PROCESS

    def check_steps(self) -> None:
        """See that a step takes the cases of each state that leads on, and of no other.

        Raises:
            ValueError: the flow and the model's `TRANSITIONS` do not go together.
        """
        wrong = [
            f"TRANSITIONS leads on from '{state}', and the flow has no step there"
            for state, after in self.model.TRANSITIONS.items()
            if after and state not in self.steps
        ] + [
            f"{step.name} takes cases at '{state}', and TRANSITIONS leads nowhere from there"
            for state, step in self.steps.items()
            if not self.model.TRANSITIONS.get(state)
        ]
        if wrong:
            raise ValueError(f"{self.name}: {'; '.join(wrong)}")

    def take_in(self, wakes: set[str] | None = None, most: int = TAKE) -> int:
        """Make the cases of up to so many new events due; gives how many; `wakes` gets who else has some.

        Those that concern many cases come first: a death does not wait behind a backlog of bookings. Where nothing
        may be held up only a few of them do.
        """
        others = set() if wakes is None else wakes
        of_many = few = self._spread_few(others)
        while few == FEW and self.name not in wake.BY_ITSELF:
            few = self._spread_few(others)
            of_many += few
        with transaction() as connection:
            new = inbox.take(connection, self.name, most, of_many=False)
            make_due(connection, self.model, [key for _, key in new])
        return max(of_many, len(new))

    def _spread_few(self, wakes: set[str]) -> int:
        """Spread new events that concern many cases, the oldest first; gives how many."""
        with transaction() as connection:
            of_many = inbox.take(connection, self.name, FEW, of_many=True)
            events, unopened = inbox.numbered(connection, [number for number, _ in of_many])
            for event in events:
                wakes |= spread_one(connection, self.name, self.events, event)
            inbox.close(connection, {event.number or 0: Outcome.PARKED for event in unopened})
        return len(of_many)

    def claim_due(self, claim: Claim[C], most: int = TAKE, key: str | None = None) -> list[C]:
        """Claim up to so many cases that are due, and apply the events that wait for them.

        No more new events are taken in at a time: neither does a great backlog keep the first cases waiting, nor do
        they pay for it.

        Args:
            key: only the one that has it; new events of others are left to the others, but for what concerns many:
                while that waits, no step takes the case.
        """
        if key is not None:
            self._spread_few(claim.wakes)
        enough = FEW if self.name in wake.BY_ITSELF else most
        taken = self.take_in(claim.wakes, most) if key is None else 0
        while taken >= enough and not self._is_due():
            taken = self.take_in(claim.wakes, most)
        with claim.parking() as connection:
            inbox.in_turn(connection, self.name, alone=False)
            cases = apply_waiting(connection, claim, self.events, claim.claim_due(connection, most, key))
        claim.keep(cases)
        claim.is_more = taken >= most or len(cases) >= most
        return cases

    def claim_one(self, claim: Claim[C], key: str) -> C | None:
        """Claim the case that is due, or that an event waits for, and apply it; None: neither, or somebody has it."""
        with claim.parking() as connection:
            inbox.in_turn(connection, self.name, alone=False)
            if key in inbox.keys_with_new_events(connection, self.name, [key]):
                make_due(connection, self.model, [key])
            cases = apply_waiting(connection, claim, self.events, claim.claim_due(connection, 1, key))
        claim.keep(cases)
        return cases[0] if cases else None

    def tidy(self) -> None:
        """Free what dead workers held, and show what nobody will ask about any more."""
        with transaction() as connection:
            free_lapsed(connection, self.model)
        with transaction() as connection:
            effects.park_forgotten(connection, self.name, self.model.__table__.name)  # type: ignore[attr-defined]

    def next_due(self) -> datetime | None:
        """When the next case that nobody holds is due."""
        query = select(func.min(self.model.due_at)).where(col(self.model.owner).is_(None))
        with transaction() as connection:
            due: datetime | None = connection.execute(query).scalar()
            return due

    def _is_due(self) -> bool:
        due = self.next_due()
        return due is not None and due <= clock.now()

    def park_untaken(self, claim: Claim[C], cases: Sequence[C]) -> None:
        """A case that is due and that no step takes would be claimed for ever: a bug, shown to ops."""
        log.error("no_step", process=self.name, states=sorted({case.state for case in cases}))
        with claim.parking() as connection:
            park(connection, claim, claim.ours(connection, cases), "no_step")
