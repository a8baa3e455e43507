"""`watch` fails, red and in a sentence, while something is wrong, and is well again by itself."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from sqlalchemy import text
from sqlmodel import SQLModel
from town import Town

from engine.base.database import session, transaction
from engine.base.settings import settings
from engine.ops.alarms import Alarm
from engine.prefect.shown_cases import latest_tables
from flows.registry import SCHEDULES
from flows.watch import in_a_sentence, watch
from models.booking_publication import BookingPublication
from models.case import Effect
from models.risk_alert import RiskAlert

NOW = datetime.now(UTC)


@pytest.fixture(autouse=True)
def _all_schedules_run(town: Town, gateway_server: None) -> None:
    with transaction() as connection:
        for name in SCHEDULES:
            put = text("INSERT INTO schedule_run (process, at) VALUES (:name, now())")
            connection.execute(put, {"name": name})


@pytest.fixture
def parked() -> Iterator[uuid.UUID]:
    """A booking that waits for a human."""
    case = _booking("vas:1", parked="unit_unknown")
    id = case.id
    _put(case)
    yield id
    with transaction() as connection:
        connection.execute(text("DELETE FROM booking_publication"))


def _booking(key: str, parked: str) -> BookingPublication:
    return BookingPublication(key=key, state="received", parked=parked, created_at=NOW, updated_at=NOW)


def _put(*rows: SQLModel) -> None:
    with session() as db:
        db.add_all(rows)
        db.commit()


async def _watched() -> tuple[str, str]:
    state: Any = await watch(return_state=True)
    return state.name, str(state.message)


async def _table(key: str) -> list[dict[str, str]]:
    async with get_client() as client:
        return (await latest_tables(client, [key])).get(key, [])


def _link(id: uuid.UUID) -> str:
    return f"[{id}]({settings().gateway_here}/cases/{id})"


async def test_it_is_well_while_staff_see_to_what_is_parked_and_names_those_of_ops_alone(
    parked: uuid.UUID,
) -> None:
    staffs = _booking("vas:2", parked="not_checked")
    _put(staffs)
    assert await _watched() == ("Failed", "1 case waits for a human.")
    assert [row["case"] for row in await _table("watch") if row["case"]] == [_link(parked)]
    with transaction() as connection:
        connection.execute(text("UPDATE booking_publication SET parked = NULL WHERE key = 'vas:1'"))
    assert await _watched() == ("Completed", "Nothing is wrong.")
    assert len(await _table("parked-booking-publication")) == 1


async def test_it_fails_where_very_many_wait_for_staff_and_names_them(
    parked: uuid.UUID, monkeypatch: pytest.MonkeyPatch
) -> None:
    with transaction() as connection:
        connection.execute(text("UPDATE booking_publication SET parked = 'not_checked'"))
    monkeypatch.setattr(settings().watch, "parked_for_staff", 0)
    assert await _watched() == ("Failed", "1 case waits for staff of their units.")
    assert [row["case"] for row in await _table("watch") if row["case"]] == [_link(parked)]


async def test_it_fails_while_a_case_is_parked_and_is_well_once_it_is_taken_up(parked: uuid.UUID) -> None:
    assert await _watched() == ("Failed", "1 case waits for a human.")
    about = [row for row in await _table("watch") if row["case"]]
    assert [(row["what"], row["says"], row["case"]) for row in about] == [
        ("VaxelParked", "unit_unknown", _link(parked))
    ]
    assert [row["case"] for row in await _table("parked-booking-publication")] == [_link(parked)]
    with transaction() as connection:
        connection.execute(text("UPDATE booking_publication SET parked = NULL"))
    assert await _watched() == ("Completed", "Nothing is wrong.")
    assert await _table("watch") == []
    assert await _table("parked-booking-publication") == []


async def test_it_names_the_alert_that_nobody_has_acknowledged(town: Town) -> None:
    at = NOW - timedelta(minutes=3)
    alert = RiskAlert(key="hope:A", state="alerted", flagged_at=at, created_at=at, updated_at=at)
    id = alert.id
    delivered = {"step": "alert_staff", "system": "hope", "state": "done", "process": alert.PROCESS}
    _put(alert, Effect(key="a", case_id=id, sending_at=at, deadline_at=at, **delivered))
    name, said = await _watched()
    assert (name, said.split(", and")[0]) == ("Failed", "An alert of a risk of suicide stands")
    assert _link(id) in [row["case"] for row in await _table("watch")]


async def test_a_system_that_is_down_a_case_that_is_late_and_a_broken_timeline_are_all_said(
    town: Town,
) -> None:
    late = NOW - timedelta(minutes=20)
    case = BookingPublication(key="vas:1", state="received", due_at=late, created_at=late, updated_at=late)
    id = case.id
    _put(case)
    with transaction() as connection:
        connection.execute(text("INSERT INTO system_state VALUES ('vas', 3, now() + interval '1 minute')"))
        broken = text("INSERT INTO broken_timeline VALUES (:id, 'booking_publication', now())")
        connection.execute(broken, {"id": id})
    name, _ = await _watched()
    rows = await _table("watch")
    assert name == "Failed"
    assert {row["what"] for row in rows if row["case"] == _link(id)} == {
        "VaxelCasesOverdue",
        "VaxelTimelineBroken",
    }
    assert "vas is down" in [row["says"] for row in rows]


async def test_a_table_that_cannot_be_read_is_said_and_the_cases_of_the_others_are_named(
    parked: uuid.UUID,
) -> None:
    lost = "ALTER TABLE participation RENAME COLUMN {} TO {}"
    with transaction() as connection:
        connection.execute(text(lost.format("parked", "parked_lost")))
    try:
        name, said = await _watched()
        table = await _table("watch")
    finally:
        with transaction() as connection:
            connection.execute(text(lost.format("parked_lost", "parked")))
    assert (name, said.split(";")[0]) == ("Failed", "Participation cannot be read: UndefinedColumn")
    assert [row["case"] for row in table if row["case"]] == [_link(parked)]
    assert [row["case"] for row in await _table("parked-booking-publication")] == [_link(parked)]


async def test_a_silent_sweep_is_told(town: Town) -> None:
    with transaction() as connection:
        connection.execute(text("UPDATE schedule_run SET at = at - interval '4 min' WHERE process = 'sweep'"))
    name, said = await _watched()
    assert (name, said.split(" for ")[0]) == ("Failed", "Sweep has not run")


async def test_a_run_that_watches_is_about_uuids_and_codes_only(parked: uuid.UUID) -> None:
    await _watched()
    table = json.dumps(await _table("watch"))
    assert str(parked) in table
    assert "vas:1" not in table


def test_more_than_three_things_are_one_sentence_all_the_same() -> None:
    many = [Alarm("VaxelSystemDown", f"{name} is down") for name in ("vas", "sms", "mail", "e1177", "hope")]
    assert in_a_sentence(many) == "Vas is down; sms is down; mail is down; and 2 more."
