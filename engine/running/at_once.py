"""One case taken through a step here and now, outside of Prefect: somebody waits for what comes of it ([0016]).

By the promises of any run: claimed under a lease, its events applied, *sending* written before the call, what came
of it after. What another worker holds just then is left to it.

[0016]: docs/decisions/0016-a-link-goes-while-the-caller-is-on-the-line.md
"""

from __future__ import annotations

import time
from typing import TypeVar

from engine.running import runs
from engine.running.pump import Pump
from engine.steps.process import Process
from engine.tables.claims import Claim
from models.case import Case

C = TypeVar("C", bound=Case)
PATIENCE = 30.0
"""Seconds that a case waits for a slot or an answer; then its flow has it."""


def take_through(made: Process[C], key: str) -> None:
    """Apply the event that has been stored for the case, if one has, and take it through its steps as far as they go.

    It is no run of Prefect's; ops hear of what it has parked as of any other (`runs.hear_of_unshown`).

    Args:
        made: the process, with those steps only that are taken at once: an urgent one where it is now or never; any
            other leaves the case to its flow while a system is down.
    """
    pump: Pump[C] = Pump(Claim(made.model), made.steps, runs.begin_by_itself(made.name))
    until = time.monotonic() + PATIENCE
    try:
        with pump.holding():
            if case := made.claim_one(pump.claim, key):
                pump.take_in([case])
            while pump.inside and (time.monotonic() < until or not pump.is_quiet):
                if not pump.turn():
                    pump.wait_for_more()
    finally:
        pump.note_parked()
