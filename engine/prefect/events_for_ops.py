"""What Prefect's automations can call someone by: UUIDs, systems and reason codes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection, Iterable
from concurrent.futures import Future, ThreadPoolExecutor

import structlog
from prefect.events import emit_event

from engine.outer import incidents
from engine.running import runs

INCIDENT, PARKED = "vaxel.incident", "vaxel.case.parked"
SYSTEM, CASE = "vaxel.system", "vaxel.case"
WHOSE = "vaxel.whose"
"""Label of an event: who sees to it, `ops` or `staff`."""
GATEWAY = "gateway"
"""In place of a process, where none of its runs met it."""
log = structlog.get_logger()


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


def tell_at_once(for_staff: Callable[[str], Collection[str]]) -> None:
    """From now on, tell of what is parked here beside Prefect's runs, and of incidents, as a run does at its end.

    In a thread of its own: whoever meets it waits for none of Prefect. What Prefect does not take is lost; the tables
    have it, and /metrics.

    Args:
        for_staff: of a process, for which reasons staff see to it; else ops.
    """
    apart = ThreadPoolExecutor(1, "tells ops")

    def parked(process: str) -> None:
        tell_of_parked(process, runs.take_unshown(process), for_staff(process))

    def tell(do: Callable[[str], None], process: str) -> None:
        apart.submit(do, process).add_done_callback(_say_if_it_broke)

    runs.hear_of_unshown(lambda process: tell(parked, process))
    incidents.hear_of_incidents(lambda: tell(tell_of_incidents, GATEWAY))


def _say_if_it_broke(told: Future[None]) -> None:
    if error := told.exception():
        log.error("ops_not_told", error=type(error).__name__)


def tell_of_incidents(process: str) -> None:
    """An event for an automation to call someone by: something that no case can get past."""
    for system, reason in incidents.drain():
        emit_event(
            INCIDENT,
            {"prefect.resource.id": f"{SYSTEM}.{system}", "vaxel.process": process, WHOSE: "ops"},
            payload={"reason": reason},
        )
