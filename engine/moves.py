"""How a verdict moves a case: its state, when it is due, what its timeline is told."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection

from engine import clock
from engine.claims import later
from engine.errors import UnknownOutcome, VaxelError
from engine.steps import Step
from engine.timeline import Entry, append
from engine.verdicts import Go, Park, Rest, Wait
from models.case import Case

C = TypeVar("C", bound=Case)
log = structlog.get_logger()


class Moves(Generic[C]):
    """The moves that one step makes with a chunk, and what is to be told of them."""

    def __init__(self, step: Step[C]) -> None:
        self.step = step
        self.parked: list[tuple[C, str]] = []
        self._told: list[tuple[C, Entry]] = []

    def tell(self, case: C, entry: Entry) -> None:
        """Keep an entry for the case's timeline."""
        self._told.append((case, entry))

    def write(self, connection: Connection) -> None:
        """Append to the timelines what has been kept."""
        append(connection, clock.now(), self._told)
        self._told = []

    def apply(self, case: C, verdict: Go | Wait | Park) -> None:
        """Move the case as the verdict says."""
        match verdict:
            case Go():
                self._go(case, verdict)
            case Park():
                self._park(case, verdict)
            case Wait():
                self._wait(case, verdict)

    def _go(self, case: C, go: Go) -> None:
        if go.state not in case.TRANSITIONS.get(case.state, frozenset()):
            log.error("no_transition", step=self.step.name, state=case.state, to=go.state)
            self._park(case, Park("internal_error"))
            return
        case.state, case.tries, case.waiting_since = go.state, 0, None
        case.due_at = go.due_at if isinstance(go, Rest) else go.due_at or clock.now()
        for name, value in go.changes.items():
            setattr(case, name, value)
        for entry in go.entries:
            self.tell(case, entry)

    def _park(self, case: C, park: Park) -> None:
        case.parked, case.due_at = park.reason, None
        self.tell(case, Entry("parked", park.reason, park.clause))
        self.parked.append((case, park.reason))

    def _wait(self, case: C, wait: Wait) -> None:
        if wait.entry and not case.waiting_since:
            self.tell(case, wait.entry)
        if wait.for_answer:
            case.waiting_since = case.waiting_since or clock.now()
        case.due_at = wait.until or later(clock.now(), self.step.backoff[-1])

    def try_later(self, case: C, error: VaxelError) -> None:
        """Up the case's ladder; when it is used up, as the step says, else parked."""
        self.tell(case, Entry("failed", error.reason, detail={"detail": error.detail, "try": case.tries + 1}))
        if case.tries < len(self.step.backoff):
            case.due_at = later(clock.now(), self.step.backoff[case.tries])
            case.tries += 1
            return
        exhausted = self.step.exhausted
        self.apply(case, exhausted(case, error.reason) if exhausted else Park(error.reason))

    def leave(self, case: C, error: VaxelError) -> None:
        """Nothing waits for the call: the case goes on as the step says."""
        what = "answer_lost" if isinstance(error, UnknownOutcome) else "failed"
        self.tell(case, Entry(what, error.reason, detail={"detail": error.detail}))
        assert self.step.exhausted is not None
        self.apply(case, self.step.exhausted(case, error.reason))

    def come_back(self, case: C, at: datetime) -> None:
        """The case stays as it is and is due at that time; no try is counted."""
        case.due_at = at


def done_before(go: Go) -> Go:
    """As `go`, saying that it was done before."""
    entries = tuple(replace(entry, detail={**entry.detail, "done": "before"}) for entry in go.entries)
    return replace(go, entries=entries)


def left_open(go: Go, told: Entry) -> Go:
    """The case goes on; what the effect would have changed stays as it is until a human has settled it."""
    unchanged: dict[str, Any] = {}
    return replace(go, entries=(told,), changes=unchanged)
