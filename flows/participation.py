"""Staff hand over, or invite someone: carried out once the patient has consented (samtycke-1, samtycke-2)."""

from __future__ import annotations

from engine.prefect.flow import process
from engine.steps.stage import Cases
from models.participation import Participation, State
from tasks.participation.events import EVENTS
from tasks.participation.find_contact_of_proposal import find_contact_of_proposal
from tasks.participation.tell_staff_of_answer import tell_staff_of_answer


@process(Participation, events=EVENTS)
def participation(cases: Cases[Participation]) -> None:
    """A handing-over, or one more who takes part, waits for the patient's consent; the journal is not written in.

    1. the contact is found, and the answer waited for
    2. staff hear whether it may be carried out (samtycke-1, samtycke-2, policy-fara-1)
    """
    find_contact_of_proposal(cases.at(State.PROPOSED))
    tell_staff_of_answer(cases.at(State.ANSWERED, State.CARRIED_OUT))
