"""A patient has something to do, or something new to read: they hear of it once, neutrally (avisering-1)."""

from __future__ import annotations

from engine.prefect.flow import process
from engine.steps.stage import Cases
from models.requested_notice import RequestedNotice, State
from tasks.requested_notice.events import EVENTS
from tasks.requested_notice.give_requested_notice import give_requested_notice


@process(RequestedNotice, events=EVENTS)
def requested_notice(cases: Cases[RequestedNotice]) -> None:
    """A patient has something to do, or something new to read, in the system named, and hears of it once.

    1. one neutral notice, in the way that the patient wishes, or a task for staff (avisering-1, avisering-2)
    """
    give_requested_notice(cases.at(State.REQUESTED))
