"""Whether a source of webhooks may tell of what it tells (policy-kalla-1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from models.events import FLAGS, RISK_ALERT, Arrival
from routine.source import may_tell
from tasks import clients


def why_held(source: str, arrival: Arrival) -> str | None:
    """The reason for which an event is kept and not acted on; `None`: it goes its way."""
    risk = arrival.process == RISK_ALERT and arrival.type in FLAGS  # what would end an alert is no flag
    decision = may_tell(clients.region().source(source), arrival.type, _unit_in(arrival.data), risk=risk)
    return None if decision.allowed else str(decision.reason)


def _unit_in(data: Mapping[str, Any]) -> str | None:
    """The HSA-id of the unit that an event is about: its booking's, its contact's, its notice's …"""
    for subject in data.values():
        unit = subject.get("unit") if isinstance(subject, dict) else None
        if isinstance(unit, dict):
            return str(unit["hsa_id"])
    return None
