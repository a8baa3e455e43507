"""How a run ends: ops are called whatever it ends by, and it is no worse for what cannot be shown of it."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from prefect import flow
from prefect.client.orchestration import get_client
from prefect.settings import PREFECT_API_URL, PREFECT_CLIENT_MAX_RETRIES, temporary_settings
from sqlalchemy import text
from structlog.testing import capture_logs
from town import NEW_UNIT, Town
from worker_driver import one

from engine.base.database import transaction
from engine.outer import incidents
from engine.prefect.events_for_ops import CASE, INCIDENT, PARKED, SYSTEM, WHOSE, tell_at_once
from engine.prefect.flow import Worked, _ended
from engine.running import runs
from engine.running.at_once import take_through
from engine.tables.inbox import Inbox
from flows.booking_publication import booking_publication
from models.messages import parse
from routine.staff import reasons_for_staff

WHAT = {PARKED: CASE, INCIDENT: SYSTEM}
TAKES_AWAY = """
CREATE FUNCTION takes_away() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN ALTER TABLE booking_publication RENAME TO booking_publication_away; RETURN NULL; END $$;
CREATE CONSTRAINT TRIGGER takes_away AFTER INSERT ON timeline DEFERRABLE INITIALLY DEFERRED
FOR EACH ROW WHEN (NEW.what = 'parked') EXECUTE FUNCTION takes_away()
"""
PUTS_BACK = """
DROP FUNCTION takes_away CASCADE;
ALTER TABLE IF EXISTS booking_publication_away RENAME TO booking_publication
"""


@pytest.fixture
def parks_and_breaks(town: Town) -> Iterator[None]:
    """The table of the cases is not there any more from the moment at which one has been parked."""
    with transaction() as connection:
        connection.execute(text(TAKES_AWAY))
    yield
    with transaction() as connection:
        connection.execute(text(PUTS_BACK))


async def _told_of(what: str, id: object, seconds: int = 20) -> list[tuple[str, str]]:
    """Whom Prefect's automations may call for this case or system, and why; it has events a moment late."""
    asked = {"filter": {"event": {"name": [what]}, "resource": {"id": [f"{WHAT[what]}.{id}"]}}}
    async with get_client() as client:
        for _ in range(5 * seconds):
            found = (await client._client.post("/events/filter", json=asked)).json()["events"]
            if found:
                return [(each["resource"][WHOSE], each["payload"]["reason"]) for each in found]
            await asyncio.sleep(0.2)
    return []


async def test_a_run_that_breaks_has_had_someone_called_for_what_it_had_parked(
    town: Town, parks_and_breaks: None
) -> None:
    booking = town.booking(unit=NEW_UNIT)
    body = {"type": "booking.created", "timestamp": "2026-11-01T08:00:00Z", "data": {"booking": booking}}
    Inbox().store("vas", [parse("vas", body).under("m1")])
    state: Any = await booking_publication(return_state=True)
    assert state.is_failed()
    with transaction() as connection:
        (id,) = connection.execute(text("SELECT id FROM booking_publication_away")).scalars()
    assert await _told_of(PARKED, id) == [("ops", "unit_unknown")]


async def test_what_is_parked_or_met_while_somebody_waits_for_it_is_told_at_once_as_by_a_run(
    town: Town,
) -> None:
    """The gateway has no run of Prefect's, and whoever waits at it waits for none."""
    booking = town.booking(unit=NEW_UNIT)
    body = {"type": "booking.created", "timestamp": "2026-11-01T08:00:00Z", "data": {"booking": booking}}
    Inbox().store("vas", [parse("vas", body).under("m2")])
    tell_at_once(reasons_for_staff)
    try:
        await asyncio.to_thread(take_through, booking_publication.process, f"vas:{booking['id']}")
        with transaction() as connection:
            (id,) = connection.execute(text("SELECT id FROM booking_publication")).scalars()
        assert await _told_of(PARKED, id) == [("ops", "unit_unknown")]
        system = f"system-{id}"
        await asyncio.to_thread(incidents.note, system, "tls_failed")
        assert await _told_of(INCIDENT, system) == [("ops", "tls_failed")]
    finally:
        runs.hear_of_unshown(None)
        incidents.hear_of_incidents(None)


async def test_a_run_is_no_worse_where_prefect_is_gone_when_its_cases_are_to_be_shown(
    town: Town, prefect_to_stop: tuple[str, Callable[[], None]]
) -> None:
    api, stop = prefect_to_stop
    run = runs.Run(uuid.uuid4(), "booking_publication", parked=[(uuid.uuid4(), "unit_unknown")])
    ended: list[Any] = []

    @flow
    async def shows_its_end() -> None:
        stop()
        worked = Worked(3, [{"case": "one"}])
        ended.append(await _ended(booking_publication.process, run, worked, "booking_publication · 3 cases"))

    gone = temporary_settings({PREFECT_API_URL: api, PREFECT_CLIENT_MAX_RETRIES: 0})
    cannot_be_told = pytest.raises(Exception, match="connect")  # of the end of this flow either
    with gone, capture_logs() as logged, cannot_be_told:
        await shows_its_end()
    assert [(state.name, state.message) for state in ended] == [
        ("Completed", "3 cases; 1 parked: unit_unknown")
    ]
    assert {"event": "cases_not_shown", "process": "booking_publication", "log_level": "warning"}.items() <= (
        logged[0].items()
    )
    assert one("SELECT count(*) FROM booking_publication") == 0
