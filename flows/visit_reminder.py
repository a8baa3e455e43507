"""Whoever consented is reminded of a booked visit, in good time to rebook or cancel (besok-5, paminnelse-1)."""

from __future__ import annotations

from engine.prefect.flow import process
from engine.steps.stage import Cases
from models.visit_reminder import State, VisitReminder
from tasks.visit_reminder.events import EVENTS
from tasks.visit_reminder.remind_of_visit import remind_of_visit


@process(VisitReminder, events=EVENTS)
def visit_reminder(cases: Cases[VisitReminder]) -> None:
    """Whoever consented is reminded of a booked visit, in good time to rebook or cancel.

    1. one SMS for each lead of the region, planned from the booking and decided when it is due (besok-5, distans-3)
    """
    remind_of_visit(cases.at(State.PLANNED))
