"""A patient who is not asked: staff hear why (byte-4, policy-skydd-1)."""

from __future__ import annotations

from typing import Any

from engine.steps.verdicts import Go
from engine.tables.decisions import Decided
from engine.tables.timeline import Entry
from models.channel_switch import State
from routine.decision import Decision
from routine.protected import Passage
from routine.reasons import Reason


def no(decision: Decision[Any], by: Decided | None = None) -> Go:
    """The patient is not asked, and staff hear why.

    Args:
        by: what the decision rested on; None: on no figure of the region's.
    """
    entry = Entry("switch", decision.reason, decision.clause, decided=by)
    return Go(State.REFUSED, (entry,), changes={"outcome": str(decision.reason)})


def by_hand() -> Decision[Passage]:
    """A human writes to the patient, of whom nothing more is said."""
    return Decision(Passage.STAFF, Reason.MANUAL_HANDLING, "policy-skydd-1")
