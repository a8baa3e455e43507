"""The check of a text that is about to go to a patient, over all of it as it stands (avisering-2)."""

from __future__ import annotations

from collections.abc import Sequence

from engine.base.settings import settings
from engine.steps.verdicts import Park, Send
from routine.printable import may_reach_patient
from routine.text import Text
from tasks import clients


def checked(send: Send, said: Text, links: Sequence[tuple[str, str]] = ()) -> Send | Park:
    """The verdict, if the text may reach a patient; else it is parked, and ops see why.

    Args:
        links: the text and the address of each that goes with it.
    """
    decision = may_reach_patient(said, links, f"{settings().gateway_url}/l/", clients.region())
    return send if decision.allowed else Park(str(decision.reason), decision.clause)
