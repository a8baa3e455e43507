"""A file whose time is over (bilder-3)."""

from __future__ import annotations

from engine.base import clock
from engine.steps.stage import decides, from_case
from engine.steps.verdicts import Go, Rest, Verdict
from models.image_transfer import ImageTransfer, State
from routine.images import is_file_over


@decides(from_case(ImageTransfer))
def let_life_end(case: ImageTransfer, facts: None) -> Verdict:
    """See whose time is over (bilder-3)."""
    assert case.deleted_at is not None
    decision = is_file_over(case.deleted_at, clock.now())
    if decision.allowed:
        return Go(State.LAPSED)
    return Rest(State.REMINDED, due_at=case.deleted_at)
