"""A backlog of bookings for workers that run for real, and what has become of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress

from forked import Forked
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import FlowRun
from sqlalchemy import text
from town import Town

from cli.up.children import NotUp, wait_until
from engine.base.database import transaction
from sandbox.people.numbers import ADULTS, LOAD

Start = Callable[..., Forked]
NAME = "booking-publication/vaxel"


def one(query: str) -> int:
    """The one number that a query gives."""
    with transaction() as connection:
        return int(connection.execute(text(query)).scalar_one())


def held() -> int:
    """Bookings that a run holds."""
    return one("SELECT count(*) FROM booking_publication WHERE owner IS NOT NULL")


def settled() -> int:
    """Bookings that are done, and held by no run."""
    return one("SELECT count(*) FROM booking_publication WHERE state = 'settled' AND owner IS NULL")


def backlog(town: Town, number: int, after: int = 0) -> None:
    """So many bookings, stored and waiting; `after`: those there are. Each is given an SMS.

    Of as many residents as there are, then of the same ones again.
    """
    from engine.tables.inbox import Inbox
    from models.messages import parse

    people = ADULTS + LOAD

    for index in range(after, after + number):
        person = people[index % len(people)]
        town.resident(person, phone=f"+4670174{index:04}")
        booking = town.booking(person)
        body = {"type": "booking.created", "timestamp": "2026-11-01T08:00:00Z", "data": {"booking": booking}}
        Inbox().store("vas", [parse("vas", body).under(f"m{index}")])


async def run(name: str = NAME) -> FlowRun:
    """Ask Prefect for a run of a deployment."""
    async with get_client() as client:
        deployment = await client.read_deployment_by_name(name)
        return await client.create_flow_run_from_deployment(deployment.id)


async def comes(is_so: Callable[[], bool], otherwise: str) -> None:
    """Asked for again and again, as the sweep does."""
    for _ in range(20):
        await run()
        with suppress(NotUp):
            await asyncio.to_thread(wait_until, is_so, 3, otherwise)
            return
    raise AssertionError(otherwise)
