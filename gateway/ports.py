"""What the gateway needs from the rest of the house. It holds nothing itself and decides nothing."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from typing import Protocol

from engine.ops.by_hand import CaseStory
from engine.ops.metrics import FiguresNow
from engine.tables.inbox import Refusal
from engine.tables.receipts import Receipt
from models.events import Arrival


class Store(Protocol):
    """Where events are kept. Any exception means *not stored*: the sender is asked to send again."""

    def store(self, source: str, arrivals: Sequence[Arrival]) -> list[uuid.UUID]:
        """Keep them, committed when this returns; one id for each, the same for the same `webhook_id`."""
        ...

    def refuse(self, source: str, refusals: Sequence[Refusal]) -> None:
        """Keep a line for ops about what was refused with a valid signature."""
        ...


class Secrets(Protocol):
    """Who may send us webhooks."""

    def __call__(self, source: str, /) -> str | None:
        """The source's secrets, `whsec_…`, separated by blanks while one rotates; None: no such source."""
        ...


class Readiness(Protocol):
    """Whether work can be taken in."""

    def __call__(self) -> bool:
        """True: every migration is in. Raises `WrongKeys`: a key is missing; anything else: no database."""
        ...


class Wake(Protocol):
    """Asks for a run of a process."""

    async def __call__(self, process: str, /) -> object:
        """May be slow and may fail: it is called in the background, and a sweep catches what it lost."""
        ...


class Receipts(Protocol):
    """Where the SMS provider's delivery reports go."""

    def __call__(self, receipts: Sequence[Receipt], /) -> list[bool]:
        """Keep them, in one commit; False: no message of ours has this token. Any exception: they are sent again."""
        ...


class Stories(Protocol):
    """What ops may read of a case: codes, counts and moments, nothing personal. May block."""

    def __call__(self, id: uuid.UUID, /) -> CaseStory:
        """The case's whole story. Raises `engine.ops.by_hand.NotFound`: no case has this id."""
        ...


class Figures(Protocol):
    """What is counted in the database: codes, counts and seconds. May block."""

    def __call__(self) -> FiguresNow:
        """How things stand now. Raises anything: the database does not answer."""
        ...
