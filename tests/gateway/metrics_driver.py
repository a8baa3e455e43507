"""A gateway that counts, what its `/metrics` say, and rows for it to count."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any
from uuid import uuid4

import requests
from gateway_driver import SECRET, Gateway, served
from prometheus_client.parser import text_string_to_metric_families
from sqlalchemy import text

from engine.base.database import session, transaction
from engine.ops.metrics import figures_now
from engine.tables.inbox import Inbox
from flows.registry import PROCESSES, SCHEDULES
from gateway.app import create_app
from gateway.ports import Figures
from models.booking_publication import BookingPublication
from models.case import Effect
from routine.staff import reasons_for_staff

REAL: Figures = partial(figures_now, PROCESSES, reasons_for_staff, SCHEDULES)
PROCESS = BookingPublication.PROCESS


@contextmanager
def counting(figures: Figures = REAL) -> Iterator[Gateway]:
    """A gateway on a real socket that tells `/metrics`."""
    gateway = Gateway()
    app = create_app(Inbox(), {"vas": SECRET}.get, lambda: True, gateway.wake, figures=figures)
    with served(app) as gateway.url:
        yield gateway


def scraped(gateway: Gateway) -> str:
    """What Prometheus reads."""
    answer = requests.get(f"{gateway.url}/metrics", timeout=30)
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"].startswith("text/plain; version=0.0.4")
    return answer.text


def told(gateway: Gateway, name: str) -> dict[tuple[str, ...], float]:
    """One metric's samples, by the values of their labels in the order of the labels' names."""
    return {
        tuple(value for _, value in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(scraped(gateway))
        for sample in family.samples
        if sample.name == name
    }


@contextmanager
def lacks(table: str, column: str) -> Iterator[None]:
    """A table has a column no more."""
    change = "ALTER TABLE {} RENAME COLUMN {} TO {}"
    with transaction() as connection:
        connection.execute(text(change.format(table, column, f"{column}_lost")))
    try:
        yield
    finally:
        with transaction() as connection:
            connection.execute(text(change.format(table, f"{column}_lost", column)))


def put_case(state: str = "settled", **fields: Any) -> None:
    """A case that stands there."""
    now = datetime.now(UTC)
    with session() as db:
        db.add(
            BookingPublication(key=f"vas:{uuid4()}", state=state, created_at=now, updated_at=now, **fields)
        )
        db.commit()


def put_effect(key: str, system: str, state: str) -> None:
    """An effect that has come so far."""
    now = datetime.now(UTC)
    shared: dict[str, Any] = {
        "process": PROCESS,
        "step": "give_notice",
        "sending_at": now,
        "deadline_at": now,
    }
    with session() as db:
        db.add(
            Effect(
                key=key, case_id="00000000-0000-0000-0000-000000000001", system=system, state=state, **shared
            )
        )
        db.commit()


def put_schedule_run(process: str, ago: timedelta) -> datetime:
    """The schedule ran so long ago; gives when."""
    at = datetime.now(UTC) - ago
    with transaction() as connection:
        query = text("INSERT INTO schedule_run (process, at) VALUES (:process, :at)")
        connection.execute(query, {"process": process, "at": at})
    return at
