"""One case taken through one step here and now, outside of Prefect: somebody waits for what comes of it ([0016]).

By the promises of any run: claimed under a lease, its events applied, *sending* written before the call, what came
of it after. What another worker holds just then is left to it.

[0016]: docs/decisions/0016-a-link-goes-while-the-caller-is-on-the-line.md
"""

from __future__ import annotations

from typing import TypeVar

from engine import clock
from engine.chunk import Chunk
from engine.claims import Hold
from engine.database import transaction
from engine.process import Process
from engine.steps import Step
from models.case import Case

C = TypeVar("C", bound=Case)


def take_through(made: Process[C], step: Step[C], key: str, states: tuple[str, ...]) -> None:
    """Apply the event that has been stored for the case, and take it through the step if it then stands there.

    The lease is not renewed: one call has to fit in it, as the engine sees to. Prefect is not told.

    Args:
        step: an urgent one where it is now or never; any other leaves the case to its flow while a system is down.
    """
    hold = Hold(made.model)
    try:
        case = made.claim_one(hold, key)
        if case and case.state in states and case.due_at and case.due_at <= clock.now():
            Chunk(step, hold, [case]).run()
    finally:
        with transaction() as connection:
            hold.release(connection, list(hold.cases.values()))
