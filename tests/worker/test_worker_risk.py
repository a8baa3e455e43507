"""The worker of the alerts: apart from everything else, and soon back when it dies (policy-suicid-1)."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable
from typing import Any

import pytest
from forked import Forked
from prefect.client.orchestration import get_client
from sqlalchemy import text
from town import HALMSTAD, Town, identity

from cli.up.children import wait_until
from engine.base import clock
from engine.base.database import transaction
from engine.base.settings import Settings, System
from engine.prefect.worker import POOL
from engine.tables.inbox import Inbox
from models.events import Arrival
from models.messages import parse
from sandbox.people.numbers import ADULTS

Start = Callable[..., Forked]
IN_TIME = 10
TAKEN_UP = 25
"""Seconds, half of them for a new Python on a busy machine."""
OTHERS = 1000
NOBODY = "http://127.0.0.1:9/api"
"""Where no Prefect answers."""
READY = 60
"""Seconds that a worker may take to come up on a busy machine."""


def _written(contact: str, risk: str | None) -> Arrival:
    about = {"id": contact, "patient": identity(ADULTS[0]), "unit": HALMSTAD, "risk": risk}
    body = {"type": "contact.received", "timestamp": clock.now().isoformat(), "data": {"contact": about}}
    return parse("platform24", body).under(contact)


def _writes(town: Town, risk: str | None = "suicide") -> str:
    """A patient has written; nobody has been woken by it."""
    contact = f"platform24-{secrets.token_hex(6)}"
    conversation = {"channel": "platform24", "contact": contact, "personnummer": town.resident()}
    town.http.post("/act/contact", json=conversation | {"unit": HALMSTAD, "text": "Hej"})
    Inbox().store("platform24", [_written(contact, risk)])
    return contact


def _alerts(town: Town, contact: str) -> list[dict[str, Any]]:
    (conversation,) = town.holds("platform24", contact=contact)["conversations"]
    found: list[dict[str, Any]] = conversation["alerts"]
    return found


async def _until(is_so: Callable[[], bool], seconds: float, otherwise: str) -> float:
    """How long it took."""
    began = time.monotonic()
    await asyncio.to_thread(wait_until, is_so, seconds, otherwise)
    return time.monotonic() - began


async def _is_up(town: Town) -> None:
    """A first alert has gone: the worker works."""
    first = _writes(town)
    await _until(lambda: _alerts(town, first) != [], READY, "the worker did not come up")


async def test_an_alert_is_out_within_seconds_though_its_queue_is_paused_and_a_thousand_contacts_are_due(
    town: Town, workers: Start
) -> None:
    async with get_client() as client:
        queue = await client.read_work_queue_by_name("risk", POOL)
        await client.update_work_queue(queue.id, is_paused=True)
    workers("--queue", "risk")
    await _is_up(town)
    Inbox().store("platform24", [_written(f"K{number}", None) for number in range(OTHERS)])
    workers()
    async with get_client() as client:
        deployment = await client.read_deployment_by_name("inbound-contact/vaxel")
        await client.create_flow_run_from_deployment(deployment.id)
    await _until(_is_busy, READY, "the usual worker did not begin")
    contact = _writes(town)
    took = await _until(lambda: _alerts(town, contact) != [], 30, "no alert")
    async with get_client() as client:
        await client.update_work_queue(queue.id, is_paused=False)
    assert took < IN_TIME


def _is_busy() -> bool:
    query = text("SELECT count(*) FROM inbound_contact WHERE state <> 'received'")
    with transaction() as connection:
        return int(connection.execute(query).scalar_one()) > 0


async def test_the_usual_workers_leave_the_alerts_alone(town: Town, workers: Start) -> None:
    async with get_client() as client:
        deployment = await client.read_deployment_by_name("risk-alert/vaxel")
        run = await client.create_flow_run_from_deployment(deployment.id)
        usual = await client.read_deployment_by_name("booking-publication/vaxel")
        other = await client.create_flow_run_from_deployment(usual.id)
        workers()
        for _ in range(5 * READY):
            await asyncio.sleep(0.2)
            state = (await client.read_flow_run(other.id)).state
            if state and state.is_completed():
                break
        else:
            pytest.fail("the usual worker did not come up")
        left = (await client.read_flow_run(run.id)).state
        assert left is not None
        assert left.is_scheduled()
        await client.delete_flow_run(run.id)


async def test_killed_in_the_midst_of_an_alert_the_next_one_sends_it_once_though_prefect_is_away(
    town: Town, workers: Start
) -> None:
    """The restart is what `vaxel up` does a second after the death."""
    first = workers("--queue", "risk", PREFECT_API_URL=NOBODY)
    await _is_up(town)
    town.has_fault("platform24", "slow", times=1, seconds=2)
    contact = _writes(town)
    await _until(lambda: _sending() == 1, 30, "it did not begin")
    first.kill()
    died = time.monotonic()
    await asyncio.to_thread(first.wait)
    workers("--queue", "risk", PREFECT_API_URL=NOBODY)
    await _until(lambda: _done(contact) == 1, READY, "nobody took it up")
    assert time.monotonic() - died < TAKEN_UP
    assert len(_alerts(town, contact)) == 1


def _sending() -> int:
    with transaction() as connection:
        query = text("SELECT count(*) FROM effect WHERE state = 'sending' AND step = 'alert_staff'")
        return int(connection.execute(query).scalar_one())


def _done(contact: str) -> int:
    query = text(
        """
        SELECT count(*) FROM effect e JOIN risk_alert r ON r.id = e.case_id
        WHERE r.contact_id = :key AND e.state = 'done' AND e.step = 'alert_staff'"""
    )
    with transaction() as connection:
        return int(connection.execute(query, {"key": contact}).scalar_one())


def test_a_hurried_worker_calls_shortly_and_its_claims_do_not_outlive_it_long() -> None:
    given = {"sms": System(deadline=2.0, settling=5.0), "platform24": System(deadline=12.0, settling=0.1)}
    hurried = Settings(systems=given)
    hurried.hurry()
    sms, platform = hurried.system("sms"), hurried.system("platform24")
    assert (sms.deadline, sms.settling) == (2.0, 0.5)
    assert (platform.deadline, platform.settling) == (2.5, 0.1)
    assert hurried.lease_seconds == 5.0
    assert Settings.model_validate(hurried.model_dump()).lease_seconds == 5.0
