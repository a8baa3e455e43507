"""What Prefect's automations can call someone by: UUIDs, systems and reason codes."""

from __future__ import annotations

import uuid
from collections.abc import Collection, Iterable

from prefect.events import emit_event

from engine.outer import incidents

INCIDENT, PARKED = "vaxel.incident", "vaxel.case.parked"
SYSTEM, CASE = "vaxel.system", "vaxel.case"
WHOSE = "vaxel.whose"
"""Label of an event: who sees to it, `ops` or `staff`."""


def tell_of_parked(process: str, parked: Iterable[tuple[uuid.UUID, str]], for_staff: Collection[str]) -> None:
    """An event for each case that was parked, and who sees to it.

    Args:
        for_staff: for which reasons staff do; else ops.
    """
    for id, reason in parked:
        whose = "staff" if reason in for_staff else "ops"
        emit_event(
            PARKED,
            {"prefect.resource.id": f"{CASE}.{id}", "vaxel.process": process, WHOSE: whose},
            payload={"reason": reason},
        )


def tell_of_incidents(process: str) -> None:
    """An event for an automation to call someone by: something that no case can get past."""
    for system, reason in incidents.drain():
        emit_event(
            INCIDENT,
            {"prefect.resource.id": f"{SYSTEM}.{system}", "vaxel.process": process, WHOSE: "ops"},
            payload={"reason": reason},
        )
