"""What Prefect's automations can call someone by: UUIDs, systems and reason codes."""

from __future__ import annotations

import uuid
from collections.abc import Iterable

from prefect.events import emit_event

from engine.outer import incidents
from engine.steps.verdicts import is_for_staff

INCIDENT, PARKED = "vaxel.incident", "vaxel.case.parked"
SYSTEM, CASE = "vaxel.system", "vaxel.case"
WHOSE = "vaxel.whose"
"""Label of an event: who sees to it, `ops` or `staff`."""


def tell_of_parked(process: str, parked: Iterable[tuple[uuid.UUID, str]]) -> None:
    """An event for each case that was parked, and who sees to it."""
    for id, reason in parked:
        whose = "staff" if is_for_staff(reason) else "ops"
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
