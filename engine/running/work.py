"""A run's work: what is due is claimed as long as there is room, and pumped through its steps until nothing is."""

from __future__ import annotations

import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Generic, TypeVar

from engine.base import clock
from engine.running import runs
from engine.running.pump import PULSE, Pump, Shown
from engine.steps.process import Process
from engine.tables import case_runs, wake
from engine.tables.claims import Claim
from models.case import Case

C = TypeVar("C", bound=Case)
MOST_INSIDE = 256
"""Cases that one run has claimed at once: enough for every thread of every system, and others have the rest."""
ROOM = 64
"""So much room there has to be before more are claimed."""
LINGER = 5.0
"""Seconds that a run may sleep, holding nothing, for a case that is due so soon."""
TIDY_SECONDS = 10.0
HELP_SECONDS = 10.0
"""Where more is due than there is room for, another run is asked for so often: another worker may have room."""


class Work(Generic[C]):
    """The work of one run of a process.

    Then `counts` say how many cases were claimed; `run.parked` which were parked.

    Args:
        shown: to whom its steps are shown.
        ask_for_run: called for each process for which applying events has left some, or of which more is due than
            one run has room for; may not block.
    """

    def __init__(
        self,
        made: Process[C],
        run: runs.Run,
        shown: Shown | None = None,
        ask_for_run: Callable[[str], None] = lambda process: None,
    ) -> None:
        self.counts: Counter[str] = Counter()
        self.next_due: datetime | None = None
        """When the next case is due, as it was seen last of all."""
        self.pump: Pump[C] = Pump(Claim(made.model), made.steps, run, shown)
        self.process = made
        self._run = run
        self._ask_for_run = ask_for_run
        self._is_more = False
        self._key: str | None = None
        self._looked_at = self._tidied_at = self._asked_for_help_at = float("-inf")
        run.woken = self.pump.wake

    def until_done(self) -> None:
        """Go on until nothing is due, or the run is asked to stop.

        It answers the wake before it looks first and before it looks last, also the wake of a run that has left its
        work to this one. As long as it finds something, nobody need ask for another run. What is due comes first:
        it tidies before it looks last.
        """
        wake.clear(self.process.name)
        is_answered, self._tidied_at = False, time.monotonic()
        with self._working():
            while not self._run.stop:
                if self._go_through():
                    is_answered = False
                elif not is_answered:
                    wake.clear(self.process.name)
                    self._tidy()
                    is_answered = True
                elif self._run.nudged or self._lingers() or self._run.nudged:
                    is_answered = False
                else:
                    break

    def of_one(self, key: str) -> None:
        """Take the one case that has this key as far as it goes, if it is due and nobody else holds it."""
        self._key = key
        with self._working():
            while not self._run.stop and self._go_through():
                pass

    def until_told(self, is_over: Callable[[], bool], look_seconds: float) -> None:
        """Go on until it is over, and look so often when nobody wakes the pump."""
        with self._working():
            while not is_over():
                found = self._go_through(is_over)
                self.pump.note_parked()
                if not found:
                    self.pump.wait_for_more(look_seconds)

    @contextmanager
    def _working(self) -> Iterator[None]:
        """At the end, what is under way is waited for and written down; what was parked is noted however it ends."""
        try:
            with self.pump.holding():
                yield
                self._end()
        finally:
            self.pump.note_parked()

    def _is_called_for(self) -> bool:
        """Whether anything is to be claimed, by one small statement; now and then it is looked whole anyway."""
        return time.monotonic() - self._tidied_at > TIDY_SECONDS or wake.is_wanted(self.process.name)

    def _go_through(self, is_over: Callable[[], bool] = lambda: False) -> int:
        """Claim and pump until nothing is inside; how many cases there were."""
        before, self._run.nudged = self.counts["cases"], False
        if self._is_called_for():
            self._claim()
        while self.pump.inside and not (self._run.stop or is_over()):
            if self.pump.turn(crowded=self._is_more):
                self.pump.gather()
            else:
                self.pump.wait_for_more()
            if self._has_room():
                self._claim()
        return self.counts["cases"] - before

    def _end(self) -> None:
        while not self.pump.is_quiet:
            if not self.pump.turn(ending=True):
                self.pump.wait_for_more()

    def _has_room(self) -> bool:
        """Whether it is time to claim more: something is due, or has just come in."""
        if self._run.stop or self._key is not None or MOST_INSIDE - self.pump.inside < ROOM:
            return False
        if self._is_more or self._run.nudged:
            return True
        if time.monotonic() - self._looked_at < PULSE:
            return False
        self._looked_at = time.monotonic()
        return wake.is_wanted(self.process.name)

    def _claim(self) -> None:
        self._run.nudged = False
        if time.monotonic() - self._tidied_at > TIDY_SECONDS:
            self._tidy()
        claim, room = self.pump.claim, MOST_INSIDE - self.pump.inside
        cases = self.process.claim_due(claim, room, self._key)
        if cases and self._run.is_shown:
            self._note_claimed([case.id for case in cases])
        self.counts["cases"] += len(cases)
        self._looked_at, self._is_more = time.monotonic(), claim.is_more
        if self._is_more:
            self._ask_for_help()
        for process in claim.wakes:
            self._ask_for_run(process)
        claim.wakes.clear()
        now = clock.now()
        untaken = [
            case for case in cases if case.due_at and case.due_at <= now and not self.pump.takes(case.state)
        ]
        if untaken:
            self.process.park_untaken(claim, untaken)
        self.pump.take_in(cases)

    def _tidy(self) -> None:
        self.process.tidy()
        self._tidied_at = time.monotonic()

    def _note_claimed(self, ids: Sequence[uuid.UUID]) -> None:
        """So that the run's cases can be found, and a case's runs."""
        self._run.note_cases(ids)
        case_runs.note_claimed(self._run.id, ids)

    def _ask_for_help(self) -> None:
        if (
            time.monotonic() - self._asked_for_help_at > HELP_SECONDS
            and self.process.name not in wake.BY_ITSELF
        ):
            self._asked_for_help_at = time.monotonic()
            self._ask_for_run(self.process.name)

    def _lingers(self) -> bool:
        """Sleep until the next case is due, if that is within seconds; whether there is one."""
        self.next_due = due = self.process.next_due()
        seconds = (due - clock.now()).total_seconds() if due else LINGER
        if seconds >= LINGER:
            return False
        self.pump.wait_for_more(max(seconds, 0.05))
        return True
