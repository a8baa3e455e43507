"""Whoever asks for something on 1177 waits there for how it ends: who has not heard it is told by a notice."""

from __future__ import annotations

from routine.decision import Decision
from routine.reasons import Reason
from routine.self_service import Outcome


def is_refusal_told_later(told: Outcome | None) -> Decision[bool]:
    """It was asked for and is not done: is there a notice of that (avisering-1)?

    Args:
        told: what 1177 heard of it while it waited; `None`: nothing.
    """
    if told is Outcome.DECLINED:
        return Decision(False, Reason.TOLD_AT_ONCE, "policy-avisering-2")
    return Decision(True, Reason.NOT_TOLD_AT_ONCE, "avisering-1")
