"""The key of what staff are told of a handing-over, or of one more who takes part."""

from __future__ import annotations

from models.participation import Participation
from models.times import in_utc


def participation_task(case: Participation, reason: str) -> str:
    """One task for staff for each outcome of an answer."""
    return f"staff_task:participation:{reason}:{case.id}:{in_utc(case.answered_at)}"
