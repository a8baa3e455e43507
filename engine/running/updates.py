"""How a verdict moves a case: its state, when it is due, what its timeline is told, and whether its run keeps it."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection

from engine.base import clock
from engine.base.errors import UnknownOutcome, VaxelError
from engine.steps.step import Step
from engine.steps.verdicts import Go, Park, Rest, Wait
from engine.tables.claims import later, sealed_columns, stop
from engine.tables.timeline import Entry, append
from models.case import Case

C = TypeVar("C", bound=Case)
log = structlog.get_logger()


class CaseUpdates(Generic[C]):
    """What one transaction does to cases that are ours.

    Then `parked` has those that were parked, with the reason; `moved` those that go on at once to their next step;
    `leaving` those that the run has nothing more to do with for now.
    """

    def __init__(self) -> None:
        self.parked: list[tuple[C, str]] = []
        self.moved: dict[uuid.UUID, C] = {}
        self.leaving: dict[uuid.UUID, C] = {}
        self._entries: list[tuple[Case, Entry]] = []
        self._last: dict[uuid.UUID, Entry] = {}

    def note(self, case: C, entry: Entry) -> None:
        """Keep an entry for the case's timeline."""
        self._entries.append((case, entry))
        self._last[case.id] = entry

    def became(self) -> Iterator[tuple[str, str, str]]:
        """Of each that leaves: its state or `parked`, and why it stands there as far as this transaction has said."""
        for case in self.leaving.values():
            entry = self._last.get(case.id)
            reason, clause = (entry.reason, entry.clause) if entry else ("", "")
            yield ("parked", case.parked, clause) if case.parked else (case.state, reason, clause)

    def write_timelines(self, connection: Connection) -> None:
        """Append to the timelines what has been kept."""
        append(connection, clock.now(), self._entries)
        self._entries = []

    def apply(self, step: Step[C], case: C, verdict: Go | Wait | Park) -> None:
        """Move the case as the verdict says."""
        match verdict:
            case Go():
                self._go(step, case, verdict)
            case Park():
                self.park(case, verdict.reason, verdict.clause)
            case Wait():
                self._wait(step, case, verdict)

    def _go(self, step: Step[C], case: C, go: Go) -> None:
        if go.state not in case.TRANSITIONS.get(case.state, frozenset()):
            log.error("no_transition", step=step.name, state=case.state, to=go.state, not_in="TRANSITIONS")
            self.park(case, "internal_error")
            return
        if sealed := sealed_columns(type(case)).intersection(go.changes):
            log.error("changes_sealed", step=step.name, columns=sorted(sealed))
            self.park(case, "internal_error")
            return
        case.state, case.tries, case.waiting_since = go.state, 0, None
        case.due_at = go.due_at if isinstance(go, Rest) else go.due_at or clock.now()
        for name, value in go.changes.items():
            setattr(case, name, value)
        for entry in go.entries:
            self.note(case, entry)
        if isinstance(go, Rest) and go.parked:
            self._rest_parked(case, go.parked)
            return
        at_once = not isinstance(go, Rest) and case.due_at is not None and case.due_at <= clock.now()
        (self.moved if at_once else self.leaving)[case.id] = case

    def park(self, case: C, reason: str, clause: str = "") -> None:
        """Stop it until a human has looked."""
        stop(case, reason)
        self._is_parked(case, reason, clause)

    def _rest_parked(self, case: C, reason: str) -> None:
        """One that was parked for that already stays so, and no one is called twice."""
        was, case.parked, case.due_at = case.parked, reason, None
        self.leaving[case.id] = case
        if was != reason:
            self._is_parked(case, reason)

    def _is_parked(self, case: C, reason: str, clause: str = "") -> None:
        self.note(case, Entry("parked", reason, clause))
        self.parked.append((case, reason))
        self.leaving[case.id] = case

    def _wait(self, step: Step[C], case: C, wait: Wait) -> None:
        if wait.entry and not case.waiting_since:
            self.note(case, wait.entry)
        if wait.for_answer:
            case.waiting_since = case.waiting_since or clock.now()
        self.come_back(case, wait.until or later(clock.now(), step.backoff[-1]))

    def try_later(self, step: Step[C], case: C, error: VaxelError) -> None:
        """Up the case's ladder; when it is used up, as the step says, else parked."""
        self.note(case, Entry("failed", error.reason, detail={"detail": error.detail, "try": case.tries + 1}))
        if case.tries < len(step.backoff):
            self.come_back(case, later(clock.now(), step.backoff[case.tries]))
            case.tries += 1
            return
        self.apply(step, case, step.exhausted(case, error.reason) if step.exhausted else Park(error.reason))

    def leave_call(self, step: Step[C], case: C, error: VaxelError) -> None:
        """Nothing waits for the call: the case goes on as the step says."""
        what = "answer_lost" if isinstance(error, UnknownOutcome) else "failed"
        self.note(case, Entry(what, error.reason, detail={"detail": error.detail}))
        assert step.exhausted is not None
        self.apply(step, case, step.exhausted(case, error.reason))

    def come_back(self, case: C, at: datetime) -> None:
        """The case stays as it is and is due at that time; no try is counted."""
        case.due_at = at
        self.leaving[case.id] = case


def done_before(go: Go) -> Go:
    """As `go`, saying that it was done before."""
    entries = tuple(replace(entry, detail={**entry.detail, "done": "before"}) for entry in go.entries)
    return replace(go, entries=entries)


def left_open(go: Go, entry: Entry) -> Go:
    """The case goes on; what the effect would have changed stays as it is until a human has settled it."""
    unchanged: dict[str, Any] = {}
    return replace(go, entries=(entry,), changes=unchanged)
