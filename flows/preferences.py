"""What a patient wishes is carried to the journal system, and what they withdraw ends at once (onskemal-1)."""

from __future__ import annotations

from engine.prefect.flow import process
from engine.steps.stage import Cases
from models.preferences import PatientPreferences, State
from tasks.preferences.carry_preferences import carry_preferences
from tasks.preferences.events import EVENTS


@process(PatientPreferences, events=EVENTS)
def preferences(cases: Cases[PatientPreferences]) -> None:
    """1177's settings hold for all care, what was said to staff at their unit; the newer word holds.

    1. the journal system is told (onskemal-1, paminnelse-2)
    2. at 00:00 on a child's 13th birthday it is told that what was set before has lapsed (policy-barn-2)
    """
    carry_preferences(cases.at(State.CHANGED, State.CARRIED))
