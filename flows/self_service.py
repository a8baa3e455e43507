"""A resident books, moves or cancels a visit on 1177, and the journal system does it (besok-3, besok-4)."""

from __future__ import annotations

from engine.prefect.flow import process
from engine.steps.stage import Cases
from models.self_service import SelfService, State
from tasks.self_service.ask_vas import ask_vas
from tasks.self_service.events import EVENTS
from tasks.self_service.tell_of_refusal import tell_of_refusal
from tasks.self_service.tell_staff_unclear import tell_staff_unclear


@process(SelfService, events=EVENTS)
def self_service(cases: Cases[SelfService]) -> None:
    """A resident asks on 1177 to book, move or cancel a visit. While 1177 waits the gateway goes the first step.

    1. the journal system is asked, once for a request (besok-3, besok-4)
    2. what nobody can tell the outcome of is left to the unit's staff, and to ops (syfte-3)
    3. a no that 1177 had not waited for is told by a notice (avisering-1)
    """
    ask_vas(cases.at(State.REQUESTED))
    tell_staff_unclear(cases.at(State.UNCLEAR))
    tell_of_refusal(cases.at(State.DECLINED))
