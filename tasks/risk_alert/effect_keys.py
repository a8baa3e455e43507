"""The keys of an alert's ways."""

from __future__ import annotations

from models.risk_alert import RiskAlert
from models.times import in_utc


def alert(case: RiskAlert, way: str, step: int, repeats: int) -> str:
    """One for each flag, height and way."""
    return f"risk_alert:{case.id}:{in_utc(case.flagged_at)}:{step}:{repeats}:{way}"
