"""Steps: written for one case, run for many.

A step says for one case what is to be done (`gate`), and does it (`act`). The engine judges the cases that stand
before it and writes *sending* in one transaction, calls in threads, and writes what came of it in another. No
connection is held over a call.
"""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic

from sqlalchemy import Connection
from typing_extensions import TypeVar

from engine.base.settings import EVERY_LOCAL, SystemName, settings
from engine.outer.looks import Look
from engine.steps.verdicts import Done, Finding, Go, Park, Verdict
from models.case import Case, Effect

C = TypeVar("C", bound=Case)
Seen = TypeVar("Seen", default=Any)
"""What a look sees of one case."""
Facts = TypeVar("Facts", default=Any)
"""What is known of one case when it is judged."""
Payload = TypeVar("Payload", default=Any)
"""What the call needs."""
Found = TypeVar("Found", default=Any)
"""What a call has found that is to be recorded."""
MOST_AT_ONCE = 64

ReadOnce = Callable[[Connection, Sequence[C]], Mapping[uuid.UUID, Any]]
Read = Callable[
    [Connection, Sequence[C], Mapping[uuid.UUID, Seen], Mapping[uuid.UUID, Any]], Mapping[uuid.UUID, Facts]
]
Gate = Callable[[C, Facts], Verdict[Payload]]
Record = Callable[[Connection, Sequence[tuple[C, Found]]], None]


@dataclass(frozen=True)
class Step(Generic[C, Seen, Facts, Payload, Found]):
    """One step of a process.

    Args:
        system: the outer system that it is about; `others` that it may send by as well, `EVERY_LOCAL` for all units'
            own solutions. None: it calls nobody.
        backoff: seconds to wait after each failure; when it is used up, `exhausted` decides.
        size: most cases that are judged in one transaction, and acted for in one call of `act_many`.
        cannot_be_asked: systems that can't be asked what became of an effect: no more *sending* there than threads.
        gate: one case and what is known of it -> what to do; asked again right before every send.
        act: does it, for one case, with the payload of the gate's `Call` or `Send`; in a thread of the system's.
        act_many: does it for many at once, instead of `act`; all or none, refused ones are found by halving.
        look: what outer systems say of cases, before the transaction and without waiting (`engine.outer.looks`); by
            case what `read` needs. One that is left out waits for answers, and comes again.
        read_once: what several steps need of our tables, as functions: in a turn it is read for the cases before all
            steps that name the same, in the transaction that writes *sending*, and handed to `read`; and before that,
            to lead what is asked (`Looks.drafts`).
        read: what the gate needs to know of each of these cases, from our tables and from what the look has seen, in
            the transaction that writes *sending*; handed what `read_once` has found. None: the gate needs nothing.
        record: writes tables of the step's own when calls have come through, in the closing transaction; handed what
            each has found (`Done.found`).
        ask: asks the system what became of an effect whose answer was lost.
        exhausted: what to do when the ladder is used up.
        urgent: nothing holds its cases up. A system that is down is called all the same, and a call that comes to
            nothing, or whose outcome is not known yet, is left: the case goes on at once as `exhausted` says.
        idempotent: all its systems take a key: what a worker that died has left open is sent again without a wait.
        alone: its calls may last minutes: they have threads of their own, and none waits in line for them.
        in_turn: the order in which cases go; None: the longest due first.
    """

    name: str
    description: str
    system: SystemName | None
    gate: Gate[C, Facts, Payload]
    backoff: Sequence[float]
    size: int = MOST_AT_ONCE
    others: tuple[SystemName, ...] = ()
    cannot_be_asked: tuple[SystemName, ...] = ()
    act: Callable[[Payload], Done[Found]] | None = None
    act_many: Callable[[Sequence[Payload]], Sequence[Done[Found]]] | None = None
    look: Look[C, Seen] | None = None
    read_once: ReadOnce[C] | None = None
    read: Read[C, Seen, Facts] | None = None
    record: Record[C, Found] | None = None
    ask: Callable[[Effect], Finding] | None = None
    exhausted: Callable[[C, str], Go | Park] | None = None
    urgent: bool = False
    idempotent: bool = False
    alone: bool = False
    in_turn: Callable[[Sequence[C]], Sequence[C]] | None = None

    @property
    def systems(self) -> tuple[SystemName, ...]:
        """Every system that the step may call."""
        named = (self.system, *self.others) if self.system else self.others
        own = settings().own_solutions if EVERY_LOCAL in named else ()
        return (*(name for name in named if name != EVERY_LOCAL), *own)
