"""What a step may say of a case: move on, wait, park, or call an outer system first."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, cast

from typing_extensions import TypeVar

from engine.tables.timeline import Entry

Payload_co = TypeVar("Payload_co", covariant=True, default=Any)
Found_co = TypeVar("Found_co", covariant=True, default=None)


@dataclass(frozen=True)
class Go:
    """Move on.

    Args:
        state: the next state.
        entries: what the timeline is told.
        due_at: when the case is due there; None: at once.
        changes: fields of the case to set; none that is sealed, since a turn writes no such one.
    """

    state: str
    entries: tuple[Entry, ...] = ()
    due_at: datetime | None = None
    changes: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Rest(Go):
    """Move on and come to rest: `due_at` None then means that only an event brings the case back.

    `parked`: why it waits there for a human; None: for nobody.
    """

    parked: str | None = None


@dataclass(frozen=True)
class Wait:
    """Stay, and come back: at `until`, or by the step's ladder where that is not given.

    `for_answer`: an outer system has been asked without an answer; the case notes since when (`waiting_since`).
    """

    until: datetime | None = None
    entry: Entry | None = None
    for_answer: bool = True


@dataclass(frozen=True)
class Park:
    """Stop until a human has looked."""

    reason: str
    clause: str = ""


@dataclass(frozen=True)
class Call(Generic[Payload_co]):
    """Call an outer system: something that may be repeated without harm.

    Args:
        payload: what the step's act needs.
        system: the outer system, where the step has several.
    """

    payload: Payload_co = field(repr=False)
    system: str = ""


@dataclass(frozen=True)
class Send(Generic[Payload_co]):
    """Do something to the outer world that must happen once.

    Args:
        key: the occasion; the same key is never sent twice.
        then: what holds when it is done, or was done before.
        payload: what the step's act needs.
        system: the outer system, where the step has several.
        likeness: keyed hash by which a twin is known, where the system can be asked.
        request: what asking needs, kept sealed.
        token: by which a receipt finds the effect.
        counted_for: whose ceiling it counts under (`engine.tables.effects.count_sent`); None: nobody's.
    """

    key: str
    then: Go
    payload: Payload_co = field(repr=False)
    system: str = ""
    likeness: bytes | None = None
    request: str | None = field(default=None, repr=False)
    token: str | None = field(default=None, repr=False)
    counted_for: str | None = None


Verdict = Go | Wait | Park | Call[Payload_co] | Send[Payload_co]
"""`Verdict[Letter]`: whoever is called is handed a letter."""


@dataclass(frozen=True)
class Done(Generic[Found_co]):
    """A call that came through: how the case goes on, and the other side's id of what was done.

    `sent` False: the answer was a no that the case can go on with; nothing was done.
    `found`: what the step's `record` is handed.
    """

    go: Go
    provider_id: str | None = None
    sent: bool = True
    found: Found_co = field(default=cast(Any, None), repr=False)


@dataclass(frozen=True)
class Arrived:
    """Asked about an effect whose answer was lost: it is there."""

    provider_id: str | None = None


@dataclass(frozen=True)
class NotArrived:
    """It may be sent again.

    `surely`: it is not there; if not, nobody knows, and the same again does no harm.
    """

    surely: bool = True


@dataclass(frozen=True)
class CannotTell:
    """The system can't say: a human has to."""


Finding = Arrived | NotArrived | CannotTell
