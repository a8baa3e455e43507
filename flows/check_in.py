"""Whoever has come to a visit checks in by mobile, and the journal system hears of it (policy-incheckning-1)."""

from __future__ import annotations

from engine.prefect.flow import process
from engine.steps.stage import Cases
from models.check_in import CheckIn, State
from tasks.check_in.events import EVENTS
from tasks.check_in.tell_of_arrival import tell_of_arrival


@process(CheckIn, events=EVENTS)
def check_in(cases: Cases[CheckIn]) -> None:
    """Somebody has pressed *check in* at a unit's code: the desk sees in the journal system that they have come.

    1. the journal system is told, once for a visit and its time (policy-incheckning-1)
    """
    tell_of_arrival(cases.at(State.PRESSED))
