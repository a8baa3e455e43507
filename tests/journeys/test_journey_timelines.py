"""The nightly check, as Prefect runs it: every timeline, and the access log (HSLF-FS 2016:40)."""

from __future__ import annotations

import asyncio
import os

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs
from town import Town

from engine.base import clock
from engine.base.database import transaction
from engine.ops.access_log import Access, Act, write
from engine.ops.access_log_check import check_access_log
from engine.ops.alarms import alarms_raised
from flows.follow_up import follow_up
from flows.timeline_check import timeline_check

METRICS = f"http://127.0.0.1:{os.environ['VAXEL_GATEWAY__PORT']}/metrics"
BROKEN = ("VaxelTimelineBroken", "VaxelAccessLogBroken")


@pytest.mark.usefixtures("_deployment")
async def test_at_night_a_changed_access_and_a_changed_timeline_are_seen_and_alarm(town: Town) -> None:
    town.books(town.resident())
    await town.comes_to_rest()
    _looks(2)
    assert await _alarms_after_a_night(entries=2) == []
    _looks(1)  # after the check, which stands there as the third
    with transaction() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        connection.execute(text("UPDATE access_log SET who = 'SE2321000115-P2' WHERE number = 4"))
        connection.execute(text("UPDATE timeline SET reason = 'forged' WHERE number = 1"))
    assert await _alarms_after_a_night(entries=4) == list(BROKEN)


def _looks(times: int) -> None:
    with transaction() as connection:
        looked = Access(who="SE2321000115-P1", act=Act.LOOK, process="image_transfer", why="bilder-1")
        write(connection, [looked] * times, clock.now())


async def _alarms_after_a_night(entries: int) -> list[str]:
    """What alarms of it; the end of the log is told to whoever keeps our logs."""
    with capture_logs() as logged:
        await timeline_check()
    (told,) = [line for line in logged if line["event"] == "access_log_checked"]
    assert told["entries"] == entries
    assert check_access_log((told["entries"], told["end"])).passed
    found = await asyncio.to_thread(alarms_raised, METRICS)
    return [alarm.name for alarm in found if alarm.name in BROKEN]


@pytest.mark.usefixtures("_deployment")
async def test_uppfoljning_1_each_hour_the_days_are_summed_by_prefect(town: Town) -> None:
    town.books(town.resident())
    await town.comes_to_rest()
    for _ in range(2):
        await follow_up()
    with transaction() as connection:
        query = text("SELECT SUM(number) FROM day_sum WHERE measure = 'visit_shown'")
        assert connection.execute(query).scalar() == 1
